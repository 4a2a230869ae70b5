//! The `worklint` program: everything is in the library.

use std::process::ExitCode;

fn main() -> ExitCode {
    worklint::cli::main(std::env::args_os())
}
