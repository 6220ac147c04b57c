//! Every order in which decisions, an abandon, a revoke, a reset, a request taken back, a reload, a retirement and a deployment can
//! meet, checked exhaustively.
//!
//! People read, then write on condition that nobody wrote in between; the store serialises its transactions. The gate is asked
//! and the revision written in one transaction. Three broken variants show that the checker finds what it looks for.

mod common;

use common::*;
use domain::deployment::{self, Admission};
use domain::event::Event;
use domain::gate::{self, Candidate, CandidateSignOff};
use domain::infrastructure::{Acceptance, Policy};
use domain::people::Directory;
use domain::signoff::{Act, Command, Outcome, SignOff, State};
use stateright::{Checker, HasDiscoveries, Model, Property};
use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// How the store and the deployment work.
#[derive(Clone, Copy, PartialEq)]
enum Variant {
    /// As they should.
    Sound,
    /// A write on a stale view goes through.
    StaleWrites,
    /// The gate is asked in one transaction, the revision written in a later one.
    CheckThenWrite,
    /// A deployment does not ask the gate at all.
    NoGate,
}

/// The stored sign-off with its row version.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Row {
    version: u8,
    signoff: SignOff,
    /// Of the sign-off as stored text.
    hash: u64,
}

impl Row {
    fn new(version: u8, signoff: SignOff) -> Arc<Self> {
        let mut hasher = DefaultHasher::new();
        for round in signoff.rounds() {
            serde_json::to_string(round).expect("a sign-off is JSON").hash(&mut hasher);
        }
        Arc::new(Self { version, signoff, hash: hasher.finish() })
    }
}

impl Hash for Row {
    fn hash<H: Hasher>(&self, state: &mut H) {
        (self.version, self.hash).hash(state);
    }
}

/// Where somebody is with what they want to do.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Person {
    /// Has not looked yet, or has to look again.
    Away,
    /// Has this before them.
    Looking(Arc<Row>),
    /// Has done it, found it done, or was refused by a rule.
    Through,
}

/// Where the deployment is.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
enum Deployer {
    /// So many attempts are left.
    Ready(u8),
    /// Of the broken variant: the gate has answered, the revision is not written.
    Admitted,
}

const THROUGH: Deployer = Deployer::Ready(0);

/// A revision, and what was true in the store in the step that wrote it.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Revision {
    in_force: bool,
    round_revoked: bool,
    retired: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Store {
    row: Arc<Row>,
    /// Whether the version is retired.
    retired: bool,
    people: Vec<Person>,
    deployer: Deployer,
    revisions: Vec<Revision>,
    /// The rounds of the recorded final decisions.
    decisions: Vec<u32>,
    /// The rounds whose approval was revoked.
    revoked: Vec<u32>,
    /// The rounds that were rejected.
    rejected: Vec<u32>,
}

#[derive(Clone, Debug, PartialEq)]
enum Move {
    Look(usize),
    Write(usize),
    Deploy,
}

struct Race {
    world: World,
    directory: Directory,
    variant: Variant,
    people: Vec<(&'static str, Command)>,
    /// What must be able to happen, or else the cast proves nothing.
    reachable: fn() -> Vec<Property<Self>>,
    begin: SignOff,
}

impl Race {
    /// An approval is in force and its renewal open: everybody decides on one or the other.
    fn of_renewal(variant: Variant) -> Self {
        let people = vec![
            ("approver", approve("still good")),
            ("deputy", reject("bad by now")),
            ("requester", abandon("not needed")),
            ("manager", CANCEL),
            ("manager", revoke("drift")),
        ];
        let world = World::new();
        let begin = world.after(&world.fresh(), [("requester", SKIP), ("approver", approve("good")), ("requester", RENEW_SKIP)]);
        let reachable = || {
            vec![
                Property::always(NO_GAP, |race: &Self, state: &Store| {
                    let in_force = state.row.signoff.approval_in_force(race.world.now).is_some();
                    in_force || !state.revoked.is_empty() || state.rejected == [2]
                }),
                Property::sometimes("the renewal takes the place of the approval", |_, state: &Store| {
                    state.decisions == [2] && state.revoked.is_empty() && state.rejected.is_empty()
                }),
                Property::sometimes("the approval is revoked, and the renewal approved", |_, state: &Store| {
                    state.revoked == [1] && state.decisions == [2] && state.rejected.is_empty()
                }),
                Property::sometimes("the new approval is revoked", |_, state: &Store| state.revoked == [2]),
                Property::sometimes("the renewal is given up, and something is deployed", |_, state: &Store| {
                    !state.revisions.is_empty() && state.row.signoff.round == 1
                }),
            ]
        };
        Self { directory: world.directory(), world, variant, people, reachable, begin }
    }

