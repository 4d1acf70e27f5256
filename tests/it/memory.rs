//! Counts memory: the peak bytes of a piece of work beyond those allocated before it, on its own thread. Tests run in
//! parallel, so the memory of the process says nothing about one of them.

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

thread_local! {
    static HELD: Cell<isize> = const { Cell::new(0) };
    static MOST: Cell<isize> = const { Cell::new(0) };
}

struct Counting;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Counts bytes that a thread allocates or frees.
fn count(bytes: isize) {
    // A thread that is ending has no count.
    let _ = HELD.try_with(|held| {
        held.set(held.get() + bytes);
        MOST.with(|most| most.set(most.get().max(held.get())));
    });
}

// SAFETY: every call is passed unchanged to the system allocator.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller guarantees the same conditions.
        unsafe { System.alloc(layout) }
    }

    unsafe fn alloc_zeroed(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: the caller guarantees the same conditions.
        unsafe { System.alloc_zeroed(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: the caller guarantees the same conditions.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(size as isize - layout.size() as isize);
        // SAFETY: the caller guarantees the same conditions.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

/// Runs a piece of work; also returns its peak memory in bytes on this thread.
pub fn most_held<T>(work: impl FnOnce() -> T) -> (T, usize) {
    let before = HELD.get();
    MOST.set(before);
    let done = work();
    (done, (MOST.get() - before).max(0) as usize)
}

#[test]
fn allocated_bytes_are_counted() {
    let (length, most) = most_held(|| {
        let short = vec![1u8; 1 << 20];
        let mut long = vec![0u8; 1 << 22];
        long.extend_from_slice(&short);
        drop(short);
        vec![long.len(); 16].len()
    });
    assert_eq!(length, 16);
    assert!((5 << 20..11 << 20).contains(&most), "{most} bytes");
}
