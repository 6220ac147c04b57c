//! What holds on every walk that commands, people and the clock can take through a sign-off.

mod common;

use common::walk::*;
use common::*;
use domain::RefusalKind;
use domain::duty;
use domain::event::Event;
use domain::reviewers::{Entitlement, Task};
use domain::signoff::{Outcome, SignOff, State, Status};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use std::collections::{BTreeMap, BTreeSet};

proptest! {
    #![proptest_config(Config { cases: 128, failure_persistence: None, ..Config::default() })]

    #[test]
    fn a_round_has_at_most_one_final_decision(steps in steps()) {
        let mut decisions = BTreeMap::new();
        walk(&steps, |change| {
            if matches!(change.event, Event::Approved { .. } | Event::Rejected { .. }) {
                *decisions.entry(change.before.round).or_insert(0) += 1;
            }
        });
        prop_assert!(decisions.values().all(|count| *count == 1), "{decisions:?}");
    }

    #[test]
    fn a_finished_round_is_left_only_by_what_the_rules_name(steps in steps()) {
        walk(&steps, |change| {
            // An abandoned renewal leaves the approval as it was, and the clock may end it while the renewal waits.
            let (from, event) = (change.before.status(), change.event.kind());
            if matches!(change.event, Event::VersionRetired { .. } | Event::VersionRestored { .. }) {
                assert_eq!(change.after, change.before, "the sign-off stays as it is");
                return;
            }
            let allowed: &[&str] = match from {
                Status::NotStarted | Status::WaitingForFeedback | Status::WaitingForApproval => return,
                Status::Approved => &[
                    "approval.revoked",
                    "approval.expired",
                    "review.reset",
                    "review.renewal_requested",
                    "review.renewal_opened",
                    "review.abandon_cancelled",
                ],
                Status::Abandoned => &["review.abandon_cancelled", "review.reset"],
                Status::Revoked | Status::Expired => &["review.reset", "review.abandon_cancelled"],
                Status::Rejected => &["review.reset"],
            };
            assert!(allowed.contains(&event), "{event} from {from}");
        });
    }

    #[test]
    fn only_an_approved_round_is_revoked_or_expires(steps in steps()) {
        walk(&steps, |change| {
            for round in change.after.rounds().filter(|round| matches!(round.status(), Status::Revoked | Status::Expired)) {
                let before = change.before.rounds().find(|before| before.round == round.round).unwrap();
                assert!(before.alone() == round.alone() || before.status() == Status::Approved);
            }
        });
    }

    #[test]
    fn repeating_a_command_at_once_changes_nothing(steps in steps()) {
        walk(&steps, |change| {
            if let Some((who, command)) = change.by {
                change.world.assert_done(change.after, who, command.clone());
            }
        });
    }

    #[test]
    fn nobody_barred_ever_decides(steps in steps()) {
        walk(&steps, |change| {
            if !matches!(change.event, Event::Approved { .. } | Event::Rejected { .. }) {
                return;
            }
            let act = match &change.after.state {
                State::Approved { approval, .. } => &approval.act,
                State::Rejected { rejection, .. } => rejection,
                _ => return,
            };
            let free = |user| {
                let directory = change.world.directory();
                let person = directory.person(user).unwrap();
                duty::bar(person, &change.world.authors, &change.before.requesters, &change.world.rules).is_none()
            };
            assert!(free(act.by));
            if let Some(Entitlement::Delegated { from, .. }) = act.path {
                assert!(free(from), "decided for somebody who is barred");
            }
        });
    }

    #[test]
    fn rounds_requesters_and_editors_only_grow(steps in steps()) {
        walk(&steps, |change| {
            let opens = matches!(
                change.event,
                Event::Reset { .. } | Event::RenewalRequested { .. } | Event::RenewalOpened { .. }
            );
            let opened = u32::from(opens);
            assert_eq!(change.after.last_round(), change.before.last_round() + opened);
            let requesters = |signoff: &SignOff| -> BTreeSet<_> {
                signoff.rounds().flat_map(|round| round.requesters.iter().copied()).collect()
            };
            assert!(requesters(change.after).is_superset(&requesters(change.before)));
            if let Event::ReviewRequested { .. } | Event::RenewalRequested { .. } = change.event {
                let requester = change.by.map(|(who, _)| change.world.id(who)).unwrap();
                assert!(change.after.requesters.contains(&requester));
            }
        });
    }

    #[test]
    fn a_request_is_taken_back_only_while_nobody_has_answered(steps in steps()) {
        walk(&steps, |change| {
            if let Event::RequestTakenBack { .. } = change.event {
                let review = change.before.review().unwrap();
                assert!(review.answers.is_empty());
                assert_eq!(change.by.map(|(who, _)| change.world.id(who)), Some(review.requested.by));
                let taken_back = change.after.rounds().find(|round| round.round == change.before.round).unwrap();
                assert_eq!(taken_back.status(), Status::NotStarted);
            }
        });
    }

    #[test]
    fn reloaded_reviewers_are_the_projects_and_keep_the_answers_of_their_slots(steps in steps()) {
        walk(&steps, |change| {
            if let Event::ReviewersReloaded { reviewers, act, .. } = change.event {
                let (before, after) = (change.before.review().unwrap(), change.after.review().unwrap());
                assert_eq!((&after.reviewers, reviewers), (&change.world.reviewers, &change.world.reviewers));
                assert_eq!(change.after.status(), change.before.status());
                let kept: Vec<_> = before.answers.iter().filter(|answer| after.has_task(&Task::Feedback(answer.slot.clone()))).cloned().collect();
                assert_eq!(after.answers, kept);
                assert!(act.comment.is_some());
                let directory = change.world.directory();
                assert!(!change.world.facts(&directory, "manager").able(&Task::FinalApproval, change.after, after).is_empty());
            }
        });
    }

    #[test]
    fn a_version_is_retired_outside_of_reviews_and_then_only_revoked_or_taken_back(steps in steps()) {
        walk(&steps, |change| {
            match change.event {
                Event::VersionRetired { act } => assert!(!change.before.status().is_open() && act.comment.is_some()),
                Event::VersionRestored { act } => assert!(change.was_retired && act.comment.is_some()),
                Event::Revoked { .. } | Event::Expired { .. } => {}
                event => assert!(!change.was_retired, "{}", event.kind()),
            }
        });
    }

    #[test]
    fn an_approval_goes_on_until_it_ends_or_its_renewal_is_decided(steps in steps()) {
        walk(&steps, |change| {
            let now = change.world.now;
            let approval = |signoff: &SignOff| signoff.approval_in_force(now).cloned();
            let (Some(before), after) = (approval(change.before), approval(change.after)) else { return };
            match change.event {
                Event::Approved { replaces, .. } => {
                    assert_eq!(*replaces, change.before.renewed().map(|renewed| renewed.round));
                    let (old, new) = (change.before.speaking().round, change.after.speaking().round);
                    assert!(after.is_some() && old < new, "the new approval takes its place at once");
                }
                Event::Rejected { ends, .. } => {
                    assert_eq!(*ends, change.before.renewed().map(|renewed| renewed.round));
                    assert_eq!(after, None);
                }
                Event::Revoked { .. } | Event::Expired { .. } | Event::Reset { .. } => assert_eq!(after, None),
                _ => assert_eq!(after, Some(before), "{} ended an approval", change.event.kind()),
            }
        });
    }

    #[test]
    fn an_approval_is_reset_only_with_a_reason(steps in steps()) {
        walk(&steps, |change| {
            if let Event::Reset { from: Status::Approved, comment, .. } = change.event {
                assert!(comment.is_some());
            }
        });
    }

    #[test]
    fn the_rounds_that_count_are_the_newest_and_the_one_that_it_renews(steps in steps()) {
        walk(&steps, |change| {
            let rounds: Vec<_> = change.after.rounds().map(SignOff::alone).collect();
            let newest = rounds.iter().max_by_key(|round| round.round).unwrap().clone();
            let renewed = rounds.iter().find(|round| Some(round.round) == newest.goes_on_beside()).cloned();
            assert_eq!(rounds.len(), 1 + usize::from(renewed.is_some()));
            assert_eq!(&SignOff::of_rounds(newest, renewed), change.after);
            assert!(!change.after.is_locked() || change.after.approval_in_force(change.world.now).is_none());
        });
    }

    #[test]
    fn a_stored_sign_off_reads_back(steps in steps()) {
        let same = |signoff: &SignOff| {
            let signoff = &signoff.alone();
            let text = serde_json::to_string(signoff).unwrap();
            assert_eq!(&serde_json::from_str::<SignOff>(&text).unwrap(), signoff, "{text}");
        };
        walk(&steps, |change| {
            same(change.before);
            same(change.after);
            let text = serde_json::to_string(change.event).unwrap();
            assert_eq!(&serde_json::from_str::<Event>(&text).unwrap(), change.event, "{text}");
        });
    }

    #[test]
    fn an_approval_carries_the_digest_and_never_lasts_longer_than_the_rules_allow(steps in steps()) {
        walk(&steps, |change| {
            if let (Event::Approved { .. }, State::Approved { approval, .. }) = (change.event, &change.after.state) {
                assert_eq!(approval.model_digest, change.world.model_digest);
                assert_eq!(approval.not_after, Some(change.world.now.plus(days(30))));
                assert!(change.after.approval_in_force(change.world.now).is_some());
            }
        });
    }

    #[test]
    fn there_is_a_way_on_or_a_refusal_that_says_what_is_missing(steps in steps()) {
        let (world, signoff) = walk(&steps, |_| ());
        let commands = every_command(&world);
        let tried = |who: &'static str| commands.iter().map(move |command| (who, command.clone()));
        let outcomes: Vec<_> = ACTORS.into_iter().flat_map(tried).map(|(who, command)| world.act(&signoff, who, command)).collect();
        let goes_on = outcomes.iter().any(|outcome| matches!(outcome, Ok(Outcome::Changed(_))));
        let says_why = outcomes.iter().any(|outcome| matches!(outcome, Err(refusal) if refusal.kind == RefusalKind::NobodyCanApprove && refusal.next.is_some()));
        prop_assert!(goes_on || says_why, "stuck in {signoff:?}");
        prop_assert!(goes_on || signoff.status() == Status::NotStarted);
    }

    #[test]
    fn a_refused_command_says_why_in_words(steps in steps()) {
        let (world, signoff) = walk(&steps, |_| ());
        for command in every_command(&world) {
            if let Err(refusal) = world.act(&signoff, "outsider", command.clone()) {
                assert_eq!((refusal.command, refusal.status), (command.verb(), signoff.status()));
                assert!(!refusal.reason.is_empty() && refusal.next.is_some(), "{refusal:?}");
                assert_eq!(refusal.who_can.len(), refusal.who_can.iter().collect::<BTreeSet<_>>().len(), "{:?}", refusal.who_can);
            } else {
                panic!("an outsider changed something: {command:?}");
            }
        }
    }
}

/// Without this, the properties above could hold because the walks never come far.
#[test]
fn the_walks_come_to_every_status_and_event() {
    let mut runner = TestRunner::deterministic();
    let (mut statuses, mut events, mut rounds) = (BTreeSet::new(), BTreeSet::new(), 0);
    for _ in 0..200 {
        let steps = steps().new_tree(&mut runner).unwrap().current();
        walk(&steps, |change| {
            statuses.insert(change.after.status());
            events.insert(change.event.kind());
            rounds = rounds.max(change.after.round);
            if is_terminal(change.after.status()) {
                assert!(change.after.review().is_some());
            }
        });
    }
    assert_eq!(statuses, Status::ALL.iter().copied().collect());
    let missing: Vec<_> = Event::TYPES
        .iter()
        .filter(|kind| {
            ["review.", "feedback.", "approval.", "version.retired", "version.restored"].iter().any(|of| kind.starts_with(of))
        })
        // The clock records these without a change of the sign-off.
        .filter(|kind| !["review.reminded", "approval.ending"].contains(*kind))
        .filter(|kind| !events.contains(*kind))
        .collect();
    assert!(missing.is_empty(), "{missing:?}");
    assert!(rounds >= 3, "{rounds}");
}
