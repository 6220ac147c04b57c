//! What these tests share: people with role names, the project in which they review, and short words for what they do.

#![allow(dead_code, reason = "each test binary uses its own part of it")]

pub mod walk;

use domain::authors::Authors;
use domain::duty::ProjectRules;
use domain::people::{AccountKind, Container, Credential, Directory, InstanceRole, Person, ProjectRole};
use domain::reviewers::{Reviewers, Slot, Task};
use domain::signoff::{Act, Command, Notify, Outcome, SignOff, SignOffFacts, Verdict};
use domain::workflow::Workflow;
use domain::{
    Digest, Duration, GroupId, NextStep, Refusal, SlotName, StepName, Timestamp, UserId, VersionId, VersionRef, event::Event,
};

/// The slot of `riskofficer`, through the group `risk`.
pub const RISK: &str = "Risk & Compliance";
/// The slot of `itops`, by name.
pub const IT: &str = "IT & Operations";

/// A project, its people and one version, at a moment that a test may move.
///
/// | person | part |
/// | --- | --- |
/// | outsider, colleague | none |
/// | reader, contributor, manager | that role |
/// | requester | contributor; asks for the reviews |
/// | uploader | contributor; uploaded the version |
/// | riskofficer, itops | reviewers of the two slots |
/// | approver, deputy | final approvers by name, the deputy a reader |
/// | author | final approver through `deciders`; named as an author |
/// | insider | final approver through `deciders`; contributor |
/// | service | final approver through `deciders`; a service account |
/// | former | final approver through `deciders`; the account is closed |
/// | auditor | final approver through `deciders`, and manager; audits the instance |
#[derive(Clone)]
pub struct World {
    pub name: VersionRef,
    pub people: Vec<Person>,
    pub reviewers: Reviewers,
    pub rules: ProjectRules,
    pub authors: Authors,
    pub workflow: Workflow,
    pub retired: Option<Act>,
    pub model_digest: Digest,
    pub shown: Digest,
    pub now: Timestamp,
}

const RISK_GROUP: u128 = 0x91;
const DECIDERS: u128 = 0x92;

pub fn group(number: u128) -> GroupId {
    GroupId::from_uuid(uuid::Uuid::from_u128(number))
}

pub fn digest(byte: u8) -> Digest {
    Digest::from_bytes([byte; 32])
}

pub fn days(days: u32) -> Duration {
    Duration::from_days(days)
}

pub fn slot(name: &str) -> SlotName {
    name.parse().expect("a slot name")
}

impl World {
    pub fn new() -> Self {
        let mut world = Self {
            name: "diagnosis/tumour:1".parse().expect("a version"),
            people: Vec::new(),
            reviewers: Reviewers::default(),
            rules: ProjectRules::default(),
            authors: Authors::new(user(0), ["Author"]),
            workflow: Workflow::standard(),
            retired: None,
            model_digest: digest(0xaa),
            shown: digest(0x01),
            now: Timestamp::from_micros(1_795_000_000_000_000),
        };
        world.add("outsider", [], None);
        world.add("colleague", [], None);
        world.add("reader", [ProjectRole::Reader], None);
        world.add("contributor", [ProjectRole::Contributor], None);
        world.add("requester", [ProjectRole::Contributor], None);
        world.add("manager", [ProjectRole::Manager], None);
        world.add("uploader", [ProjectRole::Contributor], None);
        world.add("riskofficer", [], Some(RISK_GROUP));
        world.add("itops", [], None);
        world.add("approver", [], None);
        world.add("deputy", [ProjectRole::Reader], None);
        world.add("author", [], Some(DECIDERS));
        world.add("insider", [ProjectRole::Contributor], Some(DECIDERS));
        world.add("service", [], Some(DECIDERS));
        world.add("former", [], Some(DECIDERS));
        world.add("auditor", [ProjectRole::Manager], Some(DECIDERS));
        world.person_mut("auditor").role = InstanceRole::Auditor;
        world.person_mut("service").kind = AccountKind::Service;
        world.person_mut("former").active = false;
        world.authors.uploader = world.id("uploader");
        world.reviewers = Reviewers {
            slots: vec![
                Slot { name: slot(IT), assigned: vec![Container::User(world.id("itops"))] },
                Slot { name: slot(RISK), assigned: vec![Container::Group(group(RISK_GROUP))] },
            ],
            approvers: vec![
                Container::User(world.id("approver")),
                Container::User(world.id("deputy")),
                Container::Group(group(DECIDERS)),
            ],
        };
        world
    }

