//! The people, rules and credentials of the past, as the record alone tells them: what was so just before an event. No row counts
//! here, since a person with write access to the database can change a row for a moment.

mod actors;
mod credentials;
mod log_keys;
mod people;
mod projects;
mod timeline;

use super::finding::Finding;
use crate::tx::log::LoggedEvent;
use credentials::Credentials;
use domain::{
    Duration, InfrastructureId, Name, ProjectId, Timestamp, UserId, VersionRef, event::Actor, event::Event, gate,
    infrastructure::Policy, invitation::PasswordOrigin, people::Directory,
};
use log_keys::LogKeys;
pub use log_keys::{LogKeyChange, LogKeyPeriod};
use people::People;
use projects::{Project, Projects};
use std::collections::HashMap;

/// How long before its event a decision can have been prepared.
const PREPARED_FOR: Duration = Duration::from_seconds(300);

/// What was so at each position of the log.
#[derive(Default)]
pub struct History {
    people: People,
    projects: Projects,
    credentials: Credentials,
    policies: HashMap<InfrastructureId, Policy>,
    revisions: HashMap<Revision, Vec<String>>,
    log_keys: LogKeys,
    before: Option<Before>,
    pub(super) findings: Vec<Finding>,
}

/// A revision of a service, by its number.
type Revision = (InfrastructureId, Name, u32);

/// The event before, for the order of times and for events of one transaction.
struct Before {
    at: Timestamp,
    request: String,
    actor: Actor,
}

impl History {
    /// Checks who acted, when and under which policy, and notes what the event changes. Events come in the order of the log.
    pub(super) fn note(&mut self, position: u64, event: &LoggedEvent) {
        let mut found = Vec::new();
        if let Some(before) = &self.before
            && event.at < before.at
        {
            found.push(format!("the event's time {} is before the time of the event before it, {}", event.at, before.at));
        }
        if let Some(at) = event.event.acted_at()
            && (at > event.at || at.plus(PREPARED_FOR) < event.at)
        {
            found.push(format!("the decision's time {at} does not fit the event's time {}", event.at));
        }
        // What one transaction records was allowed when the transaction began: an account can close itself.
        let begun = self
            .before
            .as_ref()
            .is_some_and(|before| before.at == event.at && before.request == event.request && before.actor == event.actor);
        if !begun {
            found.extend(self.actor(event).err());
        }
        found.extend(self.policy(event));
        found.extend(self.log_keys.note(position, event));
        self.findings.extend(found.into_iter().map(|problem| Finding { what: format!("events/{position}"), problem }));
        self.credentials.note(event, &self.people);
        self.people.note(position, event);
        self.projects.note(position, event);
        if let Event::InfrastructureCreated { policy, .. } | Event::PolicyChanged { to: policy, .. } = &event.event {
            self.policies.extend(event.about.infrastructure.map(|place| (place, *policy)));
        }
        if let Event::DeploymentRevised { service, revision, answer: Some(answer), .. } = &event.event
            && let Some(place) = event.about.infrastructure
        {
            let lacking = answer.reasons.iter().map(|reason| reason.version.clone()).collect();
            self.revisions.insert((place, service.clone(), *revision), lacking);
        }
        self.before = Some(Before { at: event.at, request: event.request.clone(), actor: event.actor.clone() });
    }

    /// The policy by which the gate answered has to be the one in force.
    fn policy(&self, event: &LoggedEvent) -> Option<String> {
        let answer: &gate::Answer = match &event.event {
            Event::DeploymentRevised { answer: Some(answer), .. }
            | Event::DeploymentRefused { answer, .. }
            | Event::GateAcknowledged { answer, .. } => answer,
            _ => return None,
        };
        let in_force = self.policies.get(&event.about.infrastructure?);
        match in_force {
            Some(policy) if *policy == answer.policy => None,
            Some(policy) => {
                Some(format!("the gate answered by the policy `{}`, and the policy in force was `{policy}`", answer.policy))
            }
            None => Some("the gate answered for an infrastructure that no event created".to_owned()),
        }
    }

    /// Whether the gate let a version of this revision through because it found an approval in force.
    pub(super) fn went_as_approved(&self, place: InfrastructureId, service: &Name, revision: u32, version: &VersionRef) -> bool {
        let lacking = self.revisions.get(&(place, service.clone(), revision));
        lacking.is_some_and(|lacking| lacking.iter().all(|name| *name != version.to_string()))
    }

    /// The changes of the log's key, in turn.
    pub(super) fn log_key_changes(&self) -> &[LogKeyChange] {
        self.log_keys.changes()
    }

    /// The project as it was just before this position.
    pub(super) fn project(&self, project: ProjectId) -> Option<&Project> {
        self.projects.get(project)
    }

    /// Everybody, with their groups and their roles in a project, just before this position.
    pub(super) fn directory(&self, project: ProjectId, position: u64) -> Directory {
        self.people.directory(self.projects.get(project), position)
    }

    /// How the account came by the password that it had just before this position.
    pub(super) fn password(&self, user: UserId, position: u64) -> Option<&PasswordOrigin> {
        self.people.password(user, position)
    }

    /// Changes whenever [`History::directory`] of this project may.
    pub(super) fn generation(&self, project: ProjectId, position: u64) -> (usize, usize) {
        let of_project = self.projects.get(project).map_or(0, |project| project.generation(position));
        (self.people.generation(position), of_project)
    }
}
