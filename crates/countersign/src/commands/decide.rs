//! Approve, reject, abandon and revoke. Each command sends the tag of the state in which this profile last looked at the review, so that
//! nobody decides on something that they have not seen.

use super::{password::PasswordArgs, review::Condition, sign_off::SignOff};
use crate::{
    client::{Answer, Session},
    exit::Exit,
    failure::Failure,
    text::review::{brief, decided},
};
use app::views::{CommentRequest, DecisionRequest, DecisionWord, Password, RevokeRequest};
use domain::Duration;
use serde::Serialize;

/// Gives the final approval
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign review show diagnosis/tumour:1      (a decision is on what you looked at)
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
    #[command(flatten)]
    password: PasswordArgs,
}

/// Rejects the version, and locks it until a reset
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign reject diagnosis/tumour:1 --comment \"The training data is not documented.\"")]
pub struct RejectArgs {
    #[command(flatten)]
    with: WithComment,
    #[command(flatten)]
    password: PasswordArgs,
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
  countersign revoke diagnosis/tumour:1 --comment \"A fault in the labels was found.\"
  countersign revoke diagnosis/tumour:1 --comment \"A fault in the labels was found.\" --dry-run      (which services stop?)")]
pub struct RevokeArgs {
    #[command(flatten)]
    with: WithComment,
    /// Show what would happen and which services would go out of policy, and change nothing
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    password: PasswordArgs,
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
    let ApproveArgs { sign_off, comment, valid_for, condition, password } = args;
    let request = |password| DecisionRequest { decision: DecisionWord::Approve, comment: comment.clone(), valid_for, password };
    let call = Decision { session, sign_off: &sign_off, what: "decision", condition: &condition };
    call.with_password(password, request).await
}

/// Rejects.
///
/// # Errors
/// What the server says.
pub async fn reject(RejectArgs { with, password }: RejectArgs, session: &Session) -> Result<Exit, Failure> {
    let request = |password| DecisionRequest {
        decision: DecisionWord::Reject,
        comment: Some(with.comment.clone()),
        valid_for: None,
        password,
    };
    let call = Decision { session, sign_off: &with.sign_off, what: "decision", condition: &with.condition };
    call.with_password(password, request).await
}

/// Abandons.
///
/// # Errors
/// What the server says.
pub async fn abandon(AbandonArgs { with }: AbandonArgs, session: &Session) -> Result<Exit, Failure> {
    let call = Decision { session, sign_off: &with.sign_off, what: "abandon", condition: &with.condition };
    let tag = call.tag()?;
    call.show(&call.send(&CommentRequest { comment: Some(with.comment.clone()) }, &tag).await?)
}

/// Revokes.
///
/// # Errors
/// What the server says.
pub async fn revoke(RevokeArgs { with, dry_run, password }: RevokeArgs, session: &Session) -> Result<Exit, Failure> {
    let request = |password| RevokeRequest { comment: Some(with.comment.clone()), dry_run, password };
    let call = Decision { session, sign_off: &with.sign_off, what: "revoke", condition: &with.condition };
    if dry_run {
        session.done(&call.send(&request(None), &call.tag()?).await?, brief)?;
        session.out.note("A dry run: nothing was changed.");
        return Ok(Exit::Done);
    }
    call.with_password(password, request).await
}

/// A decision on its way to the server.
struct Decision<'a> {
    session: &'a Session,
    sign_off: &'a SignOff,
    what: &'a str,
    condition: &'a Condition,
}

impl Decision<'_> {
    /// Sends the request; with the password if the caller gives it, or if the server asks for it and somebody is there to type it.
    async fn with_password<T: Serialize>(
        self,
        args: PasswordArgs,
        request: impl Fn(Option<Password>) -> T,
    ) -> Result<Exit, Failure> {
        let tag = self.tag()?;
        let answer = args.send(self.session, async |password| self.send(&request(password), &tag).await).await?;
        self.show(&answer)
    }

    /// The tag of the state that the person has looked at.
    fn tag(&self) -> Result<String, Failure> {
        let name = self.sign_off.name();
        self.condition.if_match.clone().or_else(|| self.session.seen(&name)).ok_or_else(|| {
            let of = name.step.as_ref().map(|step| format!(", step {step}")).unwrap_or_default();
            let message = format!("you have not looked at this review yet: {}{of}", name.version);
            let step = name.step.as_ref().map(|step| format!(" --step {step}")).unwrap_or_default();
            Failure::new(Exit::Conflict, message).hint(format!(
                "Look at it: countersign review show {}{step}. Or name the state that you have seen: --if-match TAG.",
                name.version
            ))
        })
    }

    async fn send(&self, request: &impl Serialize, tag: &str) -> Result<Answer, Failure> {
        self.sign_off.post(self.session, self.what, request).if_match(Some(tag)).send().await
    }

    fn show(&self, answer: &Answer) -> Result<Exit, Failure> {
        self.session.changed(&self.sign_off.name(), answer);
        self.session.done(answer, decided)?;
        Ok(Exit::Done)
    }
}