    fn add<const N: usize>(&mut self, name: &str, roles: [ProjectRole; N], member_of: Option<u128>) {
        self.people.push(Person {
            id: user(self.people.len()),
            name: name.parse().expect("a name"),
            display_name: format!("The {name}").parse().expect("a display name"),
            names: Person::folded([name.to_owned(), format!("The {name}"), format!("{name}@example.org")]),
            kind: AccountKind::Person,
            role: InstanceRole::User,
            active: true,
            groups: member_of.map(group).into_iter().collect(),
            roles: roles.into_iter().collect(),
            absence: None,
        });
    }

    pub fn person(&self, name: &str) -> &Person {
        self.people.iter().find(|person| person.name.as_str() == name).expect("one of the people above")
    }

    pub fn person_mut(&mut self, name: &str) -> &mut Person {
        self.people.iter_mut().find(|person| person.name.as_str() == name).expect("one of the people above")
    }

    pub fn id(&self, name: &str) -> UserId {
        self.person(name).id
    }

    /// The names of these users, in the order of the list of people.
    pub fn names(&self, users: &[UserId]) -> Vec<&str> {
        self.people.iter().filter(|person| users.contains(&person.id)).map(|person| person.name.as_str()).collect()
    }

    pub fn directory(&self) -> Directory {
        let groups = [(RISK_GROUP, "risk"), (DECIDERS, "deciders")];
        let named = groups.map(|(number, name)| (group(number), name.parse().expect("a name")));
        Directory::new(self.people.clone(), named)
    }

    pub fn facts<'a>(&'a self, directory: &'a Directory, actor: &str) -> SignOffFacts<'a> {
        SignOffFacts {
            name: &self.name,
            actor: self.person(actor),
            credential: Credential::Session,
            password: None,
            directory,
            reviewers: &self.reviewers,
            rules: &self.rules,
            authors: &self.authors,
            workflow: &self.workflow,
            retired: self.retired.as_ref(),
            waiting_elsewhere: None,
            approved_elsewhere: false,
            model_digest: self.model_digest,
            shown: self.shown,
            now: self.now,
        }
    }

    /// A version that nothing has happened to.
    pub fn fresh(&self) -> SignOff {
        self.fresh_on(StepName::standard())
    }

    /// The sign-off of this step of such a version.
    pub fn fresh_on(&self, step: StepName) -> SignOff {
        SignOff::new(VersionId::from_uuid(uuid::Uuid::from_u128(0x77)), step)
    }

    /// What becomes of a command.
    pub fn act(&self, signoff: &SignOff, actor: &str, command: Command) -> Result<Outcome, Refusal> {
        let directory = self.directory();
        signoff.clone().apply(command, &self.facts(&directory, actor))
    }

    /// A command that must change something: the sign-off from now on, and the event.
    pub fn event(&self, signoff: &SignOff, actor: &str, command: Command) -> (SignOff, Event) {
        match self.act(signoff, actor, command) {
            Ok(Outcome::Changed(transition)) => (transition.signoff, transition.event),
            other => panic!("{actor} should have changed the sign-off: {other:?}"),
        }
    }

    /// Commands that must each change something.
    pub fn after<const N: usize>(&self, signoff: &SignOff, commands: [(&str, Command); N]) -> SignOff {
        commands.into_iter().fold(signoff.clone(), |signoff, (actor, command)| self.event(&signoff, actor, command).0)
    }

    /// Takes note of what an event says of the version itself.
    pub fn note(&mut self, event: &Event) {
        match event {
            Event::VersionRetired { act } => self.retired = Some(act.clone()),
            Event::VersionRestored { .. } => self.retired = None,
            _ => {}
        }
    }

    /// A command that must be refused.
    pub fn refusal(&self, signoff: &SignOff, actor: &str, command: Command) -> Refusal {
        self.act(signoff, actor, command).expect_err("should have been refused")
    }

