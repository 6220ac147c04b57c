//! What a message says, as of the moment of sending: so that nobody is asked for what was given meanwhile. The words are the deliverer's.

use super::{
    recipients::{self, can_be_reached},
    wanted,
};
use crate::{
    Caller, Error, OpContext, Server,
    base::version_people,
    views::{RoundOfEvent, typed_text},
};
use domain::{
    DisplayName, MessageId, Name, SlotName, StepName, Timestamp, VersionId, VersionRef,
    event::{Actor, Event},
    notice::Topic,
    reviewers::Task,
    signoff::{Status, Verdict},
    turn::{self, Expected},
};
use std::sync::Arc;
use store::{About, Reader, User};

/// What a message says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Letter {
    /// The message.
    pub id: MessageId,
    /// What it is about.
    pub topic: Topic,
    /// The recipient's display name.
    pub to: DisplayName,
    /// The recipient's mail address.
    pub address: String,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// The version that it is about.
    pub version: Option<VersionRef>,
    /// The sign-off: what makes a thread of messages.
    pub sign_off: Option<(StepName, u32)>,
    /// The status of the sign-off now.
    pub status: Option<Status>,
    /// The infrastructure that it is about.
    pub infrastructure: Option<Name>,
    /// The slot and the verdict of feedback.
    pub feedback: Option<(SlotName, Verdict)>,
    /// What the person wrote.
    pub comment: String,
    /// What is expected of the recipient now, with the slot and why.
    pub expected: Option<(Expected, Option<SlotName>, String)>,
    /// The page to go to.
    pub link: String,
    /// The page on which the recipient unsubscribes, without signing in.
    pub unsubscribe: String,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A person, by the display name of then.
    Person(String),
    /// The clock.
    Clock,
    /// Somebody at the server's console.
    Console,
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
    let links = &op.settings.links;
    let mut letter = Letter {
        id,
        topic: message.topic,
        to: user.display_name.clone(),
        address,
        at: message.created_at,
        by: By::Console,
        version: None,
        sign_off: None,
        status: None,
        infrastructure: None,
        feedback: None,
        comment: String::new(),
        expected: None,
        link: links.server().to_owned(),
        unsubscribe: links.unsubscribe_page(&wanted::code(&op, message.user_id)),
    };
    let Some(position) = message.position else { return Ok(Ok(letter)) };
    let event = reader.events(About::default(), position, Timestamp::from_micros(i64::MIN), 1).await?.pop();
    let Some(event) = event.filter(|event| event.position == position) else {
        return Ok(Err("the event is not there".to_owned()));
    };
    letter.at = event.at;
    letter.by = match &event.actor {
        Actor::User { name, display_name, .. } => {
            By::Person(display_name.as_ref().map_or_else(|| name.to_string(), ToString::to_string))
        }
        Actor::Clock => By::Clock,
        Actor::Console => By::Console,
    };
    letter.comment = typed_text(&serde_json::to_value(&event.event).unwrap_or_default()["data"]).to_owned();
    if let Event::FeedbackGiven { slot, verdict, .. } = &event.event {
        letter.feedback = Some((slot.clone(), *verdict));
    }
    let mut keeps = false;
    if let Some(infrastructure) = event.about.infrastructure {
        letter.infrastructure = reader.infrastructure(infrastructure).await?.map(|found| found.name);
        keeps = recipients::keeps(&mut reader, &user, infrastructure).await?;
    }
    let sees = match event.about.version {
        Some(version) => about_version(&op, &mut reader, &user, &event.event, version, &mut letter).await?,
        None => false,
    };
    if !keeps && !sees {
        return Ok(Err("the account may no longer see what the message tells of".to_owned()));
    }
    // A person who keeps the infrastructure may not see the version's page.
    if let (true, None, Some(name)) = (keeps, &letter.expected, &letter.infrastructure) {
        letter.link = links.infrastructure_page(name);
    }
    Ok(Ok(letter))
}

/// Writes what the letter says of a version; gives whether the recipient may see the version now.
async fn about_version(
    op: &OpContext,
    reader: &mut Reader,
    user: &User,
    event: &Event,
    version: VersionId,
    letter: &mut Letter,
) -> Result<bool, Error> {
    let told = RoundOfEvent::of(event);
    let found = recipients::version_of(reader, version, &told).await?;
    let people = version_people::load(op, reader, &found, &[user.id]).await?;
    let turns = turn::turns(found.signoff(), &people.facts(op, &found));
    let turn = turns.into_iter().find(|turn| turn.people.contains(&user.id));
    letter.link = op.settings.links.sign_off_page(&found.name, &found.signoff().step);
    letter.expected = turn.map(|turn| {
        let slot = match turn.task {
            Some(Task::Feedback(slot)) => Some(slot),
            _ => None,
        };
        (turn.expected, slot, turn.why)
    });
    if letter.expected.is_some() {
        letter.link.push_str("#decide");
    }
    letter.status = Some(found.signoff().status());
    letter.sign_off = Some((found.signoff().step.clone(), told.round.unwrap_or(found.signoff().round)));
    let sees = recipients::may_see(op, &found, &people.directory, user);
    letter.version = Some(found.name);
    Ok(sees)
}