    fn new(variant: Variant, second: Command) -> Self {
        let people = vec![
            ("approver", approve("good")),
            ("deputy", second),
            ("requester", abandon("not needed")),
            ("manager", revoke("drift")),
            ("manager", RELOAD),
            // The next round, for a person who has not decided yet.
            ("requester", SKIP),
        ];
        let reachable = || {
            vec![
                Property::sometimes("something is deployed, then revoked", |_, state: &Store| {
                    !state.revisions.is_empty() && !state.revoked.is_empty()
                }),
                Property::sometimes("it is revoked, and the deployment denied", |_, state: &Store| {
                    state.deployer == THROUGH && state.revisions.is_empty() && !state.revoked.is_empty()
                }),
                Property::sometimes("two rounds are decided", |_, state: &Store| state.decisions.len() == 2),
                Property::sometimes("it is deployed in the second round", |_, state: &Store| {
                    !state.revisions.is_empty() && state.row.signoff.round == 2 && state.revoked == [1]
                }),
            ]
        };
        let world = World::new();
        let begin = world.after(&world.fresh(), [("requester", SKIP)]);
        Self { directory: world.directory(), world, variant, people, reachable, begin }
    }

    /// With what can happen to a version besides its decision.
    fn around_the_decision() -> Self {
        let people = vec![
            ("approver", approve("good")),
            ("requester", TAKE_BACK),
            ("manager", reload_reviewers("the deputy has left")),
            ("manager", retire("superseded")),
            ("manager", restore("needed")),
            ("requester", SKIP),
        ];
        let reachable = || {
            vec![
                Property::sometimes("it is deployed, then retired", |_, state: &Store| {
                    state.retired && !state.revisions.is_empty()
                }),
                Property::sometimes("it is retired, and the deployment denied", |_, state: &Store| {
                    state.retired && state.deployer == THROUGH && state.revisions.is_empty() && !state.decisions.is_empty()
                }),
                Property::sometimes("the request is taken back", |_, state: &Store| state.row.signoff.review().is_none()),
                Property::sometimes("the reviewers are reloaded, then it is approved", |_, state: &Store| {
                    !state.decisions.is_empty()
                        && state.row.signoff.review().is_some_and(|review| review.reviewers.approvers.len() == 1)
                }),
            ]
        };
        let mut world = World::new();
        let begin = world.after(&world.fresh(), [("requester", SKIP)]);
        // What a reload takes into the round.
        world.reviewers.approvers.truncate(1);
        Self { directory: world.directory(), world, variant: Variant::Sound, people, reachable, begin }
    }

    /// The world as it is for a version that is retired, or not.
    fn world(&self, retired: bool) -> World {
        let now = || Act { by: self.world.id("manager"), signatory: None, at: self.world.now, comment: None, path: None };
        World { retired: retired.then(now), ..self.world.clone() }
    }

