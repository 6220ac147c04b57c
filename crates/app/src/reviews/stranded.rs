//! Open rounds that nobody can approve any more: what a change of an account, a group, a member or the reviewers leaves behind.

use crate::{Error, OpContext, base::governed_version, reviews::round_projects::RoundProjects, views::OpenRound};
use domain::{ProjectId, Timestamp, UserId, VersionId, reviewers::Task};
use store::{Reader, RoundOf};
use uuid::Uuid;

/// How many rounds are looked at together.
const PAGE: u32 = 500;

/// How many rounds an answer lists at most.
const MOST_LISTED: usize = 300;

/// The open rounds that concern an account and that nobody can approve as people stand now.
pub(crate) async fn of_account(op: &OpContext, reader: &mut Reader, user: UserId) -> Result<Vec<OpenRound>, Error> {
    let rounds = open_rounds_of(reader, user).await?;
    without_approver(op, reader, &rounds).await
}

/// The open rounds that concern an account, by name, through a group or through a role. Asked before the account leaves a group:
/// afterwards nothing may lead from the account to the round.
pub(crate) async fn open_rounds_of(reader: &mut Reader, user: UserId) -> Result<Vec<RoundOf>, Error> {
    let mut all = Vec::new();
    let mut after = (Timestamp::from_micros(i64::MIN), VersionId::from_uuid(Uuid::nil()), String::new());
    loop {
        let page = reader.rounds_waiting(user, (after.0, after.1, &after.2), PAGE).await?;
        let more = page.len() >= PAGE as usize;
        if let Some((round, ..)) = page.last() {
            after = (round.changed_at, round.version_id, round.step.to_string());
        }
        all.extend(page.into_iter().filter(|(round, ..)| round.status.is_open()));
        if !more {
            return Ok(all);
        }
    }
}

/// The rounds among these that nobody can approve as people stand now.
pub(crate) async fn without_approver(op: &OpContext, reader: &mut Reader, rounds: &[RoundOf]) -> Result<Vec<OpenRound>, Error> {
    let mut projects = RoundProjects::default();
    projects.meet(reader, rounds).await?;
    let mut stranded = Vec::new();
    for item @ (round, version, model) in rounds {
        let signoff = &round.signoff.0;
        let (Some(project), Some(review)) = (projects.get(model.project_id), signoff.review()) else { continue };
        let (name, authors) = (project.version_name(item), governed_version::authors(version, [signoff]));
        let facts = project.facts(op, &name, version, &authors);
        if facts.able(&Task::FinalApproval, signoff, review).is_empty() {
            stranded.push(OpenRound { version: name, step: round.step.clone(), round: round.number, status: round.status });
        }
    }
    stranded.sort_by(|one, other| (&one.version, &one.step).cmp(&(&other.version, &other.step)));
    stranded.truncate(MOST_LISTED);
    Ok(stranded)
}

/// The open rounds of a project that nobody can approve as people stand now.
pub(crate) async fn in_project(op: &OpContext, reader: &mut Reader, project: ProjectId) -> Result<Vec<OpenRound>, Error> {
    let rounds = reader.open_rounds_of_project(project).await?;
    without_approver(op, reader, &rounds).await
}
