//! A project's reviewers: the feedback slots and the final approvers.

use crate::{
    args::{Member, SlotSpec, slots},
    client::{Answer, Session, paths},
    exit::Exit,
    failure::Failure,
    text,
};
use app::views::{Reviewers, SetReviewersRequest};
use domain::Name;
use serde_json::json;

/// Manages a project's reviewers
#[derive(Debug, clap::Subcommand)]
pub enum ReviewersCommand {
    /// Shows a project's reviewers
    #[command(before_help = "Examples:
  countersign reviewers show diagnosis")]
    Show {
        /// The project
        project: Name,
    },
    /// Sets all reviewers of a project, for later review requests
    #[command(before_help = "Examples:
  countersign reviewers set diagnosis \\
    --slot \"IT & Operations=user:itops\" --slot \"Risk & Compliance=group:risk\" --slot \"Business=user:business\" \\
    --approver user:approver
  countersign reviewers set diagnosis --approver role:manager --dry-run")]
    Set {
        /// The project
        project: Name,
        /// A feedback slot and its reviewers; slots keep their order
        #[arg(long = "slot", value_name = "SLOT=MEMBER,…")]
        slots: Vec<SlotSpec>,
        /// Who may give the final approval: user:NAME, group:NAME or role:NAME
        #[arg(long = "approver", value_name = "MEMBER", value_delimiter = ',', required = true)]
        approvers: Vec<Member>,
        /// Show what would change, and change nothing
        #[arg(long)]
        dry_run: bool,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: ReviewersCommand, session: &Session) -> Result<Exit, Failure> {
    let client = &session.client;
    match command {
        ReviewersCommand::Show { project } => show(session, &client.get(&paths::reviewers(&project)).send().await?)?,
        ReviewersCommand::Set { project, slots: specs, approvers, dry_run } => {
            let request =
                SetReviewersRequest { slots: slots(&specs), approvers: approvers.iter().map(Member::to_string).collect() };
            let path = paths::reviewers(&project);
            let before = client.get(&path).send().await?;
            if dry_run {
                super::edit::preview(session, &before.value, &json!(request))?;
            } else {
                show(session, &client.put(&path, &request).if_match(before.etag.as_deref()).send().await?)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Shows the reviewers, and on standard error what could keep a review from being passed.
fn show(session: &Session, answer: &Answer) -> Result<(), Failure> {
    session.show(answer, text::project::reviewers)?;
    let Reviewers { warnings, .. } = answer.read()?;
    warnings.iter().for_each(|warning| session.out.note(&format!("warning: {warning}")));
    Ok(())
}
