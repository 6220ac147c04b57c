//! Whose turn it is in each situation: what is expected, of whom, why and since when.

mod common;

use common::*;
use domain::people::Container;
use domain::reviewers::Task;
use domain::signoff::{SignOff, Verdict};
use domain::turn::{Expected, Turn, turns};
use domain::{RefusalKind, Timestamp};

fn now(world: &World, signoff: &SignOff) -> Vec<Turn> {
    let directory = world.directory();
    turns(signoff, &world.facts(&directory, "outsider"))
}

/// The one turn that there is.
fn only(world: &World, signoff: &SignOff) -> Turn {
    let mut turns = now(world, signoff);
    assert_eq!(turns.len(), 1, "{turns:?}");
    turns.remove(0)
}

/// Each turn: what is expected, in which task, of whom.
fn brief<'a>(world: &'a World, turns: &[Turn]) -> Vec<(Expected, Option<Task>, Vec<&'a str>)> {
    turns.iter().map(|turn| (turn.expected, turn.task.clone(), world.names(&turn.people))).collect()
}

fn asked(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", REQUEST)])
}

const CONTRIBUTORS: [&str; 5] = ["contributor", "requester", "manager", "uploader", "insider"];

#[test]
fn nobody_has_the_turn_before_a_review_or_once_it_is_settled() {
    let world = World::new();
    let asked = asked(&world);
    let settled = [approve(""), reject("no"), abandon("no")].map(|command| world.after(&asked, [("approver", command)]));
    for signoff in [&[world.fresh()][..], &settled].concat() {
        assert_eq!(now(&world, &signoff), []);
    }
}

#[test]
fn each_slot_without_feedback_has_the_turn_since_the_request() {
    let mut world = World::new();
    let asked = asked(&world);
    let since = world.now;
    world.now = world.now.plus(days(2));
    let turns = now(&world, &asked);
    let slots = vec![
        (Expected::GiveFeedback, Some(feedback_task(IT)), vec!["itops"]),
        (Expected::GiveFeedback, Some(feedback_task(RISK)), vec!["riskofficer"]),
    ];
    assert_eq!(brief(&world, &turns), slots);
    assert!(turns.iter().all(|turn| turn.since == Some(since)));
    assert_eq!(turns[0].why, format!("“{IT}” has given no feedback yet."));

    let answered = world.after(&asked, [("itops", give(IT, Verdict::MajorIssue, "slow"))]);
    assert_eq!(brief(&world, &now(&world, &answered)), slots[1..]);
    let handed = world.after(&answered, [("riskofficer", world.delegate(feedback_task(RISK), "colleague"))]);
    assert_eq!(world.names(&only(&world, &handed).people), ["colleague", "riskofficer"]);
}

#[test]
fn when_all_feedback_is_in_those_who_can_go_on_have_the_turn() {
    let mut world = World::new();
    let first = world.after(&asked(&world), [("itops", give(IT, Verdict::Approve, ""))]);
    world.now = world.now.plus(days(1));
    let answered = world.after(&first, [("riskofficer", give(RISK, Verdict::Approve, ""))]);
    let turn = only(&world, &answered);
    assert_eq!((turn.expected, turn.task, turn.why.as_str()), (Expected::RequestFinalApproval, None, "All feedback is in."));
    assert_eq!(world.names(&turn.people), [&CONTRIBUTORS[..4], &["approver", "deputy", "insider"]].concat());
    assert_eq!(turn.since, Some(world.now), "since the last answer");
}

#[test]
fn a_reviewer_who_answered_before_the_fields_changed_has_the_turn_back() {
    let mut world = World::new();
    let answered = world
        .after(&asked(&world), [("itops", give(IT, Verdict::Approve, "")), ("riskofficer", give(RISK, Verdict::Approve, ""))]);
    let stale = world.change_fields(answered, digest(0x02));
    let renewed = world.after(&stale, [("itops", give(IT, Verdict::Approve, ""))]);
    let turn = only(&world, &renewed);
    assert_eq!((turn.expected, turn.task.clone()), (Expected::ReconsiderFeedback, Some(feedback_task(RISK))));
    assert_eq!(world.names(&turn.people), ["riskofficer"]);
    assert_eq!(turn.why, format!("What was shown has changed since the feedback for “{RISK}”."));
}

