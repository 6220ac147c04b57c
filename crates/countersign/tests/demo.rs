//! The demo, as a newcomer and as the tests run it: the whole story, on both databases.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

use common::{cli::Terminal, database::Fresh, serve};
use std::{
    fs,
    io::{BufRead, BufReader},
    net::TcpStream,
    process::{Command, Stdio},
};

/// How many lines the story has at least; it only ever grows.
const STEPS: usize = 70;

#[test]
fn the_story_goes_as_it_should_on_sqlite() {
    tell(&[]);
}

#[test]
fn the_story_goes_as_it_should_on_postgres() {
    let Some(fresh) = Fresh::postgres() else { return };
    tell(&["--database", fresh.url()]);
}

fn tell(more: &[&str]) {
    let folder = tempfile::tempdir().expect("a temporary folder can be made");
    let run = Terminal::new(folder.path()).run(&[&["demo", "--script"], more].concat()).done();
    let steps = run.stdout.lines().filter(|line| line.starts_with("$ countersign ")).count();
    assert!(steps >= STEPS, "{steps} steps");
    assert!(run.stderr.contains(&format!("The story went as it should: {steps} steps.")), "{}", run.stderr);
    println!("{steps} steps in {:?}", run.took);
}

#[test]
fn a_signal_in_the_middle_of_the_story_leaves_nothing_behind() {
    for signal in ["-INT", "-TERM", "-HUP", "-QUIT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut demo = serve::command(&[("TMPDIR", folder.path().to_str().unwrap())]);
        let mut demo = demo.arg("demo").stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut lines = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
        let login = lines.find(|line| line.contains("login http://")).expect("the story begins with a login");
        let server = login.split("http://").nth(1).unwrap().split_whitespace().next().unwrap().to_owned();
        assert!(TcpStream::connect(&server).is_ok(), "{server} does not answer yet");
        assert!(Command::new("kill").args([signal, &demo.id().to_string()]).status().unwrap().success());
        // The story goes on to be read, so that the demo never waits for its reader.
        lines.for_each(drop);
        let status = demo.wait().unwrap();
        assert!(status.success(), "{signal}: {status}");
        assert!(TcpStream::connect(&server).is_err(), "{signal}: the server goes on");
        let left: Vec<_> = fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert!(left.is_empty(), "{signal}: {left:?}");
    }
}
