//! Tests the delegation rules of `docs/rules.md`: who can delegate, to whom, for how long, and what ends a delegation.

mod common;

use common::*;
use domain::reviewers::Task;
use domain::signoff::{Command, SignOff, Until, Verdict};
use domain::{RefusalKind, Timestamp};

/// A review in which the approver has handed the final approval to a colleague, until a moment if there is one.
fn handed(world: &World, until: Option<Until>) -> SignOff {
    let command = Command::Delegate { task: Task::FinalApproval, to: world.id("colleague"), until };
    world.after(&world.fresh(), [("requester", REQUEST), ("approver", command)])
}

fn refused(world: &World, signoff: &SignOff, actor: &str, to: &str) -> RefusalKind {
    world.refusal(signoff, actor, world.delegate(Task::FinalApproval, to)).kind
}

#[test]
fn a_delegate_acts_and_the_delegator_still_may() {
    let world = World::new();
    let handed = handed(&world, None);
    world.event(&handed, "colleague", approve(""));
    world.event(&handed, "colleague", reject("no"));
    world.event(&handed, "approver", approve(""));
}

#[test]
fn feedback_is_delegated_for_one_slot() {
    let world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    let handed = world.after(&asked, [("itops", world.delegate(feedback_task(IT), "colleague"))]);
    world.event(&handed, "colleague", give(IT, Verdict::Approve, ""));
    let refusal = world.refusal(&handed, "colleague", give(RISK, Verdict::Approve, ""));
    assert_eq!(refusal.kind, RefusalKind::NotEntitled);
    assert_eq!(world.refusal(&handed, "colleague", approve("")).kind, RefusalKind::NotEntitled);
    let unknown = world.refusal(&handed, "itops", world.delegate(feedback_task("Business"), "colleague"));
    assert_eq!(unknown.kind, RefusalKind::Invalid);
}

#[test]
fn a_delegation_ends_exactly_at_its_end() {
    let mut world = World::new();
    let end = world.now.plus(days(3));
    let handed = handed(&world, Some(Until::Length(days(3))));
    assert_eq!(handed.review().unwrap().delegations[0].until, Some(end));
    world.now = Timestamp::from_micros(end.micros() - 1);
    world.event(&handed, "colleague", approve(""));
    world.now = end;
    assert_eq!(world.refusal(&handed, "colleague", approve("")).kind, RefusalKind::NotEntitled);
    world.event(&handed, "approver", approve(""));
}

#[test]
fn a_delegation_that_has_ended_can_be_given_again_for_the_same_time() {
    let mut world = World::new();
    let for_a_day =
        || Command::Delegate { task: Task::FinalApproval, to: world.id("colleague"), until: Some(Until::Length(days(1))) };
    let (first, again) = (for_a_day(), for_a_day());
    let handed = world.after(&world.fresh(), [("requester", REQUEST), ("approver", first.clone())]);
    world.assert_done(&handed, "approver", first);
    world.now = world.now.plus(days(2));
    assert_eq!(world.refusal(&handed, "colleague", approve("")).kind, RefusalKind::NotEntitled);
    let handed = world.after(&handed, [("approver", again)]);
    assert_eq!(handed.review().unwrap().delegations.len(), 1);
    world.event(&handed, "colleague", approve(""));
}

#[test]
fn a_delegation_does_not_end_before_it_begins() {
    let world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    for until in [Until::Moment(world.now), Until::Length(days(0))] {
        let command = Command::Delegate { task: Task::FinalApproval, to: world.id("colleague"), until: Some(until) };
        assert_eq!(world.refusal(&asked, "approver", command).kind, RefusalKind::Invalid);
    }
}

#[test]
fn a_repeated_delegation_has_the_end_of_the_first() {
    let mut world = World::new();
    let delegate = |world: &World, until| Command::Delegate { task: Task::FinalApproval, to: world.id("colleague"), until };
    let end = world.now.plus(days(30));
    let handed = handed(&world, Some(Until::Length(days(30))));
    world.now = world.now.plus(days(1));
    for same in [Until::Length(days(30)), Until::Moment(end)] {
        world.assert_done(&handed, "approver", delegate(&world, Some(same)));
    }
    for other in [Some(Until::Length(days(29))), Some(Until::Moment(end.plus(days(1)))), None] {
        world.event(&handed, "approver", delegate(&world, other));
    }
}

