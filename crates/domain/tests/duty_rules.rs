//! Tests the duty rules of `docs/rules.md`: which people never decide, and that a review that nobody could pass is refused at the request.

mod common;

use common::*;
use domain::RefusalKind;
use domain::authors::Authors;
use domain::people::Container;
use domain::reviewers::Task;
use domain::signoff::{SignOff, Verdict};

/// A review that was requested, waiting for feedback.
fn asked(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", REQUEST)])
}

#[test]
fn authors_are_barred_by_account_name_address_or_display_name_however_they_are_written() {
    let mut world = World::new();
    let asked = asked(&world);
    world.event(&asked, "approver", approve(""));
    let written = [
        "approver",
        "APPROVER",
        " Approver@Example.ORG ",
        "the APPROVER",
        "the\u{a0}  approver",
        "The Approver <nobody@example.org>",
        "A Name <approver@example.org>",
        "user:approver",
        "ａｐｐｒｏｖｅｒ",
        "appro\u{200b}ver",
    ];
    for written in written {
        world.authors = Authors::new(world.authors.uploader, [written]);
        let refusal = world.refusal(&asked, "approver", approve(""));
        assert_eq!(refusal.kind, RefusalKind::BarredByDuty, "{written:?}");
        assert!(refusal.reason.contains("author"));
        assert_names(&refusal, &["deputy", "author", "insider"]);
    }
    world.authors.named.clear();
    world.authors.uploader = world.id("approver");
    assert_eq!(world.refusal(&asked, "approver", reject("no")).kind, RefusalKind::BarredByDuty);
    world.rules.author_may_approve = true;
    world.event(&asked, "approver", approve(""));
}

#[test]
fn everybody_who_changed_fields_is_barred_in_this_round_and_the_next() {
    let mut world = World::new();
    let asked = asked(&world);
    let edited = world.change_fields_as("approver", asked, digest(0x02));
    let refusal = world.refusal(&edited, "approver", approve(""));
    assert_eq!(refusal.kind, RefusalKind::BarredByDuty);
    assert!(refusal.reason.starts_with("you changed fields of this version"), "{}", refusal.reason);
    assert_names(&refusal, &["deputy", "insider"]);
    let next = world.after(&edited, [("deputy", reject("no")), ("manager", KEEP), ("requester", REQUEST)]);
    assert_eq!(world.refusal(&next, "approver", approve("")).kind, RefusalKind::BarredByDuty);
    world.rules.author_may_approve = true;
    world.event(&next, "approver", approve(""));
}

#[test]
fn the_requester_of_any_round_is_barred() {
    let mut world = World::new();
    let first = world.after(&world.fresh(), [("insider", REQUEST)]);
    assert_eq!(world.refusal(&first, "insider", approve("")).kind, RefusalKind::BarredByDuty);
    let second = world.after(&first, [("approver", reject("no")), ("manager", RELOAD), ("requester", REQUEST)]);
    let refusal = world.refusal(&second, "insider", approve(""));
    assert_eq!(refusal.kind, RefusalKind::BarredByDuty);
    assert!(refusal.reason.contains("requested"));
    world.rules.requester_may_approve = true;
    world.event(&second, "insider", approve(""));
}

#[test]
fn duty_rules_bar_from_deciding_and_from_nothing_else() {
    let mut world = World::new();
    let also = Container::User(world.id("author"));
    world.reviewers.slots[0].assigned.push(also);
    let asked = asked(&world);
    world.event(&asked, "author", give(IT, Verdict::Approve, ""));
    world.event(&asked, "author", FINAL);
    world.event(&asked, "author", abandon("wrong data"));
    let approved = world.after(&asked, [("approver", approve(""))]);
    world.event(&approved, "author", revoke("wrong data"));
}

#[test]
fn a_service_account_never_reviews_whatever_the_rules() {
    let mut world = World::new();
    world.rules.author_may_approve = true;
    world.rules.requester_may_approve = true;
    let service = Container::User(world.id("service"));
    world.reviewers.slots[0].assigned.push(service);
    for command in [approve("yes"), give(IT, Verdict::Approve, ""), abandon("no"), world.delegate(feedback_task(IT), "colleague")]
    {
        let refusal = world.refusal(&asked(&world), "service", command);
        assert_eq!((refusal.kind, refusal.reason.as_str()), (RefusalKind::BarredByDuty, "a service account never reviews"));
    }
}

#[test]
fn an_auditor_changes_nothing_whatever_other_parts_they_hold() {
    let mut world = World::new();
    world.rules.requester_may_approve = true;
    world.reviewers.slots[0].assigned = vec![Container::User(world.id("auditor"))];
    let asked = asked(&world);
    for command in walk::every_command(&world) {
        let refusal = world.refusal(&asked, "auditor", command);
        assert_eq!(
            (refusal.kind, refusal.reason.as_str()),
            (RefusalKind::NotEntitled, "an auditor reads everything and changes nothing")
        );
    }
    let directory = world.directory();
    let (facts, review) = (world.facts(&directory, "manager"), asked.review().unwrap());
    assert_eq!(world.names(&facts.able(&Task::FinalApproval, &asked, review)), ["approver", "deputy", "insider"]);
    assert_eq!(facts.able(&feedback_task(IT), &asked, review), []);
    world.reviewers.approvers = vec![Container::User(world.id("auditor"))];
    let refusal = world.refusal(&world.fresh(), "requester", REQUEST);
    assert_eq!(refusal.kind, RefusalKind::NobodyCanApprove);
    assert!(refusal.reason.ends_with("nobody who can review is in user:auditor"), "{}", refusal.reason);
}

#[test]
fn a_review_that_nobody_could_pass_is_refused_when_it_is_requested() {
    let mut world = World::new();
    let request = |world: &World, actor: &str| world.refusal(&world.fresh(), actor, REQUEST);
    world.reviewers.approvers = ["insider", "author"].map(|name| Container::User(world.id(name))).into();
    let refusal = request(&world, "insider");
    assert_eq!(refusal.kind, RefusalKind::NobodyCanApprove);
    assert!(refusal.reason.contains("The author, The insider"), "{}", refusal.reason);
    world.event(&world.fresh(), "requester", REQUEST);

    world.reviewers.approvers = vec![Container::User(world.id("former")), Container::Group(group(0x55))];
    assert!(request(&world, "requester").reason.contains("nobody who can review is in user:former, group:"));
    world.reviewers.approvers.clear();
    assert!(request(&world, "requester").reason.ends_with("no final approver is configured"));
}
