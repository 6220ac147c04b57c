//! The inbox: what waits for the person who asks, by task.

use crate::{
    client::{Session, paths},
    exit::Exit,
    failure::Failure,
    text,
};

/// Shows what waits for you, and what you wait for
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign inbox
  countersign inbox --profile approver --output json")]
pub struct InboxArgs {}

/// Shows the inbox.
///
/// # Errors
/// What the server says.
pub async fn run(_: InboxArgs, session: &Session) -> Result<Exit, Failure> {
    session.show(&session.client.get(&paths::inbox()).send().await?, text::inbox::card)?;
    Ok(Exit::Done)
}
