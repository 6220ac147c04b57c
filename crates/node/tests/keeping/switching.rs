//! From one revision to the next: nothing is torn, nothing that was taken back goes on, nothing half ready comes into force.

use crate::stage::*;
use serde_json::json;

#[test]
fn the_revision_before_answers_until_the_next_is_ready() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    assert_eq!(answers(&mut keeper, NOW).1, [(name(1), Err("diagnosis/tumour:1 is starting".to_owned()))]);
    load_all(&mut keeper, NOW);
    keeper.plan(plan(2, vec![share(1, 90, &permit(1, 2)), share(2, 10, &permit(2, 2))], vec![vouched(1)]));
    let to_load = keeper.to_load(NOW);
    assert_eq!(answers(&mut keeper, NOW), (1, vec![(name(1), Ok(true))]));
    assert!(!keeper.is_settled());
    for (key, tries) in to_load {
        keeper.loaded(&key, Ok((model(), [].into())), tries, NOW);
    }
    assert_eq!(answers(&mut keeper, NOW), (2, vec![(name(1), Ok(true)), (name(2), Ok(true))]));
    assert!(keeper.is_settled());
}

#[test]
fn a_version_that_does_not_load_leaves_the_revision_before_in_force_and_is_tried_again() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut keeper, NOW);
    keeper.plan(plan(2, vec![share(2, 100, &permit(2, 2))], vec![vouched(1)]));
    let (key, tries) = keeper.to_load(NOW).remove(0);
    keeper.loaded(&key, Err("it asks for too much memory".to_owned()), tries, NOW);
    assert_eq!(answers(&mut keeper, NOW).0, 1);
    let report = &keeper.report(NOW)[0];
    assert_eq!((report.revision, report.versions[0].reason.as_deref()), (2, Some("it asks for too much memory")));
    assert!(keeper.to_load(NOW + 1_000_000).is_empty(), "not at once");
    assert_eq!(load_all(&mut keeper, NOW + 2_000_000), [name(2)]);
    assert_eq!(answers(&mut keeper, NOW), (2, vec![(name(2), Ok(true))]));
}

#[test]
fn a_revoked_version_stops_at_once_also_while_the_next_revision_loads() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut keeper, NOW);
    let mut revoked = share(1, 100, &permit(1, 1));
    revoked["standing"] = json!("disabled");
    revoked["reason"] = json!("revoked by the approver");
    keeper.plan(plan(1, vec![revoked], Vec::new()));
    let why = "diagnosis/tumour:1 was taken out of service: revoked by the approver".to_owned();
    assert_eq!(answers(&mut keeper, NOW).1, [(name(1), Err(why))]);
    assert!(keeper.to_load(NOW).is_empty(), "what may not serve is not loaded again");

    let mut keeper = self::keeper();
    keeper.plan(plan(1, vec![share(1, 50, &permit(1, 1)), share(3, 50, &permit(3, 1))], Vec::new()));
    load_all(&mut keeper, NOW);
    let previous = vec![json!({"version": name(1), "standing": "disabled", "reason": "revoked"}), vouched(3)];
    keeper.plan(plan(2, vec![share(2, 100, &permit(2, 2))], previous));
    let (revision, arms) = answers(&mut keeper, NOW);
    assert_eq!((revision, arms[0].1.is_err(), &arms[1].1), (1, true, &Ok(true)));
    // A version that the server does not vouch for does not go on.
    keeper.plan(plan(2, vec![share(2, 100, &permit(2, 2))], Vec::new()));
    let (revision, arms) = answers(&mut keeper, NOW);
    assert_eq!((revision, arms), (2, vec![(name(2), Err("diagnosis/tumour:2 is starting".to_owned()))]));
}

#[test]
fn a_word_that_the_node_does_not_know_is_taken_for_the_strictest() {
    let mut keeper = keeper();
    let mut odd = share(1, 100, &permit(1, 1));
    odd["standing"] = json!("probably_fine");
    keeper.plan(plan(1, vec![odd], Vec::new()));
    assert!(keeper.to_load(NOW).is_empty());
    assert!(answers(&mut keeper, NOW).1[0].1.is_err());
}

#[test]
fn out_of_policy_goes_on_and_no_longer_counts_as_approved() {
    let mut keeper = keeper();
    let mut lapsed = share(1, 100, &permit(1, 1));
    lapsed["standing"] = json!("out_of_policy");
    keeper.plan(plan(1, vec![lapsed], Vec::new()));
    load_all(&mut keeper, NOW);
    assert_eq!(answers(&mut keeper, NOW), (1, vec![(name(1), Ok(false))]));
}

#[test]
fn a_stopped_service_and_one_that_is_gone_serve_nothing() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut keeper, NOW);
    keeper.plan(plan(2, Vec::new(), vec![vouched(1)]));
    assert_eq!(answers(&mut keeper, NOW), (2, Vec::new()));
    keeper.plan(plan(3, vec![share(1, 100, &permit(1, 3))], Vec::new()));
    assert_eq!(load_all(&mut keeper, NOW), [name(1)], "it was let go, and is loaded anew");
    let mut empty = plan(4, Vec::new(), Vec::new());
    empty.services.clear();
    keeper.plan(empty);
    assert!(keeper.table(NOW).services.is_empty());
}

