//! Serving nodes: takes their reports, lists them, and takes a node off the list. A report decides nothing. The name of a node belongs to
//! the account that reports under it first.

use crate::{
    Error, OpContext,
    base::{error::Code, find, standing},
    views::{self, List, NodeReport},
};
use domain::{
    InfrastructureId, Name, NextStep,
    access::{Action, Scope},
    health::LOST_AFTER,
};
use store::{Node, Reader};

/// How many nodes an infrastructure may have; a few more, where their first reports arrive in the same moment.
const MOST_NODES: u64 = 500;

/// How many services and versions of them a report may speak of.
const MOST_SERVICES: usize = 1000;

const MOST_VERSIONS: usize = 4000;

/// Bytes of a report as it is kept.
const MOST_BYTES: usize = 512 << 10;

/// Bytes of a report that is kept however many others there are.
const FEW_BYTES: usize = 8 << 10;

/// Bytes of the other nodes' reports beside which a longer one is kept: all of an infrastructure's are read at once.
const MOST_BYTES_BESIDE: u64 = 8 << 20;

/// Characters of a checkpoint.
const LONGEST_CHECKPOINT: usize = 4000;

/// Characters of an address, of a name, and of a reason.
const LONGEST_URL: usize = 500;

const LONGEST_NAME: usize = 200;

const LONGEST_REASON: usize = 2000;

/// Takes a node's report, in place of what it said before.
///
/// # Errors
/// Not a node of the infrastructure; the name of another account's node; a report beyond the bounds; too many nodes.
pub async fn report(op: &OpContext, infrastructure: &Name, node: &Name, report: NodeReport) -> Result<(), Error> {
    op.needs(Scope::Node)?;
    let text = checked(&report)?;
    let (ref op, mut tx) = op.write_outside().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::ReportNode).await?;
    let known = tx.node(infrastructure.id, node).await?;
    if known.is_none() && tx.count_nodes(infrastructure.id).await? >= MOST_NODES {
        let message = format!("the infrastructure “{}” has {MOST_NODES} nodes already", infrastructure.name);
        return Err(Error::new(Code::TooManyNodes, message).next(NextStep::KeepNodeName));
    }
    if text.len() > FEW_BYTES && tx.bytes_beside(infrastructure.id, node).await? + text.len() as u64 > MOST_BYTES_BESIDE {
        return Err(too_large(format!("the reports of the nodes of “{}” have {MOST_BYTES_BESIDE} bytes", infrastructure.name)));
    }
    let account_id = op.user()?.id;
    let row = Node {
        infrastructure_id: infrastructure.id,
        name: node.clone(),
        account_id,
        report: text,
        log_refusal: report.log.and_then(|log| log.refusal),
        reported_at: op.now,
    };
    if !tx.keep_node(&row).await? {
        return Err(of_another_account(node));
    }
    Ok(tx.commit().await?)
}

/// Takes a node off the list: for the node when it stops, or for an admin. A node that is not on the list is no error.
///
/// # Errors
/// Neither a node nor an admin of the infrastructure; another account's node, for somebody who is no admin.
pub async fn remove(op: &OpContext, infrastructure: &Name, node: &Name) -> Result<(), Error> {
    op.needs(Scope::Administer).or_else(|_| op.needs(Scope::Node))?;
    let (ref op, mut tx) = op.write_outside().await?;
    let infrastructure = find::infrastructure(op, &mut tx, infrastructure, Action::RemoveNode).await?;
    let own = op.user()?.id;
    let is_others = tx.node(infrastructure.id, node).await?.is_some_and(|node| node.account_id != own);
    let standing = standing::infrastructure_standing(op, &mut tx, &infrastructure).await?;
    if is_others && !standing::granted(&standing, Action::ManageInfrastructure) {
        return Err(of_another_account(node));
    }
    tx.remove_node(infrastructure.id, node).await?;
    Ok(tx.commit().await?)
}

fn of_another_account(node: &Name) -> Error {
    let message = format!("the node “{node}” reports with another account, and each account speaks for its own nodes only");
    Error::new(Code::NodeOfAnotherAccount, message).next(NextStep::KeepNodeName)
}

