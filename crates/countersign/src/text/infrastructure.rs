//! Infrastructures and their nodes.

use super::{Table, Text, cells, facts, project, section};
use app::views::{
    GateLogEntry, Infrastructure, LogRefusal, LogReport, Node, NodeReport, PolicyPeriod, PolicyPreview, StandingChange,
};
use domain::health::VersionState;

/// Infrastructures in a list.
pub fn table(infrastructures: &[Infrastructure]) -> Text {
    let row = |infrastructure: &Infrastructure| {
        cells![infrastructure.name, infrastructure.stage, infrastructure.policy, infrastructure.on_lapse]
    };
    Table::of(&["NAME", "STAGE", "POLICY", "ON LAPSE"], infrastructures, row).text("No infrastructures.")
}

/// One infrastructure.
pub fn card(infrastructure: &Infrastructure) -> Text {
    let accepts = accepts(infrastructure);
    let head = facts(&[
        ("name", &infrastructure.name),
        ("stage", &infrastructure.stage),
        ("policy", &infrastructure.policy),
        ("on lapse", &infrastructure.on_lapse),
        ("accepts", &accepts),
        ("permits last", &infrastructure.permit_valid_for),
        ("created", &infrastructure.created_at),
    ]);
    let members = infrastructure.members.as_deref().map(project::members).unwrap_or_default();
    let refusals = section("Nodes that refuse the log of this server", &refusals(&infrastructure.log_refusals));
    head + refusals + section("Members", &members)
}

/// Which approvals count there.
fn accepts(infrastructure: &Infrastructure) -> String {
    let projects = match &infrastructure.projects {
        None => "approvals of every project".to_owned(),
        Some(projects) if projects.is_empty() => "approvals of projects that you do not see".to_owned(),
        Some(projects) => {
            let names: Vec<_> = projects.iter().map(ToString::to_string).collect();
            format!("approvals of {}", names.join(", "))
        }
    };
    match infrastructure.independent_approval {
        true => format!("{projects}, by neither author nor requester"),
        false => projects,
    }
}

/// The nodes of an infrastructure and what they reported.
pub fn nodes(nodes: &[Node]) -> Text {
    let row = |node: &Node| {
        let report = &node.report;
        let engine = report.engine.as_ref().map(|engine| engine.name.as_str());
        let log = report.log.as_ref().map(log);
        cells![node.node, node.alive, report.url, report.software, engine, log, node.reported_at, problems(report)]
    };
    Table::of(&["NODE", "ALIVE", "URL", "SOFTWARE", "ENGINE", "LOG", "REPORTED", "PROBLEM"], nodes, row).text("No nodes.")
}

/// What is wrong with a node: with all of it, or with the process of a version.
fn problems(report: &NodeReport) -> Option<String> {
    let versions = report.services.iter().flat_map(|service| &service.versions);
    let told = versions.filter(|version| version.state != VersionState::Disabled);
    let of_versions = told.filter_map(|version| Some(format!("{}: {}", version.version, version.reason.as_ref()?)));
    let all: Vec<_> = report.problem.iter().cloned().chain(of_versions).collect();
    (!all.is_empty()).then(|| all.join("; "))
}

/// The policies that an infrastructure had, the present one first.
pub fn past_policies(policies: &[PolicyPeriod]) -> Text {
    let row = |period: &PolicyPeriod| {
        let weakened = period.weakened.then_some("weakened");
        cells![period.since, period.until, period.policy, period.on_lapse, weakened, period.by, period.reason]
    };
    Table::of(&["SINCE", "UNTIL", "POLICY", "ON LAPSE", "", "BY", "REASON"], policies, row).text("No policies.")
}

/// What the gate answered, the last answer first.
pub fn gate_log(entries: &[GateLogEntry]) -> Text {
    let row = |entry: &GateLogEntry| {
        let (versions, missing) = (entry.versions.join(", "), entry.missing.join("; "));
        cells![entry.at, entry.outcome, entry.service, versions, entry.by, entry.reason, missing]
    };
    Table::of(&["AT", "ANSWER", "SERVICE", "VERSIONS", "BY", "REASON", "MISSING"], entries, row)
        .text("The gate was not asked yet.")
}

/// What a change of the policy would do to what is in service.
pub fn standings(preview: &PolicyPreview) -> Text {
    let row = |change: &StandingChange| cells![change.service, change.version, change.now, change.then];
    let table = Table::of(&["SERVICE", "VERSION", "NOW", "WOULD BE"], &preview.changes, row);
    section("In service today", &table.text("The standing of no service would change."))
}

/// What a node saw of the log.
fn log(log: &LogReport) -> String {
    match (&log.refusal, log.size) {
        (Some(_), _) => "refused".to_owned(),
        (None, Some(size)) => format!("{size} events"),
        (None, None) => "no checkpoint yet".to_owned(),
    }
}

/// The nodes that refuse the log of the server.
fn refusals(refusals: &[LogRefusal]) -> Text {
    let row = |refusal: &LogRefusal| cells![refusal.node, refusal.reason];
    Table::of(&["NODE", "REASON"], refusals, row).text("")
}
