//! The clock opens renewals: of approvals that end soon, in projects whose rules say so.

use crate::change::{self};
use crate::{
    Caller, Error, OpContext,
    base::{error::Kind, find, server::Server, version_people},
};
use domain::{StepName, VersionId};
use std::sync::Arc;
use store::Project;

/// How many projects are read at once, and how many renewals one run opens in a project.
const AT_ONCE: u32 = 100;

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
            let (done, found) = in_project(&op, project).await?;
            opened += done;
            more |= done > 0 && found == AT_ONCE as usize;
        }
    }
}

/// Opens the renewals of a project; gives how many, and how many it looked at.
async fn in_project(op: &OpContext, project: &Project) -> Result<(usize, usize), Error> {
    let Some(before) = project.rules.0.renew_before else { return Ok((0, 0)) };
    let ending = op.read().await?.approvals_without_next(project.id, op.now, op.now.plus(before), AT_ONCE).await?;
    let mut opened = 0;
    for (version, step) in &ending {
        match open(op, *version, step).await {
            Ok(done) => opened += usize::from(done),
            Err(error) if error.kind() == Kind::Internal => {
                tracing::error!(%version, %step, %error, cause = ?error.source, "a renewal could not be opened");
            }
            Err(error) => return Err(error),
        }
    }
    Ok((opened, ending.len()))
}

/// Opens the renewal of an approval, unless another server, or a person, was faster.
async fn open(op: &OpContext, version: VersionId, step: &StepName) -> Result<bool, Error> {
    let (ref op, mut tx) = op.write().await?;
    let Some(mut found) = find::known_version(&mut tx, version).await?.with_sign_off_on(step) else { return Ok(false) };
    let people = version_people::load(op, &mut tx, &found, &[]).await?;
    let transition = found.signoff().clone().open_renewal(&people.facts(op, &found));
    let Some(transition) = transition else { return Ok(false) };
    change::transition(op, &mut tx, &mut found, Some(&people), transition, None).await?;
    tx.commit().await?;
    Ok(true)
}
