//! Replays the events about one version.

use super::directories::Directories;
use crate::{tx::log::LoggedEvent, verify::finding::Finding};
use domain::{
    Digest, Name, ProjectId, StepName, UserId, VersionId, VersionRef,
    authors::Authors,
    event::{Actor, Event},
    people::{Credential, Person},
    signoff::{Act, SignOff, SignOffFacts, Status},
    workflow::{Rule, Step, StepStatus, Trigger, Workflow},
};
use proof::Sha256;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};

/// The rounds that are stored, with the step where the version was when their review was requested.
pub(super) type Begun = BTreeMap<(StepName, u32), Option<StepName>>;

/// The sign-offs of a version, as its events lead to them.
pub(super) struct Replay<'a> {
    directories: &'a Directories,
    begun: &'a Begun,
    /// The step where the version was at this request, where a later event tells.
    requested_at: Option<StepName>,
    project: ProjectId,
    name: VersionRef,
    uploader: UserId,
    model_digest: Digest,
    /// The governed fields, and their digest.
    fields: Value,
    shown: Digest,
    /// Who retired the version; none while it is not retired.
    retired: Option<Act>,
    /// The sign-off of each step.
    sign_offs: BTreeMap<StepName, Rounds>,
}

/// The rounds of a sign-off.
struct Rounds {
    /// The present round, with the round that counts beside it.
    present: SignOff,
    /// Every round by its number, as it was left.
    all: BTreeMap<u32, SignOff>,
}

impl Rounds {
    fn begin(present: SignOff) -> Self {
        let all = BTreeMap::from([(present.round, present.clone())]);
        Self { present, all }
    }

    fn set(&mut self, present: SignOff) {
        self.all.extend(present.rounds().map(|round| (round.round, round.alone())));
        self.present = present;
    }
}

impl<'a> Replay<'a> {
    /// Replays these events, all that are about the version. A round of one of these steps may not have begun.
    ///
    /// # Errors
    /// The first event that the rules do not lead to.
    pub fn of(
        directories: &'a Directories,
        version: VersionId,
        events: &[LoggedEvent],
        begun: &'a Begun,
    ) -> Result<Self, Finding> {
        let found = |event: &LoggedEvent, problem| Finding { what: format!("events/{}", event.position), problem };
        let Some((first, later)) = events.split_first() else {
            return Err(Finding { what: format!("versions/{version}"), problem: "no event tells of the version".to_owned() });
        };
        let mut replay = Self::created(directories, begun, first).map_err(|problem| found(first, problem))?;
        let steps = events.iter().filter_map(|event| event.event.sign_off()).map(|(step, _)| step);
        let steps: BTreeSet<_> = steps.chain(begun.keys().map(|(step, _)| step)).collect();
        for step in steps {
            replay.sign_offs.insert(step.clone(), Rounds::begin(SignOff::new(version, step.clone())));
        }
        for (index, event) in later.iter().enumerate() {
            replay.requested_at = requested_at(event, &later[index + 1..]);
            replay.event(event).map_err(|problem| found(event, problem))?;
        }
        Ok(replay)
    }

    fn created(directories: &'a Directories, begun: &'a Begun, event: &LoggedEvent) -> Result<Self, String> {
        let (Event::VersionCreated { number, model_digest, fields, .. }, Some(project)) = (&event.event, event.about.project)
        else {
            return Err("the first event about the version does not create the version".to_owned());
        };
        let placeholder = || "unknown".parse().map_err(|_| "a name is no name".to_owned());
        let project_name = directories.history.project(project).and_then(|project| project.name().cloned());
        Ok(Self {
            directories,
            begun,
            requested_at: None,
            retired: None,
            project,
            name: VersionRef { project: project_name.map_or_else(placeholder, Ok)?, model: placeholder()?, number: *number },
            uploader: event.user().unwrap_or_else(|| Person::nobody().id),
            model_digest: *model_digest,
            shown: shown(fields)?,
            fields: fields.clone(),
            sign_offs: BTreeMap::new(),
        })
    }

