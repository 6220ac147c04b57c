//! What a message says, as of the moment of sending: so that nobody is asked for what was given meanwhile. The words are the deliverer's.

use super::{recipients::can_be_reached, wanted};
use crate::{
    Caller, Error, OpContext, Server,
    base::{find, version_people},
    views::{RoundOfEvent, typed_text},
};
use domain::{
    DisplayName, MessageId, Name, SlotName, StepName, Timestamp, VersionRef,
    event::{Actor, Event},
    notice::Topic,
    signoff::{Status, Verdict},
    turn::{self, Expected},
};
use std::sync::Arc;
use store::About;

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
        to: user.display_name,
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
    if let Some(infrastructure) = event.about.infrastructure {
        letter.infrastructure = reader.infrastructure(infrastructure).await?.map(|found| found.name);
        letter.link = letter.infrastructure.as_ref().map_or(letter.link, |name| links.infrastructure_page(name));
    }
    if let Some(version) = event.about.version {
        let told = RoundOfEvent::of(&event.event);
        let mut found = find::known_version(&mut reader, version).await?;
        if let Some(step) = told.step.as_ref().filter(|step| found.sign_off_on(step).is_some()) {
            found = found.with_sign_off_on(step).ok_or_else(|| Error::internal("a sign-off that was there is gone"))?;
        }
        let people = version_people::load(&op, &mut reader, &found, &[]).await?;
        let turns = turn::turns(found.signoff(), &people.facts(&op, &found));
        let turn = turns.into_iter().find(|turn| turn.people.contains(&message.user_id));
        letter.link = links.sign_off_page(&found.name, &found.signoff().step);
        letter.expected = turn.map(|turn| {
            let slot = match turn.task {
                Some(domain::reviewers::Task::Feedback(slot)) => Some(slot),
                _ => None,
            };
            (turn.expected, slot, turn.why)
        });
        if letter.expected.is_some() {
            letter.link.push_str("#decide");
        }
        letter.status = Some(found.signoff().status());
        letter.sign_off = Some((found.signoff().step.clone(), told.round.unwrap_or(found.signoff().round)));
        letter.version = Some(found.name);
    }
    Ok(Ok(letter))
}
