//! Renewal: what becomes of the approval in force while its renewal is open, and after each way in which the renewal can end.

mod common;

use common::*;
use domain::event::Event;
use domain::signoff::{SignOff, Status};
use domain::{NextStep, RefusalKind};

fn approved(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", SKIP), ("approver", approve("good"))])
}

fn renewing(world: &World) -> SignOff {
    world.after(&approved(world), [("contributor", RENEW_SKIP)])
}

fn in_force(world: &World, signoff: &SignOff) -> Option<u32> {
    signoff.approval_in_force(world.now).map(|_| signoff.speaking().round)
}

#[test]
fn a_renewal_opens_the_next_round_and_the_approval_goes_on() {
    let mut world = World::new();
    let approved = approved(&world);
    world.reviewers.approvers.truncate(1);
    let (renewing, event) = world.event(&approved, "contributor", RENEW);
    assert_eq!((renewing.round, renewing.status(), in_force(&world, &renewing)), (2, Status::WaitingForFeedback, Some(1)));
    let Event::RenewalRequested { round: 2, renews: 1, reviewers, .. } = event else { panic!("{event:?}") };
    assert_eq!(reviewers, world.reviewers, "the project's present reviewers");
    world.assert_done(&renewing, "contributor", RENEW);
    assert!(renewing.requesters.contains(&world.id("requester")) && renewing.requesters.contains(&world.id("contributor")));
    for command in [RENEW, RENEW_SKIP, REQUEST, KEEP] {
        assert_eq!(world.refusal(&renewing, "manager", command).kind, RefusalKind::WrongStatus);
    }
}

#[test]
fn only_an_approval_in_force_is_renewed_and_a_request_for_a_review_says_so() {
    let mut world = World::new();
    world.rules.approval_valid_for = Some(days(30));
    let approved = approved(&world);
    let refusal = world.refusal(&approved, "requester", REQUEST);
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::RequestRenewal { version: world.name.clone() }));
    assert_eq!(world.refusal(&approved, "reader", RENEW).kind, RefusalKind::NotEntitled);
    world.now = world.now.plus(days(30));
    let refusal = world.refusal(&approved, "requester", RENEW);
    assert_eq!(
        (refusal.kind, refusal.next.as_deref()),
        (RefusalKind::WrongStatus, Some(&NextStep::OpenNextRound { version: world.name.clone() }))
    );
    for other in [world.fresh(), world.after(&world.fresh(), [("requester", SKIP)])] {
        assert_eq!(world.refusal(&other, "requester", RENEW).kind, RefusalKind::WrongStatus);
    }
}

#[test]
fn nobody_approves_the_renewal_that_they_requested() {
    let world = World::new();
    let renewing = world.after(&approved(&world), [("insider", RENEW_SKIP)]);
    assert_eq!(world.refusal(&renewing, "insider", approve("")).kind, RefusalKind::BarredByDuty);
    // Not in the next one either, if the first was given up.
    let given_up = world.after(&renewing, [("insider", abandon("later"))]);
    let again = world.after(&given_up, [("requester", RENEW_SKIP)]);
    assert_eq!(again.round, 3);
    assert_eq!(world.refusal(&again, "insider", approve("")).kind, RefusalKind::BarredByDuty);
    let reset = world.after(&given_up, [("manager", reset("another round")), ("requester", SKIP)]);
    assert_eq!(reset.round, 3);
    assert_eq!(world.refusal(&reset, "insider", approve("")).kind, RefusalKind::BarredByDuty);
}

#[test]
fn an_approval_takes_the_place_of_the_one_before() {
    let world = World::new();
    let (after, event) = world.event(&renewing(&world), "approver", approve("still good"));
    assert!(matches!(event, Event::Approved { round: 2, replaces: Some(1), .. }), "{event:?}");
    assert_eq!((after.round, in_force(&world, &after), after.renewed()), (2, Some(2), None));
    // And it can be renewed and revoked like any other.
    let third = world.after(&after, [("requester", RENEW_SKIP)]);
    assert_eq!((third.round, in_force(&world, &third)), (3, Some(2)));
    assert_eq!(world.after(&after, [("manager", revoke("drift"))]).status(), Status::Revoked);
}

