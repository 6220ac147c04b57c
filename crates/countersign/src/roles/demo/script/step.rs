//! A step of the script: who types which command, and what must come back.

use crate::{exit::Exit, roles::demo::stage::Stage};
use anyhow::{Context, bail};
use std::{
    fmt::Write,
    process::Stdio,
    time::{Duration, Instant},
};
use tokio::io::AsyncWriteExt;

/// How long something that comes soon may take, the time for starting the commands included.
const SOON: Duration = Duration::from_secs(5);

/// A line to type, in the words of a shell; `{word}` stands for a word of the stage.
pub struct Step {
    who: Option<&'static str>,
    line: &'static str,
    exit: Exit,
    says: Vec<&'static str>,
    types_password: bool,
    keeps_invitation: bool,
    keeps_as: Option<&'static str>,
    comes_soon: bool,
    stays_up_at: Option<&'static str>,
}

/// Somebody with a profile types a line.
pub fn by(who: &'static str, line: &'static str) -> Step {
    Step { who: Some(who), ..console(line) }
}

/// Somebody types a line that needs no profile, or names one itself.
pub fn console(line: &'static str) -> Step {
    Step {
        who: None,
        line,
        exit: Exit::Done,
        says: Vec::new(),
        types_password: false,
        keeps_invitation: false,
        keeps_as: None,
        comes_soon: false,
        stays_up_at: None,
    }
}

impl Step {
    /// It must end with this exit code, not with 0.
    pub fn ends(mut self, exit: Exit) -> Self {
        self.exit = exit;
        self
    }

    /// What comes back must contain this.
    pub fn says(mut self, words: &'static str) -> Self {
        self.says.push(words);
        self
    }

    /// The password is typed.
    pub fn typing_password(mut self) -> Self {
        self.types_password = true;
        self
    }

    /// The invitation that comes back is the word `{invitation}` from then on.
    pub fn keeping_invitation(mut self) -> Self {
        self.keeps_invitation = true;
        self
    }

    /// What comes back is kept as this file in the stage's folder.
    pub fn keeping_as(mut self, file: &'static str) -> Self {
        self.keeps_as = Some(file);
        self
    }

    /// It may take a second until what is expected comes back: the line is typed again until then.
    pub fn soon(mut self) -> Self {
        self.comes_soon = true;
        self
    }

    /// It stays up in the background, at the address that this word of the stage says.
    pub fn staying_up_at(mut self, word: &'static str) -> Self {
        self.stays_up_at = Some(word);
        self
    }

    /// Plays it: prints the line and what came back, and compares.
    pub async fn play(self, stage: &mut Stage) -> anyhow::Result<()> {
        let mut args: Vec<String> = self.who.into_iter().flat_map(|who| ["--profile".to_owned(), who.to_owned()]).collect();
        args.extend(words_of(self.line).into_iter().map(|word| fill_in(&word, stage)));
        let after = match (self.keeps_as, self.stays_up_at) {
            (Some(file), _) => format!(" > {file}"),
            (None, Some(_)) => " &".to_owned(),
            (None, None) => String::new(),
        };
        println!("$ countersign {}{after}", typed(&args));
        stage.stepped();
        if let Some(word) = self.stays_up_at {
            let address = stage.words[word].clone();
            stage.start_node(&args, &address).await?;
            println!();
            return Ok(());
        }
        let printed = self.until_expected(stage, &args).await?;
        print!("{printed}");
        if self.exit != Exit::Done {
            println!("(exit code {})", self.exit.number());
        }
        if let Some(file) = self.keeps_as {
            stage.keep(file, &printed)?;
        }
        if self.keeps_invitation {
            let code = printed
                .split_whitespace()
                .find(|word| word.starts_with("csi_"))
                .context("this step should have printed an invitation")?;
            stage.words.insert("invitation", code.to_owned());
        }
        println!();
        Ok(())
    }
}

impl Step {
    /// Types the line; again for a while, if what is expected may take a moment.
    async fn until_expected(&self, stage: &Stage, args: &[String]) -> anyhow::Result<String> {
        let begun = Instant::now();
        loop {
            let (code, printed) = run(stage, args, self.types_password).await?;
            match self.difference(code, &printed) {
                None => return Ok(printed),
                Some(_) if self.comes_soon && begun.elapsed() < SOON => {}
                Some(difference) => {
                    print!("{printed}");
                    bail!(difference);
                }
            }
        }
    }

    /// What is not as it should be.
    fn difference(&self, code: Option<i32>, printed: &str) -> Option<String> {
        let expected = self.exit.number();
        if code != Some(i32::from(expected)) {
            return Some(format!("this step should have ended with exit code {expected}, not {code:?}"));
        }
        let missing = self.says.iter().find(|words| !printed.contains(**words))?;
        Some(format!("this step should have said “{missing}”"))
    }
}

async fn run(stage: &Stage, args: &[String], types_password: bool) -> anyhow::Result<(Option<i32>, String)> {
    let mut child = stage
        .command()
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .kill_on_drop(true)
        .spawn()?;
    let mut input = child.stdin.take().context("the command takes no input")?;
    if types_password {
        input.write_all(format!("{}\n", stage.words["password"]).as_bytes()).await?;
    }
    drop(input);
    let output = child.wait_with_output().await?;
    let mut printed = String::from_utf8_lossy(&output.stdout).into_owned();
    write!(printed, "{}", String::from_utf8_lossy(&output.stderr))?;
    Ok((output.status.code(), printed))
}

/// The words of a line; double quotes keep a word together.
fn words_of(line: &str) -> Vec<String> {
    let mut words = Vec::new();
    let mut word = String::new();
    let (mut quoted, mut begun) = (false, false);
    for c in line.chars() {
        match c {
            '"' => (quoted, begun) = (!quoted, true),
            ' ' if !quoted => {
                if std::mem::take(&mut begun) {
                    words.push(std::mem::take(&mut word));
                }
            }
            c => {
                begun = true;
                word.push(c);
            }
        }
    }
    if begun {
        words.push(word);
    }
    words
}

fn fill_in(word: &str, stage: &Stage) -> String {
    stage.words.iter().fold(word.to_owned(), |word, (name, value)| word.replace(&format!("{{{name}}}"), value))
}

/// The line as one would type it.
fn typed(args: &[String]) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./:=,@%+".contains(c);
    let quote = |word: &String| if !word.is_empty() && word.chars().all(plain) { word.clone() } else { format!("\"{word}\"") };
    args.iter().map(quote).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_falls_into_its_words_and_reads_as_typed() {
        let words = words_of(r#"feedback give x:1 --slot "Risk & Compliance"  --comment """#);
        assert_eq!(words, ["feedback", "give", "x:1", "--slot", "Risk & Compliance", "--comment", ""]);
        assert_eq!(typed(&words), r#"feedback give x:1 --slot "Risk & Compliance" --comment """#);
    }
}
