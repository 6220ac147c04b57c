//! Changes the rules of a project, with a reason.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext,
    base::{find, reason, tag},
    projects,
    reviews::stranded,
    views::{self, ChangeProjectRequest},
};
use domain::{
    Name,
    access::{Action, Scope},
    comparison::MetricDirectionsError,
    duty::ProjectRules,
    event::Event,
};
use store::{Json, Project};

/// Changes the rules of a project. `expected` is the tag of the project that the caller saw.
///
/// # Errors
/// Not a manager of the project; no reason for a change; no tag, or an old one.
pub async fn change(
    op: &OpContext,
    name: &Name,
    request: ChangeProjectRequest,
    expected: Option<&str>,
) -> Result<views::Project, Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let before = find::project(op, &mut tx, name, Action::ManageProject).await?;
    check_tag(&before, expected)?;
    let from = before.rules.0.clone();
    let to = ProjectRules {
        author_may_approve: request.author_may_approve.unwrap_or(from.author_may_approve),
        requester_may_approve: request.requester_may_approve.unwrap_or(from.requester_may_approve),
        delegation_allowed: request.delegation_allowed.unwrap_or(from.delegation_allowed),
        approval_valid_for: request.approval_valid_for.unwrap_or(from.approval_valid_for),
        feedback_due_after: request.feedback_due_after.unwrap_or(from.feedback_due_after),
        approval_due_after: request.approval_due_after.unwrap_or(from.approval_due_after),
        renew_before: request.renew_before.unwrap_or(from.renew_before),
        renewal_keeps_reviewers: request.renewal_keeps_reviewers.unwrap_or(from.renewal_keeps_reviewers),
        metrics: match request.metrics {
            Some(metrics) => {
                metrics.try_into().map_err(|error: MetricDirectionsError| Error::invalid("/metrics", error.to_string()))?
            }
            None => from.metrics.clone(),
        },
    };
    if from == to {
        return projects::view::project(&mut tx, &before).await;
    }
    let reason = reason::checked(request.reason.as_deref(), "the rules change")?;
    let after = Project { rules: Json(to.clone()), revision: before.revision + 1, ..before };
    tx.update(&after).await?;
    change::record(op, &mut tx, Subject::Project(&after), Event::ProjectRulesChanged { from, to, reason }).await?;
    tx.commit().await?;
    let mut reader = op.read_back().await?;
    let view = projects::view::project(&mut reader, &after).await.map_err(Error::after_commit)?;
    let without_approver = stranded::in_project(op, &mut reader, after.id).await.map_err(Error::after_commit)?;
    Ok(views::Project { without_approver, ..view })
}

/// Checks that the caller saw the present rules and reviewers of a project.
pub(crate) fn check_tag(project: &Project, expected: Option<&str>) -> Result<(), Error> {
    let what = format!("the project “{}”", project.name);
    tag::require(expected, &what)?;
    tag::expect(expected, &project.into(), &what)
}
