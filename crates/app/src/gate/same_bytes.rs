//! The words on the same bytes under other names: a version, its approval and its rejection speak of bytes, and the same bytes can be
//! registered again, in another project too.

use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, standing, verified::SignedDecision},
};
use domain::{Digest, Name, Timestamp, VersionId, VersionRef, access::Action, gate::SameBytes, signoff::Status};
use proof::Decision;
use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};
use store::{Reader, Statement, StatementKind};

/// How many decisions on the same bytes are looked at, the last ones.
pub(crate) const MOST: u32 = 1_000;

/// Whose names an answer may tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Readers {
    /// The caller reads it.
    Caller,
    /// The record keeps it, and people read it who see other projects than the caller does.
    Record,
}

/// The last decisions on some bytes, under every name, as this server signed them.
pub(crate) struct WordsOnBytes(Vec<(VersionId, Arc<SignedDecision>)>);

impl WordsOnBytes {
    /// Those on the bytes with this digest: of each sign-off of each version the last one.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn on(op: &OpContext, reader: &mut Reader, bytes: Digest) -> Result<Self, Error> {
        Ok(Self::among(op, &reader.decisions_on_bytes(bytes, MOST).await?))
    }

    /// Those among these statements on the same bytes, of which the last one comes first.
    pub fn among(op: &OpContext, statements: &[Statement]) -> Self {
        let key = op.keys.public_key();
        let (mut words, mut seen) = (Vec::new(), HashSet::new());
        for stored in statements.iter().filter(|stored| stored.kind == StatementKind::Decision) {
            let Some(decision) = op.verified.verify(&stored.envelope, &key) else { continue };
            // The last one comes first.
            if seen.insert((stored.version_id, decision.statement.predicate.step.clone())) {
                words.push((stored.version_id, decision));
            }
        }
        Self(words)
    }

    /// Whether every last word under another name than this version's is an approval.
    pub fn only_approve_besides(&self, found: &GovernedVersion) -> bool {
        let mut others = self.0.iter().filter(|(version, _)| *version != found.version.id);
        others.all(|(_, decision)| decision.statement.predicate.decision == Decision::Approved)
    }

    /// The rejections and revocations under other names than this version's, the last one first.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn besides(
        &self,
        op: &OpContext,
        reader: &mut Reader,
        found: Option<&GovernedVersion>,
        readers: Readers,
    ) -> Result<Vec<SameBytes>, Error> {
        let mut shown: HashMap<String, bool> = HashMap::new();
        let mut against = Vec::new();
        for (version, decision) in &self.0 {
            let predicate = &decision.statement.predicate;
            let status = match predicate.decision {
                Decision::Approved => continue,
                Decision::Rejected => Status::Rejected,
                Decision::Revoked => Status::Revoked,
            };
            if found.is_some_and(|found| found.version.id == *version) {
                continue;
            }
            let visible = match shown.get(&predicate.project) {
                Some(visible) => *visible,
                None => {
                    let visible = is_visible(op, reader, &predicate.project, found, readers).await?;
                    shown.insert(predicate.project.clone(), visible);
                    visible
                }
            };
            let name = decision.statement.subject.name.parse::<VersionRef>().ok().filter(|_| visible);
            against.push(SameBytes {
                link: name.as_ref().map(|name| op.settings.links.version_page(name)),
                version: name.map(|name| name.to_string()),
                status,
                at: Timestamp::from_micros(predicate.decided_at.micros()),
            });
        }
        Ok(against)
    }
}

/// Whether the readers of an answer may learn the names of the versions of this project. Who may ask about a version of a project may
/// ask about the others too.
async fn is_visible(
    op: &OpContext,
    reader: &mut Reader,
    project: &str,
    found: Option<&GovernedVersion>,
    readers: Readers,
) -> Result<bool, Error> {
    let own = found.is_some_and(|found| found.project.name.as_str() == project);
    if own || readers == Readers::Record {
        return Ok(own);
    }
    let name = project.parse::<Name>().map_err(|error| Error::internal(error.to_string()))?;
    let Some(project) = reader.project_by_name(&name).await? else {
        return Ok(false);
    };
    let standing = standing::project_standing(op, reader, &project, []).await?;
    Ok(standing::granted(&standing, Action::ReadProject))
}
