//! The health of a deployment from what its nodes reported, as a text to be read.

mod common;

use common::digest;
use domain::{
    Duration, Timestamp, VersionRef,
    deployment::PolicyStanding,
    health::{Health, LOST_AFTER, Reported, ReportedVersion, SETTLED_AFTER, VersionState, Wanted, health},
};
use std::fmt::Write as _;

const MADE: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

fn version(number: u8) -> VersionRef {
    format!("diagnosis/tumour:{number}").parse().expect("it is a version")
}

/// Revision 3 with versions 1 and 2.
fn wanted() -> Wanted {
    let versions = [1, 2].map(|number| (version(number), digest(number))).into();
    Wanted { revision: 3, made_at: MADE, versions, standing: PolicyStanding::InPolicy, lapse: None }
}

fn stopped() -> Wanted {
    Wanted { versions: Vec::new(), ..wanted() }
}

fn lapsed(standing: PolicyStanding) -> Wanted {
    Wanted { standing, lapse: Some("the approval was revoked".to_owned()), ..wanted() }
}

/// A node that follows this revision and says this of versions 1 and 2.
fn node(name: &str, revision: u32, states: [VersionState; 2]) -> Reported {
    let said = |number: u8, state: VersionState| ReportedVersion {
        version: version(number),
        model_digest: digest(number),
        state,
        reason: (state == VersionState::Failed).then(|| "out of memory".to_owned()),
    };
    let versions = vec![said(1, states[0]), said(2, states[1])];
    Reported { node: name.to_owned(), at: MADE, problem: None, revision: Some(revision), versions }
}

fn good(name: &str) -> Reported {
    node(name, 3, [VersionState::Serving; 2])
}

fn other_bytes(name: &str) -> Reported {
    let mut report = good(name);
    report.versions[1].model_digest = digest(9);
    report
}

fn without_service(name: &str) -> Reported {
    Reported { revision: None, versions: Vec::new(), ..good(name) }
}

fn sick(report: Reported) -> Reported {
    Reported { problem: Some("ONNX Runtime is missing".to_owned()), ..report }
}

/// What is wanted and reported, with a name.
fn cases() -> Vec<(&'static str, Wanted, Vec<Reported>)> {
    use VersionState::{Disabled, Failed, Serving, Starting};
    vec![
        ("no node", wanted(), vec![]),
        ("one serves all", wanted(), vec![good("n1")]),
        ("two serve all", wanted(), vec![good("n1"), good("n2")]),
        ("one of two starts", wanted(), vec![good("n1"), node("n2", 3, [Serving, Starting])]),
        ("all start", wanted(), vec![node("n1", 3, [Starting; 2])]),
        ("a version failed on one", wanted(), vec![good("n1"), node("n2", 3, [Serving, Failed])]),
        ("a version failed on the only one", wanted(), vec![node("n1", 3, [Failed, Starting])]),
        ("a version is disabled", wanted(), vec![node("n1", 3, [Disabled, Serving])]),
        ("an earlier revision", wanted(), vec![good("n1"), node("n2", 2, [Serving; 2])]),
        ("a later revision", wanted(), vec![node("n1", 4, [Serving; 2])]),
        ("other bytes under the version", wanted(), vec![other_bytes("n1")]),
        ("the service is not known", wanted(), vec![without_service("n1")]),
        ("not ready", wanted(), vec![good("n1"), sick(node("n2", 3, [Starting; 2]))]),
        ("not ready and without service", wanted(), vec![sick(without_service("n1"))]),
        ("out of policy", lapsed(PolicyStanding::OutOfPolicy), vec![good("n1")]),
        ("disabled", lapsed(PolicyStanding::Disabled), vec![node("n1", 3, [Disabled; 2])]),
        ("out of policy, no node", lapsed(PolicyStanding::OutOfPolicy), vec![]),
        ("stopped", stopped(), vec![without_service("n1")]),
        ("stopped, no node", stopped(), vec![]),
        ("stopped, and followed", stopped(), vec![Reported { versions: Vec::new(), ..good("n1") }]),
        ("stopped, and still served", stopped(), vec![node("n1", 2, [Serving; 2])]),
        ("stopped, followed, and still served", stopped(), vec![good("n1")]),
        ("stopped, and never known by a sick node", stopped(), vec![sick(without_service("n1"))]),
    ]
}

fn line(health: &Health) -> String {
    let nodes = health.nodes.iter().map(|node| format!("{} {}", node.node, node.state)).collect::<Vec<_>>().join(", ");
    format!("{:<14} {:<70} {nodes}", health.status.as_str(), health.reason)
}

#[test]
fn every_case_soon_after_the_revision_and_long_after() {
    let mut text =
        "What is wanted is revision 3 with two versions. First right after it was made, then when it should have settled.\n\n"
            .to_owned();
    for (name, wanted, reports) in cases() {
        writeln!(text, "{name}").unwrap();
        for (when, after) in [("soon", Duration::from_seconds(1)), ("later", SETTLED_AFTER)] {
            let now = MADE.plus(after);
            let reports: Vec<_> = reports.iter().map(|report| Reported { at: now, ..report.clone() }).collect();
            writeln!(text, "  {when:<6} {}", line(&health(&wanted, &reports, now)).trim_end()).unwrap();
        }
    }
    insta::assert_snapshot!("health_table", text);
}

#[test]
fn a_node_that_has_not_reported_for_15_seconds_counts_no_more() {
    let report = Reported { at: MADE, ..good("n1") };
    let at = |after: i64| health(&wanted(), std::slice::from_ref(&report), Timestamp::from_micros(MADE.micros() + after));
    assert_eq!(at(LOST_AFTER.micros() - 1).status.as_str(), "healthy");
    let lost = at(LOST_AFTER.micros());
    assert_eq!((lost.status.as_str(), lost.nodes[0].state.as_str()), ("unknown", "lost"));
    assert_eq!(lost.reason, "no node is alive: n1 stopped reporting");
    // One that is alive is enough for an answer.
    let now = MADE.plus(LOST_AFTER);
    let both = health(&wanted(), &[report.clone(), Reported { at: now, ..good("n2") }], now);
    assert_eq!((both.status.as_str(), both.reason.as_str()), ("healthy", "the node serves revision 3"));
    // A clock that was set back does not make a report old.
    assert_eq!(at(-86_400_000_000).status.as_str(), "healthy");
}

#[test]
fn the_worst_of_several_nodes_is_named() {
    let now = MADE.plus(SETTLED_AFTER);
    let fresh = |report: Reported| Reported { at: now, ..report };
    let failed = fresh(node("n2", 3, [VersionState::Serving, VersionState::Failed]));
    let behind = fresh(node("n3", 2, [VersionState::Serving; 2]));
    let degraded = health(&wanted(), &[fresh(good("n1")), failed.clone()], now);
    assert_eq!(degraded.reason, "n2 is failed: diagnosis/tumour:2: out of memory");
    let out_of_sync = health(&wanted(), &[fresh(good("n1")), failed, behind], now);
    assert_eq!(out_of_sync.reason, "n3 is out of sync: it follows revision 2, not 3");
}
