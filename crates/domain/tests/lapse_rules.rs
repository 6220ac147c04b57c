//! Tests what an approval is bound to and when an approval ends (`docs/rules.md`): fields, staleness, validity, expiry.

mod common;

use common::*;
use domain::event::Event;
use domain::signoff::{Command, SignOff, State, Verdict};
use domain::{RefusalKind, StepName, Timestamp};

/// A review that was requested, waiting for feedback.
fn asked(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", REQUEST)])
}

/// Waiting for the final approval.
fn final_asked(world: &World) -> SignOff {
    world.after(&asked(world), [("requester", FINAL)])
}

#[test]
fn changed_fields_make_answers_stale_until_they_are_given_again() {
    let mut world = World::new();
    let feedback = give(IT, Verdict::Approve, "");
    let answered = world.after(&asked(&world), [("itops", feedback.clone())]);
    let stale = world.change_fields(answered.clone(), digest(0x02));
    let review = stale.review().unwrap();
    assert!(review.is_stale(&review.answers[0]));
    assert!(!answered.review().unwrap().is_stale(&answered.review().unwrap().answers[0]));

    // Not a repetition: it considers something else.
    let (again, event) = world.event(&stale, "itops", feedback);
    assert!(matches!(event, Event::FeedbackGiven { considered, .. } if considered == digest(0x02)));
    let review = again.review().unwrap();
    assert!(!review.is_stale(&review.answers[0]));

    let (_, event) = world.event(&stale, "approver", approve(""));
    assert!(matches!(event, Event::Approved { shown, .. } if shown == digest(0x02)), "bound to what is shown now");
}

#[test]
fn fields_change_before_and_during_a_review_and_never_after_a_decision() {
    let world = World::new();
    let waiting = final_asked(&world);
    let approved = world.after(&waiting, [("approver", approve_for(days(1)))]);
    let directory = world.directory();
    let may =
        |signoff: &SignOff| signoff.fields_may_change(&world.facts(&directory, "contributor")).map_err(|refusal| refusal.kind);
    assert_eq!([may(&world.fresh()), may(&asked(&world)), may(&waiting)], [Ok(()); 3]);
    assert_eq!(may(&approved), Err(RefusalKind::AlreadyDecided));
    assert_eq!(may(&world.after(&waiting, [("approver", reject("no"))])), Err(RefusalKind::Locked));
    assert_eq!(may(&world.after(&waiting, [("approver", abandon("no"))])), Err(RefusalKind::Locked));
    assert_eq!(may(&world.after(&approved, [("approver", revoke("no"))])), Err(RefusalKind::WrongStatus));
    let expired = approved.clone().expire(world.now.plus(days(1))).unwrap().signoff;
    assert_eq!(may(&expired), Err(RefusalKind::WrongStatus));
    assert_eq!(
        approved.clone().fields_changed(world.id("approver"), digest(0x02), &Default::default(), []).state,
        approved.state
    );
}

#[test]
fn an_approval_ends_exactly_at_its_end() {
    let world = World::new();
    let end = world.now.plus(days(10));
    let approved = world.after(&asked(&world), [("approver", approve_for(days(10)))]);
    let before = Timestamp::from_micros(end.micros() - 1);
    assert!(approved.approval_in_force(before).is_some());
    assert_eq!(approved.clone().expire(before), None);
    assert!(approved.approval_in_force(end).is_none());
    let expired = approved.expire(end).unwrap();
    assert_eq!(expired.event, Event::Expired { step: StepName::standard(), round: 1, not_after: Some(end) });
    assert!(matches!(expired.signoff.state, State::Expired { at, .. } if at == end));
    assert_eq!(expired.signoff.expire(end), None);
}

#[test]
fn only_an_approval_expires() {
    let mut world = World::new();
    world.rules.approval_valid_for = Some(days(1));
    let waiting = final_asked(&world);
    let approved = world.after(&waiting, [("approver", approve(""))]);
    let revoked = world.after(&approved, [("approver", revoke("no"))]);
    let rejected = world.after(&waiting, [("approver", reject("no"))]);
    let late = world.now.plus(days(1000));
    for signoff in [world.fresh(), waiting, revoked, rejected] {
        assert_eq!(signoff.expire(late), None);
    }
    assert!(approved.expire(late).is_some());
}

#[test]
fn an_approval_ends_at_the_earlier_of_its_end_and_the_recurrence() {
    let mut world = World::new();
    let asked = asked(&world);
    let end_of = |world: &World, valid_for| {
        let approved = world.after(&asked, [("approver", Command::Approve { comment: None, valid_for })]);
        let State::Approved { approval, .. } = approved.state else { panic!("not approved") };
        approval.not_after
    };
    let (ten, thirty) = (Some(world.now.plus(days(10))), Some(world.now.plus(days(30))));
    assert_eq!(end_of(&world, None), None);
    assert_eq!(end_of(&world, Some(days(10))), ten);
    world.rules.approval_valid_for = Some(days(30));
    assert_eq!(end_of(&world, None), thirty);
    assert_eq!(end_of(&world, Some(days(10))), ten);
    assert_eq!(end_of(&world, Some(days(90))), thirty);
}

#[test]
fn an_approval_does_not_end_before_it_begins() {
    let world = World::new();
    let refusal = world.refusal(&asked(&world), "approver", approve_for(days(0)));
    assert_eq!(refusal.kind, RefusalKind::Invalid);
}
