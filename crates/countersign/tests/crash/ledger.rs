//! What the server has acknowledged, kept on the side of those who asked; and the reckoning after each start.

use crate::{
    common::{random::Random, scene::People},
    facts::Facts,
    files::Files,
};

/// Everything that was acknowledged.
#[derive(Default)]
pub struct Ledger {
    files: Files,
    facts: Facts,
}

impl Ledger {
    /// Its two halves, each for one of those who work.
    pub fn parts(&mut self) -> (&mut Files, &mut Facts) {
        (&mut self.files, &mut self.facts)
    }

    /// Begins with what is there already.
    pub async fn begin(people: &People) -> Self {
        let mut ledger = Self::default();
        ledger.facts.learn_beginning(people).await;
        ledger
    }

    /// After a start: what was acknowledged since the one before is there, and what was not is whole or absent.
    pub async fn settle(&mut self, people: &People, random: &mut Random) {
        self.facts.settle(people).await;
        let new = self.files.settle(people, random).await;
        for version in new {
            self.facts.learn_version(people, &version).await;
        }
    }

    /// The same of all that was ever acknowledged.
    pub async fn check_everything(&self, people: &People) {
        self.facts.check_everything(people).await;
        self.files.check_everything(people).await;
    }

    pub fn acknowledged(&self) -> usize {
        self.facts.acknowledged + self.files.acknowledged
    }

    pub fn broken_off(&self) -> usize {
        self.facts.broken_off + self.files.broken_off
    }

    pub fn mid_file(&self) -> usize {
        self.files.mid_file
    }

    pub fn summary(&self) -> String {
        format!(
            "{} commands and {} files or versions acknowledged; {} commands broken off, of which {} had been carried out; {} uploads broken off, {} in the \
             middle of a file; {} versions",
            self.facts.acknowledged,
            self.files.acknowledged,
            self.facts.broken_off,
            self.facts.carried_out,
            self.files.broken_off,
            self.files.mid_file,
            self.files.versions(),
        )
    }
}
