//! Prints data to standard output, as a table or as the API's object, and messages to standard error.

use crate::{
    environment::Environment,
    failure::Failure,
    text::{Text, is_hidden},
};
use clap::ValueEnum;
use serde::Serialize;
use serde_json::Value;
use std::io::{self, IsTerminal, Write};

/// The form of the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// Aligned text for people.
    Table,
    /// The same object as the API's.
    Json,
}

/// How to print.
#[derive(Clone, Copy, Debug)]
pub struct Output {
    format: Format,
    colour: bool,
}

impl Output {
    /// As asked for; colour only on a terminal, and not where `NO_COLOR` (no-color.org) or a dumb terminal forbids it.
    pub fn new(format: Format, environment: &Environment) -> Self {
        let forbidden = environment.get("NO_COLOR").is_some() || environment.get("TERM") == Some("dumb");
        Self { format, colour: io::stdout().is_terminal() && !forbidden }
    }

    /// Whether objects are wanted.
    pub fn is_json(self) -> bool {
        self.format == Format::Json
    }

    /// Shows an object of this program, or the text made of it.
    ///
    /// # Errors
    /// When standard output takes nothing more.
    pub fn show<T: Serialize>(self, value: &T, text: impl FnOnce(&T) -> Text) -> Result<(), Failure> {
        match self.format {
            Format::Json => {
                let json =
                    serde_json::to_value(value).map_err(|error| Failure::failed(format!("JSON cannot be made: {error}")))?;
                self.json(&json)
            }
            Format::Table => self.text(&text(value)),
        }
    }

    /// Shows an object as JSON.
    ///
    /// # Errors
    /// When standard output takes nothing more.
    pub fn json(self, value: &Value) -> Result<(), Failure> {
        self.data(&format!("{}\n", json_text(value)))
    }

    /// Shows text, in colour where that is wanted.
    ///
    /// # Errors
    /// When standard output takes nothing more.
    pub fn text(self, text: &Text) -> Result<(), Failure> {
        if self.colour { self.data(&coloured(text.as_str())) } else { self.data(text.as_str()) }
    }

    /// Writes a document as it is; on a terminal without what the terminal would act on.
    ///
    /// # Errors
    /// When standard output takes nothing more.
    pub fn document(self, text: &str) -> Result<(), Failure> {
        if io::stdout().is_terminal() { self.data(Text::lines(text).as_str()) } else { self.data(text) }
    }

    /// A reader that has gone away is no error.
    fn data(self, text: &str) -> Result<(), Failure> {
        let mut stdout = io::stdout().lock();
        match stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()) {
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
                Err(Failure::failed(format!("standard output cannot be written: {error}")))
            }
            _ => Ok(()),
        }
    }

    /// Says something to the person at the terminal.
    pub fn note(self, text: &str) {
        say(Text::lines(text).as_str());
    }

    /// Says why the command failed.
    pub fn failure(self, failure: &Failure) {
        match self.format {
            Format::Json => say(&format!("{}\n", json_text(&failure.to_json()))),
            Format::Table => say(Text::lines(failure.to_string()).as_str()),
        }
    }
}

/// Writes to standard error. Where even that fails there is nobody left to tell.
fn say(text: &str) {
    let _ = io::stderr().lock().write_all(text.as_bytes());
}

/// JSON that means the same and shows every hidden character as its escape.
fn json_text(value: &Value) -> String {
    let mut text = String::new();
    for c in format!("{value:#}").chars() {
        if is_hidden(c) && c != '\n' {
            c.encode_utf16(&mut [0; 2]).iter().for_each(|unit| text.push_str(&format!("\\u{unit:04x}")));
        } else {
            text.push(c);
        }
    }
    text
}

/// Words that say how something stands, and their colours: green goes, yellow waits, red stops.
const COLOURS: [(&str, &[&str]); 3] = [
    ("32", &["allow", "approved", "in_policy", "approve", "ok", "healthy", "serving"]),
    (
        "33",
        &[
            "warn",
            "waiting_for_feedback",
            "waiting_for_approval",
            "minor_issue",
            "out_of_policy",
            "starting",
            "degraded",
            "unknown",
        ],
    ),
    (
        "31",
        &[
            "deny",
            "rejected",
            "abandoned",
            "revoked",
            "expired",
            "major_issue",
            "disabled",
            "wrong",
            "out_of_sync",
            "failed",
            "not_ready",
            "lost",
        ],
    ),
];

/// Colours those words where they stand as a cell of their own: two spaces or an end of the line on each side.
fn coloured(text: &str) -> String {
    let cell = |cell: &str| {
        let word = cell.trim();
        match COLOURS.iter().find(|(_, words)| words.contains(&word)) {
            Some((colour, _)) => cell.replacen(word, &format!("\u{1b}[{colour}m{word}\u{1b}[0m"), 1),
            None => cell.to_owned(),
        }
    };
    let line = |line: &str| line.split("  ").map(cell).collect::<Vec<_>>().join("  ");
    text.split('\n').map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn json_keeps_its_value_and_hides_nothing() {
        let value = json!({"a": "x\u{1b}\u{9b}\u{7f}\u{202e}é\n", "n": [1, 2.5]});
        let text = json_text(&value);
        assert!(!text.chars().any(|c| is_hidden(c) && c != '\n'));
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), value);
    }

    #[test]
    fn only_whole_cells_are_coloured_and_nothing_is_lost() {
        let text = "VERSION  STATUS\np/m:1    approved\napproved by  approved things\n";
        let shown = coloured(text);
        assert_eq!(shown, "VERSION  STATUS\np/m:1    \u{1b}[32mapproved\u{1b}[0m\napproved by  approved things\n");
    }
}
