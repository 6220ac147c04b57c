//! Tries whether messages arrive.

use super::{list::view, recipients::can_be_reached};
use crate::{Error, OpContext, base::error::Code, views};
use domain::{
    Duration, NextStep,
    access::{Action, Scope},
    notice::Topic,
};
use store::Message;

/// Who asks again so soon pressed the button twice.
const TWICE: Duration = Duration::from_seconds(5);

/// Sends a message to the caller, by the way that all messages go. A second request within five seconds sends
/// nothing more while the message still waits.
///
/// # Errors
/// Not an administrator; no mail server is set up; the caller's account has no mail address.
pub async fn test(op: &OpContext) -> Result<views::Message, Error> {
    op.needs(Scope::Administer)?;
    op.allow(Action::KeepUsers)?;
    if !op.sends_mail().await? {
        let message = "no mail server is set up";
        return Err(Error::new(Code::MailNotSetUp, message).next(NextStep::SetUpMail));
    }
    let (ref op, mut tx) = op.write_outside().await?;
    let user = op.user()?;
    if !can_be_reached(user) {
        return Err(Error::new(Code::NoMailAddress, "your account has no mail address").next(NextStep::GiveMailAddress));
    }
    let before = tx.message_since(user.id, Topic::Test, op.now.minus(TWICE)).await?;
    if let Some(message) = before.filter(|message| message.sent_at.is_none() && message.failed_at.is_none()) {
        return Ok(view(user, message));
    }
    let message = Message::waiting(op.id(), None, user.id, Topic::Test, op.now);
    tx.add_message(&message).await?;
    tx.commit().await?;
    Ok(view(user, message))
}
