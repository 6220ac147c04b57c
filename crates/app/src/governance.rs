//! Where a version stands, for everybody who shows it: one view of step, status, issues and turns.

use crate::{
    Error, OpContext,
    find::{self, Found},
    views::{self, Governance, Step, Turn},
};
use domain::{people::Directory, signoff::State, turn};
use store::{Reader, Statement, Version};

/// The tag of a version's present fields.
pub(crate) fn version_tag(version: &Version) -> String {
    format!("v{}", version.revision)
}

/// A version as it is shown.
pub(crate) async fn version_view(op: &OpContext, reader: &mut Reader, found: &Found) -> Result<views::Version, Error> {
    let surroundings = find::surroundings(op, reader, found, &[]).await?;
    let version = &found.version;
    Ok(views::Version {
        name: found.name.clone(),
        model_digest: version.model_digest,
        files: version.file_count,
        size: version.size,
        fields: version.fields.0.clone(),
        uploader: surroundings.directory.show(version.uploader_id),
        created_at: version.created_at,
        revision: version.revision,
        shown: version.shown,
        governance: Governance {
            step: step(&found.version),
            steps: version
                .workflow
                .0
                .steps
                .iter()
                .map(|step| Step { name: step.name.clone(), status: step.status, sign_off: step.sign_off })
                .collect(),
            status: found.signoff().status(),
            round: found.signoff().round,
            open_issues: found.signoff().review().map_or(0, |review| review.open_issues() as u64),
            locked: found.signoff().is_locked(),
            turns: turns_view(&turn::turns(found.signoff(), &surroundings.situation(op, found)), &surroundings.directory),
            not_after: not_after(found),
            link: op.version_link(&found.name),
        },
    })
}

/// The name of the step that is ongoing.
pub(crate) fn step(version: &Version) -> String {
    version.workflow.0.current().map_or_else(String::new, |step| step.name.clone())
}

fn not_after(found: &Found) -> Option<domain::Timestamp> {
    match &found.signoff().state {
        State::Approved { approval, .. } => approval.not_after,
        _ => None,
    }
}

/// Turns with the names of the people.
pub(crate) fn turns_view(turns: &[turn::Turn], directory: &Directory) -> Vec<Turn> {
    let view = |turn: &turn::Turn| Turn {
        expected: turn.expected,
        slot: Turn::slot(turn.task.as_ref()),
        people: turn.people.iter().map(|user| directory.show(*user)).collect(),
        why: turn.why.clone(),
        since: turn.since,
    };
    turns.iter().map(view).collect()
}

/// A statement as it is shown; the envelope is the JSON that was signed and stored.
pub(crate) fn statement_view(statement: &Statement) -> Result<views::StatementView, Error> {
    Ok(views::StatementView {
        id: statement.id,
        kind: statement.kind.to_string(),
        round: statement.round,
        issued_at: statement.issued_at,
        not_after: statement.not_after,
        envelope: serde_json::from_slice(&statement.envelope).map_err(Error::internal)?,
    })
}
