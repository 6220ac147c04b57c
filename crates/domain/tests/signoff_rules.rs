//! Tests rules of `docs/rules.md` that the table of statuses and roles does not show, a test for each rule.

mod common;

use common::*;
use domain::StepName;
use domain::event::Event;
use domain::people::Container;
use domain::reviewers::{Entitlement, Task};
use domain::signoff::{Command, Notify, SignOff, Status, Verdict};
use domain::{NextStep, RefusalKind};

/// A review that was requested, waiting for feedback.
fn asked(world: &World) -> SignOff {
    world.after(&world.fresh(), [("requester", REQUEST)])
}

/// Waiting for the final approval.
fn final_asked(world: &World) -> SignOff {
    world.after(&asked(world), [("requester", FINAL)])
}

#[test]
fn an_issue_needs_a_comment() {
    let world = World::new();
    let asked = asked(&world);
    for verdict in [Verdict::MinorIssue, Verdict::MajorIssue] {
        for comment in ["", "  \n"] {
            let refusal = world.refusal(&asked, "itops", give(IT, verdict, comment));
            assert_eq!(refusal.kind, RefusalKind::Invalid);
            assert_eq!(refusal.next.as_deref(), Some(&NextStep::AddComment));
        }
        world.event(&asked, "itops", give(IT, verdict, "slow"));
    }
    world.event(&asked, "itops", give(IT, Verdict::Approve, ""));
}

#[test]
fn reject_abandon_and_revoke_need_a_comment() {
    let world = World::new();
    let waiting = final_asked(&world);
    let approved = world.after(&waiting, [("approver", approve(""))]);
    let cases = [(&waiting, reject("")), (&waiting, reject(" ")), (&waiting, abandon(" ")), (&approved, revoke("\t"))];
    for (signoff, command) in cases {
        let refusal = world.refusal(signoff, "approver", command.clone());
        assert_eq!(refusal.kind, RefusalKind::Invalid, "{command:?}");
        assert!(refusal.reason.contains("needs a comment"), "{}", refusal.reason);
    }
}

#[test]
fn approving_over_an_open_major_issue_needs_a_comment() {
    let world = World::new();
    let issue = world.after(&asked(&world), [("itops", give(IT, Verdict::MajorIssue, "no rollback plan"))]);
    let refusal = world.refusal(&issue, "approver", approve(" "));
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert!(refusal.reason.contains("major issue"));
    world.event(&issue, "approver", approve("the plan is in the ticket"));

    let mended = world.after(&issue, [("itops", give(IT, Verdict::MinorIssue, "short plan"))]);
    world.event(&mended, "approver", approve(""));
    let withdrawn = world.after(&issue, [("itops", withdraw(IT))]);
    world.event(&withdrawn, "approver", approve(""));
}

#[test]
fn a_comment_is_kept_without_the_space_around_it() {
    let world = World::new();
    let (_, event) = world.event(&asked(&world), "itops", give(IT, Verdict::Approve, " fine \n"));
    assert!(matches!(event, Event::FeedbackGiven { comment: Some(text), .. } if text == "fine"));
}

#[test]
fn a_repeated_identical_command_is_done_already() {
    let world = World::new();
    let requested = asked(&world);
    world.assert_done(&requested, "requester", REQUEST);
    let feedback = give(IT, Verdict::MinorIssue, "slow");
    let answered = world.after(&requested, [("itops", feedback.clone())]);
    world.assert_done(&answered, "itops", feedback);
    world.assert_done(&requested, "itops", withdraw(IT));
    let waiting = world.after(&answered, [("requester", FINAL)]);
    world.assert_done(&waiting, "approver", FINAL);
    let handed = world.after(&waiting, [("approver", world.delegate(Task::FinalApproval, "colleague"))]);
    world.assert_done(&handed, "approver", world.delegate(Task::FinalApproval, "colleague"));
    let abandoned = world.after(&waiting, [("manager", abandon("late"))]);
    world.assert_done(&abandoned, "manager", abandon(" late "));
    world.assert_done(&world.after(&abandoned, [("manager", CANCEL)]), "manager", CANCEL);
    let rejected = world.after(&waiting, [("approver", reject("no"))]);
    world.assert_done(&rejected, "approver", reject("no"));
    let approved = world.after(&waiting, [("approver", approve("yes"))]);
    world.assert_done(&approved, "approver", approve("yes"));
    let revoked = world.after(&approved, [("approver", revoke("drift"))]);
    world.assert_done(&revoked, "approver", revoke("drift"));
    for reset in [KEEP, RELOAD] {
        let next = world.after(&revoked, [("manager", reset.clone())]);
        world.assert_done(&next, "manager", reset);
    }
}

