//! Reviews: requests them and takes requests back, reloads reviewers, delegates tasks, goes back to feedback, opens the next round, and shows the status.

use super::{password::PasswordArgs, sign_off::SignOff};
use crate::{
    args::until,
    client::{Answer, Paging, Session, paths},
    exit::Exit,
    failure::Failure,
    text::{
        record,
        review::{brief, card},
    },
};
use app::views::{CommentRequest, DelegateRequest, NotifyText, RequestReviewRequest, ResetRequest, WantedMessages};
use domain::{Name, SlotName, VersionRef, signoff::Notify};
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
        #[command(flatten)]
        sign_off: SignOff,
        /// Skip feedback, and request the final approval
        #[arg(long)]
        skip_feedback: bool,
        /// Whom to notify: all, none, or names separated by commas
        #[arg(long, value_name = "all|none|NAME,…", default_value = "all")]
        notify: NotifyText,
        #[command(flatten)]
        condition: Condition,
    },
    /// Takes your review request back, while nobody has answered
    #[command(before_help = "Examples:
  countersign review take-back diagnosis/tumour:1")]
    TakeBack {
        #[command(flatten)]
        sign_off: SignOff,
        #[command(flatten)]
        condition: Condition,
    },
    /// Takes the project's present reviewers into the open round; answers in slots that remain are kept
    #[command(before_help = "Examples:
  countersign review reload-reviewers diagnosis/tumour:1 --comment \"The approver has left.\"")]
    ReloadReviewers {
        #[command(flatten)]
        sign_off: SignOff,
        /// Why
        #[arg(long)]
        comment: String,
        #[command(flatten)]
        condition: Condition,
    },
    /// Requests a renewal: the approval goes on until the next round is decided
    #[command(before_help = "Examples:
  countersign review renew diagnosis/tumour:1
  countersign review renew diagnosis/tumour:1 --skip-feedback

An approval of the next round takes the place of the present one. A rejection ends the present one. An abandon changes nothing.")]
    Renew {
        #[command(flatten)]
        sign_off: SignOff,
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
        #[command(flatten)]
        sign_off: SignOff,
        #[command(flatten)]
        condition: Condition,
    },
    /// Sends the review back from the final approval to feedback
    #[command(before_help = "Examples:
  countersign review back diagnosis/tumour:1")]
    Back {
        #[command(flatten)]
        sign_off: SignOff,
        #[command(flatten)]
        condition: Condition,
    },
    /// Delegates your task to another user; you keep the task too
    #[command(before_help = "Examples:
  countersign review delegate diagnosis/tumour:1 --slot \"Risk & Compliance\" --to deputy --until 30d
  countersign review delegate diagnosis/tumour:1 --to deputy      (the final approval)")]
    Delegate {
        #[command(flatten)]
        sign_off: SignOff,
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
  countersign review reset diagnosis/tumour:1 --reload-reviewers
  countersign review reset diagnosis/tumour:1 --comment \"Measured wrongly.\" --dry-run      (which services stop?)")]
    Reset {
        #[command(flatten)]
        sign_off: SignOff,
        /// Copy the project's present reviewers, instead of keeping this round's
        #[arg(long)]
        reload_reviewers: bool,
        /// Why; required for an approved version, whose approval ends at once
        #[arg(long)]
        comment: Option<String>,
        /// Show what would happen and which services would go out of policy, and change nothing
        #[arg(long)]
        dry_run: bool,
        #[command(flatten)]
        condition: Condition,
        #[command(flatten)]
        password: PasswordArgs,
    },
    /// Cancels an abandon: the review goes on where it was
    #[command(before_help = "Examples:
  countersign review cancel-abandon diagnosis/tumour:1")]
    CancelAbandon {
        #[command(flatten)]
        sign_off: SignOff,
        #[command(flatten)]
        condition: Condition,
    },
    /// Shows a review: every slot, the decision, whose turn it is, what you may do
    #[command(before_help = "Examples:
  countersign review show diagnosis/tumour:1
  countersign review show diagnosis/tumour:1 --round 1")]
    Show {
        #[command(flatten)]
        sign_off: SignOff,
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
        ReviewCommand::Request { sign_off, skip_feedback, notify, condition } => {
            let request = RequestReviewRequest { skip_feedback, notify };
            ask(session, &sign_off, "request", &request, &condition).await?;
            say_who_is_told(session, &request).await;
        }
        ReviewCommand::TakeBack { sign_off, condition } => ask(session, &sign_off, "take-back", &json!({}), &condition).await?,
        ReviewCommand::ReloadReviewers { sign_off, comment, condition } => {
            ask(session, &sign_off, "reload-reviewers", &CommentRequest { comment: Some(comment) }, &condition).await?
        }
        ReviewCommand::Renew { sign_off, skip_feedback, notify, condition } => {
            let request = RequestReviewRequest { skip_feedback, notify };
            ask(session, &sign_off, "renew", &request, &condition).await?;
            say_who_is_told(session, &request).await;
        }
        ReviewCommand::Final { sign_off, condition } => ask(session, &sign_off, "final", &json!({}), &condition).await?,
        ReviewCommand::Back { sign_off, condition } => ask(session, &sign_off, "back", &json!({}), &condition).await?,
        ReviewCommand::Delegate { sign_off, slot, to, until, condition } => {
            ask(session, &sign_off, "delegate", &DelegateRequest { slot, to, until }, &condition).await?
        }
        ReviewCommand::Reset { sign_off, reload_reviewers, comment, dry_run, condition, password } => {
            let request = |password| ResetRequest { reload_reviewers, comment: comment.clone(), dry_run, password };
            let send = async |password| send(session, &sign_off, "reset", &request(password), &condition).await;
            let answer = password.send(session, send).await?;
            match dry_run {
                true => {
                    session.done(&answer, brief)?;
                    session.out.note("A dry run: nothing was changed.");
                }
                false => show(session, &sign_off, &answer)?,
            }
        }
        ReviewCommand::CancelAbandon { sign_off, condition } => {
            ask(session, &sign_off, "cancel-abandon", &json!({}), &condition).await?
        }
        ReviewCommand::Show { sign_off, round } => {
            let answer = sign_off.get(session, &[]).query("round", round).send().await?;
            session.show(&answer, card)?;
            // An earlier round is not what anybody decides on.
            if round.is_none() {
                session.looked_at(&sign_off.name(), &answer);
            }
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
    sign_off: &SignOff,
    what: &str,
    request: &impl Serialize,
    condition: &Condition,
) -> Result<(), Failure> {
    show(session, sign_off, &send(session, sign_off, what, request, condition).await?)
}

/// Says where people find the request, if nobody gets a mail. Not to know that is no failure of the command, which is done.
async fn say_who_is_told(session: &Session, request: &RequestReviewRequest) {
    if request.notify.0 == Notify::Nobody {
        return;
    }
    let answer = session.client.get(&paths::wanted_messages()).send().await;
    if let Ok(WantedMessages { mail_is_set_up: false, .. }) = answer.and_then(|answer| answer.read()) {
        session.out.note("Mail is not set up on this server: people find the request in their inboxes.");
    }
}

async fn send(
    session: &Session,
    sign_off: &SignOff,
    what: &str,
    request: &impl Serialize,
    condition: &Condition,
) -> Result<Answer, Failure> {
    sign_off.post(session, what, request).if_match(condition.if_match.as_deref()).send().await
}

fn show(session: &Session, sign_off: &SignOff, answer: &Answer) -> Result<(), Failure> {
    session.changed(&sign_off.name(), answer);
    session.done(answer, brief)
}
