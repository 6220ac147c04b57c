//! The clock opens renewals: of approvals that end soon, in projects whose rules say so.

use super::by_clock;
use crate::{
    Caller, Error, OpContext,
    base::{error::Kind, server::Server},
};
use std::sync::Arc;
use store::Project;

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
        match by_clock::carry_out(op, *version, step, |signoff, facts| signoff.clone().open_renewal(facts)).await {
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
