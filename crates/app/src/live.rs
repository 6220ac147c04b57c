//! What an open page shows, watched: so that the page learns when it is no longer so. A look costs little as long as nothing happens.

use crate::{
    Error, OpContext,
    base::{error::Kind, find},
    deployments::out_of_policy,
    reviews,
};
use domain::{
    InfrastructureId, Name, Timestamp, VersionRef,
    access::{Action, Scope},
    health::LOST_AFTER,
};
use std::{
    fmt,
    hash::{DefaultHasher, Hash, Hasher},
    str::FromStr,
};
use store::{About, Reader};

/// What a page is about, beside the two counts above every page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Subject {
    /// Nothing that changes.
    Counts,
    /// The inbox of who looks.
    Inbox,
    /// A version with its sign-offs.
    Version(VersionRef),
    /// An infrastructure, with what runs there and the health of its nodes.
    Infrastructure(Name),
}

impl fmt::Display for Subject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Counts => f.write_str("counts"),
            Self::Inbox => f.write_str("inbox"),
            Self::Version(version) => write!(f, "version {version}"),
            Self::Infrastructure(name) => write!(f, "infrastructure {name}"),
        }
    }
}

impl FromStr for Subject {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong = || Error::invalid("about", "`about` is `counts`, `inbox`, `version VERSION` or `infrastructure NAME`");
        match text.split_once(' ') {
            None if text == "counts" => Ok(Self::Counts),
            None if text == "inbox" => Ok(Self::Inbox),
            Some(("version", name)) => name.parse().map(Self::Version).map_err(|_| wrong()),
            Some(("infrastructure", name)) => name.parse().map(Self::Infrastructure).map_err(|_| wrong()),
            _ => Err(wrong()),
        }
    }
}

/// A page that somebody has open.
#[derive(Clone, Debug)]
pub struct OpenPage {
    subject: Subject,
    /// The size of the log at the last look.
    size: u64,
    seen: Option<Seen>,
}

/// What was seen at a look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Seen {
    waiting: u64,
    out_of_policy: u64,
    /// A digest of what else the page shows that is no event about its subject.
    beside: u64,
}

impl OpenPage {
    /// A page that was made when the log had this size.
    pub fn new(subject: Subject, size: u64) -> Self {
        Self { subject, size, seen: None }
    }

    /// Whether anything that the page shows may have changed since the last look, or since the page was made.
    ///
    /// # Errors
    /// When nobody is signed in any more, or the database does not answer.
    pub async fn has_changed(&mut self, op: &OpContext) -> Result<bool, Error> {
        op.needs(Scope::Read)?;
        let size = op.log_size().await?;
        let (grown, first) = (size > self.size, self.seen.is_none());
        if !grown && !first && !matches!(self.subject, Subject::Infrastructure(_)) {
            return Ok(false);
        }
        let counts = match self.seen {
            Some(seen) if !grown => (seen.waiting, seen.out_of_policy),
            _ => (reviews::waiting_count(op).await?, out_of_policy::count(op).await?),
        };
        let (happened, beside) = self.look(op).await?;
        let seen = Seen { waiting: counts.0, out_of_policy: counts.1, beside };
        let before = self.seen.replace(seen);
        self.size = size;
        // What the counts were when the page was made is not known here.
        Ok(happened || before.map_or(grown, |before| before != seen))
    }

    /// Whether there is an event about the subject since the last look, and a digest of what changes without one.
    async fn look(&self, op: &OpContext) -> Result<(bool, u64), Error> {
        match &self.subject {
            Subject::Counts => Ok((false, 0)),
            Subject::Inbox => Ok((false, inbox(op).await?)),
            Subject::Version(name) => {
                let mut reader = op.read().await?;
                match seen(find::version(op, &mut reader, name, Action::ReadProject).await)? {
                    Some(found) => {
                        let about = About { version: Some(found.version.id), ..About::default() };
                        Ok((has_event(&mut reader, about, self.size).await?, 0))
                    }
                    None => Ok((false, 0)),
                }
            }
            Subject::Infrastructure(name) => {
                let mut reader = op.read().await?;
                let found = seen(find::infrastructure(op, &mut reader, name, Action::ReadDeployments).await)?;
                let Some(found) = found else { return Ok((false, 0)) };
                let about = About { infrastructure: Some(found.id), ..About::default() };
                let happened = has_event(&mut reader, about, self.size).await?;
                Ok((happened, nodes(&mut reader, found.id, op.now).await?))
            }
        }
    }
}

/// None for what the caller may not see: a page about it tells of nothing.
fn seen<T>(found: Result<T, Error>) -> Result<Option<T>, Error> {
    match found {
        Ok(found) => Ok(Some(found)),
        Err(error) if matches!(error.kind(), Kind::NotFound | Kind::Forbidden) => Ok(None),
        Err(error) => Err(error),
    }
}

async fn has_event(reader: &mut Reader, about: About, from: u64) -> Result<bool, Error> {
    Ok(!reader.events(about, from, Timestamp::from_micros(i64::MIN), 1).await?.is_empty())
}

/// What waits for the caller and what they wait for, in no order.
async fn inbox(op: &OpContext) -> Result<u64, Error> {
    let user = op.user()?.id;
    let rounds = reviews::waiting_rounds(op).await?;
    let mut digest: u64 = 0;
    for (version, round) in rounds.all() {
        for turn in round.turns_of(user) {
            digest = digest.wrapping_add(hash((version, &round.step, turn.expected, &turn.slot, turn.since)));
        }
        if round.waits_on_others(user) {
            let turns: Vec<_> = round.turns.iter().map(|turn| (turn.expected, &turn.slot, turn.since)).collect();
            digest = digest.wrapping_add(hash((version, &round.step, turns)));
        }
    }
    Ok(digest)
}

/// What the nodes say, and which of them say nothing any more.
async fn nodes(reader: &mut Reader, infrastructure: InfrastructureId, now: Timestamp) -> Result<u64, Error> {
    let nodes = reader.nodes(infrastructure).await?;
    let said = nodes.iter().map(|node| {
        // Which part of the log a node has seen is on no page, and changes all the time.
        let mut report: serde_json::Value = serde_json::from_str(&node.report).unwrap_or_default();
        report.as_object_mut().map(|report| report.remove("log"));
        (&node.name, report.to_string(), &node.log_refusal, now < node.reported_at.plus(LOST_AFTER))
    });
    Ok(hash(said.collect::<Vec<_>>()))
}

fn hash(what: impl Hash) -> u64 {
    let mut hasher = DefaultHasher::new();
    what.hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_subject_reads_as_it_is_written() {
        for text in ["counts", "inbox", "version diagnosis/tumour:7", "infrastructure hospital-prod"] {
            assert_eq!(text.parse::<Subject>().unwrap().to_string(), text);
        }
        for wrong in ["", "version", "version x", "infrastructure", "infrastructure A B", "everything", "inbox "] {
            assert!(wrong.parse::<Subject>().is_err(), "{wrong:?}");
        }
    }
}
