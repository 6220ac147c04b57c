//! What a message says, as of the moment of sending: so that nobody is asked for what was given meanwhile. The words are the deliverer's.

use super::{
    happening::{self, Happening, Told},
    recipients::{self, can_be_reached},
    wanted,
};
use crate::{
    Caller, Error, OpContext, Server,
    base::{governed_version::GovernedVersion, version_people},
};
use domain::{
    DisplayName, MessageId, SlotName, Timestamp,
    notice::Topic,
    reviewers::Task,
    turn::{self, Expected},
};
use std::sync::Arc;
use store::{Reader, User};

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The message.
    pub id: MessageId,
    /// What happened, and the page to go to.
    pub what: Happening,
    /// The recipient's display name.
    pub to: DisplayName,
    /// The recipient's mail address.
    pub address: String,
    /// What is expected of the recipient now.
    pub expected: Option<Asked>,
    /// The page on which the recipient unsubscribes, without signing in.
    pub unsubscribe: String,
}

/// What is expected of the recipient of a message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Asked {
    /// What.
    pub expected: Expected,
    /// In which slot.
    pub slot: Option<SlotName>,
    /// Why, as a sentence.
    pub why: String,
    /// By when.
    pub due: Option<Timestamp>,
}

/// What a message says. An error in words where nobody can be told any more.
///
/// # Errors
/// When the database does not answer.
pub async fn letter(server: &Arc<Server>, id: MessageId) -> Result<Result<Letter, String>, Error> {
    let op = OpContext::new(Arc::clone(server), Caller::Clock, "deliver");
    let mut reader = op.read().await?;
    let Some(message) = reader.message(id).await? else { return Ok(Err("the message is not there any more".to_owned())) };
    let user = reader.user(message.user_id).await?.filter(can_be_reached);
    let Some((user, address)) = user.and_then(|user| user.email.clone().map(|address| (user, address))) else {
        return Ok(Err("the account is closed, or has no mail address".to_owned()));
    };
    let mut letter = Letter {
        id,
        what: happening::test(&op, message.created_at),
        to: user.display_name.clone(),
        address,
        expected: None,
        unsubscribe: op.settings.links.unsubscribe_page(&wanted::code(&op, message.user_id)),
    };
    let Some(position) = message.position else { return Ok(Ok(letter)) };
    let Some(Told { happening, event, version }) = happening::at(&op, &mut reader, message.topic, position).await? else {
        return Ok(Err("the event is not there".to_owned()));
    };
    letter.what = happening;
    let keeps = match message.topic {
        Topic::WebhookDisabled => recipients::keeps_webhook(&mut reader, &user, &event).await?,
        _ => recipients::keeps(&mut reader, &user, &event).await?,
    };
    let sees = match &version {
        Some(version) => ask(&op, &mut reader, &user, version, &mut letter).await?,
        None => false,
    };
    if !keeps && !sees {
        return Ok(Err("the account may no longer see what the message tells of".to_owned()));
    }
    // A person who keeps the infrastructure may not see the version's page.
    let of_service = letter.what.services.first().map(|service| &service.infrastructure).filter(|_| !sees);
    if let (true, None, Some(name)) = (keeps, &letter.expected, letter.what.infrastructure.as_ref().or(of_service)) {
        letter.what.link = op.settings.links.infrastructure_page(name);
    }
    Ok(Ok(letter))
}

/// Writes what is expected of the recipient about a version; gives whether the recipient may see the version now.
async fn ask(
    op: &OpContext,
    reader: &mut Reader,
    user: &User,
    version: &GovernedVersion,
    letter: &mut Letter,
) -> Result<bool, Error> {
    let people = version_people::load(op, reader, version, &[user.id]).await?;
    let turns = turn::turns(version.signoff(), &people.facts(op, version));
    let turn = turns.into_iter().find(|turn| turn.people.contains(&user.id));
    letter.expected = turn.map(|turn| {
        let slot = match turn.task {
            Some(Task::Feedback(slot)) => Some(slot),
            _ => None,
        };
        Asked { expected: turn.expected, slot, why: turn.why, due: turn.due }
    });
    if letter.expected.is_some() {
        letter.what.link.push_str("#decide");
    }
    Ok(recipients::may_see(op, version, &people.directory, user))
}
