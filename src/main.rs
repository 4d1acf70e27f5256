//! The `rollcall` command: arguments in, exit code out.

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> std::process::ExitCode {
    rollcall::process::without_huge_pages();
    rollcall::cli::main()
}
