//! Standing in: what the clock hands on for a reviewer who is away, and what it leaves.

mod common;

use common::*;
use domain::{
    absence::Absence,
    event::Event,
    reviewers::Task,
    signoff::{Mismatch, SignOff, Transition, Verdict},
};

fn requested(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", REQUEST)])
}

fn away(world: &mut World, who: &str, stand_in: Option<&str>) {
    let stand_in = stand_in.map(|name| world.id(name));
    let absence = Absence { from: world.now, until: world.now.plus(days(7)), stand_in };
    world.person_mut(who).absence = Some(absence);
}

fn handed(world: &World, signoff: &SignOff) -> Vec<Transition> {
    let directory = world.directory();
    signoff.stand_ins(&world.facts(&directory, "manager"))
}

#[test]
fn the_clock_hands_on_what_only_somebody_who_is_away_could_do() {
    let mut world = World::new();
    away(&mut world, "itops", Some("colleague"));
    let signoff = requested(&world);
    let all = handed(&world, &signoff);
    let [Transition { event, signoff: after, .. }] = all.as_slice() else { panic!("{all:?}") };
    let Event::Delegated { task, to, until, absent, .. } = event else { panic!("{event:?}") };
    assert_eq!((task, *to), (&Task::Feedback(slot(IT)), world.id("colleague")));
    assert_eq!((*until, *absent), (Some(world.now.plus(days(7))), Some(world.id("itops"))));
    assert_eq!(handed(&world, after), [], "once");
    let directory = world.directory();
    let replayed = signoff.clone().replay(event, &world.facts(&directory, "manager"));
    assert_eq!(replayed.as_ref(), Ok(after));
    // Both may answer; and the end of the absence ends it.
    for who in ["colleague", "itops"] {
        world.after(after, [(who, give(IT, Verdict::Approve, ""))]);
    }
    world.now = world.now.plus(days(7));
    world.refusal(after, "colleague", give(IT, Verdict::Approve, ""));
}

#[test]
fn nothing_is_handed_on_without_need_or_right() {
    let mut world = World::new();
    let signoff = requested(&world);
    assert_eq!(handed(&world, &signoff), [], "nobody is away");
    away(&mut world, "itops", None);
    assert_eq!(handed(&world, &signoff), [], "nobody stands in");
    away(&mut world, "itops", Some("auditor"));
    assert_eq!(handed(&world, &signoff), [], "an auditor cannot review");
    away(&mut world, "itops", Some("colleague"));
    world.rules.delegation_allowed = false;
    assert_eq!(handed(&world, &signoff), [], "the project allows no delegation");
    world.rules.delegation_allowed = true;
    let answered = world.after(&signoff, [("itops", give(IT, Verdict::Approve, ""))]);
    assert_eq!(handed(&world, &answered), [], "the answer is there");
    world.now = world.now.plus(days(7));
    assert_eq!(handed(&world, &signoff), [], "the absence is over");
}

#[test]
fn an_approver_who_is_there_decides_and_duty_rules_hold() {
    let mut world = World::new();
    world.reviewers.approvers.truncate(2);
    let signoff = world.after(&world.fresh(), [("requester", SKIP)]);
    away(&mut world, "approver", Some("colleague"));
    assert_eq!(handed(&world, &signoff), [], "the deputy is there");
    away(&mut world, "deputy", Some("requester"));
    let all = handed(&world, &signoff);
    assert_eq!(all.len(), 1, "the requester is barred: {all:?}");
    assert!(matches!(&all[0].event, Event::Delegated { absent: Some(absent), .. } if *absent == world.id("approver")));
}

#[test]
fn an_event_that_nobody_is_away_for_does_not_replay() {
    let mut world = World::new();
    let signoff = requested(&world);
    away(&mut world, "itops", Some("colleague"));
    let Some(Transition { event, .. }) = handed(&world, &signoff).pop() else { panic!("one is handed on") };
    world.person_mut("itops").absence = None;
    let directory = world.directory();
    let replayed = signoff.replay(&event, &world.facts(&directory, "manager"));
    assert_eq!(replayed, Err(Mismatch::NoStandIn));
}
