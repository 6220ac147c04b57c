//! The command line as somebody uses it who has a token for a server.

use super::{http::Person, serve};
use serde_json::Value;
use std::{
    fs,
    io::Write,
    path::{Path, PathBuf},
    process::Stdio,
    time::{Duration, Instant},
};

/// A terminal in a folder.
pub struct Terminal {
    folder: PathBuf,
    variables: Vec<(String, String)>,
}

/// What a command came to.
#[derive(Debug)]
pub struct Run {
    pub code: i32,
    pub stdout: String,
    pub stderr: String,
    pub took: Duration,
    line: String,
}

impl Terminal {
    /// Of nobody.
    pub fn new(folder: &Path) -> Self {
        let home = folder.display().to_string();
        Self { folder: folder.to_owned(), variables: vec![("HOME".to_owned(), home)] }
    }

    /// Of somebody who is signed in.
    pub fn of(person: &Person, folder: &Path) -> Self {
        let mut terminal = Self::new(folder);
        let (name, url, token) = (&person.name, &person.url, person.token.as_deref().unwrap_or_default());
        let profiles = folder.join(".config/countersign/profiles");
        fs::create_dir_all(&profiles).unwrap();
        fs::write(profiles.join(format!("{name}.toml")), format!("url = '{url}'\nuser = '{name}'\ntoken = '{token}'\n")).unwrap();
        terminal.variables.push(("COUNTERSIGN_PROFILE".to_owned(), name.clone()));
        terminal
    }

    /// Looks at the review of a version, then runs a command that decides on the review.
    pub fn decide(&self, arguments: &[&str]) -> Run {
        self.run(&["review", "show", arguments[1]]).done();
        self.run(arguments)
    }

    /// With one setting more.
    pub fn with(mut self, name: &str, path: &Path) -> Self {
        self.variables.push((name.to_owned(), path.display().to_string()));
        self
    }

    pub fn run(&self, arguments: &[&str]) -> Run {
        self.run_with(arguments, "")
    }

    /// Runs it with something to read.
    pub fn run_with(&self, arguments: &[&str], input: &str) -> Run {
        let settings: Vec<_> = self.variables.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let mut command = serve::command(&settings);
        command.args(arguments).current_dir(&self.folder);
        let start = Instant::now();
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        // A program that does not read its input is no failure of the test.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        let output = child.wait_with_output().unwrap();
        let text = |bytes| String::from_utf8(bytes).unwrap();
        Run {
            code: output.status.code().unwrap(),
            stdout: text(output.stdout),
            stderr: text(output.stderr),
            took: start.elapsed(),
            line: arguments.join(" "),
        }
    }
}

impl Run {
    /// It was done.
    #[track_caller]
    pub fn done(self) -> Self {
        assert_eq!(self.code, 0, "{self:#?}");
        self
    }

    /// It ended with this exit code, and said this on standard error; nothing of it looks like a success.
    #[track_caller]
    pub fn refused(self, code: i32, words: &str) -> Self {
        assert_eq!(self.code, code, "{self:#?}");
        assert!(self.stderr.contains(words), "should have said “{words}”: {self:#?}");
        assert_eq!(self.stdout, "", "{self:#?}");
        self
    }

    /// What `--output json` printed.
    #[track_caller]
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.stdout).unwrap_or_else(|error| panic!("{error}: {self:#?}"))
    }
}
