//! What happened, as messages and webhooks tell of it. The words are the deliverer's.

use super::recipients;
use crate::{
    Error, OpContext,
    base::governed_version::GovernedVersion,
    views::{RoundOfEvent, typed_text},
};
use domain::{
    Digest, Name, SlotName, StepName, Timestamp, VersionRef,
    event::{Actor, EndingService, Event},
    notice::Topic,
    signoff::{Status, Verdict},
};
use store::{About, LoggedEvent, Reader};

/// What happened.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Happening {
    /// Why somebody is told.
    pub topic: Topic,
    /// The event of the record; none for a test.
    pub position: Option<u64>,
    /// When it happened.
    pub at: Timestamp,
    /// Who did it.
    pub by: By,
    /// The version that it is about.
    pub version: Option<VersionRef>,
    /// The digest of the version's files.
    pub model_digest: Option<Digest>,
    /// The sign-off: what makes a thread of messages.
    pub sign_off: Option<(StepName, u32)>,
    /// The status of the sign-off now.
    pub status: Option<Status>,
    /// The infrastructure that it is about.
    pub infrastructure: Option<Name>,
    /// The service that it is about.
    pub service: Option<Name>,
    /// The webhook that it is about.
    pub webhook: Option<Name>,
    /// The slot and the verdict of feedback.
    pub feedback: Option<(SlotName, Verdict)>,
    /// When the approval ends, or by when the answer is expected.
    pub end: Option<Timestamp>,
    /// The services that rest on an approval that ends.
    pub services: Vec<EndingService>,
    /// What the person wrote.
    pub comment: String,
    /// The page to go to.
    pub link: String,
}

/// Who did something.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum By {
    /// A person or a service account, by the account's name and the display name of then.
    Account(Name, String),
    /// The clock.
    Clock,
    /// Somebody at the server's console.
    Console,
}

/// An event with what happened in it.
pub(crate) struct Told {
    pub happening: Happening,
    pub event: LoggedEvent,
    /// The version that the event is about, with the sign-off that the event is about.
    pub version: Option<GovernedVersion>,
}

/// A test of the way: nothing happened.
pub(crate) fn test(op: &OpContext, at: Timestamp) -> Happening {
    Happening {
        topic: Topic::Test,
        position: None,
        at,
        by: By::Console,
        version: None,
        model_digest: None,
        sign_off: None,
        status: None,
        infrastructure: None,
        service: None,
        webhook: None,
        feedback: None,
        end: None,
        services: Vec::new(),
        comment: String::new(),
        link: op.settings.links.server().to_owned(),
    }
}

/// What happened in the event at this position; none where there is no such event.
///
/// # Errors
/// When the database does not answer, or the event cannot be read.
pub(crate) async fn at(op: &OpContext, reader: &mut Reader, topic: Topic, position: u64) -> Result<Option<Told>, Error> {
    let event = reader.events(About::default(), position, Timestamp::from_micros(i64::MIN), 1).await?.pop();
    let Some(event) = event.filter(|event| event.position == position) else { return Ok(None) };
    let links = &op.settings.links;
    let mut happening = test(op, event.at);
    happening.topic = topic;
    happening.position = Some(position);
    happening.by = match &event.actor {
        Actor::User { name, display_name, .. } => {
            By::Account(name.clone(), display_name.as_ref().map_or_else(|| name.to_string(), ToString::to_string))
        }
        Actor::Clock => By::Clock,
        Actor::Console => By::Console,
    };
    let data = serde_json::to_value(&event.event).unwrap_or_default()["data"].take();
    happening.comment = typed_text(&data).to_owned();
    happening.service = data["service"].as_str().and_then(|name| name.parse().ok());
    if let Event::FeedbackGiven { slot, verdict, .. } = &event.event {
        happening.feedback = Some((slot.clone(), *verdict));
    }
    if let Event::Reminded { due, .. } = &event.event {
        happening.end = Some(*due);
    }
    if let Event::ApprovalEnding { not_after, services, .. } = &event.event {
        happening.end = Some(*not_after);
        happening.services.clone_from(services);
    }
    if let Event::WebhookDisabled { name, because, .. } = &event.event {
        happening.comment.clone_from(because);
        happening.link = links.webhook_page(name);
        happening.webhook = Some(name.clone());
    }
    if let Some(infrastructure) = event.about.infrastructure {
        happening.infrastructure = reader.infrastructure(infrastructure).await?.map(|found| found.name);
        if let Some(name) = &happening.infrastructure {
            happening.link = links.infrastructure_page(name);
        }
    }
    let mut found = None;
    if let Some(version) = event.about.version {
        let told = RoundOfEvent::of(&event.event);
        let version = recipients::version_of(reader, version, &told).await?;
        let signoff = version.signoff();
        happening.link = links.sign_off_page(&version.name, &signoff.step);
        happening.status = Some(signoff.status());
        happening.sign_off = Some((signoff.step.clone(), told.round.unwrap_or(signoff.round)));
        happening.version = Some(version.name.clone());
        happening.model_digest = Some(version.version.model_digest);
        found = Some(version);
    }
    Ok(Some(Told { happening, event, version: found }))
}