    /// The sign-off as the gate sees it.
    fn candidate(&self, signoff: &SignOff, retired: bool) -> Candidate {
        let signoff = signoff.speaking();
        let approval = match &signoff.state {
            State::Approved { approval, .. } | State::Revoked { approval, .. } | State::Expired { approval, .. } => {
                Some(approval)
            }
            _ => None,
        };
        let signoff = CandidateSignOff {
            step: signoff.step.clone(),
            status: signoff.status(),
            round: signoff.round,
            signed: true,
            approved_at: approval.map(|approval| approval.act.at),
            independent: true,
            approved_digest: approval.map(|approval| approval.model_digest),
            not_after: approval.and_then(|approval| approval.not_after),
            missing: String::new(),
            who_can: Vec::new(),
            link: String::new(),
        };
        Candidate {
            name: "diagnosis/tumour:1".to_owned(),
            model_digest: self.world.model_digest,
            retired,
            project: Some(self.world.name.project.clone()),
            signoffs: vec![signoff],
            same_bytes: Vec::new(),
            by_digest: false,
        }
    }

    fn admits(&self, state: &Store) -> bool {
        let candidate = self.candidate(&state.row.signoff, state.retired);
        let answer = gate::check(Policy::Prevent, &Acceptance::default(), &[candidate], self.world.now);
        deployment::admit(&answer, Some("it is urgent")) == Admission::Admitted { acknowledgement: None }
    }

    fn write(&self, state: &mut Store, who: usize, seen: &Row) {
        if seen.version != state.row.version && self.variant != Variant::StaleWrites {
            // A conflict: look again.
            state.people[who] = Person::Away;
            return;
        }
        state.people[who] = Person::Through;
        let (actor, command) = self.people[who].clone();
        let world = self.world(state.retired);
        if let Ok(Outcome::Changed(transition)) = seen.signoff.clone().apply(command, &world.facts(&self.directory, actor)) {
            match transition.event {
                Event::VersionRetired { .. } => state.retired = true,
                Event::VersionRestored { .. } => state.retired = false,
                Event::Approved { round, .. } => state.decisions.push(round),
                Event::Rejected { round, .. } => {
                    state.decisions.push(round);
                    state.rejected.push(round);
                }
                Event::Revoked { round, .. } => state.revoked.push(round),
                _ => {}
            }
            state.row = Row::new(state.row.version + 1, transition.signoff);
        }
    }

    fn deploy(&self, state: &mut Store) {
        let attempts = match state.deployer {
            Deployer::Ready(left) if self.variant != Variant::NoGate => Some(left.saturating_sub(1)),
            Deployer::Ready(_) | Deployer::Admitted => None,
        };
        if let Some(left) = attempts
            && !self.admits(state)
        {
            state.deployer = Deployer::Ready(left);
        } else if attempts.is_some() && self.variant == Variant::CheckThenWrite {
            state.deployer = Deployer::Admitted;
        } else {
            let signoff = &state.row.signoff;
            let in_force = signoff
                .approval_in_force(self.world.now)
                .is_some_and(|approval| approval.model_digest == self.world.model_digest);
            let round_revoked = state.revoked.contains(&signoff.speaking().round);
            state.revisions.push(Revision { in_force, round_revoked, retired: state.retired });
            state.deployer = attempts.map_or(THROUGH, Deployer::Ready);
        }
    }
}

const ONE_DECISION: &str = "a round has at most one final decision";
const IN_FORCE: &str = "every revision rested on an approval in force in the step that wrote it";
const NO_GAP: &str = "an approval is in force until it is revoked, or its renewal rejected";
const NOT_REVOKED: &str = "there is no new revision on a revoked approval";
const NOT_RETIRED: &str = "there is no new revision of a retired version";

impl Model for Race {
    type State = Store;
    type Action = Move;

    fn init_states(&self) -> Vec<Store> {
        vec![Store {
            row: Row::new(1, self.begin.clone()),
            retired: false,
            people: vec![Person::Away; self.people.len()],
            deployer: Deployer::Ready(2),
            revisions: Vec::new(),
            decisions: Vec::new(),
            revoked: Vec::new(),
            rejected: Vec::new(),
        }]
    }

