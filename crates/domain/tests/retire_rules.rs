//! Tests that a retired version waits for nobody and takes no command but a revocation, until it is taken back.

mod common;

use common::*;
use domain::signoff::{SignOff, SignOffFacts};
use domain::turn::turns;
use domain::{NextStep, RefusalKind, StepName};

fn approved(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", SKIP), ("approver", approve(""))])
}

#[test]
fn a_retired_version_takes_no_command_but_a_revocation_until_it_is_taken_back() {
    let mut world = World::new();
    let approved = approved(&world);
    assert_eq!(world.refusal(&approved, "contributor", retire("old")).kind, RefusalKind::NotEntitled);
    assert_eq!(world.refusal(&approved, "manager", retire(" ")).kind, RefusalKind::Invalid);
    let (same, event) = world.event(&approved, "manager", retire("old"));
    assert_eq!(same, approved);
    world.note(&event);
    world.assert_done(&approved, "manager", retire("old"));

    let refusal = world.refusal(&approved, "manager", reset("again"));
    assert_eq!(refusal.kind, RefusalKind::Locked);
    assert!(refusal.reason.starts_with("the version was retired by The manager at "), "{}", refusal.reason);
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::RestoreVersion { version: world.name.clone() }));
    let revoked = world.after(&approved, [("approver", revoke("drift"))]);
    let directory = world.directory();
    let facts = world.facts(&directory, "manager");
    assert_eq!(turns(&revoked, &facts), []);
    assert_eq!(revoked.fields_may_change(&facts).unwrap_err().kind, RefusalKind::Locked);
    let offered = |signoff: &SignOff, facts: &SignOffFacts<'_>| -> Vec<String> {
        let possible = signoff.possible(facts).into_iter().filter(|possible| possible.reason.is_none());
        possible.map(|possible| possible.command.to_string()).collect()
    };
    assert_eq!(offered(&approved, &facts), ["revoke", "restore"]);

    assert_eq!(world.refusal(&approved, "manager", restore("")).kind, RefusalKind::Invalid);
    let (_, event) = world.event(&approved, "manager", restore("needed"));
    world.note(&event);
    world.assert_done(&approved, "manager", restore("needed"));
    let directory = world.directory();
    assert_eq!(offered(&approved, &world.facts(&directory, "manager")), ["request_renewal", "revoke", "reset", "retire"]);
}

#[test]
fn what_is_not_possible_says_what_is_so_and_not_that_it_was_done() {
    let world = World::new();
    let directory = world.directory();
    let why = |signoff: &SignOff, command: &str| {
        let possible = signoff.possible(&world.facts(&directory, "manager"));
        possible.into_iter().find(|possible| possible.command.to_string() == command).and_then(|possible| possible.reason)
    };
    let open = world.after(&world.fresh(), [("requester", REQUEST)]);
    assert_eq!(why(&open, "restore").as_deref(), Some("the version is not retired"));
    assert_eq!(why(&open, "cancel_abandon").as_deref(), Some("the review is not abandoned"));
    // A way on that does not lead back here.
    let refusal = world.refusal(&open, "manager", reset("again"));
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::DecideOrAbandon { version: world.name.clone() }));
    let refusal = approved(&world).fields_may_change(&world.facts(&directory, "contributor")).unwrap_err();
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::RegisterNewVersion { version: world.name.clone() }));
}

#[test]
fn no_version_under_review_is_retired() {
    let world = World::new();
    let open = world.after(&world.fresh(), [("requester", REQUEST)]);
    for signoff in [&open, &world.after(&open, [("requester", FINAL)])] {
        let refusal = world.refusal(signoff, "manager", retire("old"));
        assert_eq!(refusal.kind, RefusalKind::WrongStatus);
        assert_eq!(refusal.next.as_deref(), Some(&NextStep::AbandonInstead { version: world.name.clone() }));
    }
    world.event(&world.fresh(), "manager", retire("never finished"));
    // Nor one with a review on another step.
    let (directory, step) = (world.directory(), "technical-review".parse::<StepName>().unwrap());
    let facts = SignOffFacts { waiting_elsewhere: Some(&step), ..world.facts(&directory, "manager") };
    let refusal = world.fresh().apply(retire("old"), &facts).unwrap_err();
    assert_eq!(refusal.reason, "a review of “technical-review” is open");
}

#[test]
fn a_reset_that_ends_an_approval_needs_a_reason() {
    let world = World::new();
    let approved = approved(&world);
    for silent in [KEEP, RELOAD, reset("  ")] {
        let refusal = world.refusal(&approved, "manager", silent);
        assert_eq!((refusal.kind, refusal.next.as_deref()), (RefusalKind::Invalid, Some(&NextStep::AddComment)));
    }
    world.event(&approved, "manager", reset("measured wrongly"));
    let rejected = world.after(&world.fresh(), [("requester", SKIP), ("approver", reject("no")), ("manager", KEEP)]);
    assert_eq!(rejected.round, 2);
}
