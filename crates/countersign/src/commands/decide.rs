//! Approve, reject, abandon and revoke. Each command sends the tag of the state that the person saw, so that nobody decides on a
//! state that has changed.

use super::{review::Condition, sign_off::SignOff};
use crate::{client::Session, exit::Exit, failure::Failure, text::review::brief};
use app::views::{CommentRequest, DecisionRequest, DecisionWord};
use domain::Duration;
use serde::Serialize;

/// Gives the final approval
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign approve diagnosis/tumour:1 --comment \"Meets the acceptance criteria.\"
  countersign approve diagnosis/tumour:1 --comment \"For the pilot.\" --valid-for 180d
  countersign approve diagnosis/tumour:1 --if-match r1.4      (only as `review show` showed it)")]
pub struct ApproveArgs {
    #[command(flatten)]
    sign_off: SignOff,
    /// Why; required over an open major issue
    #[arg(long)]
    comment: Option<String>,
    /// How long the approval holds [default: as long as the project allows]
    #[arg(long, value_name = "180d")]
    valid_for: Option<Duration>,
    #[command(flatten)]
    condition: Condition,
}

/// Rejects the version, and locks it until a reset
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign reject diagnosis/tumour:1 --comment \"The training data is not documented.\"")]
pub struct RejectArgs {
    #[command(flatten)]
    with: WithComment,
}

/// Stops a review without a decision, and locks the version until a reset
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign abandon diagnosis/tumour:1 --comment \"Superseded by version 2.\"")]
pub struct AbandonArgs {
    #[command(flatten)]
    with: WithComment,
}

/// Revokes an approval
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign revoke diagnosis/tumour:1 --comment \"A fault in the labels was found.\"")]
pub struct RevokeArgs {
    #[command(flatten)]
    with: WithComment,
}

/// A version and why.
#[derive(Debug, clap::Args)]
struct WithComment {
    #[command(flatten)]
    sign_off: SignOff,
    /// Why
    #[arg(long)]
    comment: String,
    #[command(flatten)]
    condition: Condition,
}

/// Approves.
///
/// # Errors
/// What the server says.
pub async fn approve(args: ApproveArgs, session: &Session) -> Result<Exit, Failure> {
    let request = DecisionRequest { decision: DecisionWord::Approve, comment: args.comment, valid_for: args.valid_for };
    decide(session, &args.sign_off, "decision", &request, &args.condition).await
}

/// Rejects.
///
/// # Errors
/// What the server says.
pub async fn reject(RejectArgs { with }: RejectArgs, session: &Session) -> Result<Exit, Failure> {
    let request = DecisionRequest { decision: DecisionWord::Reject, comment: Some(with.comment), valid_for: None };
    decide(session, &with.sign_off, "decision", &request, &with.condition).await
}

/// Abandons.
///
/// # Errors
/// What the server says.
pub async fn abandon(AbandonArgs { with }: AbandonArgs, session: &Session) -> Result<Exit, Failure> {
    decide(session, &with.sign_off, "abandon", &CommentRequest { comment: Some(with.comment) }, &with.condition).await
}

/// Revokes.
///
/// # Errors
/// What the server says.
pub async fn revoke(RevokeArgs { with }: RevokeArgs, session: &Session) -> Result<Exit, Failure> {
    decide(session, &with.sign_off, "revoke", &CommentRequest { comment: Some(with.comment) }, &with.condition).await
}

async fn decide(
    session: &Session,
    sign_off: &SignOff,
    what: &str,
    request: &impl Serialize,
    condition: &Condition,
) -> Result<Exit, Failure> {
    let looked_at = match &condition.if_match {
        Some(tag) => Some(tag.clone()),
        None => sign_off.get(session, &[]).send().await?.etag,
    };
    let call = sign_off.post(session, what, request);
    session.done(&call.if_match(looked_at.as_deref()).send().await?, brief)?;
    Ok(Exit::Done)
}
