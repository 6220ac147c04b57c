//! What a message says, as of the moment of sending: so that nobody is asked for what was given meanwhile. The words are the deliverer's.

use super::{
    happening::{self, Happening, Told},
    recipients::{self, can_be_reached},
    wanted,
};
use crate::{
    Caller, Error, OpContext, Server,
    base::{
        governed_version::GovernedVersion,
        version_people::{self, VersionPeople},
    },
};
use domain::{
    DisplayName, Duration, MessageId, SlotName, Timestamp, UserId,
    notice::{Topic, Wanted},
    reviewers::Task,
    turn::{self, Expected, Turn},
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

/// How long what was read for one letter serves for the next: a delegation may end meanwhile, which is no event.
const KEPT: Duration = Duration::from_seconds(5);

/// Reads letters, one after the other. Many of them tell many people of one event, so what was read for one serves for the next, as long as
/// nothing happens.
pub struct Letters {
    server: Arc<Server>,
    known: Option<Known>,
}

/// What letters about one event rest on.
struct Known {
    topic: Topic,
    position: u64,
    /// The size of the log, and the moment, at which it was read.
    size: u64,
    at: Timestamp,
    told: Told,
    /// The people of the version, and whose turn it is.
    people: Option<(VersionPeople, Vec<Turn>)>,
}

impl Letters {
    /// Nothing is read yet.
    pub fn new(server: &Arc<Server>) -> Self {
        Self { server: Arc::clone(server), known: None }
    }

    /// What a message says. An error in words where nobody can be told any more.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(&mut self, id: MessageId) -> Result<Result<Letter, String>, Error> {
        let op = OpContext::new(Arc::clone(&self.server), Caller::Clock, "deliver");
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
        if message.in_digest && reader.wanted_messages(user.id).await? == Wanted::Nothing {
            return Ok(Err("the person wants no mails any more".to_owned()));
        }
        let size = reader.log_size().await?;
        let still = |known: &Known| {
            (known.topic, known.position, known.size) == (message.topic, position, size) && op.now < known.at.plus(KEPT)
        };
        if !self.known.as_ref().is_some_and(still) {
            self.known = None;
            self.known = Known::read(&op, &mut reader, message.topic, position, size).await?;
        }
        let Some(known) = &self.known else { return Ok(Err("the event is not there".to_owned())) };
        letter.what = known.told.happening.clone();
        let keeps = match message.topic {
            Topic::WebhookDisabled => recipients::keeps_webhook(&mut reader, &user, &known.told.event).await?,
            _ => recipients::keeps(&mut reader, &user, &known.told.event).await?,
        };
        let sees = known.ask(&op, &mut reader, &user, &mut letter).await?;
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
}

impl Known {
    async fn read(op: &OpContext, reader: &mut Reader, topic: Topic, position: u64, size: u64) -> Result<Option<Self>, Error> {
        let Some(told) = happening::at(op, reader, topic, position).await? else { return Ok(None) };
        let people = match &told.version {
            Some(version) => Some(people(op, reader, version, &[]).await?),
            None => None,
        };
        Ok(Some(Self { topic, position, size, at: op.now, told, people }))
    }

    /// Writes what is expected of the recipient about the version; gives whether the recipient may see the version now.
    async fn ask(&self, op: &OpContext, reader: &mut Reader, user: &User, letter: &mut Letter) -> Result<bool, Error> {
        let (Some(version), Some(known)) = (&self.told.version, &self.people) else { return Ok(false) };
        let own;
        let (people, turns) = match known.0.directory.person(user.id) {
            Some(_) => known,
            // Somebody who is neither a member nor a reviewer: a subscriber, or a former one.
            None => {
                own = people(op, reader, version, &[user.id]).await?;
                &own
            }
        };
        let turn = turns.iter().find(|turn| turn.people.contains(&user.id));
        letter.expected = turn.map(|turn| {
            let slot = match &turn.task {
                Some(Task::Feedback(slot)) => Some(slot.clone()),
                _ => None,
            };
            Asked { expected: turn.expected, slot, why: turn.why.clone(), due: turn.due }
        });
        if letter.expected.is_some() {
            letter.what.link.push_str("#decide");
        }
        Ok(recipients::may_see(op, version, &people.directory, user))
    }
}

/// The people of a version, and whose turn it is.
async fn people(
    op: &OpContext,
    reader: &mut Reader,
    version: &GovernedVersion,
    besides: &[UserId],
) -> Result<(VersionPeople, Vec<Turn>), Error> {
    let people = version_people::load(op, reader, version, besides).await?;
    let turns = turn::turns(version.signoff(), &people.facts(op, version));
    Ok((people, turns))
}
