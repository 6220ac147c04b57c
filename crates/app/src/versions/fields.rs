//! Changes the governed fields of a version, before a review and while the review is open. Earlier answers become stale.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{find, governed_version::GovernedVersion, tag, version_people},
    versions,
    views::{self, ChangeFieldsRequest},
};
use domain::{
    Digest, VersionRef,
    access::{Action, Scope},
    event::Event,
    fields::Fields,
};
use proof::Sha256;
use store::{Reader, Round};

/// How many authors a version may have named before and name no more: they are kept for ever.
const MOST_FORMER_AUTHORS: usize = 1_000;

/// Checks that the caller may change the fields now.
///
/// # Errors
/// Not a contributor; a version that is decided or locked.
pub async fn check(op: &OpContext, name: &VersionRef) -> Result<(), Error> {
    op.needs(Scope::Register)?;
    let mut reader = op.read().await?;
    let found = find::version(op, &mut reader, name, Action::Contribute).await?;
    allow(op, &mut reader, &found, name).await
}

async fn allow(op: &OpContext, reader: &mut Reader, found: &GovernedVersion, name: &VersionRef) -> Result<(), Error> {
    let people = version_people::load(op, reader, found, &[]).await?;
    for signoff in found.signoffs() {
        let refused = signoff.fields_may_change(&people.facts(op, found));
        refused.map_err(|refusal| Error::refused(refusal, op.settings.links.version_page(name)))?;
    }
    Ok(())
}

/// Replaces the fields that are given.
///
/// # Errors
/// Not a contributor; a version that is decided or locked; a view that is out of date; fields that are wrong.
pub async fn change(
    op: &OpContext,
    name: &VersionRef,
    request: ChangeFieldsRequest,
    expected: Option<&str>,
) -> Result<views::Version, Error> {
    op.needs(Scope::Register)?;
    tag::require(expected, "the version")?;
    let (ref op, mut tx) = op.write().await?;
    let mut found = find::version(op, &mut tx, name, Action::Contribute).await?;
    tag::expect(expected, &(&found.version).into(), "the version")?;
    allow(op, &mut tx, &found, name).await?;
    let mut fields = found.version.fields.0.clone();
    fields.metrics = request.metrics.unwrap_or(fields.metrics);
    fields.params = request.params.unwrap_or(fields.params);
    fields.tags = request.tags.unwrap_or(fields.tags);
    fields.notes = request.notes.unwrap_or(fields.notes);
    fields.signature = request.signature.or(fields.signature);
    fields.source = request.source.unwrap_or(fields.source);
    fields.authors = request.authors.unwrap_or(fields.authors);
    fields.validate().map_err(|error| Error::invalid("", error.to_string()))?;
    // The fields and not their digests: the digest of before may be of an earlier form.
    if fields.governed() != found.version.fields.0.governed() {
        let shown = shown(&fields)?;
        let editor = op.user()?.id;
        let changed = fields.changed(&found.version.fields.0);
        let (before, after) = (found.version.fields.0.named_authors(), fields.named_authors());
        for round in std::iter::once(&mut found.round).chain(&mut found.other_rounds) {
            let signoff = round.signoff.0.clone().fields_changed(editor, shown, &changed, before.difference(&after).cloned());
            if signoff.former_authors.len() > MOST_FORMER_AUTHORS {
                let message =
                    format!("this version has named more than {MOST_FORMER_AUTHORS} other authors before: name those again");
                return Err(Error::invalid("/authors", message));
            }
            if signoff != round.signoff.0 {
                *round = Round::of(&signoff, round.revision + 1, op.now);
                tx.update(round).await?;
            }
        }
        found.version.fields.0 = fields;
        found.version.shown = shown;
        found.version.revision += 1;
        tx.update(&found.version).await?;
        let event = Event::FieldsChanged { fields: found.version.fields.0.governed(), shown };
        change::record(op, &mut tx, Subject::Version(&mut found), event).await?;
    }
    tx.commit().await?;
    let view = versions::view::version(op, &mut op.read_back().await?, &found).await.map_err(Error::after_commit)?;
    Ok(view)
}

/// The digest of the governed fields: what reviewers are shown beside the files.
pub(crate) fn shown(fields: &Fields) -> Result<Digest, Error> {
    let bytes = proof::canonical::to_vec(&fields.governed()).map_err(|error| Error::invalid("/fields", error.to_string()))?;
    Ok(Digest::from_bytes(*Sha256::of(&bytes).as_bytes()))
}
