//! The messages of the server and what became of each, for administrators and auditors.

use crate::{
    Error, OpContext, Page,
    views::{self, List},
};
use domain::{
    MessageId,
    access::{Action, Scope},
};
use std::collections::HashMap;
use store::{Message, MessageState, User};
use uuid::Uuid;

/// The messages in this state, or all, the newest first. `page.after` is the id of the last one listed.
///
/// # Errors
/// Neither an auditor nor an administrator; no id to go on after.
pub async fn list(op: &OpContext, state: Option<views::MessageState>, page: &Page) -> Result<List<views::Message>, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::ReadAudit)?;
    let before: MessageId = match page.after.as_str() {
        "" => Uuid::max().into(),
        id => id.parse().map_err(|_| Error::invalid("after", "`after` is the id of the last message that was listed"))?,
    };
    let mut reader = op.read().await?;
    let messages = reader.messages(state.map(MessageState::from), before, page.limit() + 1).await?;
    let users = reader.users_among(messages.iter().map(|message| message.user_id.uuid())).await?;
    let users: HashMap<_, _> = users.into_iter().map(|user| (user.id, user)).collect();
    let items = messages.into_iter().filter_map(|message| Some(view(users.get(&message.user_id)?, message))).collect();
    Ok(List::page(items, page.limit(), |message| message.id.to_string()))
}

impl From<views::MessageState> for MessageState {
    fn from(state: views::MessageState) -> Self {
        match state {
            views::MessageState::Waiting => Self::Waiting,
            views::MessageState::Sent => Self::Sent,
            views::MessageState::Failed => Self::Failed,
        }
    }
}

impl From<MessageState> for views::MessageState {
    fn from(state: MessageState) -> Self {
        match state {
            MessageState::Waiting => Self::Waiting,
            MessageState::Sent => Self::Sent,
            MessageState::Failed => Self::Failed,
        }
    }
}

/// A message as administrators see it.
pub(super) fn view(user: &User, message: Message) -> views::Message {
    views::Message {
        state: message.state().into(),
        id: message.id,
        to: user.name.clone(),
        topic: message.topic.as_str().to_owned(),
        position: message.position,
        created_at: message.created_at,
        due_at: (message.state() == MessageState::Waiting).then_some(message.due_at),
        attempts: message.attempts,
        sent_at: message.sent_at,
        failed_at: message.failed_at,
        error: message.error,
    }
}