    /// The round of this number.
    pub fn round(&self, step: &StepName, number: u32) -> Option<&SignOff> {
        self.sign_offs.get(step)?.all.get(&number)
    }

    fn event(&mut self, event: &LoggedEvent) -> Result<(), String> {
        match &event.event {
            Event::VersionCreated { .. } => Err("the version was created before".to_owned()),
            Event::FieldsChanged { fields, shown } => self.fields_changed(event, fields, *shown),
            Event::DeploymentRevised { service, revision, shares, .. } => match shares.first() {
                Some(share) => self.in_service(event, service, *revision, &share.version),
                None => Ok(()),
            },
            Event::DeploymentShared { service, revision: Some(revision), version, .. }
            | Event::PermitRenewed { service, revision, version, .. } => self.in_service(event, service, *revision, version),
            Event::VersionRetired { act } => {
                self.sign_off(event)?;
                self.retired = Some(act.clone());
                Ok(())
            }
            Event::VersionRestored { .. } => {
                self.sign_off(event)?;
                self.retired = None;
                Ok(())
            }
            _ => self.sign_off(event),
        }
    }

    /// What goes into service as approved, or gets a new permit as approved, has an approval in force and is not retired.
    fn in_service(&self, event: &LoggedEvent, service: &Name, revision: u32, version: &VersionRef) -> Result<(), String> {
        let went_as_approved = |place| self.directories.history.went_as_approved(place, service, revision, version);
        if !event.about.infrastructure.is_some_and(went_as_approved) {
            return Ok(());
        }
        let in_force = |round: &SignOff| round.approval_in_force(event.at).map(|approval| approval.model_digest);
        let mut present = self.sign_offs.values().map(|rounds| &rounds.present);
        match (&self.retired, present.any(|round| in_force(round) == Some(self.model_digest))) {
            (Some(_), _) => Err("the gate found an approval in force, and by its events the version was retired".to_owned()),
            (None, false) => Err("the gate found an approval in force, and by its events the version had none".to_owned()),
            (None, true) => Ok(()),
        }
    }

    fn fields_changed(&mut self, event: &LoggedEvent, fields: &Value, told: Digest) -> Result<(), String> {
        let editor = event.user().ok_or("nobody changed the fields")?;
        if shown(fields)? != told {
            return Err("the digest of the fields is not the digest of these fields".to_owned());
        }
        let before = std::mem::replace(&mut self.fields, fields.clone());
        let changed = domain::fields::changed(fields, &before);
        let (named_before, named) = (authors(&before), authors(fields));
        self.shown = told;
        for rounds in self.sign_offs.values_mut() {
            let no_longer_named = named_before.difference(&named).cloned();
            rounds.set(rounds.present.clone().fields_changed(editor, told, &changed, no_longer_named));
        }
        Ok(())
    }

    fn sign_off(&mut self, event: &LoggedEvent) -> Result<(), String> {
        // What is about the version as a whole is judged by any of its sign-offs.
        let about = event.event.sign_off().map(|(step, _)| step);
        let any = || event.event.command().and_then(|_| self.sign_offs.keys().next());
        let Some(step) = about.or_else(any).cloned() else {
            return Ok(());
        };
        let step = &step;
        let position = event.position;
        let directory = self.directories.at(self.project, position);
        let project = self.directories.history.project(self.project).ok_or("no event created the project")?;
        let reviewers = project.reviewers(position);
        let rules = project.rules(position).ok_or("no event tells the project's rules")?;
        let (actor, credential) = actor(event);
        let nobody = Person::nobody();
        let authors = self.all_authors();
        let open = |rounds: &Rounds| rounds.present.status().is_open();
        let waiting_elsewhere =
            self.sign_offs.iter().find(|(other, rounds)| *other != step && open(rounds)).map(|(other, _)| other.clone());
        let approved = |rounds: &Rounds| rounds.present.speaking().status() == Status::Approved;
        let approved_elsewhere = self.sign_offs.iter().any(|(other, rounds)| other != step && approved(rounds));
        let workflow = self.workflow(step, event);
        let rounds = self.sign_offs.get_mut(step).ok_or("the version has no such sign-off")?;
        let facts = SignOffFacts {
            name: &self.name,
            actor: actor.and_then(|actor| directory.person(actor)).unwrap_or(&nobody),
            credential,
            password: actor.and_then(|actor| self.directories.history.password(actor, position)),
            directory: &directory,
            reviewers: &reviewers,
            rules,
            authors: &authors,
            retired: self.retired.as_ref(),
            waiting_elsewhere: waiting_elsewhere.as_ref(),
            approved_elsewhere,
            workflow: &workflow,
            model_digest: self.model_digest,
            shown: self.shown,
            now: event.event.acted_at().unwrap_or(event.at),
        };
        let next = rounds.present.clone().replay(&event.event, &facts).map_err(|mismatch| {
            format!("the rules, people and reviewers of that position do not lead to this event: {mismatch}")
        })?;
        rounds.set(next);
        Ok(())
    }

