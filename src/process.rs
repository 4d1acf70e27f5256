//! What the process asks of the operating system before it begins.

/// Asks for memory in small pages. The allocator advises huge ones, and a load touches and returns so much memory in
/// passing that zeroing them took a quarter of its CPU: 580,000 rows per CPU second with huge pages, 810,000 without.
#[cfg(target_os = "linux")]
pub fn without_huge_pages() {
    // SAFETY: PR_SET_THP_DISABLE takes three numbers and touches no memory of ours. Failure leaves things as they are.
    unsafe {
        libc::prctl(libc::PR_SET_THP_DISABLE, 1, 0, 0, 0);
    }
}

/// Huge pages are a matter of Linux.
#[cfg(not(target_os = "linux"))]
pub fn without_huge_pages() {}
