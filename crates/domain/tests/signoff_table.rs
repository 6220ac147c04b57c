//! Prints every command of a sign-off for every status and role. Read it beside `docs/rules.md`.
//!
//! Each status is reached by commands alone. After a change of the rules, review the new text line by line.

mod common;

use common::*;
use domain::RefusalKind;
use domain::people::Container;
use domain::reviewers::Task;
use domain::signoff::{Command, Outcome, SignOff, Status, Verdict};
use std::fmt::Write as _;

const LEGEND: &str = "\
Lines: what is asked for, in each status. Columns: who asks.

  outsider     has no part in the project             appr.author  final approver and author of the version
  reader       reads the project                      appr.reqst.  final approver who requested this review
  contrib.     contributes, did not request           delegate     has the final approval from the approver
  requester    contributes, requested this review     service      service account in a group of final approvers
  manager      manages the project                    closed       final approver whose account is closed
  reviewer     gives feedback in a slot               auditor      final approver and manager, and auditor
  approver     final approver

Cells: CAPITALS are the status afterwards (after a reset: in the next round). `=` was done already: no change, no event.
  -        not entitled            locked   rejected, abandoned or retired: nothing changes until a reset or a take-back
  duty     barred by a duty rule   decided  a final decision is never edited
  status   not in this status      invalid  something in the command is wrong

Before: requested by the requester (appr.reqst.: by themselves), the reviewer has given feedback \"approve\", the approver has
delegated to the delegate; approved and rejected by the approver, abandoned by the requester, revoked by the manager.
While a renewal is open, the cells show the status of the round that is open; the approval goes on beside it, and \"revoke\" ends that.
No slot but the reviewer's is asked about. New delegations go to a colleague. By then the deputy is no approver of the project.
Lines with \"unanswered\": nobody has given feedback yet.
";

/// What is asked for where nobody has given feedback.
const UNANSWERED: &str = "  unanswered";

const COLUMNS: [(&str, &str); 13] = [
    ("outsider", "outsider"),
    ("reader", "reader"),
    ("contrib.", "contributor"),
    ("requester", "requester"),
    ("manager", "manager"),
    ("reviewer", "riskofficer"),
    ("approver", "approver"),
    ("appr.author", "author"),
    ("appr.reqst.", "insider"),
    ("delegate", "delegate"),
    ("service", "service"),
    ("closed", "former"),
    ("auditor", "auditor"),
];

fn commands(world: &World) -> Vec<(&'static str, Command)> {
    vec![
        ("request review", REQUEST),
        ("request, skip feedback", SKIP),
        ("take the request back", TAKE_BACK),
        (UNANSWERED, TAKE_BACK),
        ("reload reviewers", reload_reviewers("the deputy has left")),
        ("request renewal", RENEW),
        ("give feedback", give(RISK, Verdict::MinorIssue, "the data sheet lacks a date")),
        ("withdraw feedback", withdraw(RISK)),
        ("request final approval", FINAL),
        ("back to feedback", BACK),
        ("approve", approve("good")),
        ("reject", reject("bad")),
        ("abandon", abandon("not needed")),
        ("cancel abandon", CANCEL),
        ("revoke", revoke("drift")),
        ("reset, keep", KEEP),
        ("reset, reload", RELOAD),
        ("reset with a comment", reset("measured wrongly")),
        ("retire", retire("superseded")),
        ("take back", restore("needed")),
        ("delegate feedback", world.delegate(feedback_task(RISK), "colleague")),
        ("delegate approval", world.delegate(Task::FinalApproval, "colleague")),
    ]
}

/// The people of the table: the shared ones, with a delegate who has no other part.
fn world() -> World {
    let mut world = World::new();
    world.person_mut("itops").name = "delegate".parse().expect("a name");
    world.reviewers.slots.retain(|slot| slot.name.as_str() == RISK);
    world.rules.approval_valid_for = Some(days(30));
    world
}

/// A sign-off in this status, and the world at that moment.
fn reach(status: Status, requester: &str, answered: bool) -> (World, SignOff) {
    let mut world = world();
    let fresh = world.fresh();
    if status == Status::NotStarted {
        return (world, fresh);
    }
    let to_delegate = world.delegate(Task::FinalApproval, "delegate");
    let feedback = give(RISK, Verdict::Approve, "");
    let mut asked = world.after(&fresh, [(requester, REQUEST), ("approver", to_delegate)]);
    if answered {
        asked = world.after(&asked, [("riskofficer", feedback)]);
    }
    let final_asked = world.after(&asked, [(requester, FINAL)]);
    let approved = world.after(&final_asked, [("approver", approve("good"))]);
    let signoff = match status {
        Status::NotStarted => fresh,
        Status::WaitingForFeedback => asked,
        Status::WaitingForApproval => final_asked,
        Status::Approved => approved,
        Status::Rejected => world.after(&final_asked, [("approver", reject("bad"))]),
        Status::Abandoned => world.after(&final_asked, [(requester, abandon("not needed"))]),
        Status::Revoked => world.after(&approved, [("manager", revoke("drift"))]),
        Status::Expired => {
            world.now = world.now.plus(days(30));
            approved.expire(world.now).expect("past its end").signoff
        }
    };
    let deputy = Container::User(world.id("deputy"));
    world.reviewers.approvers.retain(|container| *container != deputy);
    (world, signoff)
}

