//! Settings of the process that must be made before anything else.

/// Asks for memory in small pages. The allocator asks for huge pages, and a load allocates and frees so much memory that
/// zeroing them took a quarter of its CPU: 580,000 rows per CPU second with huge pages, 810,000 without.
#[cfg(target_os = "linux")]
pub fn without_huge_pages() {
    // SAFETY: PR_SET_THP_DISABLE takes three numbers and touches no memory of ours. If it fails, nothing changes.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}

/// Only Linux has this setting.
#[cfg(not(target_os = "linux"))]
pub fn without_huge_pages() {}
