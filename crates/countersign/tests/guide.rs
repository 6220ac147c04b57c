//! Runs every line of `docs/getting-started.md` as a newcomer would paste it, in one shell, against a server of its own.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

use common::{
    environment,
    serve::{PROGRAM, Serve},
};
use std::{
    fs,
    os::unix::fs::symlink,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

/// The server's address in the page. The test's server listens on a free port.
const ADDRESS: &str = "http://127.0.0.1:8700";
/// The page writes this after a command that fails on purpose.
const EXPECTED: &str = "# exit code ";

#[test]
fn the_page_runs_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    symlink(repository().join("examples"), folder.path().join("examples")).unwrap();
    let page = fs::read_to_string(repository().join("docs/getting-started.md")).unwrap();
    let mut script = String::new();
    let mut server = None;
    for block in blocks(&page) {
        // The test has built the program already.
        if block.starts_with("cargo build") {
            continue;
        }
        // The page runs the server in a terminal of its own.
        if let Some(arguments) = block.strip_prefix("countersign serve ") {
            assert!(server.replace(serve(arguments, folder.path())).is_none(), "the page starts one server");
            continue;
        }
        block.lines().for_each(|line| script.push_str(&checked(line)));
    }
    let server = server.expect("the page starts a server");
    assert!(script.contains(ADDRESS) && script.contains("test $? -eq 3"), "the page has no such lines any more:\n{script}");
    run(&script.replace(ADDRESS, &server.url), folder.path());
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// The `sh` blocks of a page.
fn blocks(page: &str) -> Vec<&str> {
    page.split("\n```sh\n").skip(1).map(|rest| rest.split("\n```").next().unwrap()).collect()
}

/// The line, with a check of the exit code that the page promises.
fn checked(line: &str) -> String {
    match line.split_once(EXPECTED) {
        Some((command, code)) => format!("set +e; {command}; test $? -eq {code} || exit 99; set -e\n"),
        None => format!("{line}\n"),
    }
}

fn serve(arguments: &str, folder: &Path) -> Serve {
    let mut command = as_typed(PROGRAM, folder);
    Serve::spawn(command.arg("serve").args(arguments.split_whitespace()).args(["--listen", "127.0.0.1:0"])).ready()
}

fn run(script: &str, folder: &Path) {
    let output = as_typed("sh", folder).args(["-eux", "-c", script]).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    assert!(output.status.success(), "{}:\n{}\n{}", output.status, text(&output.stdout), text(&output.stderr));
}

/// A program in the folder, with `countersign` on its path and no settings.
fn as_typed(program: &str, folder: &Path) -> Command {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let path = format!("{programs}:{}", environment("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.env_clear().envs([("PATH", path), ("HOME", folder.display().to_string())]).current_dir(folder);
    command
}
