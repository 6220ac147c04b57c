//! Runs every line of the tutorial, and of the pages that go on from it, as a newcomer would paste it, in one shell, against a server
//! of its own; checks that the commands and flags in all pages exist, that the pages are listed and their links lead somewhere, and that what
//! operators get for Prometheus and Grafana fits the metrics.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;
#[path = "guide/links.rs"]
mod links;
#[path = "guide/monitoring.rs"]
mod monitoring;
#[path = "guide/printed.rs"]
mod printed;

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

/// The tutorial first; the others go on with its server, its people and its files.
const RUN: [&str; 3] = ["getting-started.md", "auditors.md", "ci.md"];

/// The server's address in the page. The test's server listens on a free port.
const ADDRESS: &str = "http://127.0.0.1:8700";

/// What the names in commands stand for that a page sets beforehand.
const NAMES: [(&str, &str); 3] = [
    ("version", "diagnosis/tumour:1"),
    ("VERSION", "diagnosis/tumour:1"),
    ("digest", "9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08"),
];

#[test]
fn the_pages_run_as_printed() {
    let folder = tempfile::tempdir().unwrap();
    symlink(repository().join("examples"), folder.path().join("examples")).unwrap();
    let pages = RUN.map(|page| fs::read_to_string(repository().join("docs").join(page)).unwrap());
    let blocks: Vec<_> = pages.iter().flat_map(|page| printed::blocks(page)).collect();
    let mut script = printed::Script::default();
    let mut server = None;
    for block in &blocks {
        // The test has built the program already.
        if block.text.starts_with("cargo build") {
            continue;
        }
        // The page runs the server in a terminal of its own.
        if let Some(arguments) = block.text.strip_prefix("countersign serve ") {
            assert!(server.replace(serve(arguments, folder.path())).is_none(), "the pages start one server");
            continue;
        }
        script.add(block);
    }
    let server = server.expect("the tutorial starts a server");
    let text = script.text().replace(ADDRESS, &server.url);
    assert!(
        script.text().contains(ADDRESS) && text.contains("test $? -eq 3"),
        "the tutorial has no such lines any more:\n{text}"
    );
    let messages = run(&text, folder.path());
    for (number, command, answer) in script.answers() {
        let given = fs::read_to_string(folder.path().join(printed::answer_file(*number))).unwrap();
        for line in answer.lines().map(|line| line.replace(ADDRESS, &server.url)) {
            assert!(printed::shows(&given, &line), "nobody gets this answer to {command}:\n{line}\nbut:\n{given}\n{messages}");
        }
    }
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    let all = script.answers().iter().map(|(number, ..)| folder.path().join(printed::answer_file(*number)));
    let all: String = all.map(|file| fs::read_to_string(file).unwrap()).collect();
    let shown = readme.split("\n```console\n").nth(1).unwrap().split("\n```").next().unwrap();
    for line in shown.lines().filter(|line| !line.starts_with("$ ")) {
        assert!(printed::shows(&all, line), "README.md shows an answer that nobody gets: {line}\n{all}");
    }
}

#[test]
fn every_command_in_the_pages_exists() {
    let folder = tempfile::tempdir().unwrap();
    let mut commands = 0;
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for block in printed::blocks(&text).iter().filter(|block| block.answers) {
            assert!(
                block.text.starts_with("$ "),
                "{}: a block of `console` begins with its command:\n{}",
                page.display(),
                block.text
            );
        }
        for command in commands_in(&text) {
            // Asking for help stops before anything is done, and after the flags in front were understood.
            let script = format!("{command} --help");
            let output = as_typed("sh", folder.path())
                .envs(NAMES)
                .args(["-c", &script, "sh", "scientist", "Data scientist"])
                .stdin(Stdio::null())
                .output()
                .unwrap();
            let stderr = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {command}:\n{stderr}", page.display());
            commands += 1;
        }
    }
    assert!(commands > 200, "only {commands} commands were found");
}

#[test]
fn every_command_of_this_repository_in_the_pages_exists() {
    let help = fs::read_to_string(repository().join("xtask/src/main.rs")).unwrap();
    let known: Vec<_> = help.lines().filter_map(|line| line.strip_prefix("  ")?.split([' ', '\n']).next()).collect();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        for command in text.split("cargo xtask ").skip(1) {
            let name: String = command.chars().take_while(|character| character.is_ascii_lowercase()).collect();
            assert!(name.is_empty() || known.contains(&name.as_str()), "{}: cargo xtask {name}", page.display());
        }
    }
}

/// The pages for users, operators and contributors.
fn pages() -> Vec<PathBuf> {
    let in_folder = |folder: PathBuf| fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let all = in_folder(repository()).chain(in_folder(repository().join("docs")));
    all.filter(|path| path.extension().is_some_and(|extension| extension == "md")).collect()
}

/// The commands in a page: lines of its blocks, and inline code. A redirection or a comment after a command is left out, and what
/// stands in front of it: another account, variables, a step of a pipeline.
fn commands_in(page: &str) -> Vec<String> {
    let page = page.replace("\\\n", " ");
    let lines = page.lines().map(printed::command_of);
    let inline = page.split('`').skip(1).step_by(2);
    // Neither knows `--help`: one is help itself, the other speaks only to its node.
    let without_help =
        |text: &str| ["countersign help", "countersign node-engine"].iter().any(|command| text.starts_with(command));
    let is_command = |text: &&str| text.starts_with("countersign ") && !text.contains('\n') && !without_help(text);
    let commands = lines.chain(inline).filter(is_command);
    commands.map(|command| printed::alone(command).trim_end_matches(['&', ' ']).to_owned()).collect()
}

fn repository() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
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