#[test]
fn two_revisions_in_a_row_end_with_the_last_whatever_loads_first() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut keeper, NOW);
    keeper.plan(plan(2, vec![share(2, 100, &permit(2, 2))], vec![vouched(1)]));
    let second = keeper.to_load(NOW);
    keeper.plan(plan(3, vec![share(3, 100, &permit(3, 3))], vec![vouched(2)]));
    answers(&mut keeper, NOW);
    let third = keeper.to_load(NOW);
    for (key, tries) in third.into_iter().chain(second) {
        keeper.loaded(&key, Ok((model(), [].into())), tries, NOW);
    }
    assert_eq!(answers(&mut keeper, NOW), (3, vec![(name(3), Ok(true))]));
    // What came too late is not kept.
    assert_eq!(keeper.kept(), Some([].into()));
}

#[test]
fn nothing_changes_in_the_table_while_nothing_happens() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut keeper, NOW);
    let (one, two) = (keeper.table(NOW), keeper.table(NOW + 1_000_000));
    assert!(one.same(&two));
}

#[test]
fn an_earlier_revision_than_one_that_was_named_is_not_taken_and_the_node_says_so() {
    let mut keeper = keeper();
    let first = || plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new());
    let second = || plan(2, vec![share(2, 100, &permit(2, 2))], vec![vouched(1)]);
    keeper.start_with(second());
    keeper.plan(first());
    load_all(&mut keeper, NOW);
    assert_eq!((answers(&mut keeper, NOW).0, keeper.problem()), (1, None), "the server's word outranks the cache's");
    keeper.plan(second());
    load_all(&mut keeper, NOW);
    keeper.plan(first());
    assert!(keeper.to_load(NOW).is_empty());
    assert_eq!(answers(&mut keeper, NOW), (2, vec![(name(2), Ok(true))]));
    let problem = keeper.problem().unwrap();
    assert!(problem.contains("revision 1 of `tumour` after revision 2"), "{problem}");
    // A number for which there is no permit counts for nothing.
    keeper.plan(plan(9, vec![share(1, 100, &permit(1, 1))], vec![vouched(2)]));
    keeper.plan(second());
    assert_eq!((answers(&mut keeper, NOW).0, keeper.problem()), (2, None));
    // Nor does it come back after a time without it.
    let mut empty = second();
    empty.services.clear();
    keeper.plan(empty);
    keeper.plan(first());
    assert!(keeper.table(NOW).services.is_empty() && keeper.problem().is_some());
}

#[test]
fn the_cache_loses_nothing_while_a_wanted_version_does_not_serve() {
    let mut keeper = keeper();
    keeper.plan(plan(1, vec![share(1, 90, &permit(1, 1)), share(2, 10, &permit(2, 1))], Vec::new()));
    for (key, tries) in keeper.to_load(NOW) {
        let kept = [digest(1)].into();
        let result = if key.version == name(1) { Ok((model(), kept)) } else { Err("no memory".to_owned()) };
        keeper.loaded(&key, result, tries, NOW);
    }
    assert!(keeper.is_settled());
    assert_eq!(keeper.kept(), None, "the next try of the second needs its files, perhaps without the server");
    let late = PermitFor { from: NOW + HOUR, until: NOW + 2 * HOUR, ..permit(2, 2) };
    keeper.plan(plan(2, vec![share(1, 90, &permit(1, 2)), share(2, 10, &late)], Vec::new()));
    keeper.table(NOW);
    assert_eq!(keeper.kept(), None, "nor does a clock that is wrong cost anything");
    let mut revoked = share(2, 10, &permit(2, 3));
    revoked["standing"] = json!("disabled");
    keeper.plan(plan(3, vec![share(1, 90, &permit(1, 3)), revoked], Vec::new()));
    assert_eq!(keeper.kept(), Some([digest(1)].into()));
}

#[test]
fn what_has_to_stop_stops_also_when_an_earlier_revision_says_so() {
    let mut keeper = keeper();
    keeper.plan(plan(2, vec![share(1, 50, &permit(1, 2)), share(2, 50, &permit(2, 2))], Vec::new()));
    load_all(&mut keeper, NOW);
    let mut revoked = share(1, 100, &permit(1, 1));
    revoked["standing"] = json!("disabled");
    revoked["reason"] = json!("revoked by the approver");
    keeper.plan(plan(1, vec![revoked], Vec::new()));
    let why = "diagnosis/tumour:1 was taken out of service: revoked by the approver".to_owned();
    assert_eq!(answers(&mut keeper, NOW), (2, vec![(name(1), Err(why)), (name(2), Ok(true))]));
    assert!(keeper.problem().is_some());
}
