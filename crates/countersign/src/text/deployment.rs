//! Deployments: what is in service, its nodes, and the revisions before.

use super::{Show, Table, Text, cells, facts, section};
use app::views::{Deployment, NodeHealth, Revision};

/// Services in a list.
pub fn table(deployments: &[Deployment]) -> Text {
    let row = |deployment: &Deployment| {
        let revision = &deployment.revision;
        let health = deployment.health.status;
        cells![deployment.service, deployment.model, deployment.standing, health, revision.number, revision.by, revision.at]
    };
    Table::of(&["SERVICE", "MODEL", "STANDING", "HEALTH", "REVISION", "BY", "AT"], deployments, row).text("No services.")
}

/// What a command shows when it is done.
pub fn brief(deployment: &Deployment) -> Text {
    with_tag(deployment, None)
}

/// Everything about a service, with the tag of its state.
pub fn card(deployment: &Deployment, tag: Option<&str>) -> Text {
    let row = |revision: &Revision| {
        let gate = revision.answer.as_ref().map(|answer| answer.verdict);
        let Revision { number, kind, by, at, acknowledgement, .. } = revision;
        cells![*number, *kind, served(revision), gate, *by, *at, *acknowledgement]
    };
    let headings = ["REVISION", "KIND", "SERVED", "GATE", "BY", "AT", "WHY"];
    with_tag(deployment, tag) + section("History", &Table::of(&headings, &deployment.history, row).text(""))
}

fn with_tag(deployment: &Deployment, tag: Option<&str>) -> Text {
    let revision = &deployment.revision;
    let head = facts(&[
        ("infrastructure", &deployment.infrastructure),
        ("service", &deployment.service),
        ("model", &deployment.model),
        ("standing", &deployment.standing),
        ("health", &deployment.health.status),
        ("because", &deployment.health.reason),
        ("revision", &revision.number),
        ("made by", &revision.kind),
        ("who", &revision.by),
        ("when", &revision.at),
        ("acknowledged", &revision.acknowledgement),
        ("tag", &tag),
    ]);
    let shares = Table::of(&["VERSION", "WEIGHT", "BASIS", "STANDING", "PERMIT UNTIL"], &revision.shares, |share| {
        let until = share.permit.as_ref().and_then(|permit| permit.not_after);
        cells![share.version, share.weight, share.basis, share.standing, until]
    });
    let known = deployment.lapse_acknowledged.as_ref();
    let known = known.map(|known| Text::line(format!("{} tolerates this until {}: {}", known.by, known.until, known.reason)));
    let lapses: Text = revision.shares.iter().filter_map(|share| share.reason.as_ref()).map(Text::line).chain(known).collect();
    head + section("In service", &shares.text("Nothing."))
        + section("Out of policy", &lapses)
        + section("Nodes", &nodes(&deployment.health.nodes))
}

fn nodes(nodes: &[NodeHealth]) -> Text {
    let row = |node: &NodeHealth| cells![node.node, node.state, node.revision, node.url, node.reported_at, node.reason];
    Table::of(&["NODE", "STATE", "REVISION", "URL", "REPORTED", "WHY"], nodes, row).text("")
}

/// What a revision serves, on one line.
pub fn served(revision: &Revision) -> String {
    let share = |share: &app::views::Share| format!("{}={}", share.version.cell(), share.weight);
    revision.shares.iter().map(share).collect::<Vec<_>>().join(" ")
}
