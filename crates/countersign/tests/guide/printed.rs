//! What a page prints: blocks of commands, and the answers that it shows.

use std::fmt::Write;

/// A page writes this after a command that fails on purpose.
const EXPECTED: &str = "# exit code ";

/// A block of a page.
pub struct Block<'a> {
    pub text: &'a str,
    /// Whether the block shows answers: its commands begin with `$ `.
    pub answers: bool,
}

/// The `sh` and `console` blocks of a page, in their order.
pub fn blocks(page: &str) -> Vec<Block<'_>> {
    let mut blocks = Vec::new();
    for part in page.split("\n```").skip(1).step_by(2) {
        let Some((kind, text)) = part.split_once('\n') else { continue };
        if ["sh", "console"].contains(&kind) {
            blocks.push(Block { text, answers: kind == "console" });
        }
    }
    blocks
}

/// The lines of pages as one script, whose answers are kept.
#[derive(Default)]
pub struct Script {
    text: String,
    /// Each command whose answer is shown: its number, the command, the answer.
    answers: Vec<(usize, String, String)>,
}

impl Script {
    /// Adds a block.
    pub fn add(&mut self, block: &Block<'_>) {
        if !block.answers {
            block.text.lines().for_each(|line| self.text.push_str(&checked(line)));
            return;
        }
        for line in block.text.lines() {
            match line.strip_prefix("$ ") {
                Some(command) => {
                    let number = self.answers.len();
                    let (command, code) =
                        command.split_once(EXPECTED).map_or((command, "0"), |(command, code)| (command.trim(), code));
                    let kept = format!("{{ {command}; }} > {} 2>&1 {EXPECTED}{code}", answer_file(number));
                    self.text.push_str(&checked(&kept));
                    self.answers.push((number, command.to_owned(), String::new()));
                }
                None => {
                    let (.., answer) = self.answers.last_mut().expect("a block begins with its command");
                    writeln!(answer, "{line}").unwrap();
                }
            }
        }
    }

    /// The script.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The commands whose answers the pages show.
    pub fn answers(&self) -> &[(usize, String, String)] {
        &self.answers
    }
}

/// Where the script keeps an answer.
pub fn answer_file(number: usize) -> String {
    format!("answer-{number}.txt")
}

/// Whether an answer has such a line. `…` in the line stands for anything.
pub fn shows(answer: &str, line: &str) -> bool {
    let parts: Vec<_> = line.trim_end().split('…').collect();
    let is_it = |given: &str| {
        let mut rest = given;
        parts.iter().all(|part| match rest.find(part) {
            Some(at) => {
                rest = &rest[at + part.len()..];
                true
            }
            None => false,
        })
    };
    answer.lines().any(is_it)
}

/// The command in a line: without the prompt, the step of a pipeline, another account, a container and variables in front.
pub fn command_of(line: &str) -> &str {
    let mut rest = line.trim();
    for prefix in ["$ ", "- ", "run: ", "sudo -u countersign ", "target/release/"] {
        rest = rest.strip_prefix(prefix).unwrap_or(rest);
    }
    if rest.starts_with("docker compose ")
        && let Some(at) = rest.find(" server countersign ")
    {
        rest = &rest[at + " server ".len()..];
    }
    let is_variable = |word: &str| {
        word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.chars().all(|character| character.is_ascii_uppercase() || character == '_')
        })
    };
    while let Some((word, after)) = rest.split_once(' ')
        && is_variable(word)
    {
        rest = after.trim_start();
    }
    rest
}

/// The command without what follows it: redirections, other commands, comments.
pub fn alone(command: &str) -> &str {
    let mut quote = None;
    for (at, character) in command.char_indices() {
        match (quote, character) {
            (None, '\'' | '"') => quote = Some(character),
            (Some(open), _) if open == character => quote = None,
            (None, '<' | '>' | '|' | '#' | ';' | ')') => return &command[..at],
            _ => {}
        }
    }
    command
}

/// The line, with a check of the exit code that the page promises.
fn checked(line: &str) -> String {
    match line.split_once(EXPECTED) {
        Some((command, code)) => format!("set +e; {command}\ntest $? -eq {code} || exit 99; set -e\n"),
        None => format!("{line}\n"),
    }
}
