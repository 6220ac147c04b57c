//! Projects, their duty rules and their members.

use crate::{
    args::Member,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::project::{card, changed_members, table},
};
use app::views::{ChangeProjectRequest, CreateProjectRequest, SetProjectMemberRequest};
use clap::builder::PossibleValuesParser;
use domain::{DisplayName, Duration, Name, comparison::Direction, people::ProjectRole, work_days::WorkDays};
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Manages projects, their duty rules and their members
#[derive(Debug, clap::Subcommand)]
pub enum ProjectCommand {
    /// Lists the projects that you may see
    #[command(before_help = "Examples:
  countersign project list")]
    List {
        #[command(flatten)]
        paging: Paging,
    },
    /// Shows a project: duty rules, reviewers, members
    #[command(before_help = "Examples:
  countersign project show diagnosis")]
    Show {
        /// The project
        project: Name,
    },
    /// Creates a project. You become its manager
    #[command(before_help = "Examples:
  countersign project create diagnosis --name \"Tumour diagnosis\"")]
    Create {
        /// The project
        project: Name,
        /// The name to show
        #[arg(long, value_name = "DISPLAY NAME")]
        name: Option<DisplayName>,
    },
    /// Changes a project's rules; what is not named stays as it is. The record keeps the reason
    #[command(before_help = "Examples:
  countersign project set diagnosis --approval-valid-for 365d --reason \"Once a year.\"
  countersign project set diagnosis --feedback-due-after 5 --approval-due-after 2 --reason \"Answers within a week.\"
  countersign project set diagnosis --approval-valid-for 365d --renew-before 30d --reason \"Renewed each year.\"
  countersign project set diagnosis --delegation-allowed false --reason \"Audit finding 12.\"
  countersign project set diagnosis --metric turnaround_hours=lower --reason \"Hours until the report.\"
  countersign project set diagnosis --author-may-approve true --dry-run")]
    Set {
        /// The project
        project: Name,
        /// Whether authors of a version may approve it
        #[arg(long, value_name = "true|false")]
        author_may_approve: Option<bool>,
        /// Whether the person who requested the review may approve
        #[arg(long, value_name = "true|false")]
        requester_may_approve: Option<bool>,
        /// Whether reviewers may delegate
        #[arg(long, value_name = "true|false")]
        delegation_allowed: Option<bool>,
        /// How long an approval holds at the most, like 365d, or `unlimited`
        #[arg(long, value_name = "DURATION")]
        approval_valid_for: Option<Validity>,
        /// Within how many work days feedback is expected, or `none`
        #[arg(long, value_name = "DAYS")]
        feedback_due_after: Option<WorkDaysOrNone>,
        /// Within how many work days the final approval is expected once it was asked for, or `none`
        #[arg(long, value_name = "DAYS")]
        approval_due_after: Option<WorkDaysOrNone>,
        /// How long before its end the clock opens the renewal of an approval, like 30d, or `never`
        #[arg(long, value_name = "DURATION")]
        renew_before: Option<DurationOrNever>,
        /// Whether a renewal that the clock opens keeps the reviewers of the round before
        #[arg(long, value_name = "true|false")]
        renewal_keeps_reviewers: Option<bool>,
        /// Which values of a metric are good: `higher`, `lower`, `unknown` (no change is judged), or `by-name`; several are allowed
        #[arg(long = "metric", value_name = "NAME=DIRECTION", value_parser = metric)]
        metrics: Vec<(String, Option<Direction>)>,
        /// Why; goes into the record
        #[arg(long, required_unless_present = "dry_run")]
        reason: Option<String>,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
    /// Manages a project's members
    #[command(subcommand)]
    Member(ProjectMemberCommand),
}

/// Manages a project's members
#[derive(Debug, clap::Subcommand)]
pub enum ProjectMemberCommand {
    /// Gives a user or group a role in a project
    #[command(before_help = "Examples:
  countersign project member add diagnosis scientist --role contributor
  countersign project member add diagnosis group:risk --role reader")]
    Add {
        /// The project
        project: Name,
        /// The user, or group:NAME
        member: Member,
        /// The role
        #[arg(long, value_parser = PossibleValuesParser::new(ProjectRole::ALL.iter().map(|role| role.as_str())))]
        role: String,
    },
    /// Takes a user or group out of a project
    #[command(before_help = "Examples:
  countersign project member remove diagnosis scientist")]
    Remove {
        /// The project
        project: Name,
        /// The user, or group:NAME
        member: Member,
    },
}