    /// A workflow in which the review of this step can be requested. The workflow bars nobody, and the record tells only where the version
    /// was when the review was requested.
    fn workflow(&self, step: &StepName, event: &LoggedEvent) -> Workflow {
        let round = event.event.sign_off().map_or(0, |(_, round)| round);
        let stored = self.begun.get(&(step.clone(), round)).cloned().flatten();
        let here = self.requested_at.clone().or(stored).unwrap_or_else(|| step.clone());
        let mut steps = vec![Step { name: here.clone(), sign_off: false, status: StepStatus::Ongoing }];
        if here != *step {
            steps.push(Step { name: step.clone(), sign_off: true, status: StepStatus::NotStarted });
        }
        let rules = vec![Rule { on: Trigger::ReviewRequested, step: None, from: Some(here), to: step.clone() }];
        Workflow { name: "replay".to_owned(), steps, rules }
    }

    /// The authors whom the fields name or ever named, and everybody who changed the fields.
    fn all_authors(&self) -> Authors {
        let counting = || self.sign_offs.values().flat_map(|rounds| rounds.present.rounds());
        let named = authors(&self.fields);
        let named = named.iter().chain(counting().flat_map(|round| &round.former_authors));
        let editors = counting().flat_map(|round| round.editors.iter().copied()).collect();
        Authors::new(self.uploader, named).with_editors(editors)
    }
}

fn actor(event: &LoggedEvent) -> (Option<UserId>, Credential) {
    match &event.actor {
        Actor::User { id, credential, .. } => (Some(*id), credential.unwrap_or(Credential::PersonalToken)),
        Actor::Clock => (None, Credential::Clock),
        Actor::Console => (None, Credential::Console),
    }
}

/// The step where the version was at a request that was taken back later.
fn requested_at(event: &LoggedEvent, later: &[LoggedEvent]) -> Option<StepName> {
    let Event::ReviewRequested { step, round, .. } = &event.event else {
        return None;
    };
    later.iter().find_map(|later| match &later.event {
        Event::ReviewRequested { step: other, round: again, .. } if (other, again) == (step, round) => Some(None),
        Event::RequestTakenBack { step: other, round: again, back_to } if (other, again) == (step, round) => {
            Some(back_to.clone())
        }
        _ => None,
    })?
}

/// The digest of governed fields.
fn shown(fields: &Value) -> Result<Digest, String> {
    let bytes = proof::canonical::to_vec(fields).map_err(|error| error.to_string())?;
    Ok(Digest::from_bytes(*Sha256::of(&bytes).as_bytes()))
}

/// The authors whom governed fields name: the named ones and the owner of the run.
fn authors(fields: &Value) -> BTreeSet<String> {
    let named = fields["authors"].as_array().into_iter().flatten();
    named.chain([&fields["source"]["run_owner"]]).filter_map(Value::as_str).map(str::to_owned).collect()
}