#[test]
fn an_approval_that_has_ended_is_not_done_already() {
    let mut world = World::new();
    let for_a_day = Command::Approve { comment: Some("yes".to_owned()), valid_for: Some(days(1)) };
    let approved = world.after(&asked(&world), [("approver", for_a_day.clone())]);
    world.assert_done(&approved, "approver", for_a_day.clone());
    world.now = world.now.plus(days(1));
    assert_eq!(world.refusal(&approved, "approver", for_a_day).kind, RefusalKind::AlreadyDecided);
}

#[test]
fn what_is_not_identical_is_not_a_repetition() {
    let world = World::new();
    let requested = asked(&world);
    for other in [SKIP, Command::RequestReview { skip_feedback: false, notify: Notify::Nobody }] {
        assert_eq!(world.refusal(&requested, "requester", other).kind, RefusalKind::WrongStatus);
    }
    let other_requester = world.refusal(&requested, "contributor", REQUEST);
    assert!(other_requester.reason.contains("requested by The requester at 2026-11-"), "{}", other_requester.reason);

    let approved = world.after(&requested, [("approver", approve("yes"))]);
    for (actor, command) in [("approver", approve("")), ("deputy", approve("yes")), ("approver", reject("no"))] {
        let refusal = world.refusal(&approved, actor, command);
        assert_eq!(refusal.kind, RefusalKind::AlreadyDecided);
        assert!(refusal.reason.starts_with("it was approved by The approver at "), "{}", refusal.reason);
    }
    let reload = Command::Reset { reload_reviewers: true, comment: Some("measured wrongly".to_owned()) };
    let reset = world.after(&approved, [("manager", reload)]);
    assert_eq!(world.refusal(&reset, "manager", KEEP).kind, RefusalKind::WrongStatus);
}

#[test]
fn a_repeated_approval_holds_for_as_long_as_the_first() {
    let mut world = World::new();
    let approved = world.after(&asked(&world), [("approver", approve_for(days(10)))]);
    world.now = world.now.plus(days(1));
    world.assert_done(&approved, "approver", approve_for(days(10)));
    for other in [approve(""), approve_for(days(9)), approve_for(days(11))] {
        assert_eq!(world.refusal(&approved, "approver", other).kind, RefusalKind::AlreadyDecided);
    }
    // What the project's rule ended earlier ends there again, whether the approver said so or not.
    world.rules.approval_valid_for = Some(days(10));
    world.assert_done(&approved, "approver", approve_for(days(30)));
    world.assert_done(&approved, "approver", approve(""));
}

#[test]
fn a_reviewer_has_one_current_answer_in_a_slot() {
    let mut world = World::new();
    let also = Container::User(world.id("colleague"));
    world.reviewers.slots[0].assigned.push(also);
    let first = world.after(&asked(&world), [("itops", give(IT, Verdict::MajorIssue, "slow"))]);
    let (changed, event) = world.event(&first, "itops", give(IT, Verdict::Approve, ""));
    assert!(matches!(event, Event::FeedbackGiven { replaces: Some(Verdict::MajorIssue), .. }));
    let both = world.after(&changed, [("colleague", give(IT, Verdict::Approve, ""))]);
    assert_eq!(both.review().unwrap().answers_in(&slot(IT)).count(), 2);
    let (one, event) = world.event(&both, "itops", withdraw(IT));
    assert!(matches!(event, Event::FeedbackWithdrawn { withdrawn: Verdict::Approve, .. }));
    let left: Vec<_> = one.review().unwrap().answers.iter().map(|answer| answer.by).collect();
    assert_eq!(left, [world.id("colleague")]);
    // The issue that became an approval stays visible; so does one that is withdrawn.
    let issues = |signoff: &SignOff| -> Vec<_> {
        signoff
            .review()
            .unwrap()
            .past_issues_in(&slot(IT))
            .map(|answer| (answer.by, answer.verdict, answer.comment.clone()))
            .collect()
    };
    let major = (world.id("itops"), Verdict::MajorIssue, Some("slow".to_owned()));
    assert_eq!(issues(&one), std::slice::from_ref(&major));
    let reworded = world.after(
        &one,
        [("colleague", give(IT, Verdict::MinorIssue, "big")), ("colleague", give(IT, Verdict::MinorIssue, "too big"))],
    );
    assert_eq!(issues(&reworded), std::slice::from_ref(&major), "the same issue in other words is still there");
    let withdrawn = world.after(&reworded, [("colleague", withdraw(IT))]);
    assert_eq!(issues(&withdrawn), [major, (world.id("colleague"), Verdict::MinorIssue, Some("too big".to_owned()))]);
}