#[test]
fn a_sign_off_never_waits_for_people_who_are_gone() {
    let mut world = World::new();
    let answered = world.after(&asked(&world), [("itops", give(IT, Verdict::Approve, ""))]);
    let stale = world.change_fields(answered, digest(0x02));
    world.person_mut("itops").active = false;
    world.person_mut("riskofficer").groups.clear();
    let turns = now(&world, &stale);
    let expected: Vec<_> = turns.iter().map(|turn| turn.expected).collect();
    assert_eq!(expected, [Expected::GiveFeedback, Expected::ReconsiderFeedback, Expected::RequestFinalApproval]);
    assert!(turns[0].people.is_empty() && turns[1].people.is_empty());
    assert!(world.names(&turns[2].people).contains(&"requester"));
    assert_eq!(turns[2].why, "Nobody is left to give the feedback that is missing.");
}

#[test]
fn final_approvers_who_are_not_barred_decide_and_are_told_what_is_missing() {
    let mut world = World::new();
    let answered = world.after(&asked(&world), [("itops", give(IT, Verdict::Approve, ""))]);
    world.now = world.now.plus(days(1));
    let since = world.now;
    let waiting = world.after(&answered, [("requester", FINAL)]);
    let stale = world.change_fields(waiting, digest(0x02));
    let turn = only(&world, &stale);
    assert_eq!((turn.expected, turn.task, turn.since), (Expected::Decide, Some(Task::FinalApproval), Some(since)));
    assert_eq!(world.names(&turn.people), ["approver", "deputy", "insider"], "neither the author nor the service account");
    assert_eq!(turn.why, "The final approval was asked for. Slots without feedback: 1. Answers from before the last change: 1.");

    let skipped = world.after(&world.fresh(), [("requester", SKIP)]);
    assert!(only(&world, &skipped).why.ends_with("Slots without feedback: 2."));
}

#[test]
fn where_nobody_can_approve_any_more_the_manager_has_the_turn() {
    let mut world = World::new();
    let [waiting, asked] = [SKIP, REQUEST].map(|request| world.after(&world.fresh(), [("requester", request)]));
    for gone in ["approver", "deputy", "insider"] {
        world.person_mut(gone).active = false;
    }
    let turn = only(&world, &waiting);
    assert_eq!((turn.expected, turn.task.clone()), (Expected::ReloadReviewers, None));
    assert_eq!(world.names(&turn.people), ["manager"]);
    assert!(turn.why.starts_with("Nobody can give the final approval"), "{}", turn.why);
    let expected: Vec<_> = now(&world, &asked).iter().map(|turn| turn.expected).collect();
    assert_eq!(expected, [Expected::GiveFeedback, Expected::GiveFeedback, Expected::ReloadReviewers]);

    // What a refusal tells those who ask is what helps.
    let refusal = world.refusal(&waiting, "author", approve(""));
    assert_names(&refusal, &[]);
    assert_eq!(world.refusal(&waiting, "manager", reload_reviewers("gone")).kind, RefusalKind::NobodyCanApprove);
    world.reviewers.approvers = vec![Container::User(world.id("colleague"))];
    assert_eq!(world.refusal(&waiting, "manager", reload_reviewers(" ")).kind, RefusalKind::Invalid);
    let reloaded = world.after(&waiting, [("manager", reload_reviewers("gone"))]);
    let turn = only(&world, &reloaded);
    assert_eq!((turn.expected, world.names(&turn.people)), (Expected::Decide, vec!["colleague"]));
    world.event(&reloaded, "colleague", approve(""));
}

#[test]
fn after_a_lapse_a_manager_resets_and_then_a_contributor_asks_again() {
    let mut world = World::new();
    let end = world.now.plus(days(10));
    let approved = world.after(&asked(&world), [("approver", approve_for(days(10)))]);
    let expired = approved.clone().expire(end).unwrap().signoff;
    world.now = world.now.plus(days(1));
    let revoked = world.after(&approved, [("manager", revoke("drift"))]);
    let lapsed = |signoff: &SignOff, since: Timestamp, why: &str| {
        let turn = only(&world, signoff);
        assert_eq!((turn.expected, turn.task, turn.since), (Expected::Reset, None, Some(since)));
        assert_eq!(world.names(&turn.people), ["manager"]);
        assert!(turn.why.starts_with(why), "{}", turn.why);
    };
    lapsed(&revoked, world.now, "The approval was revoked");
    lapsed(&expired, end, "The approval has expired");

    let turn = only(&world, &world.after(&revoked, [("manager", KEEP)]));
    assert_eq!((turn.expected, turn.since), (Expected::RequestReview, None));
    assert_eq!(world.names(&turn.people), CONTRIBUTORS);
}
