//! The plain proxy with the system's allocator.

use std::process::ExitCode;

fn main() -> ExitCode {
    plain_proxy::serve()
}
