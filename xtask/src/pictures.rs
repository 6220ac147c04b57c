//! `cargo xtask pictures`: the pictures of the documentation, taken of the demo's pages with headless Chromium.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::command::{cargo, root, run};
use crate::{chromium, node, onnxruntime};

/// Starts the demo, takes the pictures into `docs/pictures/`, and ends the demo.
pub fn take_pictures() -> Result<()> {
    let packages = node::with_test_verifiers()?;
    let browser = chromium::find_or_install()?;
    let library = onnxruntime::library()?;
    run(&mut cargo(["build", "--locked", "--package", "countersign"]))?;
    let program = cargo_target().join("debug/countersign");
    let mut demo = Command::new(program);
    demo.args(["demo", "--no-browser"]).env(onnxruntime::VARIABLE, library).stdout(Stdio::piped());
    let mut demo = demo.spawn().context("the demo does not start")?;
    let lines = BufReader::new(demo.stdout.take().context("the demo says nothing")?).lines();
    // The year comes first, then an empty line, then what to open.
    let lines = lines.skip_while(|line| line.as_ref().is_ok_and(|line| !line.is_empty())).skip(1);
    let lines: Vec<_> = lines.take(5).collect::<Result<_, _>>()?;
    let taken = pictures_of(&lines, &packages.display().to_string(), &browser.display().to_string());
    // As its user would, so that the demo ends its own processes.
    run(Command::new("kill").arg(demo.id().to_string()))?;
    let ended = demo.wait()?;
    taken?;
    ensure!(ended.success(), "the demo ended with {ended}");
    Ok(())
}

fn pictures_of(lines: &[String], packages: &str, browser: &str) -> Result<()> {
    let url = lines.iter().find_map(|line| line.split_whitespace().find(|word| word.starts_with("http://")));
    let password = lines.iter().find_map(|line| line.split("password of each is ").nth(1));
    let (url, password) = url.zip(password).context("the demo does not say where it is")?;
    let pictures = root().join("docs/pictures");
    let quoted = |text: &str| format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""));
    let task = [
        ("url", url),
        ("password", password),
        ("node", packages),
        ("browser", browser),
        ("pictures", &pictures.display().to_string()),
    ];
    let task: Vec<_> = task.iter().map(|(name, value)| format!("{}: {}", quoted(name), quoted(value))).collect();
    run(Command::new("node")
        .arg("tests/browser/pictures.mjs")
        .env("COUNTERSIGN_BROWSER_TEST", format!("{{{}}}", task.join(", "))))
}

/// Where cargo builds.
fn cargo_target() -> std::path::PathBuf {
    crate::command::environment("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), Into::into)
}
