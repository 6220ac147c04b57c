//! Reviews: requests them, delegates tasks, goes back to feedback, opens the next round, and shows the status.

use crate::{
    args::until,
    client::{Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::{
        record,
        review::{brief, card},
    },
};
use app::views::{DelegateRequest, NotifyText, RequestReviewRequest, ResetRequest};
use domain::{Name, SlotName, VersionRef};
use serde::Serialize;
use serde_json::json;

/// The state that the caller saw: the command is carried out only in this state.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Condition {
    /// Act only if the review still has this tag, which `review show` prints
    #[arg(long, value_name = "TAG")]
    pub if_match: Option<String>,
}

/// Requests and shows reviews
#[derive(Debug, clap::Subcommand)]
pub enum ReviewCommand {
    /// Requests a review
    #[command(before_help = "Examples:
  countersign review request diagnosis/tumour:1
  countersign review request diagnosis/tumour:1 --notify riskofficer,approver
  countersign review request diagnosis/tumour:1 --skip-feedback --notify none")]
    Request {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// Skip feedback, and request the final approval
        #[arg(long)]
        skip_feedback: bool,
        /// Whom to notify: all, none, or names separated by commas
        #[arg(long, value_name = "all|none|NAME,…", default_value = "all")]
        notify: NotifyText,
        #[command(flatten)]
        condition: Condition,
    },
    /// Requests the final approval now
    #[command(before_help = "Examples:
  countersign review final diagnosis/tumour:1")]
    Final {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        condition: Condition,
    },
    /// Sends the review back from the final approval to feedback
    #[command(before_help = "Examples:
  countersign review back diagnosis/tumour:1")]
    Back {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        condition: Condition,
    },
    /// Delegates your task to another user; you keep the task too
    #[command(before_help = "Examples:
  countersign review delegate diagnosis/tumour:1 --slot \"Risk & Compliance\" --to deputy --until 30d
  countersign review delegate diagnosis/tumour:1 --to deputy      (the final approval)")]
    Delegate {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// The slot [default: the final approval]
        #[arg(long)]
        slot: Option<SlotName>,
        /// To whom
        #[arg(long, value_name = "NAME")]
        to: Name,
        /// The end of the delegation: how long, or a time
        #[arg(long, value_name = "30d|TIME", value_parser = until)]
        until: Option<String>,
        #[command(flatten)]
        condition: Condition,
    },
    /// Opens the next round
    #[command(before_help = "Examples:
  countersign review reset diagnosis/tumour:1
  countersign review reset diagnosis/tumour:1 --reload-reviewers")]
    Reset {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// Copy the project's present reviewers, instead of keeping this round's
        #[arg(long)]
        reload_reviewers: bool,
        #[command(flatten)]
        condition: Condition,
    },
    /// Cancels an abandon: the review goes on where it was
    #[command(before_help = "Examples:
  countersign review cancel-abandon diagnosis/tumour:1")]
    CancelAbandon {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        condition: Condition,
    },
    /// Shows a review: every slot, the decision, whose turn it is, what you may do
    #[command(before_help = "Examples:
  countersign review show diagnosis/tumour:1
  countersign review show diagnosis/tumour:1 --round 1")]
    Show {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        /// An earlier round
        #[arg(long, value_name = "N")]
        round: Option<u32>,
    },
    /// Lists the history of a version
    #[command(before_help = "Examples:
  countersign review history diagnosis/tumour:1")]
    History {
        /// The version, as PROJECT/MODEL:VERSION
        version: VersionRef,
        #[command(flatten)]
        paging: Paging,
    },
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: ReviewCommand, session: &Session) -> Result<Exit, Failure> {
    match command {
        ReviewCommand::Request { version, skip_feedback, notify, condition } => {
            ask(session, &version, "request", &RequestReviewRequest { skip_feedback, notify }, &condition).await?;
        }
        ReviewCommand::Final { version, condition } => ask(session, &version, "final", &json!({}), &condition).await?,
        ReviewCommand::Back { version, condition } => ask(session, &version, "back", &json!({}), &condition).await?,
        ReviewCommand::Delegate { version, slot, to, until, condition } => {
            ask(session, &version, "delegate", &DelegateRequest { slot, to, until }, &condition).await?
        }
        ReviewCommand::Reset { version, reload_reviewers, condition } => {
            ask(session, &version, "reset", &ResetRequest { reload_reviewers }, &condition).await?
        }
        ReviewCommand::CancelAbandon { version, condition } => {
            ask(session, &version, "cancel-abandon", &json!({}), &condition).await?
        }
        ReviewCommand::Show { version, round } => {
            session.show(&session.client.get(&paths::review(&version, &[])).query("round", round).send().await?, card)?;
        }
        ReviewCommand::History { version, paging } => {
            let call = || session.client.get(&paths::review(&version, &["history"]));
            session.list(&paging, "from", |events| record::events(events, "Nothing happened yet."), call).await?;
        }
    }
    Ok(Exit::Done)
}

async fn ask(
    session: &Session,
    version: &VersionRef,
    what: &str,
    request: &impl Serialize,
    condition: &Condition,
) -> Result<(), Failure> {
    let call = session.client.post(&paths::review(version, &[what]), request);
    session.done(&call.if_match(condition.if_match.as_deref()).send().await?, brief)
}
