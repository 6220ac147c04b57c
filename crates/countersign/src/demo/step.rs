//! One step of the story: who types which line, and what must come back.

use super::stage::Stage;
use crate::exit::Exit;
use anyhow::{Context, bail};
use std::{fmt::Write, process::Stdio};
use tokio::io::AsyncWriteExt;

/// A line to type, in the words of a shell; `{word}` stands for a word of the stage.
pub struct Step {
    who: Option<&'static str>,
    line: &'static str,
    exit: Exit,
    says: Vec<&'static str>,
    types_password: bool,
    keeps_invitation: bool,
}

/// Somebody with a profile types a line.
pub fn by(who: &'static str, line: &'static str) -> Step {
    Step { who: Some(who), ..console(line) }
}

/// Somebody types a line that needs no profile, or names one itself.
pub fn console(line: &'static str) -> Step {
    Step { who: None, line, exit: Exit::Done, says: Vec::new(), types_password: false, keeps_invitation: false }
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

    /// Plays it: prints the line and what came back, and compares.
    pub async fn play(self, stage: &mut Stage) -> anyhow::Result<()> {
        let mut args: Vec<String> = self.who.into_iter().flat_map(|who| ["--profile".to_owned(), who.to_owned()]).collect();
        args.extend(words_of(self.line).into_iter().map(|word| fill_in(&word, stage)));
        println!("$ countersign {}", typed(&args));
        let (code, said) = run(stage, &args, self.types_password).await?;
        print!("{said}");
        stage.stepped();
        let expected = self.exit.number();
        if code != Some(i32::from(expected)) {
            bail!("this step should have ended with exit code {expected}, not {code:?}");
        }
        if expected != 0 {
            println!("(exit code {expected})");
        }
        for words in self.says {
            if !said.contains(words) {
                bail!("this step should have said “{words}”");
            }
        }
        if self.keeps_invitation {
            let code = said
                .split_whitespace()
                .find(|word| word.starts_with("csi_"))
                .context("this step should have printed an invitation")?;
            stage.words.insert("invitation", code.to_owned());
        }
        println!();
        Ok(())
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
    let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
    write!(said, "{}", String::from_utf8_lossy(&output.stderr))?;
    Ok((output.status.code(), said))
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
