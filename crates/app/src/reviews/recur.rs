//! The clock opens renewals: of approvals that end soon, in projects whose rules say so.

use crate::change::{self};
use crate::{
    Caller, Error, OpContext,
    base::{
        error::Kind,
        find,
        governed_version::GovernedVersion,
        server::Server,
        version_people::{self, VersionPeople},
    },
};
use domain::{StepName, VersionId, signoff::Transition};
use std::sync::Arc;
use store::{Project, Reader};

/// How many projects are read at once.
const AT_ONCE: u32 = 100;

/// How many approvals of a project are looked at in a run.
const MOST: u32 = 10_000;

/// How many renewals one run opens in a project, so that a long list keeps nobody from writing.
const OPENED_AT_ONCE: usize = 100;

/// Opens the renewals that are due; gives how many, and whether there may be more.
///
/// # Errors
/// When the database does not answer. What was opened before stays open. A renewal that cannot be opened for a reason of its own is
/// logged, and does not keep the others waiting.
pub async fn open_renewals(server: &Arc<Server>) -> Result<(usize, bool), Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "recur");
    let (mut after, mut opened, mut more) = (String::new(), 0, false);
    loop {
        let projects = op.read().await?.projects(&after, AT_ONCE).await?;
        let Some(last) = projects.last() else { return Ok((opened, more)) };
        after = last.name.to_string();
        for project in &projects {
            let done = in_project(&op, project).await?;
            opened += done;
            more |= done == OPENED_AT_ONCE;
        }
    }
}

/// Opens the renewals of a project; gives how many.
async fn in_project(op: &OpContext, project: &Project) -> Result<usize, Error> {
    let Some(before) = project.rules.0.renew_before else { return Ok(0) };
    let ending = op.read().await?.approvals_without_next(project.id, op.now, op.now.plus(before), MOST).await?;
    let mut opened = 0;
    for (version, step) in &ending {
        match open(op, *version, step).await {
            Ok(done) => opened += usize::from(done),
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(%version, %step, %error, cause = ?error.source, "a renewal could not be opened");
            }
            Err(error) => return Err(error),
        }
        if opened == OPENED_AT_ONCE {
            break;
        }
    }
    Ok(opened)
}

/// The renewal that the clock opens now, with what it rests on; none where there is none to open.
async fn due_now(
    op: &OpContext,
    reader: &mut Reader,
    version: VersionId,
    step: &StepName,
) -> Result<Option<(GovernedVersion, VersionPeople, Transition)>, Error> {
    let Some(found) = find::known_version(reader, version).await?.with_sign_off_on(step) else { return Ok(None) };
    let people = version_people::load(op, reader, &found, &[]).await?;
    let transition = found.signoff().clone().open_renewal(&people.facts(op, &found));
    Ok(transition.map(|transition| (found, people, transition)))
}

/// Opens the renewal of an approval, unless another server, or a person, was faster.
async fn open(op: &OpContext, version: VersionId, step: &StepName) -> Result<bool, Error> {
    // Many cannot be opened yet: that needs no writer.
    if due_now(op, &mut op.read().await?, version, step).await?.is_none() {
        return Ok(false);
    }
    let (ref op, mut tx) = op.write().await?;
    let Some((mut found, people, transition)) = due_now(op, &mut tx, version, step).await? else { return Ok(false) };
    change::transition(op, &mut tx, &mut found, Some(&people), transition, None).await?;
    tx.commit().await?;
    Ok(true)
}
