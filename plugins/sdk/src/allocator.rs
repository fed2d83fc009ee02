//! The guest's allocator: take the next free bytes; what is given back waits in a list of its size.
//!
//! An instance lives for one call, so nothing is ever merged or returned to the host. The general
//! allocator of the target costs several times as much, and a mapping is mostly small strings.

use core::alloc::{GlobalAlloc, Layout};
use core::arch::wasm32::{memory_grow, memory_size};
use core::cell::UnsafeCell;
use core::ptr::null_mut;

const PAGE: usize = 65_536;
/// Sizes up to 512 bytes have a list for each multiple of 16, larger ones four for each power of two.
const SMALL: usize = 32;
const LISTS: usize = SMALL + 1 + 4 * usize::BITS as usize;

struct State {
    next: usize,
    end: usize,
    lists: [usize; LISTS],
}

/// The allocator; there is one per instance.
pub struct CallAllocator(UnsafeCell<State>);

#[expect(unsafe_code, reason = "a component without threads runs on one")]
// SAFETY: wasm32-unknown-unknown without the threads feature has a single thread.
unsafe impl Sync for CallAllocator {}

#[global_allocator]
static ALLOCATOR: CallAllocator = CallAllocator(UnsafeCell::new(State {
    next: 0,
    end: 0,
    lists: [0; LISTS],
}));

/// The list of a size and the size that its blocks have.
const fn class(size: usize) -> (usize, usize) {
    let units = size.div_ceil(16);
    if units <= SMALL {
        (units, units * 16)
    } else {
        let quarter = (size - 1).ilog2() - 2;
        let size = ((size - 1) >> quarter).wrapping_add(1) << quarter;
        let quarter = size.ilog2() - 2;
        (
            SMALL + 1 + 4 * quarter as usize + ((size >> quarter) & 3),
            size,
        )
    }
}

#[expect(unsafe_code, reason = "the linker's symbol; only its address is taken")]
unsafe extern "C" {
    static __heap_base: u8;
}

fn heap_base() -> usize {
    &raw const __heap_base as usize
}

impl State {
    /// The next `size` bytes. All sizes are multiples of 16, so every block is aligned to 16.
    fn take(&mut self, size: usize) -> Option<usize> {
        if self
            .end
            .checked_sub(self.next)
            .is_none_or(|left| left < size)
            || self.next == 0
        {
            self.grow(size)?;
        }
        let block = self.next;
        self.next = block.checked_add(size)?;
        Some(block)
    }

    fn grow(&mut self, size: usize) -> Option<()> {
        let top = memory_size::<0>().checked_mul(PAGE)?;
        if self.next == 0 {
            // What the linker left over; all of it, where the memory begins with room to spare.
            self.next = heap_base().next_multiple_of(16);
            self.end = top;
            if top.checked_sub(self.next).is_some_and(|left| left >= size) {
                return Some(());
            }
        }
        let missing = if self.next != 0 && self.end == top {
            size.checked_sub(self.end - self.next)?
        } else {
            self.next = top;
            size
        };
        let pages = missing.div_ceil(PAGE);
        if memory_grow::<0>(pages) == usize::MAX {
            return None;
        }
        self.end = top.checked_add(pages.checked_mul(PAGE)?)?;
        Some(())
    }
}

#[expect(unsafe_code, reason = "an allocator hands out raw memory")]
// SAFETY: blocks come from memory that nobody else has, never overlap, are 16-aligned (larger alignments get room to
// move in) and keep their list's size until they are taken again.
unsafe impl GlobalAlloc for CallAllocator {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let state = unsafe { &mut *self.0.get() };
        if layout.align() > 16 {
            let room = state.take((layout.size() + layout.align()).next_multiple_of(16));
            return room.map_or(null_mut(), |at| {
                at.next_multiple_of(layout.align()) as *mut u8
            });
        }
        let (list, size) = class(layout.size());
        let Some(head) = state.lists.get_mut(list) else {
            return null_mut();
        };
        if *head != 0 {
            let block = *head;
            *head = unsafe { *(block as *const usize) };
            return block as *mut u8;
        }
        state.take(size).map_or(null_mut(), |at| at as *mut u8)
    }

    unsafe fn dealloc(&self, block: *mut u8, layout: Layout) {
        if layout.align() > 16 || layout.size() == 0 {
            return;
        }
        let state = unsafe { &mut *self.0.get() };
        let (list, _) = class(layout.size());
        if let Some(head) = state.lists.get_mut(list) {
            unsafe { *(block as *mut usize) = *head };
            *head = block as usize;
        }
    }

    unsafe fn realloc(&self, block: *mut u8, layout: Layout, new_size: usize) -> *mut u8 {
        let (_, have) = class(layout.size());
        let (_, want) = class(new_size);
        if have == want && layout.align() <= 16 && layout.size() != 0 {
            return block;
        }
        unsafe {
            let new = self.alloc(Layout::from_size_align_unchecked(new_size, layout.align()));
            if !new.is_null() {
                core::ptr::copy_nonoverlapping(block, new, layout.size().min(new_size));
                self.dealloc(block, layout);
            }
            new
        }
    }
}
