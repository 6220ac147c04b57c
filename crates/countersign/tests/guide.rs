//! Runs every line of `docs/getting-started.md` as a newcomer would paste it, in one shell, against a server of its own; and checks
//! that the commands and flags in all pages exist.
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
    let messages = run(&script.replace(ADDRESS, &server.url), folder.path());
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    for line in answer(&readme) {
        assert!(messages.contains(line), "README.md shows an answer that nobody gets: {line}\n{messages}");
    }
}

/// What a page shows as the answer to the command of its `console` block.
fn answer(page: &str) -> impl Iterator<Item = &str> {
    let block = page.split("\n```console\n").nth(1).unwrap().split("\n```").next().unwrap();
    assert!(block.starts_with("$ "), "the block begins with its command");
    block.lines().skip(1)
}

#[test]
fn every_command_in_the_pages_exists() {
    let folder = tempfile::tempdir().unwrap();
    let mut commands = 0;
    for page in pages() {
        for command in commands_in(&fs::read_to_string(&page).unwrap()) {
            // Asking for help stops before anything is done, and after the flags in front were understood.
            let script = format!("{command} --help");
            let output = as_typed("sh", folder.path())
                .args(["-c", &script, "sh", "scientist", "Data scientist"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {command}:\n{stderr}", page.display());
            commands += 1;
        }
    }
    assert!(commands > 60, "only {commands} commands were found");
}

/// The pages for users, operators and contributors.
fn pages() -> Vec<PathBuf> {
    let in_folder = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = in_folder(repository()).chain(in_folder(repository().join("docs")));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// The commands in a page: lines of its blocks, and inline code. A redirection or a comment after a command is left out.
fn commands_in(page: &str) -> Vec<String> {
    let page = page.replace("\\\n", " ");
    let lines = page.lines().map(|line| line.trim().trim_start_matches("$ "));
    let inline = page.split('`').skip(1).step_by(2);
    // Neither knows `--help`: one is help itself, the other speaks only to its node.
    let without_help =
        |text: &str| ["countersign help", "countersign node-engine"].iter().any(|command| text.starts_with(command));
    let is_command = |text: &&str| text.starts_with("countersign ") && !text.contains('\n') && !without_help(text);
    let commands = lines.chain(inline).filter(is_command);
    commands.map(|command| command.split(['<', '>', '|', '#']).next().unwrap().trim_end_matches(['&', ' ']).to_owned()).collect()
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

/// Runs a script and returns its messages.
fn run(script: &str, folder: &Path) -> String {
    let output = as_typed("sh", folder).args(["-eux", "-c", script]).stdin(Stdio::null()).output().unwrap();
    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
    let messages = text(&output.stderr);
    assert!(output.status.success(), "{}:\n{}\n{messages}", output.status, text(&output.stdout));
    messages
}

/// A program in the folder, with `countersign` on its path and no settings.
fn as_typed(program: &str, folder: &Path) -> Command {
    let programs = Path::new(PROGRAM).parent().unwrap().display();
    let path = format!("{programs}:{}", environment("PATH").unwrap_or_default());
    let mut command = Command::new(program);
    command.env_clear().envs([("PATH", path), ("HOME", folder.display().to_string())]).current_dir(folder);
    command
}