    /// Asserts that a command was done before and changes nothing.
    pub fn assert_done(&self, signoff: &SignOff, actor: &str, command: Command) {
        assert_eq!(self.act(signoff, actor, command), Ok(Outcome::AlreadyDone(signoff.clone())));
    }

    /// Changes the governed fields of the version, as the contributor.
    pub fn change_fields(&mut self, signoff: SignOff, shown: Digest) -> SignOff {
        self.change_fields_as("contributor", signoff, shown)
    }

    /// The same, as somebody.
    pub fn change_fields_as(&mut self, editor: &str, signoff: SignOff, shown: Digest) -> SignOff {
        self.shown = shown;
        let signoff = signoff.fields_changed(self.id(editor), shown, &["notes".to_owned()].into(), []);
        self.authors.editors.clone_from(&signoff.editors);
        signoff
    }

    pub fn delegate(&self, task: Task, to: &str) -> Command {
        Command::Delegate { task, to: self.id(to), until: None }
    }
}

fn user(number: usize) -> UserId {
    UserId::from_uuid(uuid::Uuid::from_u128(0x1000 + number as u128))
}

pub const REQUEST: Command = Command::RequestReview { skip_feedback: false, notify: Notify::All };
pub const SKIP: Command = Command::RequestReview { skip_feedback: true, notify: Notify::All };
pub const RENEW: Command = Command::RequestRenewal { skip_feedback: false, notify: Notify::All };
pub const RENEW_SKIP: Command = Command::RequestRenewal { skip_feedback: true, notify: Notify::All };
pub const FINAL: Command = Command::RequestFinalApproval;
pub const TAKE_BACK: Command = Command::TakeBackRequest;
pub const BACK: Command = Command::BackToFeedback;
pub const CANCEL: Command = Command::CancelAbandon;
pub const KEEP: Command = Command::Reset { reload_reviewers: false, comment: None };
pub const RELOAD: Command = Command::Reset { reload_reviewers: true, comment: None };

fn said(comment: &str) -> Option<String> {
    (!comment.is_empty()).then(|| comment.to_owned())
}

pub fn give(slot_name: &str, verdict: Verdict, comment: &str) -> Command {
    Command::GiveFeedback { slot: slot(slot_name), verdict, comment: said(comment) }
}

pub fn withdraw(slot_name: &str) -> Command {
    Command::WithdrawFeedback { slot: slot(slot_name) }
}

pub fn approve(comment: &str) -> Command {
    Command::Approve { comment: said(comment), valid_for: None }
}

pub fn approve_for(length: Duration) -> Command {
    Command::Approve { comment: None, valid_for: Some(length) }
}

pub fn reject(comment: &str) -> Command {
    Command::Reject { comment: said(comment) }
}

pub fn abandon(comment: &str) -> Command {
    Command::Abandon { comment: said(comment) }
}

pub fn revoke(comment: &str) -> Command {
    Command::Revoke { comment: said(comment) }
}

pub fn reload_reviewers(comment: &str) -> Command {
    Command::ReloadReviewers { comment: said(comment) }
}

pub fn reset(comment: &str) -> Command {
    Command::Reset { reload_reviewers: false, comment: said(comment) }
}

pub fn retire(comment: &str) -> Command {
    Command::Retire { comment: said(comment) }
}

pub fn restore(comment: &str) -> Command {
    Command::Restore { comment: said(comment) }
}

pub fn feedback_task(slot_name: &str) -> Task {
    Task::Feedback(slot(slot_name))
}

/// Asserts that exactly these people can do it instead, and that the next step names them.
pub fn assert_names(refusal: &Refusal, who: &[&str]) {
    let mut named = refusal.who_can.clone();
    named.sort_unstable();
    let mut expected: Vec<_> = who.iter().map(|name| format!("The {name}")).collect();
    expected.sort_unstable();
    assert_eq!(named, expected);
    let next = if who.is_empty() && refusal.status.is_open() {
        NextStep::ReloadReviewers { version: "diagnosis/tumour:1".parse().expect("a version") }
    } else if who.is_empty() {
        NextStep::ChangeMembers { project: "diagnosis".parse().expect("a name") }
    } else {
        NextStep::AskOneOf { people: refusal.who_can.clone() }
    };
    assert_eq!(refusal.next.as_deref(), Some(&next));
}
