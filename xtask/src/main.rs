//! Set-up, demo and tests of this repository: `cargo xtask COMMAND`.
//! The program needs only Rust, and says what to install when a command needs more.

#![allow(clippy::print_stdout, reason = "a command-line tool answers on standard output")]

mod bench;
mod chromium;
mod command;
mod demo;
mod dist;
mod fixture;
mod jq;
mod lint;
mod node;
mod onnxruntime;
mod opensmtpd;
mod pictures;
mod postgres;
mod postgres_install;
mod prometheus;
mod python;
mod test;

use std::process::ExitCode;

use anyhow::{Result, bail};

const HELP: &str = "\
Set-up, demo and tests of this repository.

Examples:
  cargo xtask demo               build Countersign, and stay up with a year of history to be tried
  cargo xtask test               everything that has to pass, on both databases
  cargo xtask test architecture  only the tests whose name contains that word

Commands:
  demo [-- ARGS]   build the server (debug) and run `countersign demo ARGS`
  test [FILTER]    temporary PostgreSQL, all tests, then the scripted demo (not with FILTER)
  bench [ARGS]     temporary PostgreSQL, release build, the figures of docs/performance.md
  lint             formatter and clippy, warnings as errors
  dist             archive, wheel and Debian package of a release, in target/dist
  pictures         take the pictures of the documentation anew, from the demo
  onnxruntime      fetch the library that runs models, and print where it is
  fixture PROGRAM NAME
                   a small database with history, made by that program, kept for the tests of every later version
  postgres         a temporary PostgreSQL for development, until Ctrl-C
  help             this text

Environment:
  COUNTERSIGN_TEST_POSTGRES  use this server instead of a temporary one (a superuser's URL)
  CARGO_TARGET_DIR           as for cargo
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[String]) -> Result<()> {
    let (name, rest) = match arguments.split_first() {
        Some((name, rest)) => (name.as_str(), rest),
        None => ("help", arguments),
    };
    // `cargo xtask demo -- ARGS` and `cargo xtask demo ARGS` mean the same.
    let rest = match rest.split_first() {
        Some((dashes, rest)) if dashes == "--" => rest,
        _ => rest,
    };
    match (name, rest) {
        ("demo", _) => demo::run_demo(rest),
        ("test", [] | [_]) => test::run_tests(rest.first().map(String::as_str)),
        ("test", _) => bail!("`test` takes one filter at most"),
        ("fixture", [program, name]) => fixture::make_fixture(program, name),
        ("fixture", _) => bail!("`fixture` takes a program and the fixture's name"),
        ("bench", _) => bench::run_bench(rest),
        ("lint" | "dist" | "pictures" | "onnxruntime" | "postgres" | "help" | "--help" | "-h", [unwanted, ..]) => {
            bail!("`{name}` takes no argument: `{unwanted}`")
        }
        ("lint", []) => lint::run_lint(),
        ("dist", []) => dist::make(),
        ("pictures", []) => pictures::take_pictures(),
        ("onnxruntime", []) => onnxruntime::fetch_and_print(),
        ("postgres", []) => postgres::run_until_interrupted(),
        ("help" | "--help" | "-h", []) => {
            print!("{HELP}");
            Ok(())
        }
        _ => bail!("there is no command `{name}`; see `cargo xtask help`"),
    }
}