/// How long an approval holds at the most.
#[derive(Clone, Copy, Debug)]
pub struct Validity(Option<Duration>);

impl std::str::FromStr for Validity {
    type Err = domain::time::TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "unlimited" { Ok(Self(None)) } else { text.parse().map(|duration| Self(Some(duration))) }
    }
}

/// A length of time, or never.
#[derive(Clone, Copy, Debug)]
pub struct DurationOrNever(Option<Duration>);

impl std::str::FromStr for DurationOrNever {
    type Err = domain::time::TimeError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "never" { Ok(Self(None)) } else { text.parse().map(|duration| Self(Some(duration))) }
    }
}

/// A number of work days, or none.
#[derive(Clone, Copy, Debug)]
pub struct WorkDaysOrNone(Option<WorkDays>);

impl std::str::FromStr for WorkDaysOrNone {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if text == "none" { Ok(Self(None)) } else { text.parse().map(|days| Self(Some(days))) }
    }
}

fn metric(text: &str) -> Result<(String, Option<Direction>), String> {
    let wrong = || format!("`{text}` is no direction of a metric: write NAME=higher, NAME=lower, NAME=unknown or NAME=by-name");
    let (name, direction) = text.rsplit_once('=').ok_or_else(wrong)?;
    match direction {
        "by-name" => Ok((name.to_owned(), None)),
        word => Ok((name.to_owned(), Some(word.parse().map_err(|_| wrong())?))),
    }
}

/// The metrics as they are, with these changes; none without changes.
fn with_metrics(before: &Value, changes: Vec<(String, Option<Direction>)>) -> Option<BTreeMap<String, Direction>> {
    if changes.is_empty() {
        return None;
    }
    let mut metrics: BTreeMap<String, Direction> = serde_json::from_value(before.clone()).unwrap_or_default();
    for (name, direction) in changes {
        match direction {
            Some(direction) => drop(metrics.insert(name, direction)),
            None => drop(metrics.remove(&name)),
        }
    }
    Some(metrics)
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: ProjectCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        ProjectCommand::List { paging } => session.list(&paging, "after", table, || client.get(&paths::projects())).await?,
        ProjectCommand::Show { project } => session.show(&client.get(&paths::project(&project)).send().await?, card)?,
        ProjectCommand::Create { project, name } => {
            let request = CreateProjectRequest { name: project, display_name: name };
            session.show(&client.post(&paths::projects(), &request).send().await?, card)?;
        }
        ProjectCommand::Set {
            project,
            author_may_approve,
            requester_may_approve,
            delegation_allowed,
            approval_valid_for,
            feedback_due_after,
            approval_due_after,
            renew_before,
            renewal_keeps_reviewers,
            metrics,
            reason,
            dry_run,
        } => {
            let approval_valid_for = approval_valid_for.map(|validity| validity.0);
            let rules = ChangeProjectRequest {
                author_may_approve,
                requester_may_approve,
                delegation_allowed,
                approval_valid_for,
                feedback_due_after: feedback_due_after.map(|days| days.0),
                approval_due_after: approval_due_after.map(|days| days.0),
                renew_before: renew_before.map(|before| before.0),
                renewal_keeps_reviewers,
                metrics: None,
                reason: None,
            };
            if metrics.is_empty() && rules == ChangeProjectRequest::default() {
                return Err(Failure::usage("nothing to change").hint("Name a rule: see countersign project set --help."));
            }
            let path = paths::project(&project);
            let before = client.get(&path).send().await?;
            let rules = ChangeProjectRequest { metrics: with_metrics(&before.value["rules"]["metrics"], metrics), ..rules };
            if dry_run {
                super::edit::preview(session, &before.value["rules"], &json!(rules))?;
            } else {
                let request = ChangeProjectRequest { reason, ..rules };
                let change = client.call(reqwest::Method::PATCH, &path).json(&request).if_match(before.etag.as_deref());
                session.show(&change.send().await?, card)?;
            }
        }
        ProjectCommand::Member(ProjectMemberCommand::Add { project, member, role }) => {
            let request = SetProjectMemberRequest { role: role.parse().map_err(Failure::usage)? };
            let path = paths::project_member(&project, &member);
            session.done(&client.put(&path, &request).send().await?, changed_members)?;
        }
        ProjectCommand::Member(ProjectMemberCommand::Remove { project, member }) => {
            let path = paths::project_member(&project, &member);
            session.done(&client.delete(&path).send().await?, changed_members)?;
        }
    }
    Ok(Exit::Done)
}