#[test]
fn a_slot_that_does_not_exist_is_refused_with_those_that_do() {
    let world = World::new();
    let refusal = world.refusal(&asked(&world), "itops", give("Business", Verdict::Approve, ""));
    assert_eq!(refusal.kind, RefusalKind::Invalid);
    assert_eq!(refusal.reason, "there is no slot “Business” in this round");
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::ChooseSlot { slots: vec![slot(IT), slot(RISK)] }));
}

#[test]
fn the_event_says_by_which_path_somebody_was_entitled() {
    let world = World::new();
    let (signoff, event) = world.event(&asked(&world), "riskofficer", give(RISK, Verdict::Approve, ""));
    let container = world.person("riskofficer").groups.iter().copied().map(Container::Group).next().unwrap();
    assert!(matches!(event, Event::FeedbackGiven { path: Entitlement::Assigned { container: by }, .. } if by == container));

    let handed = world.after(&signoff, [("approver", world.delegate(Task::FinalApproval, "colleague"))]);
    let (_, event) = world.event(&handed, "colleague", approve(""));
    let Event::Approved { approval, answers, .. } = event else { panic!("not an approval") };
    let container = Container::User(world.id("approver"));
    assert_eq!(approval.act.path, Some(Entitlement::Delegated { from: world.id("approver"), container }));
    assert_eq!(answers.len(), 1);
}

#[test]
fn membership_counts_when_somebody_acts() {
    let mut world = World::new();
    let asked = asked(&world);
    world.person_mut("riskofficer").groups.clear();
    let refusal = world.refusal(&asked, "riskofficer", give(RISK, Verdict::Approve, ""));
    assert_eq!(refusal.kind, RefusalKind::NotEntitled);
    world.person_mut("colleague").groups.insert(group(0x91));
    world.event(&asked, "colleague", give(RISK, Verdict::Approve, ""));
}

#[test]
fn a_review_without_slots_goes_straight_to_the_final_approval() {
    let mut world = World::new();
    world.reviewers.slots.clear();
    let signoff = asked(&world);
    assert_eq!(signoff.status(), Status::WaitingForApproval);
    assert_eq!(world.refusal(&signoff, "requester", BACK).kind, RefusalKind::Invalid);
    let refusal = world.refusal(&signoff, "itops", give(IT, Verdict::Approve, ""));
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::ChooseSlot { slots: Vec::new() }));
}

#[test]
fn skipped_feedback_can_still_be_let_in() {
    let world = World::new();
    let skipped = world.after(&world.fresh(), [("requester", SKIP)]);
    assert_eq!(skipped.status(), Status::WaitingForApproval);
    let back = world.after(&skipped, [("requester", BACK), ("itops", give(IT, Verdict::Approve, ""))]);
    assert_eq!(back.status(), Status::WaitingForFeedback);
}

#[test]
fn asking_for_the_final_approval_records_which_answers_are_missing() {
    let world = World::new();
    let answered = world.after(&asked(&world), [("riskofficer", give(RISK, Verdict::Approve, ""))]);
    let (_, event) = world.event(&answered, "requester", FINAL);
    assert_eq!(event, Event::FinalApprovalRequested { step: StepName::standard(), round: 1, missing: vec![slot(IT)] });
}

#[test]
fn a_cancelled_abandon_restores_status_and_answers() {
    let world = World::new();
    let answered = world.after(&asked(&world), [("itops", give(IT, Verdict::MajorIssue, "slow"))]);
    for before in [answered.clone(), world.after(&answered, [("requester", FINAL)])] {
        let abandoned = world.after(&before, [("requester", abandon("later"))]);
        assert!(abandoned.is_locked());
        let (restored, event) = world.event(&abandoned, "manager", CANCEL);
        assert_eq!(restored, before);
        assert_eq!(event, Event::AbandonCancelled { step: StepName::standard(), round: 1, status: before.status() });
    }
}