#[test]
fn a_delegation_holds_only_while_its_giver_is_assigned() {
    let mut world = World::new();
    world.authors.named.clear();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    let handed = world.after(&asked, [("author", world.delegate(Task::FinalApproval, "colleague"))]);
    world.event(&handed, "colleague", approve(""));
    let mut left = world.clone();
    left.person_mut("author").groups.clear();
    assert_eq!(left.refusal(&handed, "colleague", approve("")).kind, RefusalKind::NotEntitled);
    let mut closed = world.clone();
    closed.person_mut("author").active = false;
    assert_eq!(closed.refusal(&handed, "colleague", approve("")).kind, RefusalKind::NotEntitled);
}

#[test]
fn a_second_delegation_replaces_the_first() {
    let world = World::new();
    let replaced = world.after(&handed(&world, None), [("approver", world.delegate(Task::FinalApproval, "reader"))]);
    assert_eq!(replaced.review().unwrap().delegations.len(), 1);
    assert_eq!(world.refusal(&replaced, "colleague", approve("")).kind, RefusalKind::NotEntitled);
    world.event(&replaced, "reader", approve(""));
    let both = world.after(&replaced, [("deputy", world.delegate(Task::FinalApproval, "colleague"))]);
    assert_eq!(both.review().unwrap().delegations.len(), 2, "another reviewer's stands beside it");
}

#[test]
fn a_delegate_cannot_hand_on() {
    let world = World::new();
    let refusal = world.refusal(&handed(&world, None), "colleague", world.delegate(Task::FinalApproval, "reader"));
    assert_eq!(refusal.kind, RefusalKind::NotEntitled);
    assert!(refusal.reason.contains("cannot be handed on"));
}

#[test]
fn nobody_delegates_to_themselves_a_closed_or_unknown_account_or_a_service_account() {
    let mut world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    for to in ["approver", "former", "service"] {
        assert_eq!(refused(&world, &asked, "approver", to), RefusalKind::Invalid, "{to}");
    }
    let to_outsider = world.delegate(Task::FinalApproval, "outsider");
    world.people.retain(|person| person.name.as_str() != "outsider");
    assert_eq!(world.refusal(&asked, "approver", to_outsider).kind, RefusalKind::Invalid);
    let feedback = world.delegate(feedback_task(IT), "service");
    assert_eq!(world.refusal(&asked, "itops", feedback).kind, RefusalKind::Invalid);
}

#[test]
fn the_final_approval_is_not_delegated_to_or_by_the_barred() {
    let mut world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    for barred in ["requester", "uploader", "author"] {
        assert_eq!(refused(&world, &asked, "approver", barred), RefusalKind::BarredByDuty, "{barred}");
    }
    assert_eq!(refused(&world, &asked, "author", "colleague"), RefusalKind::BarredByDuty);
    // Feedback is nobody's to be barred from.
    world.event(&asked, "itops", world.delegate(feedback_task(IT), "author"));
    world.rules.author_may_approve = true;
    world.event(&asked, "approver", world.delegate(Task::FinalApproval, "uploader"));
}

#[test]
fn a_delegate_who_becomes_barred_does_not_decide() {
    let mut world = World::new();
    let handed = handed(&world, None);
    world.authors.named.insert("colleague".to_owned());
    assert_eq!(world.refusal(&handed, "colleague", approve("")).kind, RefusalKind::BarredByDuty);
}

#[test]
fn a_delegation_by_somebody_who_becomes_barred_does_not_count() {
    let mut world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    let handed = world.after(&asked, [("insider", world.delegate(Task::FinalApproval, "colleague")), ("approver", reject("no"))]);
    // The insider asks for the next round, with the delegation kept: the colleague would decide in the requester's place.
    let next = world.after(&handed, [("manager", KEEP), ("insider", REQUEST)]);
    let refusal = world.refusal(&next, "colleague", approve(""));
    assert_eq!(refusal.kind, RefusalKind::BarredByDuty);
    assert_eq!(refusal.who_can, ["The approver", "The deputy"]);
    let also = world.after(&next, [("deputy", world.delegate(Task::FinalApproval, "colleague"))]);
    world.event(&also, "colleague", approve(""));
    world.rules.requester_may_approve = true;
    world.event(&next, "colleague", approve(""));
}

#[test]
fn delegation_can_be_switched_off() {
    let mut world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    world.rules.delegation_allowed = false;
    assert_eq!(refused(&world, &asked, "approver", "colleague"), RefusalKind::Invalid);
}

#[test]
fn somebody_without_the_task_has_nothing_to_delegate() {
    let world = World::new();
    let asked = world.after(&world.fresh(), [("requester", REQUEST)]);
    let refusal = world.refusal(&asked, "manager", world.delegate(feedback_task(IT), "colleague"));
    assert_eq!((refusal.kind, refusal.who_can), (RefusalKind::NotEntitled, vec!["The itops".to_owned()]));
}
