//! The demo, as a newcomer and as the tests run it: the whole story, on both databases.
#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a test that panics says where and why, and tells what it did")]

mod common;

use common::{cli::Terminal, database::Fresh};

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
