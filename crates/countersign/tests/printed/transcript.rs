//! Commands of several people with all that they print, for a snapshot.

use crate::common::{
    cli::{Run, Terminal},
    http::Person,
    scene::{People, Place},
    serve::Serve,
};
use std::fs;

/// What people typed, and what they read.
pub struct Transcript {
    /// The people of the project.
    pub people: People,
    pub place: Place,
    /// Ended with the transcript.
    _server: Serve,
    text: String,
}

impl Transcript {
    /// Begins with a project, its reviewers, and version 1 of a model.
    pub async fn begin() -> Self {
        let place = Place::sqlite();
        let server = place.serve();
        let people = place.set(&server).await;
        fs::write(place.desk().join("model.onnx"), "bytes").unwrap();
        let begun = Self { people, place, _server: server, text: String::new() };
        begun.quietly("scientist", &["version", "create", "diagnosis/tumour", "model.onnx"]);
        begun
    }

    /// Runs a command without noting it, which must be done.
    pub fn quietly(&self, who: &str, arguments: &[&str]) -> Run {
        self.terminal(who).run(arguments).done()
    }

    /// Looks at the review and decides, without noting it.
    pub fn decide(&self, who: &str, arguments: &[&str]) {
        self.terminal(who).decide(arguments).done();
    }

    /// Runs a command, and notes what it prints and how it ends.
    pub fn run(&mut self, who: &str, arguments: &[&str]) {
        let run = self.terminal(who).run(arguments);
        self.note(who, arguments, &run);
    }

    /// The same with something to read on standard input.
    pub fn run_with(&mut self, who: &str, arguments: &[&str], input: &str) {
        let run = self.terminal(who).run_with(arguments, input);
        self.note(who, arguments, &run);
    }

    /// Runs a command with this token in a file, as a program does.
    pub fn run_as_program(&mut self, who: &Person, arguments: &[&str]) {
        let file = self.place.desk().join("token");
        fs::write(&file, who.token.as_deref().unwrap_or_default()).unwrap();
        let url = std::path::PathBuf::from(&who.url);
        let terminal = Terminal::new(self.place.desk()).with("COUNTERSIGN_URL", &url).with("COUNTERSIGN_TOKEN_FILE", &file);
        let run = terminal.run(arguments);
        self.note("a program", arguments, &run);
    }

    fn note(&mut self, who: &str, arguments: &[&str], run: &Run) {
        let quoted = |argument: &&str| match argument.contains(' ') {
            true => format!("\"{argument}\""),
            false => (*argument).to_owned(),
        };
        let line = arguments.iter().map(quoted).collect::<Vec<_>>().join(" ");
        let ends = match run.code {
            0 => String::new(),
            code => format!("(exit code {code})\n"),
        };
        let printed = format!("{who}$ countersign {line}\n{}{}{ends}\n", run.stdout, run.stderr);
        self.text.push_str(&self.alike(&printed));
    }

    fn terminal(&self, who: &str) -> Terminal {
        let People { root, manager, scientist, itops, riskofficer, approver, operator } = &self.people;
        let all = [root, manager, scientist, itops, riskofficer, approver, operator];
        self.place.terminal(all.into_iter().find(|person| person.name == who).expect("somebody of the scene"))
    }

    /// The text without what differs from run to run: times, digests, ids, the folder.
    fn alike(&self, text: &str) -> String {
        let text = text.replace(&self.place.desk().display().to_string(), "FOLDER");
        let mut alike = String::new();
        let mut word = String::new();
        for character in text.chars().chain([' ']) {
            if character.is_ascii_alphanumeric() || matches!(character, '-' | ':' | '.') && !word.is_empty() {
                word.push(character);
                continue;
            }
            alike.push_str(&Self::word_alike(&word));
            word.clear();
            alike.push(character);
        }
        alike.pop();
        alike
    }

    fn word_alike(word: &str) -> String {
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        if word.len() == 64 && word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return "DIGEST".to_owned();
        }
        if word.len() == 36 && word.matches('-').count() == 4 {
            return "ID".to_owned();
        }
        match word.find('Z') {
            Some(end) if word.starts_with("20") && digits >= 14 && word.contains('T') => format!("TIME{}", &word[end + 1..]),
            _ => word.to_owned(),
        }
    }
}

impl std::fmt::Display for Transcript {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.text.trim_end())
    }
}