/// The nodes of an infrastructure, by name.
///
/// # Errors
/// No such infrastructure; no role on it that sees them.
pub async fn list(op: &OpContext, infrastructure: &Name) -> Result<List<views::Node>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadNodes).await?;
    Ok(List::whole(all(op, &mut reader, infrastructure.id).await?))
}

/// The nodes of an infrastructure with their reports, for computing the health.
pub(crate) async fn all(
    op: &OpContext,
    reader: &mut Reader,
    infrastructure: InfrastructureId,
) -> Result<Vec<views::Node>, Error> {
    let rows = reader.nodes(infrastructure).await?;
    // A report that a newer server took in may say what this one cannot read; the node's next one comes within seconds.
    let nodes = rows.into_iter().filter_map(|row| {
        let report = serde_json::from_str(&row.report).ok()?;
        let alive = op.now < row.reported_at.plus(LOST_AFTER);
        Some(views::Node { node: row.name, alive, reported_at: row.reported_at, report })
    });
    Ok(nodes.collect())
}

/// The report as text, once it is within the bounds.
fn checked(report: &NodeReport) -> Result<String, Error> {
    if !is_address(&report.url) {
        let message = "write the node's address as http://HOST:PORT or https://HOST:PORT, perhaps with a path";
        return Err(Error::invalid("/url", message));
    }
    short("/software", &report.software, LONGEST_NAME)?;
    if let Some(engine) = &report.engine {
        short("/engine/name", &engine.name, LONGEST_NAME)?;
    }
    if let Some(problem) = &report.problem {
        short("/problem", problem, LONGEST_REASON)?;
    }
    if let Some(log) = &report.log {
        short("/log/checkpoint", log.checkpoint.as_deref().unwrap_or_default(), LONGEST_CHECKPOINT)?;
        short("/log/refusal", log.refusal.as_deref().unwrap_or_default(), LONGEST_REASON)?;
    }
    if report.services.len() > MOST_SERVICES {
        return Err(Error::invalid("/services", format!("a report speaks of at most {MOST_SERVICES} services")));
    }
    if report.services.iter().map(|service| service.versions.len()).sum::<usize>() > MOST_VERSIONS {
        return Err(Error::invalid("/services", format!("a report speaks of at most {MOST_VERSIONS} versions")));
    }
    for (place, service) in report.services.iter().enumerate() {
        for (index, version) in service.versions.iter().enumerate() {
            if let Some(reason) = &version.reason {
                short(&format!("/services/{place}/versions/{index}/reason"), reason, LONGEST_REASON)?;
            }
        }
    }
    let text = serde_json::to_string(report).map_err(Error::internal)?;
    if text.len() > MOST_BYTES {
        return Err(too_large(format!("a report has at most {MOST_BYTES} bytes")));
    }
    Ok(text)
}

fn too_large(message: String) -> Error {
    Error::new(Code::ReportTooLarge, message).next(NextStep::SendLess)
}

fn short(pointer: &str, text: &str, most: usize) -> Result<(), Error> {
    match text.chars().count() {
        length if length > most => Err(Error::invalid(pointer, format!("use {most} characters or fewer"))),
        _ => Ok(()),
    }
}

/// An address that can stand in a command line as it is: people paste it.
fn is_address(text: &str) -> bool {
    let rest = text.strip_prefix("http://").or_else(|| text.strip_prefix("https://"));
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/[]%".contains(&byte);
    rest.is_some_and(|rest| {
        let host = rest.split('/').next().unwrap_or_default();
        text.len() <= LONGEST_URL && !host.is_empty() && !host.starts_with(':') && rest.bytes().all(plain)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_plain_addresses_are_taken() {
        for good in ["http://127.0.0.1:8701", "https://node.example.org", "http://[::1]:8701/under", "http://node_1.local"] {
            assert!(is_address(good), "{good}");
        }
        for bad in [
            "",
            "127.0.0.1:8701",
            "ftp://node",
            "http://",
            "http:///path",
            "http://:8701",
            "http://user@node",
            "http://node/?x=1",
            "http://node/#x",
            "http://node/'; rm -rf ~",
            "http://node/$(id)",
            "http://node\n",
            "http://n\u{f6}de",
        ] {
            assert!(!is_address(bad), "{bad}");
        }
        assert!(!is_address(&format!("http://{}", "a".repeat(LONGEST_URL))));
    }
}
