//! Tests what happens to a review request after it was made: it is taken back, or its reviewers are loaded anew.

mod common;

use common::*;
use domain::people::Container;
use domain::reviewers::Task;
use domain::signoff::{SignOff, State, Verdict};
use domain::{NextStep, RefusalKind, event::Event};

fn asked(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", REQUEST)])
}

#[test]
fn the_requester_takes_a_request_back_while_nobody_has_answered() {
    let world = World::new();
    let asked = asked(&world);
    for other in ["contributor", "manager", "approver"] {
        let refusal = world.refusal(&asked, other, TAKE_BACK);
        assert_eq!(refusal.kind, RefusalKind::NotEntitled, "{other}");
        assert_names(&refusal, &["requester"]);
    }
    let (fresh, event) = world.event(&asked, "requester", TAKE_BACK);
    assert_eq!((fresh.round, &fresh.state), (1, &State::NotStarted { reviewers: None }));
    let back_to = Some("development".parse().unwrap());
    assert_eq!(event, Event::RequestTakenBack { step: fresh.step.clone(), round: 1, back_to });
    assert_eq!(world.refusal(&fresh, "manager", TAKE_BACK).kind, RefusalKind::WrongStatus);
    world.after(&fresh, [("requester", SKIP), ("requester", TAKE_BACK), ("insider", REQUEST)]);

    let answered = world.after(&asked, [("itops", give(IT, Verdict::Approve, ""))]);
    for signoff in [&answered, &world.after(&answered, [("requester", FINAL)])] {
        let refusal = world.refusal(signoff, "requester", TAKE_BACK);
        assert_eq!(
            (refusal.kind, refusal.reason.as_str()),
            (RefusalKind::WrongStatus, "feedback was given already, by The itops")
        );
        assert_eq!(refusal.next.as_deref(), Some(&NextStep::AbandonInstead { version: world.name.clone() }));
    }
    world.after(&answered, [("itops", withdraw(IT)), ("requester", TAKE_BACK)]);
}

#[test]
fn who_took_a_request_back_stays_barred() {
    let world = World::new();
    let back = world.after(&world.fresh(), [("insider", REQUEST), ("insider", TAKE_BACK), ("requester", REQUEST)]);
    assert_eq!(world.refusal(&back, "insider", approve("")).kind, RefusalKind::BarredByDuty);
}

#[test]
fn reviewers_whom_a_reset_kept_are_still_kept_after_a_request_was_taken_back() {
    let mut world = World::new();
    let delegate = world.delegate(Task::FinalApproval, "colleague");
    let kept = world.after(&asked(&world), [("approver", delegate), ("deputy", reject("no")), ("manager", KEEP)]);
    world.reviewers.approvers = vec![Container::User(world.id("deputy"))];
    let again = world.after(&kept, [("requester", REQUEST), ("requester", TAKE_BACK)]);
    assert_eq!(again.state, kept.state);
    let reviewed = world.after(&again, [("requester", REQUEST), ("colleague", approve(""))]);
    assert_eq!(reviewed.round, 2);

    // Reviewers who were reloaded are the project's.
    let reloaded =
        world.after(&kept, [("requester", REQUEST), ("manager", reload_reviewers("they left")), ("requester", TAKE_BACK)]);
    assert_eq!(reloaded.state, State::NotStarted { reviewers: None });
}

#[test]
fn a_reload_keeps_answers_and_delegations_of_slots_that_remain() {
    let mut world = World::new();
    let [by_approver, by_deputy] = ["colleague", "reader"].map(|to| world.delegate(Task::FinalApproval, to));
    let answered = world.after(
        &asked(&world),
        [
            ("itops", give(IT, Verdict::Approve, "")),
            ("riskofficer", give(RISK, Verdict::MinorIssue, "a date")),
            ("approver", by_approver),
            ("deputy", by_deputy),
        ],
    );
    let deputy = Container::User(world.id("deputy"));
    world.reviewers.slots.retain(|slot| slot.name.as_str() == RISK);
    world.reviewers.approvers.retain(|container| *container != deputy);
    let waiting = world.after(&answered, [("requester", FINAL)]);
    for signoff in [answered, waiting] {
        let reloaded = world.after(&signoff, [("manager", reload_reviewers("as the project is now"))]);
        assert_eq!(reloaded.status(), signoff.status());
        let review = reloaded.review().unwrap();
        assert_eq!(review.answers.iter().map(|answer| answer.slot.as_str()).collect::<Vec<_>>(), [RISK]);
        assert_eq!(review.delegations.len(), 2);
        // The delegation of a reviewer who is no more does not count.
        assert_eq!(world.refusal(&reloaded, "reader", approve("")).kind, RefusalKind::NotEntitled);
        world.assert_done(&reloaded, "manager", reload_reviewers("once more"));
        assert_eq!(world.refusal(&reloaded, "approver", reload_reviewers("me")).kind, RefusalKind::NotEntitled);
        world.event(&reloaded, "colleague", approve(""));
    }
    assert_eq!(world.refusal(&world.fresh(), "manager", reload_reviewers("now")).kind, RefusalKind::WrongStatus);
}
