//! Feedback: a reviewer's verdict in a slot.

use super::{review::Condition, sign_off::SignOff};
use crate::{client::Session, exit::Exit, failure::Failure, text::review::brief};
use app::views::{GiveFeedbackRequest, Review};
use domain::{SlotName, signoff::Verdict};

/// Gives and withdraws feedback
#[derive(Debug, clap::Subcommand)]
pub enum FeedbackCommand {
    /// Gives your feedback in a slot, or changes it
    #[command(before_help = "Examples:
  countersign feedback give diagnosis/tumour:1 --verdict approve
  countersign feedback give diagnosis/tumour:1 --slot \"Risk & Compliance\" --verdict approve
  countersign feedback give diagnosis/tumour:1 --slot Business --verdict major-issue --comment \"No fallback is described.\"")]
    Give {
        #[command(flatten)]
        sign_off: SignOff,
        /// The slot; may be left out where only one is open to you
        #[arg(long)]
        slot: Option<SlotName>,
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
        /// The slot; may be left out where only one is open to you
        #[arg(long)]
        slot: Option<SlotName>,
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
            let slot = only_slot(session, &sign_off, slot, "give_feedback").await?;
            let request = GiveFeedbackRequest { slot, verdict, comment };
            sign_off.put(session, "feedback", &request).if_match(condition.if_match.as_deref()).send().await?
        }
        FeedbackCommand::Withdraw { sign_off, slot, condition } => {
            let slot = only_slot(session, &sign_off, slot, "withdraw_feedback").await?;
            let call = sign_off.delete(session, "feedback").query("slot", Some(slot));
            call.if_match(condition.if_match.as_deref()).send().await?
        }
    };
    session.changed(&name, &answer);
    session.done(&answer, brief)?;
    Ok(Exit::Done)
}

/// The slot that was named, or else the only one in which the caller may give this command.
async fn only_slot(session: &Session, sign_off: &SignOff, named: Option<SlotName>, command: &str) -> Result<SlotName, Failure> {
    if let Some(named) = named {
        return Ok(named);
    }
    let review: Review = sign_off.get(session, &[]).send().await?.read()?;
    let open = review.may.into_iter().filter(|possible| possible.command == command && possible.allowed);
    let slots: Vec<_> = open.filter_map(|possible| possible.slot).collect();
    match slots.as_slice() {
        [only] => only.parse().map_err(|error| Failure::failed(format!("the server names a slot that is none: {error}"))),
        [] => Err(Failure::usage("there is no slot in which you can do this now")
            .hint("Look at the review: countersign review show. Or name the slot with --slot, to hear why not.")),
        several => {
            let several: Vec<_> = several.iter().map(|slot| format!("`{slot}`")).collect();
            Err(Failure::usage(format!("several slots are open to you: {}", several.join(", "))).hint("Name one with --slot."))
        }
    }
}
