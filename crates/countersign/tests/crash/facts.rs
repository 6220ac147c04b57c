//! What can be looked up at an address: reviews, policies, deployments, groups, models. For each the last acknowledged state is
//! kept, and for a command without an answer how it would look if it had been carried out.

use crate::{
    Tick,
    commands::{self, Command},
    common::{http::Person, random::Random, scene::People},
    history,
};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use tokio::sync::mpsc::UnboundedSender;

/// What kind of thing is at an address, and so which part of it is the state that nothing else changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Review,
    Deployment,
    Infrastructure,
    Group,
    Members,
    Reviewers,
    Model,
}

impl Kind {
    pub fn state(self, view: &Value) -> Value {
        let parts: &[&str] = match self {
            Self::Review => &[
                "round",
                "rounds",
                "status",
                "locked",
                "renews",
                "retired",
                "requested",
                "skip_feedback",
                "slots",
                "approvers",
                "delegations",
                "decision",
                "abandonment",
                "revocation",
                "etag",
            ],
            Self::Deployment => {
                let mut revision = view["revision"].clone();
                for share in revision["shares"].as_array_mut().into_iter().flatten() {
                    // How it stands to the policy changes with the version's approval, not by a new revision; and with it
                    // whether there is a permit to show.
                    for part in ["standing", "reason", "permit"] {
                        share.as_object_mut().unwrap().remove(part);
                    }
                }
                return revision;
            }
            Self::Infrastructure => &["policy", "on_lapse", "revision"],
            Self::Reviewers => &["slots", "approvers", "revision"],
            Self::Group | Self::Members => &["name", "members"],
            Self::Model => &["project", "name"],
        };
        let part = |part: &&str| ((*part).to_owned(), view[part].clone());
        // Before a request a round shows the project's reviewers, which change by themselves.
        let is_shown = |part: &&&str| view["status"] != "not_started" || !["slots", "approvers"].contains(part);
        parts.iter().filter(is_shown).map(part).collect::<serde_json::Map<_, _>>().into()
    }
}

/// The states at all addresses.
#[derive(Default)]
pub struct Facts {
    states: BTreeMap<String, (Kind, Value)>,
    touched: BTreeSet<String>,
    /// The reviews among the addresses, oldest first.
    reviews: Vec<String>,
    in_flight: Option<Command>,
    counter: usize,
    pub acknowledged: usize,
    pub broken_off: usize,
    pub carried_out: usize,
}

impl Facts {
    /// Gives command after command until the server is gone.
    pub async fn command(&mut self, people: &People, random: &mut Random, tick: UnboundedSender<Tick>) {
        loop {
            self.counter += 1;
            let command = commands::any(self, random, self.counter);
            let person = command.who.of(people);
            self.in_flight = Some(command.clone());
            let answer = person.try_ask(command.method.clone(), &command.path, Some(&command.body), command.tag.as_deref()).await;
            let Ok(reply) = answer else {
                self.broken_off += 1;
                return;
            };
            let state = command.kind.state(&reply.ok());
            assert!(command.is_carried_out(&state), "{command:?} gave {state}");
            self.note(&command.at, command.kind, state);
            self.in_flight = None;
            self.acknowledged += 1;
            if tick.send(Tick::Done).is_err() {
                return;
            }
        }
    }

    fn note(&mut self, at: &str, kind: Kind, state: Value) {
        self.touched.insert(at.to_owned());
        if self.states.insert(at.to_owned(), (kind, state)).is_none() && kind == Kind::Review {
            self.reviews.push(at.to_owned());
        }
    }

    /// What was there before the first command, and is changed by some of them.
    pub async fn learn_beginning(&mut self, people: &People) {
        for (at, kind) in [
            ("/infrastructures/staging", Kind::Infrastructure),
            ("/projects/diagnosis", Kind::Members),
            (commands::REVIEWERS, Kind::Reviewers),
        ] {
            let state = look(&people.root, at, kind).await.expect("the scene has it");
            self.note(at, kind, state);
        }
    }

    /// A version is there now, and can be decided on.
    pub async fn learn_version(&mut self, people: &People, version: &str) {
        let at = format!("{version}/review");
        let state = look(&people.root, &at, Kind::Review).await.expect("a version has a review");
        assert_eq!((&state["status"], &state["round"]), (&json!("not_started"), &json!(1)), "{at}");
        self.note(&at, Kind::Review, state);
    }

    /// The state of a thing, as far as it was acknowledged.
    pub fn state(&self, at: &str) -> Option<&Value> {
        self.states.get(at).map(|(_, state)| state)
    }

    /// One of the latest reviews.
    pub fn some_review(&self, random: &mut Random) -> Option<(&str, &Value)> {
        let latest = &self.reviews[self.reviews.len().saturating_sub(5)..];
        if latest.is_empty() {
            return None;
        }
        let at = random.pick(latest);
        Some((at, &self.states[at].1))
    }

    /// After a start: everything touched since the last one is as acknowledged; the command without an answer is whole or absent.
    pub async fn settle(&mut self, people: &People) {
        if let Some(command) = self.in_flight.take() {
            let before = self.state(&command.at).cloned();
            let now = look(&people.root, &command.at, command.kind).await;
            if now != before {
                let state = now.unwrap_or_else(|| panic!("{} is gone", command.at));
                assert!(command.is_carried_out(&state), "half done: {command:?}\nbefore: {before:?}\nnow: {state}");
                self.note(&command.at, command.kind, state);
                self.carried_out += 1;
            } else if before.is_some() {
                self.touched.insert(command.at);
            }
        }
        for at in std::mem::take(&mut self.touched) {
            self.check(people, &at).await;
        }
    }

    pub async fn check_everything(&self, people: &People) {
        for at in self.states.keys() {
            self.check(people, at).await;
        }
    }

    async fn check(&self, people: &People, at: &str) {
        let (kind, acknowledged) = &self.states[at];
        let now = look(&people.root, at, *kind).await;
        assert_eq!(now.as_ref(), Some(acknowledged), "{at} is not as it was acknowledged");
        if *kind == Kind::Review {
            history::fits(&people.root, at, acknowledged).await;
        }
    }
}

/// The state at an address; none where there is nothing.
async fn look(root: &Person, at: &str, kind: Kind) -> Option<Value> {
    let reply = root.get(at).await;
    if reply.status == 404 { None } else { Some(kind.state(&reply.ok())) }
}
