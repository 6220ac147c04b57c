//! `cargo xtask fixture`: a small database with history, as a given program makes it. Every later version must open it, migrate it and
//! verify it clean (`crates/store/tests/suite/fixtures.rs`).

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};

use crate::command::{cargo, root, run};

const STORY: &str = include_str!("fixture/story.txt");
const PASSWORD: &str = "a password for tests";
/// The name that the servers of tests have, so that they can go on where this one ended.
const SERVER: &str = "countersign.example";
/// How long the server may take to start, and the clock to do its part of the story.
const PATIENCE: Duration = Duration::from_secs(90);

/// Plays the story with `program` and keeps what its server stored under `crates/store/tests/fixtures/NAME`.
pub fn make_fixture(program: &str, name: &str) -> Result<()> {
    let program = fs::canonicalize(program).with_context(|| format!("there is no program {program}"))?;
    let folder = root().join("target/fixture").join(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    let mut stage = Stage::open(program, folder)?;
    for line in STORY.lines().filter(|line| !line.is_empty() && !line.starts_with('#')) {
        stage.play(line).with_context(|| line.to_owned())?;
    }
    stage.close()?;
    let fixture = root().join("crates/store/tests/fixtures").join(name);
    fs::create_dir_all(&fixture)?;
    let data = stage.data();
    fs::copy(data.join("checkpoint.txt"), fixture.join("checkpoint.txt"))?;
    // A throw-away key: nothing but this fixture was ever signed with it.
    fs::copy(data.join("signing-key.pem"), fixture.join("signing-key.pem"))?;
    let mut dump = cargo(["run", "--quiet", "--package", "store", "--example", "dump", "--"]);
    run(dump.arg(data.join("countersign.db")).arg(fixture.join("rows.jsonl")))
}

struct Stage {
    program: PathBuf,
    folder: PathBuf,
    words: BTreeMap<&'static str, String>,
    server: Child,
}

impl Stage {
    fn open(program: PathBuf, folder: PathBuf) -> Result<Self> {
        fs::create_dir_all(&folder)?;
        for version in ["first", "second", "third", "fourth", "fifth", "sixth", "seventh"] {
            fs::create_dir(folder.join(version))?;
            fs::write(folder.join(version).join("model.txt"), format!("The {version} model.\n"))?;
            fs::write(folder.join(version).join("notes.md"), "# Notes\n")?;
        }
        let address = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
        let data = folder.join("data");
        let words = BTreeMap::from([
            ("url", format!("http://{address}")),
            ("folder", folder.display().to_string()),
            ("data", data.display().to_string()),
        ]);
        let mut serve = command(&program, &folder);
        serve.args(["serve", "--listen", &address.to_string(), "--data"]).arg(&data);
        serve.stdout(Stdio::null()).stderr(fs::File::create(folder.join("server.log"))?);
        let server = serve.spawn().context("the server does not start")?;
        let stage = Self { program, folder, words, server };
        until(|| Ok(TcpStream::connect(address).is_ok())).context("the server does not answer")?;
        Ok(stage)
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn play(&mut self, line: &str) -> Result<()> {
        if let Some(name) = line.strip_prefix('+') {
            let invitation = self.words.get("invitation").context("nobody was invited before")?.clone();
            let url = self.words["url"].clone();
            return self.type_line(&["login", &url, "--profile", name, "--invitation", &invitation]).map(drop);
        }
        if let Some(kind) = line.strip_prefix("wait ") {
            return until(|| Ok(self.type_line(&["--profile", "auditor", "audit", "list", "--all"])?.contains(kind)));
        }
        let (who, line) = line.split_once(": ").context("the line names nobody")?;
        let mut args = if who == "console" { Vec::new() } else { vec!["--profile".to_owned(), who.to_owned()] };
        args.extend(
            words_of(line)
                .into_iter()
                .map(|word| self.words.iter().fold(word, |word, (name, value)| word.replace(&format!("{{{name}}}"), value))),
        );
        let said = self.type_line(&args.iter().map(String::as_str).collect::<Vec<_>>())?;
        if let Some(invitation) = said.split_whitespace().find(|word| word.starts_with("csi_")) {
            self.words.insert("invitation", invitation.to_owned());
        }
        Ok(())
    }

    /// Runs the program; gives what it wrote on standard output.
    fn type_line(&self, args: &[&str]) -> Result<String> {
        let mut child = command(&self.program, &self.folder).args(args).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut input = child.stdin.take().context("a pipe was asked for")?;
        // Most commands read nothing and may be gone already.
        let _ = writeln!(input, "{PASSWORD}");
        drop(input);
        let output = child.wait_with_output()?;
        ensure!(output.status.success(), "it ended with {}", output.status);
        Ok(String::from_utf8(output.stdout)?)
    }

    /// Ends the server as an operator does: all that it wrote is in its database then, and its last checkpoint is signed.
    fn close(&mut self) -> Result<()> {
        let stopped = Command::new("kill").args(["-TERM", &self.server.id().to_string()]).status()?;
        ensure!(stopped.success(), "the server cannot be stopped");
        ensure!(self.server.wait()?.success(), "the server did not end in order");
        Ok(())
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        // After an error; where it ended already there is nothing to do.
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

/// The program with nothing of the caller's own set-up.
fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    command.env_clear().env("COUNTERSIGN_CONFIG_DIR", folder.join("profiles")).env("COUNTERSIGN_SERVER_NAME", SERVER);
    command.env("COUNTERSIGN_WEBHOOKS_ALLOWED_NETWORKS", "127.0.0.1");
    command.current_dir(folder);
    command
}

fn until(mut done: impl FnMut() -> Result<bool>) -> Result<()> {
    let begun = Instant::now();
    while !done()? {
        if begun.elapsed() > PATIENCE {
            bail!("it has not happened within {} seconds", PATIENCE.as_secs());
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// The words of a line: apart at spaces, but not within double quotes.
fn words_of(line: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quoted = false;
    for character in line.chars() {
        match character {
            '"' => quoted = !quoted,
            ' ' if !quoted => words.push(String::new()),
            other => words.last_mut().expect("there is always one").push(other),
        }
    }
    words
}
