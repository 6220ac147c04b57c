//! Feedback: a reviewer's verdict in a slot.

use super::{review::Condition, sign_off::SignOff};
use crate::{client::Session, exit::Exit, failure::Failure, text::review::brief};
use app::views::GiveFeedbackRequest;
use domain::{SlotName, signoff::Verdict};

/// Gives and withdraws feedback
#[derive(Debug, clap::Subcommand)]
pub enum FeedbackCommand {
    /// Gives your feedback in a slot, or changes it
    #[command(before_help = "Examples:
  countersign feedback give diagnosis/tumour:1 --slot \"Risk & Compliance\" --verdict approve
  countersign feedback give diagnosis/tumour:1 --slot Business --verdict major-issue --comment \"No fallback is described.\"")]
    Give {
        #[command(flatten)]
        sign_off: SignOff,
        /// The slot
        #[arg(long)]
        slot: SlotName,
        /// Your verdict
        #[arg(long, value_parser = verdicts())]
        verdict: String,
        /// Why; required for issues
        #[arg(long)]
        comment: Option<String>,
        #[command(flatten)]
        condition: Condition,
    },
    /// Withdraws your feedback in a slot
    #[command(before_help = "Examples:
  countersign feedback withdraw diagnosis/tumour:1 --slot \"Risk & Compliance\"")]
    Withdraw {
        #[command(flatten)]
        sign_off: SignOff,
        /// The slot
        #[arg(long)]
        slot: SlotName,
        #[command(flatten)]
        condition: Condition,
    },
}

/// The API's words, with hyphens as people type them.
fn verdicts() -> clap::builder::PossibleValuesParser {
    clap::builder::PossibleValuesParser::new(Verdict::ALL.iter().map(|verdict| verdict.as_str().replace('_', "-")))
}

/// Carries it out.
///
/// # Errors
/// What the server says.
pub async fn run(command: FeedbackCommand, session: &Session) -> Result<Exit, Failure> {
    let (FeedbackCommand::Give { sign_off, .. } | FeedbackCommand::Withdraw { sign_off, .. }) = &command;
    let name = sign_off.name();
    let answer = match command {
        FeedbackCommand::Give { sign_off, slot, verdict, comment, condition } => {
            let verdict = verdict.replace('-', "_").parse().map_err(Failure::usage)?;
            let request = GiveFeedbackRequest { slot, verdict, comment };
            sign_off.put(session, "feedback", &request).if_match(condition.if_match.as_deref()).send().await?
        }
        FeedbackCommand::Withdraw { sign_off, slot, condition } => {
            let call = sign_off.delete(session, "feedback").query("slot", Some(slot));
            call.if_match(condition.if_match.as_deref()).send().await?
        }
    };
    session.changed(&name, &answer);
    session.done(&answer, brief)?;
    Ok(Exit::Done)
}
