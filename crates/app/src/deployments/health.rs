//! The health of a deployment: compares the revision in force with the reports of the nodes.

use crate::{OpContext, views};
use domain::{
    deployment::PolicyStanding,
    health::{self, Reported, ReportedVersion, Wanted},
};

/// How a deployment's revision in force stands with the nodes of its infrastructure.
pub(crate) fn of(op: &OpContext, service: &domain::Name, revision: &views::Revision, nodes: &[views::Node]) -> views::Health {
    let worst = revision.shares.iter().filter(|share| share.standing.is_some()).max_by_key(|share| share.standing);
    let wanted = Wanted {
        revision: revision.number,
        made_at: revision.at,
        versions: revision.shares.iter().map(|share| (share.version.clone(), share.model_digest)).collect(),
        standing: worst.and_then(|share| share.standing).unwrap_or(PolicyStanding::InPolicy),
        lapse: worst.and_then(|share| share.reason.clone()),
    };
    let reports: Vec<_> = nodes.iter().map(|node| reported(service, node)).collect();
    let health = health::health(&wanted, &reports, op.now);
    let nodes = nodes.iter().zip(reports).zip(health.nodes).map(|((node, reported), health)| views::NodeHealth {
        node: node.node.clone(),
        url: node.report.url.clone(),
        state: health.state,
        revision: reported.revision,
        reported_at: node.reported_at,
        reason: health.reason,
    });
    views::Health { status: health.status, reason: health.reason, nodes: nodes.collect() }
}

fn reported(service: &domain::Name, node: &views::Node) -> Reported {
    let said = node.report.services.iter().find(|said| said.service == *service);
    let version = |said: &views::VersionReport| ReportedVersion {
        version: said.version.clone(),
        model_digest: said.model_digest,
        state: said.state,
        reason: said.reason.clone(),
    };
    Reported {
        node: node.node.to_string(),
        at: node.reported_at,
        problem: node.report.problem.clone(),
        revision: said.map(|said| said.revision),
        versions: said.map(|said| said.versions.iter().map(version).collect()).unwrap_or_default(),
    }
}
