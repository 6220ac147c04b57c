//! A project's reviewers: the feedback slots and the final approvers.

use crate::{
    args::{Member, SlotSpec, slots},
    client::Session,
    exit::Exit,
    failure::Failure,
    text::{Table, at, cell, items, plain},
};
use app::views::SetReviewersRequest;
use domain::Name;
use serde_json::{Value, json};

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
        ReviewersCommand::Show { project } => {
            show(session, &client.get(&["projects", project.as_str(), "reviewers"]).send().await?.value)?
        }
        ReviewersCommand::Set { project, slots: specs, approvers, dry_run } => {
            let request =
                SetReviewersRequest { slots: slots(&specs), approvers: approvers.iter().map(Member::to_string).collect() };
            let path = ["projects", project.as_str(), "reviewers"];
            let before = client.get(&path).send().await?;
            if dry_run {
                super::edit::preview(session, &before.value, &json!(request))?;
            } else {
                show(session, &client.put(&path, &request).if_match(before.etag.as_deref()).send().await?.value)?;
            }
        }
    }
    Ok(Exit::Done)
}

/// Shows the reviewers, and on standard error what could keep a review from being passed.
fn show(session: &Session, reviewers: &Value) -> Result<(), Failure> {
    session.show(reviewers, card)?;
    for warning in items(reviewers, "/warnings") {
        session.out.note(&format!("warning: {}", cell(warning)));
    }
    Ok(())
}

/// The slots and the final approval.
pub fn card(reviewers: &Value) -> String {
    let mut table = Table::new(&["TASK", "ASSIGNED TO"]);
    for slot in items(reviewers, "/slots") {
        table.row([plain(&at(slot, "/name")), at(slot, "/assigned")]);
    }
    table.row(["final approval".to_owned(), at(reviewers, "/approvers")]);
    table.text("")
}
