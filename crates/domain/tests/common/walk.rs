//! Random walks: commands by random people on one version, while the clock moves, fields change and accounts close and open.

use super::*;
use domain::signoff::{Status, Transition};
use proptest::prelude::*;

/// One step of a walk.
#[derive(Clone, Debug)]
pub enum Step {
    /// Somebody asks for something.
    Act(&'static str, Command),
    /// Time passes, and the clock's own command runs.
    Days(u32),
    /// Somebody changes the governed fields to these.
    Fields(&'static str, u8),
    /// The account of somebody who may decide is closed, or opened again.
    Account(&'static str),
    /// Somebody is named as an author, or no longer.
    Author(&'static str),
    /// The project names somebody as a final approver, or no longer.
    Approver(&'static str),
    /// The project has this slot, or no longer.
    Slot(&'static str),
}

/// A changed sign-off, seen from both sides. `by` is none where the clock changed it.
pub struct Change<'a> {
    pub world: &'a World,
    pub before: &'a SignOff,
    pub after: &'a SignOff,
    pub event: &'a Event,
    pub by: Option<(&'static str, &'a Command)>,
    /// Whether the version was retired before.
    pub was_retired: bool,
}

/// Those who act. The manager and the requester keep their accounts, so that somebody can always go on.
pub const ACTORS: [&str; 10] =
    ["manager", "requester", "contributor", "itops", "riskofficer", "approver", "deputy", "author", "insider", "colleague"];

/// Every command of the walks, with words and without.
pub fn every_command(world: &World) -> Vec<Command> {
    let mut commands = vec![REQUEST, SKIP, RENEW, RENEW_SKIP, TAKE_BACK, FINAL, BACK, CANCEL, KEEP, RELOAD];
    for words in ["", "because"] {
        commands.extend([approve(words), reject(words), abandon(words), revoke(words), reload_reviewers(words)]);
        commands.extend([reset(words), retire(words), restore(words)]);
        commands.extend([give(IT, Verdict::Approve, words), give(RISK, Verdict::MajorIssue, words)]);
    }
    commands.extend([withdraw(IT), withdraw(RISK)]);
    for to in ["colleague", "insider", "service"] {
        commands.extend([world.delegate(Task::FinalApproval, to), world.delegate(feedback_task(IT), to)]);
    }
    commands
}

fn act() -> impl Strategy<Value = Step> {
    let commands = every_command(&World::new());
    let anybody =
        (prop::sample::select(&ACTORS[..]), prop::sample::select(commands)).prop_map(|(who, what)| Step::Act(who, what));
    // Pure chance would seldom come far: half of the commands are those that somebody with the part for it would give.
    let likely = prop::sample::select(vec![
        ("requester", REQUEST),
        ("insider", REQUEST),
        ("itops", give(IT, Verdict::MajorIssue, "slow")),
        ("itops", withdraw(IT)),
        ("requester", FINAL),
        ("requester", TAKE_BACK),
        ("manager", reload_reviewers("they left")),
        ("approver", approve("good")),
        ("deputy", approve("good")),
        ("deputy", reject("bad")),
        ("manager", revoke("drift")),
        ("manager", CANCEL),
        ("requester", RENEW),
        ("insider", RENEW_SKIP),
        ("requester", abandon("not needed")),
        ("manager", KEEP),
        ("manager", RELOAD),
        ("manager", reset("measured wrongly")),
        ("manager", retire("superseded")),
        ("manager", restore("needed")),
    ]);
    prop_oneof![anybody, likely.prop_map(|(who, what)| Step::Act(who, what))]
}

/// A walk of up to 60 steps.
pub fn steps() -> impl Strategy<Value = Vec<Step>> {
    let step = prop_oneof![
        24 => act(),
        2 => (0_u32..20).prop_map(Step::Days),
        1 => (prop::sample::select(vec!["contributor", "insider"]), 0_u8..4).prop_map(|(who, shown)| Step::Fields(who, shown)),
        1 => prop::sample::select(vec!["approver", "deputy", "insider", "itops"]).prop_map(Step::Account),
        1 => prop::sample::select(vec!["approver", "colleague", "deputy"]).prop_map(Step::Author),
        1 => prop::sample::select(vec!["approver", "colleague"]).prop_map(Step::Approver),
        1 => prop::sample::select(vec![IT, RISK]).prop_map(Step::Slot),
    ];
    prop::collection::vec(step, 1..60)
}

/// Takes the steps, and shows each change; gives where it ended.
pub fn walk(steps: &[Step], mut seen: impl FnMut(&Change<'_>)) -> (World, SignOff) {
    let mut world = World::new();
    world.rules.approval_valid_for = Some(days(30));
    world.rules.renew_before = Some(days(10));
    let mut signoff = world.fresh();
    for step in steps {
        let (by, transition) = match step {
            Step::Act(who, command) => match world.act(&signoff, who, command.clone()) {
                Ok(Outcome::Changed(transition)) => (Some((*who, command)), Some(*transition)),
                _ => (None, None),
            },
            Step::Days(number) => {
                world.now = world.now.plus(days(*number));
                let directory = world.directory();
                let renewal = || signoff.clone().open_renewal(&world.facts(&directory, "manager"));
                (None, signoff.clone().expire(world.now).or_else(renewal))
            }
            Step::Fields(who, shown) => {
                let directory = world.directory();
                if signoff.fields_may_change(&world.facts(&directory, who)).is_ok() {
                    signoff = world.change_fields_as(who, signoff, digest(*shown));
                }
                (None, None)
            }
            Step::Account(who) => {
                let person = world.person_mut(who);
                person.active = !person.active;
                (None, None)
            }
            Step::Author(who) => {
                if !world.authors.named.remove(*who) {
                    world.authors.named.insert((*who).to_owned());
                }
                (None, None)
            }
            Step::Approver(who) => {
                let container = Container::User(world.id(who));
                toggle(&mut world.reviewers.approvers, container);
                (None, None)
            }
            Step::Slot(name) => {
                let slots = World::new().reviewers.slots;
                let slot = slots.into_iter().find(|slot| slot.name.as_str() == *name).expect("a slot of the world");
                toggle(&mut world.reviewers.slots, slot);
                (None, None)
            }
        };
        if let Some(transition) = transition {
            let was_retired = world.retired.is_some();
            world.note(&transition.event);
            let Transition { signoff: after, event, .. } = &transition;
            let change = Change { world: &world, before: &signoff, after, event, by, was_retired };
            seen(&change);
            signoff = transition.signoff;
        }
    }
    (world, signoff)
}

/// Takes it out where it is in, and puts it in where it is not.
fn toggle<T: PartialEq>(all: &mut Vec<T>, one: T) {
    match all.iter().position(|other| *other == one) {
        Some(place) => drop(all.remove(place)),
        None => all.push(one),
    }
}

/// Whether the round is over in this status.
pub fn is_terminal(status: Status) -> bool {
    !status.is_open() && status != Status::NotStarted
}
