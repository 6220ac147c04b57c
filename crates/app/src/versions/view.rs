//! Builds the view of a version: step, status, issues and turns.

use crate::{
    Error, OpContext,
    base::{governed_version::GovernedVersion, names, turns, version_people},
    gate::same_bytes::{Readers, WordsOnBytes},
    versions::authors,
    views::{self, Governance, Renewal, SameBytes, Step},
};
use domain::{
    signoff::{SignOff, State},
    turn,
};
use store::{Reader, Version};

/// A version as it is shown.
pub(crate) async fn version(op: &OpContext, reader: &mut Reader, found: &GovernedVersion) -> Result<views::Version, Error> {
    let people = version_people::load(op, reader, found, &[]).await?;
    let version = &found.version;
    let signatory = version.uploader.as_ref().map(|signatory| &signatory.0);
    let uploader = names::then(signatory, version.uploader_id, &people.directory);
    let words = WordsOnBytes::on(op, reader, version.model_digest).await?;
    let same_bytes = words.besides(op, reader, Some(found), Readers::Caller).await?.into_iter().map(|word| SameBytes {
        version: word.version,
        status: word.status,
        at: word.at,
        link: word.link,
    });
    Ok(views::Version {
        name: found.name.clone(),
        model_digest: version.model_digest,
        files: version.file_count,
        size: version.size,
        fields: version.fields.0.clone(),
        authors: authors::named(reader, found).await?,
        editors: authors::editors(found, &people.directory),
        uploader: uploader.by,
        uploader_account: uploader.account,
        created_at: version.created_at,
        same_bytes: same_bytes.collect(),
        revision: version.revision,
        shown: version.shown,
        warnings: version.warnings.0.clone(),
        governance: Governance {
            step: step(&found.version),
            steps: version
                .workflow
                .0
                .steps
                .iter()
                .map(|step| Step {
                    name: step.name.to_string(),
                    status: step.status,
                    sign_off: step.sign_off,
                    sign_off_status: found.sign_off_on(&step.name).map(|signoff| signoff.speaking().status()),
                })
                .collect(),
            status: found.signoff().speaking().status(),
            round: found.signoff().speaking().round,
            renewal: renewal(found.signoff()).map(|round| Renewal { round: round.round, status: round.status() }),
            open_issues: found.signoff().review().map_or(0, |review| review.open_issues() as u64),
            locked: found.signoffs().any(|signoff| signoff.is_locked()),
            retired: version.retired.as_ref().map(|retired| names::act(&retired.0, &people.directory)),
            turns: turns::view(&turn::turns(found.signoff(), &people.facts(op, found)), &people.directory, op.now),
            not_after: not_after(found),
            link: op.settings.links.version_page(&found.name),
        },
    })
}

/// The name of the step that is ongoing.
pub(crate) fn step(version: &Version) -> String {
    version.workflow.0.current().map_or_else(String::new, |step| step.name.to_string())
}

/// The open renewal of an approval that goes on.
pub(crate) fn renewal(signoff: &SignOff) -> Option<&SignOff> {
    (signoff.speaking().round != signoff.round).then_some(signoff)
}

fn not_after(found: &GovernedVersion) -> Option<domain::Timestamp> {
    match &found.signoff().speaking().state {
        State::Approved { approval, .. } => approval.not_after,
        _ => None,
    }
}