#[test]
fn a_rejection_ends_the_approval_too() {
    let world = World::new();
    let (after, event) = world.event(&renewing(&world), "approver", reject("bad by now"));
    assert!(matches!(event, Event::Rejected { round: 2, ends: Some(1), .. }), "{event:?}");
    assert_eq!((after.round, after.is_locked(), in_force(&world, &after)), (2, true, None));
}

#[test]
fn an_abandoned_renewal_changes_nothing_and_can_be_taken_up_again() {
    let world = World::new();
    let renewing = renewing(&world);
    let abandoned = world.after(&renewing, [("contributor", abandon("not now"))]);
    assert_eq!((abandoned.round, abandoned.status(), abandoned.is_locked()), (1, Status::Approved, false));
    assert_eq!((in_force(&world, &abandoned), abandoned.last_round()), (Some(1), 2));
    world.assert_done(&abandoned, "contributor", abandon("not now"));
    assert_eq!(world.after(&abandoned, [("manager", CANCEL)]), renewing);
    assert_eq!(world.after(&abandoned, [("requester", RENEW)]).round, 3);
    assert_eq!(world.after(&abandoned, [("manager", reset("another round"))]).round, 3);
    let revoked = world.after(&abandoned, [("manager", revoke("drift"))]);
    assert_eq!((revoked.round, revoked.status()), (1, Status::Revoked));
}

#[test]
fn the_approval_ends_by_itself_while_its_renewal_is_open() {
    let mut world = World::new();
    world.rules.approval_valid_for = Some(days(30));
    let renewing = renewing(&world);
    let (revoked, event) = world.event(&renewing, "manager", revoke("drift"));
    assert!(matches!(event, Event::Revoked { round: 1, .. }), "{event:?}");
    assert_eq!((revoked.round, revoked.status(), in_force(&world, &revoked)), (2, Status::WaitingForApproval, None));
    world.assert_done(&revoked, "manager", revoke("drift"));
    assert_eq!(world.refusal(&revoked, "manager", revoke("again")).kind, RefusalKind::WrongStatus);
    assert!(matches!(world.event(&revoked, "approver", approve("")).1, Event::Approved { round: 2, replaces: None, .. }));
    assert!(matches!(world.event(&revoked, "approver", reject("no")).1, Event::Rejected { round: 2, ends: None, .. }));
    let given_up = world.after(&revoked, [("contributor", abandon("no use"))]);
    assert_eq!((given_up.round, given_up.status()), (1, Status::Revoked));

    world.now = world.now.plus(days(30));
    let expired = renewing.clone().expire(world.now).expect("the approval has ended");
    assert!(matches!(expired.event, Event::Expired { round: 1, .. }));
    assert_eq!((expired.round, expired.changed().unwrap().status()), (1, Status::Expired));
    assert_eq!((expired.signoff.round, expired.signoff.status()), (2, Status::WaitingForApproval));
    assert!(expired.signoff.clone().expire(world.now).is_none(), "once");
    let approved = world.after(&expired.signoff, [("approver", approve(""))]);
    assert_eq!(in_force(&world, &approved), Some(2));
}

#[test]
fn the_fields_stay_as_they_were_approved_while_the_approval_goes_on() {
    let world = World::new();
    let directory = world.directory();
    let may_change = |signoff: &SignOff| signoff.fields_may_change(&world.facts(&directory, "contributor"));
    let renewing = renewing(&world);
    assert_eq!(may_change(&renewing).unwrap_err().kind, RefusalKind::AlreadyDecided);
    may_change(&world.after(&renewing, [("manager", revoke("drift"))])).expect("no approval was given for them");
}