#[test]
fn a_reset_keeps_reviewers_and_delegations_or_reloads_them() {
    let mut world = World::new();
    let handed = world.delegate(Task::FinalApproval, "colleague");
    let rejected = world.after(&final_asked(&world), [("approver", handed), ("deputy", reject("no"))]);
    let business = slot("Business");
    world.reviewers.slots[0].name = business.clone();

    let kept = world.after(&rejected, [("manager", KEEP), ("requester", REQUEST)]);
    let review = kept.review().unwrap();
    assert_eq!((kept.round, review.reviewers.slots[0].name.clone()), (2, slot(IT)));
    assert!(review.answers.is_empty());
    world.event(&kept, "colleague", approve(""));

    let reloaded = world.after(&rejected, [("manager", RELOAD), ("requester", REQUEST)]);
    let review = reloaded.review().unwrap();
    assert_eq!((reloaded.round, review.reviewers.slots[0].name.clone()), (2, business));
    assert_eq!(world.refusal(&reloaded, "colleague", approve("")).kind, RefusalKind::NotEntitled);
}

#[test]
fn kept_reviewers_who_left_do_not_block_the_version_for_ever() {
    let mut world = World::new();
    let rejected = world.after(&final_asked(&world), [("approver", reject("no"))]);
    let kept = world.after(&rejected, [("manager", KEEP)]);
    for gone in ["approver", "deputy", "author", "insider"] {
        world.person_mut(gone).active = false;
    }
    world.reviewers.approvers = vec![Container::User(world.id("colleague"))];
    assert_eq!(world.refusal(&kept, "requester", REQUEST).kind, RefusalKind::NobodyCanApprove);
    let signoff = world.after(&kept, [("manager", RELOAD), ("requester", REQUEST), ("colleague", approve(""))]);
    assert_eq!((signoff.round, signoff.status()), (3, Status::Approved));
}

#[test]
fn the_reviewers_of_a_round_stay_as_they_were_when_it_was_requested() {
    let mut world = World::new();
    let asked = asked(&world);
    world.reviewers.approvers = vec![Container::User(world.id("colleague"))];
    assert_eq!(world.refusal(&asked, "colleague", approve("")).kind, RefusalKind::NotEntitled);
    world.event(&asked, "approver", approve(""));
}

#[test]
fn a_slot_that_nobody_can_fill_does_not_block() {
    let mut world = World::new();
    world.reviewers.slots[0].assigned.clear();
    assert_eq!(asked(&world).status(), Status::WaitingForFeedback);
}

#[test]
fn refusals_name_those_who_can() {
    let world = World::new();
    let approvers = ["approver", "deputy", "insider"];
    let contributors = ["contributor", "requester", "manager", "uploader", "insider"];
    let others = ["approver", "deputy", "author"];
    let asked = asked(&world);
    assert_names(&world.refusal(&world.fresh(), "outsider", REQUEST), &contributors);
    assert_names(&world.refusal(&asked, "outsider", give(IT, Verdict::Approve, "")), &["itops"]);
    assert_names(&world.refusal(&asked, "outsider", approve("")), &approvers);
    assert_names(&world.refusal(&asked, "author", approve("")), &approvers);
    assert_names(&world.refusal(&asked, "outsider", FINAL), &[&contributors[..], &others[..]].concat());
    let stoppers = ["approver", "deputy", "author", "insider", "manager"];
    assert_names(&world.refusal(&asked, "outsider", abandon("x")), &[&stoppers[..], &["requester"]].concat());
    let approved = world.after(&asked, [("approver", approve(""))]);
    assert_names(&world.refusal(&approved, "outsider", revoke("x")), &stoppers);
    assert_names(&world.refusal(&approved, "outsider", KEEP), &["manager"]);
    let abandoned = world.after(&asked, [("approver", abandon("x"))]);
    assert_names(&world.refusal(&abandoned, "outsider", CANCEL), &["manager"]);
    assert_eq!(world.refusal(&abandoned, "contributor", REQUEST).who_can, ["The manager"]);
}

#[test]
fn a_refusal_says_state_command_and_reason() {
    let world = World::new();
    let rejected = world.after(&final_asked(&world), [("approver", reject("no"))]);
    let refusal = world.refusal(&rejected, "requester", REQUEST);
    let moment = world.now;
    assert_eq!(
        refusal.to_string(),
        format!("cannot request a review: it was rejected by The approver at {moment}, and the version is locked")
    );
    assert_eq!(refusal.next.as_deref(), Some(&NextStep::OpenNextRound { version: world.name.clone() }));
}

#[test]
fn a_closed_account_does_nothing() {
    let mut world = World::new();
    let asked = asked(&world);
    for who in ["manager", "requester", "itops"] {
        world.person_mut(who).active = false;
    }
    for (actor, command) in
        [("manager", abandon("x")), ("requester", abandon("x")), ("requester", FINAL), ("itops", give(IT, Verdict::Approve, ""))]
    {
        assert_eq!(world.refusal(&asked, actor, command).reason, "your account is closed");
    }
}
