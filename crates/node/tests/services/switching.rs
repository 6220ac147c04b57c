//! From one revision to the next: nothing is torn, nothing that was taken back goes on, nothing half ready comes into force.

use crate::stage::*;
use node::services::LoadFailure;
use serde_json::json;

#[test]
fn the_revision_before_answers_until_the_next_is_ready() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    assert_eq!(answers(&mut services, NOW).1, [(name(1), Err("diagnosis/tumour:1 is starting".to_owned()))]);
    load_all(&mut services, NOW);
    services.set_plan(plan(2, vec![share(1, 90, &permit(1, 2)), share(2, 10, &permit(2, 2))], vec![vouched(1)]));
    let to_load = services.begin_loads(NOW);
    assert_eq!(answers(&mut services, NOW), (1, vec![(name(1), Ok(true))]));
    assert!(!services.is_settled());
    for (key, tries) in to_load {
        services.end_load(&key, Ok((model(), [].into())), tries, NOW);
    }
    assert_eq!(answers(&mut services, NOW), (2, vec![(name(1), Ok(true)), (name(2), Ok(true))]));
    assert!(services.is_settled());
}

#[test]
fn a_version_that_does_not_load_leaves_the_revision_before_in_force_and_is_tried_again() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut services, NOW);
    services.set_plan(plan(2, vec![share(2, 100, &permit(2, 2))], vec![vouched(1)]));
    let (key, tries) = services.begin_loads(NOW).remove(0);
    services.end_load(&key, Err("it asks for too much memory".to_owned().into()), tries, NOW);
    assert_eq!(answers(&mut services, NOW).0, 1);
    let report = &services.report(NOW)[0];
    assert_eq!((report.revision, report.versions[0].reason.as_deref()), (2, Some("it asks for too much memory")));
    assert!(services.begin_loads(NOW + 1_000_000).is_empty(), "not at once");
    assert_eq!(load_all(&mut services, NOW + 2_000_000), [name(2)]);
    assert_eq!(answers(&mut services, NOW), (2, vec![(name(2), Ok(true))]));
}

#[test]
fn a_revoked_version_stops_at_once_also_while_the_next_revision_loads() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut services, NOW);
    let mut revoked = share(1, 100, &permit(1, 1));
    revoked["standing"] = json!("disabled");
    revoked["reason"] = json!("revoked by the approver");
    services.set_plan(plan(1, vec![revoked], Vec::new()));
    let why = "diagnosis/tumour:1 was taken out of service: revoked by the approver".to_owned();
    assert_eq!(answers(&mut services, NOW).1, [(name(1), Err(why))]);
    assert!(services.begin_loads(NOW).is_empty(), "what may not serve is not loaded again");

    let mut services = self::services();
    services.set_plan(plan(1, vec![share(1, 50, &permit(1, 1)), share(3, 50, &permit(3, 1))], Vec::new()));
    load_all(&mut services, NOW);
    let previous = vec![json!({"version": name(1), "standing": "disabled", "reason": "revoked"}), vouched(3)];
    services.set_plan(plan(2, vec![share(2, 100, &permit(2, 2))], previous));
    let (revision, arms) = answers(&mut services, NOW);
    assert_eq!((revision, arms[0].1.is_err(), &arms[1].1), (1, true, &Ok(true)));
    // A version that the server does not vouch for does not go on.
    services.set_plan(plan(2, vec![share(2, 100, &permit(2, 2))], Vec::new()));
    let (revision, arms) = answers(&mut services, NOW);
    assert_eq!((revision, arms), (2, vec![(name(2), Err("diagnosis/tumour:2 is starting".to_owned()))]));
}

#[test]
fn a_word_that_the_node_does_not_know_is_taken_for_the_strictest() {
    let mut services = services();
    let mut odd = share(1, 100, &permit(1, 1));
    odd["standing"] = json!("probably_fine");
    services.set_plan(plan(1, vec![odd], Vec::new()));
    assert!(services.begin_loads(NOW).is_empty());
    assert!(answers(&mut services, NOW).1[0].1.is_err());
}

#[test]
fn out_of_policy_goes_on_and_no_longer_counts_as_approved() {
    let mut services = services();
    let mut lapsed = share(1, 100, &permit(1, 1));
    lapsed["standing"] = json!("out_of_policy");
    services.set_plan(plan(1, vec![lapsed], Vec::new()));
    load_all(&mut services, NOW);
    assert_eq!(answers(&mut services, NOW), (1, vec![(name(1), Ok(false))]));
}

#[test]
fn a_stopped_service_and_one_that_is_gone_serve_nothing() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut services, NOW);
    services.set_plan(plan(2, Vec::new(), vec![vouched(1)]));
    assert_eq!(answers(&mut services, NOW), (2, Vec::new()));
    services.set_plan(plan(3, vec![share(1, 100, &permit(1, 3))], Vec::new()));
    assert_eq!(load_all(&mut services, NOW), [name(1)], "it was let go, and is loaded anew");
    let mut empty = plan(4, Vec::new(), Vec::new());
    empty.services.clear();
    services.set_plan(empty);
    assert!(services.table(NOW).services.is_empty());
}