    fn actions(&self, state: &Store, moves: &mut Vec<Move>) {
        for (who, person) in state.people.iter().enumerate() {
            match person {
                Person::Away => moves.push(Move::Look(who)),
                Person::Looking(_) => moves.push(Move::Write(who)),
                Person::Through => {}
            }
        }
        if state.deployer != THROUGH {
            moves.push(Move::Deploy);
        }
    }

    fn next_state(&self, last: &Store, action: Move) -> Option<Store> {
        let mut state = last.clone();
        match action {
            Move::Look(who) => state.people[who] = Person::Looking(Arc::clone(&state.row)),
            Move::Write(who) => {
                let Person::Looking(seen) = &last.people[who] else {
                    return None;
                };
                self.write(&mut state, who, seen);
            }
            Move::Deploy => self.deploy(&mut state),
        }
        Some(state)
    }

    fn properties(&self) -> Vec<Property<Self>> {
        let mut all = vec![
            Property::always(ONE_DECISION, |_, state: &Store| {
                let rounds = state.decisions.iter().collect::<BTreeSet<_>>();
                rounds.len() == state.decisions.len()
            }),
            Property::always(IN_FORCE, |_, state: &Store| state.revisions.iter().all(|revision| revision.in_force)),
            Property::always(NOT_REVOKED, |_, state: &Store| !state.revisions.iter().any(|revision| revision.round_revoked)),
            Property::always(NOT_RETIRED, |_, state: &Store| !state.revisions.iter().any(|revision| revision.retired)),
        ];
        all.extend((self.reachable)());
        all
    }
}

fn assert_sound(second: Command) {
    let checker = Race::new(Variant::Sound, second).checker().spawn_bfs().join();
    assert!(checker.is_done());
    checker.assert_properties();
}

#[test]
fn no_order_of_an_approval_and_a_rejection_breaks_a_rule() {
    assert_sound(reject("bad"));
}

#[test]
fn no_order_of_what_happens_around_an_approval_breaks_a_rule() {
    let checker = Race::around_the_decision().checker().spawn_bfs().join();
    assert!(checker.is_done());
    checker.assert_properties();
}

#[test]
fn no_order_of_two_approvals_breaks_a_rule() {
    assert_sound(approve("good enough"));
}

#[test]
fn no_order_of_decisions_on_a_renewal_and_on_the_approval_breaks_a_rule() {
    let checker = Race::of_renewal(Variant::Sound).checker().spawn_bfs().join();
    assert!(checker.is_done());
    checker.assert_properties();
}

/// The moves by which the checker breaks a rule of a broken variant.
fn violation(variant: Variant, property: &'static str) -> Vec<Move> {
    let found = HasDiscoveries::AnyOf([property].into());
    let race = Race::new(variant, reject("bad"));
    race.checker().finish_when(found).spawn_bfs().join().assert_any_discovery(property).into_actions()
}

#[test]
fn a_write_on_a_stale_view_would_decide_twice() {
    let moves = violation(Variant::StaleWrites, ONE_DECISION);
    assert!(moves.contains(&Move::Write(0)) && moves.contains(&Move::Write(1)), "{moves:?}");
}

#[test]
fn a_gap_between_check_and_revision_would_deploy_what_was_revoked() {
    for property in [IN_FORCE, NOT_REVOKED] {
        let moves = violation(Variant::CheckThenWrite, property);
        let deploys: Vec<_> = (0..moves.len()).filter(|index| moves[*index] == Move::Deploy).collect();
        let [.., asked, written] = deploys[..] else { panic!("asked and written in two steps: {moves:?}") };
        assert!(moves[asked..written].iter().any(|step| matches!(step, Move::Write(_))), "something came between: {moves:?}");
    }
}

#[test]
fn a_deployment_that_does_not_ask_would_deploy_anything() {
    assert!(violation(Variant::NoGate, IN_FORCE).contains(&Move::Deploy));
}