/// Sign-offs with two rounds that count: an approval whose renewal is open, or was abandoned.
fn with_renewal(requester: &str) -> Vec<(&'static str, World, SignOff)> {
    let (world, approved) = reach(Status::Approved, requester, true);
    let feedback = world.after(&approved, [("requester", RENEW)]);
    let waiting = world.after(&feedback, [("requester", FINAL)]);
    let abandoned = world.after(&waiting, [("requester", abandon("not needed"))]);
    let revoked = world.after(&waiting, [("manager", revoke("drift"))]);
    vec![
        ("waiting_for_feedback, renewing", world.clone(), feedback),
        ("waiting_for_approval, renewing", world.clone(), waiting),
        ("waiting_for_approval, renewing, the approval was revoked", world.clone(), revoked),
        ("approved, the renewal was abandoned", world, abandoned),
    ]
}

fn cell(world: &World, signoff: &SignOff, actor: &str, command: Command) -> String {
    match world.act(signoff, actor, command) {
        Ok(Outcome::Changed(transition)) => match transition.signoff.status() {
            Status::WaitingForFeedback => "FEEDBACK".to_owned(),
            Status::WaitingForApproval => "APPROVAL".to_owned(),
            status => status.as_str().to_uppercase(),
        },
        Ok(Outcome::AlreadyDone(_)) => "=".to_owned(),
        Err(refusal) => match refusal.kind {
            RefusalKind::NotEntitled => "-",
            RefusalKind::BarredByDuty => "duty",
            RefusalKind::SessionRequired => "session",
            RefusalKind::WrongStatus => "status",
            RefusalKind::Locked => "locked",
            RefusalKind::AlreadyDecided => "decided",
            RefusalKind::Invalid => "invalid",
            RefusalKind::NobodyCanApprove => "nobody",
        }
        .to_owned(),
    }
}

fn line(first: &str, cells: impl Iterator<Item = String>) -> String {
    let cells: String = cells.map(|cell| format!("{cell:<12}")).collect();
    format!("{first:<24}{cells}").trim_end().to_owned()
}

/// Every command in this status, asked by everybody.
fn section(text: &mut String, status: Status, retired: bool) {
    let word = if retired { ", retired" } else { "" };
    let heading = line(&format!("[{status}{word}]"), COLUMNS.iter().map(|(title, _)| (*title).to_owned()));
    writeln!(text, "\n{heading}").expect("a text takes every line");
    for (name, command) in commands(&world()) {
        let cells = COLUMNS.iter().map(|(_, actor)| {
            let requester = if *actor == "insider" { "insider" } else { "requester" };
            let (mut world, signoff) = reach(status, requester, name != UNANSWERED);
            assert_eq!(signoff.status(), status);
            if retired {
                let (_, event) = world.event(&signoff, "manager", retire("superseded"));
                world.note(&event);
            }
            cell(&world, &signoff, actor, command.clone())
        });
        writeln!(text, "{}", line(name, cells)).expect("a text takes every line");
    }
}

#[test]
fn every_status_command_and_role() {
    let mut text = LEGEND.to_owned();
    for status in Status::ALL {
        section(&mut text, *status, false);
    }
    for status in [Status::NotStarted, Status::Approved] {
        section(&mut text, status, true);
    }
    for place in 0..with_renewal("requester").len() {
        let (title, ..) = with_renewal("requester")[place];
        writeln!(text, "\n[{title}]").unwrap();
        writeln!(text, "{}", line("", COLUMNS.iter().map(|(title, _)| (*title).to_owned()))).unwrap();
        for (name, command) in commands(&world()) {
            let cells = COLUMNS.iter().map(|(_, actor)| {
                let (_, world, signoff) =
                    with_renewal(if *actor == "insider" { "insider" } else { "requester" }).swap_remove(place);
                cell(&world, &signoff, actor, command.clone())
            });
            writeln!(text, "{}", line(name, cells)).unwrap();
        }
    }
    insta::assert_snapshot!("signoff_table", text);
}