#[test]
fn two_revisions_in_a_row_end_with_the_last_whatever_loads_first() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut services, NOW);
    services.set_plan(plan(2, vec![share(2, 100, &permit(2, 2))], vec![vouched(1)]));
    let second = services.begin_loads(NOW);
    services.set_plan(plan(3, vec![share(3, 100, &permit(3, 3))], vec![vouched(2)]));
    answers(&mut services, NOW);
    let third = services.begin_loads(NOW);
    for (key, tries) in third.into_iter().chain(second) {
        services.end_load(&key, Ok((model(), [].into())), tries, NOW);
    }
    assert_eq!(answers(&mut services, NOW), (3, vec![(name(3), Ok(true))]));
    // What came too late is not kept.
    assert_eq!(services.digests_to_keep(), Some([].into()));
}

#[test]
fn nothing_changes_in_the_table_while_nothing_happens() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new()));
    load_all(&mut services, NOW);
    let (one, two) = (services.table(NOW), services.table(NOW + 1_000_000));
    assert!(one.same(&two));
}

#[test]
fn an_earlier_revision_than_one_that_was_named_is_not_taken_and_the_node_says_so() {
    let mut services = services();
    let first = || plan(1, vec![share(1, 100, &permit(1, 1))], Vec::new());
    let second = || plan(2, vec![share(2, 100, &permit(2, 2))], vec![vouched(1)]);
    services.set_cached_plan(second());
    services.set_plan(first());
    load_all(&mut services, NOW);
    assert_eq!((answers(&mut services, NOW).0, services.problem()), (1, None), "the server's word outranks the cache's");
    services.set_plan(second());
    load_all(&mut services, NOW);
    services.set_plan(first());
    assert!(services.begin_loads(NOW).is_empty());
    assert_eq!(answers(&mut services, NOW), (2, vec![(name(2), Ok(true))]));
    let problem = services.problem().unwrap();
    assert!(problem.contains("revision 1 of `tumour` after revision 2"), "{problem}");
    // A number for which there is no permit counts for nothing.
    services.set_plan(plan(9, vec![share(1, 100, &permit(1, 1))], vec![vouched(2)]));
    services.set_plan(second());
    assert_eq!((answers(&mut services, NOW).0, services.problem()), (2, None));
    // Nor does it come back after a time without it.
    let mut empty = second();
    empty.services.clear();
    services.set_plan(empty);
    services.set_plan(first());
    assert!(services.table(NOW).services.is_empty() && services.problem().is_some());
}

#[test]
fn the_cache_loses_nothing_while_the_files_of_a_wanted_version_are_not_known() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 90, &permit(1, 1)), share(2, 10, &permit(2, 1))], Vec::new()));
    for (key, tries) in services.begin_loads(NOW) {
        let kept = [digest(1)].into();
        let result = if key.version == name(1) { Ok((model(), kept)) } else { Err("no memory".to_owned().into()) };
        services.end_load(&key, result, tries, NOW);
    }
    assert!(services.is_settled());
    assert_eq!(services.digests_to_keep(), None, "the next try of the second needs its files, perhaps without the server");
    let late = PermitFor { from: NOW + HOUR, until: NOW + 2 * HOUR, ..permit(2, 2) };
    services.set_plan(plan(2, vec![share(1, 90, &permit(1, 2)), share(2, 10, &late)], Vec::new()));
    services.table(NOW);
    assert_eq!(services.digests_to_keep(), None, "nor does a clock that is wrong cost anything");
    let mut revoked = share(2, 10, &permit(2, 3));
    revoked["standing"] = json!("disabled");
    services.set_plan(plan(3, vec![share(1, 90, &permit(1, 3)), revoked], Vec::new()));
    assert_eq!(services.digests_to_keep(), Some([digest(1)].into()));
}

#[test]
fn the_cache_keeps_the_files_of_a_version_that_does_not_load_and_no_others() {
    let mut services = services();
    services.set_plan(plan(1, vec![share(1, 90, &permit(1, 1)), share(2, 10, &permit(2, 1))], Vec::new()));
    for (key, tries) in services.begin_loads(NOW) {
        let files = [key.model_digest].into();
        let failure = || LoadFailure { reason: "no memory".to_owned(), files: Some([digest(2)].into()) };
        services.end_load(&key, if key.version == name(1) { Ok((model(), files)) } else { Err(failure()) }, tries, NOW);
    }
    assert_eq!(services.digests_to_keep(), Some([digest(1), digest(2)].into()));
    // While it is tried again nothing is lost.
    assert_eq!(services.begin_loads(NOW + HOUR / 2).len(), 1);
    assert_eq!(services.digests_to_keep(), None);
}

#[test]
fn what_has_to_stop_stops_also_when_an_earlier_revision_says_so() {
    let mut services = services();
    services.set_plan(plan(2, vec![share(1, 50, &permit(1, 2)), share(2, 50, &permit(2, 2))], Vec::new()));
    load_all(&mut services, NOW);
    let mut revoked = share(1, 100, &permit(1, 1));
    revoked["standing"] = json!("disabled");
    revoked["reason"] = json!("revoked by the approver");
    services.set_plan(plan(1, vec![revoked], Vec::new()));
    let why = "diagnosis/tumour:1 was taken out of service: revoked by the approver".to_owned();
    assert_eq!(answers(&mut services, NOW), (2, vec![(name(1), Err(why)), (name(2), Ok(true))]));
    assert!(services.problem().is_some());
}
