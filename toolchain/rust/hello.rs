// SPDX-License-Identifier: MIT
// A program in Rust without its standard library: core and alloc over musl. build.sh says how it is made.
#![no_std]
#![no_main]
#![feature(default_alloc_error_handler)]
extern crate alloc;

use alloc::alloc::{GlobalAlloc, Layout};
use alloc::{collections::BTreeMap, format, string::String};
use core::ffi::c_void;

extern "C" {
    fn write(fd: i32, from: *const c_void, length: usize) -> isize;
    fn aligned_alloc(alignment: usize, size: usize) -> *mut c_void;
    fn free(pointer: *mut c_void);
    fn abort() -> !;
    fn fork() -> i32;
    fn wait(status: *mut i32) -> i32;
    fn _exit(status: i32) -> !;
    fn pthread_create(
        thread: *mut usize,
        attributes: *const c_void,
        start: extern "C" fn(*mut c_void) -> *mut c_void,
        argument: *mut c_void,
    ) -> i32;
    fn pthread_join(thread: usize, result: *mut *mut c_void) -> i32;
}

struct Libc;

unsafe impl GlobalAlloc for Libc {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let alignment = layout.align().max(16);
        aligned_alloc(alignment, (layout.size() + alignment - 1) & !(alignment - 1)) as *mut u8
    }
    unsafe fn dealloc(&self, pointer: *mut u8, _: Layout) {
        free(pointer as *mut c_void)
    }
}

#[global_allocator]
static LIBC: Libc = Libc;

#[panic_handler]
fn panic(_: &core::panic::PanicInfo) -> ! {
    unsafe { abort() }
}

fn print(text: &str) {
    unsafe { write(1, text.as_ptr() as *const c_void, text.len()) };
}

extern "C" fn thread(argument: *mut c_void) -> *mut c_void {
    (argument as usize + 40) as *mut c_void
}

// clang's name for int main(int, char **); later compilers know it from the target
#[export_name = "__main_argc_argv"]
pub extern "C" fn main(_count: i32, _arguments: *const *const u8) -> i32 {
    let mut words = BTreeMap::new();
    for word in "the rust of the world".split(' ') {
        *words.entry(String::from(word)).or_insert(0) += 1;
    }
    print(&format!("{:?} {:.3}\n", words, 2f64 / 3.0));
    let (mut id, mut result, mut status) = (0, core::ptr::null_mut(), 0);
    unsafe {
        pthread_create(&mut id, core::ptr::null(), thread, 2 as *mut c_void);
        pthread_join(id, &mut result);
        if fork() == 0 {
            _exit(7)
        }
        wait(&mut status);
    }
    print(&format!("thread {}, child {}\n", result as usize, status >> 8));
    0
}
