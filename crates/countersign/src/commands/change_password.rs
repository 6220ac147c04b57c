//! Replaces one's own password.

use super::password;
use crate::{
    client::{Session, paths},
    exit::Exit,
    failure::Failure,
};
use app::views::{ChangePasswordRequest, Password};

/// Changes your own password; your other sessions end, with the tokens that were made in them
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign password
  countersign password < passwords.txt     (two lines: the present password, then the new one)")]
pub struct ChangePasswordArgs {}

/// Replaces the password. The profile stays signed in.
///
/// # Errors
/// A wrong password; a new password that is too short; a profile with a token that no password made.
pub async fn run(_: ChangePasswordArgs, session: &Session) -> Result<Exit, Failure> {
    let present = password::read(false)?;
    let request = ChangePasswordRequest { password: Password(present), new_password: Password(password::read(true)?) };
    session.client.post(&paths::own_password(), &request).send().await?;
    session.out.note("Your password is changed. Your other sessions have ended.");
    Ok(Exit::Done)
}
