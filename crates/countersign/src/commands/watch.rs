//! Watches a deployment until the nodes serve it, for `deploy --wait`, and says what to try then.

use crate::{
    args::ServiceRef,
    client::{Answer, Session, paths},
    exit::Exit,
    failure::Failure,
    text::plain,
};
use app::views::{Deployment, NodeHealth};
use domain::health::{HealthStatus, NodeState};
use tokio::time::{Instant, sleep};

/// How often the server is asked meanwhile.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// How the following ended, and how the deployment stood then.
pub struct WatchResult {
    /// The last answer about the deployment; none where the first one said everything.
    pub latest: Option<Answer>,
    /// What to say where it did not end well.
    pub failure: Option<Failure>,
}

/// What one look at a deployment says about going on.
#[derive(Debug, PartialEq, Eq)]
enum Outcome {
    Healthy,
    /// There is no node at all.
    Nobody,
    /// It will not become healthy by itself.
    Ill(Exit),
    /// Look again.
    Wait,
}

/// Follows this revision until it is healthy or will not become so, or the time is over. Says each change on the way.
///
/// # Errors
/// When the deployment cannot be shown; a server that only restarts is waited for.
pub async fn follow(
    session: &Session,
    service: &ServiceRef,
    deployed: &Answer,
    end: Option<Instant>,
) -> Result<WatchResult, Failure> {
    let mut deployment: Deployment = deployed.read()?;
    let number = deployment.revision.number;
    let mut latest = None;
    let mut shown = String::new();
    loop {
        let reason = &deployment.health.reason;
        let failure = match outcome(&deployment, number) {
            Outcome::Healthy => {
                session.out.note(&to_try(service, &deployment));
                None
            }
            Outcome::Nobody => {
                session.out.note(&nobody(&service.infrastructure));
                None
            }
            Outcome::Ill(exit) => Some(Failure::new(exit, format!("revision {number} is not served as it should be: {reason}"))),
            Outcome::Wait if end.is_none_or(|end| Instant::now() + PAUSE > end) => Some(
                Failure::new(Exit::Pending, format!("revision {number} is not served by every node yet: {reason}"))
                    .hint("Wait longer with --timeout, or look: countersign deployment show."),
            ),
            Outcome::Wait => {
                let progress = format!("{}: {reason}", deployment.health.status);
                if progress != shown {
                    session.out.note(&progress);
                    shown = progress;
                }
                sleep(PAUSE).await;
                match session.client.get(&paths::deployment(service, &[])).send().await {
                    Ok(answer) => {
                        deployment = answer.read()?;
                        latest = Some(answer);
                    }
                    Err(failure) if failure.may_pass() => {}
                    Err(failure) => return Err(failure),
                }
                continue;
            }
        };
        return Ok(WatchResult { latest, failure });
    }
}

fn outcome(deployment: &Deployment, revision: u32) -> Outcome {
    if deployment.revision.number != revision {
        return Outcome::Ill(Exit::Conflict);
    }
    let nodes = &deployment.health.nodes;
    let has = |state: NodeState| nodes.iter().any(|node| node.state == state);
    match deployment.health.status {
        HealthStatus::Healthy => Outcome::Healthy,
        HealthStatus::Unknown if nodes.is_empty() => Outcome::Nobody,
        HealthStatus::OutOfSync | HealthStatus::OutOfPolicy | HealthStatus::Stopped => Outcome::Ill(Exit::Failed),
        _ if has(NodeState::Failed) || has(NodeState::Disabled) => Outcome::Ill(Exit::Failed),
        HealthStatus::Starting | HealthStatus::Degraded | HealthStatus::Unknown => Outcome::Wait,
    }
}

fn nobody(infrastructure: &domain::Name) -> String {
    format!(
        "It is in service, but no node serves {infrastructure} yet. Start one:\n  \
         countersign node --server URL --infra {infrastructure} --token-file FILE --trust KEYFILE\n\
         Its token: countersign token create --service node-1 --scope node --save FILE\n\
         Its role:  countersign infra member add {infrastructure} node-1 --role node"
    )
}

/// Where it answers, and two ways of asking it.
fn to_try(service: &ServiceRef, deployment: &Deployment) -> String {
    let ServiceRef { infrastructure, service: name } = service;
    let is_serving = |node: &&NodeHealth| node.state == NodeState::Serving;
    let url = deployment.health.nodes.iter().find(is_serving).map(|node| plain(&node.url)).unwrap_or_default();
    let url = url.trim_end_matches('/');
    let mut text =
        format!("Served at {url}/v2/models/{name}. Try it:\n  countersign predict {infrastructure}/{name} --input FILE");
    // In quotes and without any of its own: this line is made to be pasted into a shell.
    if !url.contains('\'') {
        text += &format!("\n  curl --json @FILE '{url}/v2/models/{name}/infer'");
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::views::{Health, Revision};
    use domain::{Timestamp, deployment::RevisionKind};

    fn deployment(status: &str, states: &[&str]) -> Deployment {
        let node = |state: &&str| NodeHealth {
            node: "n1".parse().unwrap(),
            url: "http://127.0.0.1:8701/".to_owned(),
            state: state.parse().unwrap(),
            revision: Some(3),
            reported_at: Timestamp::from_micros(0),
            reason: None,
        };
        let revision = Revision {
            number: 3,
            kind: RevisionKind::Deploy,
            shares: Vec::new(),
            answer: None,
            acknowledgement: None,
            by: "Operator".to_owned(),
            account: None,
            credential: None,
            at: Timestamp::from_micros(0),
        };
        Deployment {
            infrastructure: "production".parse().unwrap(),
            service: "tumour".parse().unwrap(),
            model: "diagnosis/tumour".to_owned(),
            standing: "in_policy".to_owned(),
            health: Health {
                status: status.parse().unwrap(),
                reason: "so it is".to_owned(),
                nodes: states.iter().map(node).collect(),
            },
            revision,
            history: Vec::new(),
            lapse_acknowledged: None,
        }
    }

    #[test]
    fn only_what_can_become_healthy_by_itself_is_waited_for() {
        for (status, states, expected) in [
            ("healthy", &["serving"][..], Outcome::Healthy),
            ("unknown", &[], Outcome::Nobody),
            ("unknown", &["lost"], Outcome::Wait),
            ("starting", &["starting"], Outcome::Wait),
            ("degraded", &["serving", "starting"], Outcome::Wait),
            ("degraded", &["serving", "not_ready"], Outcome::Wait),
            ("degraded", &["serving", "failed"], Outcome::Ill(Exit::Failed)),
            ("degraded", &["disabled"], Outcome::Ill(Exit::Failed)),
            ("out_of_sync", &["out_of_sync"], Outcome::Ill(Exit::Failed)),
            ("out_of_policy", &["serving"], Outcome::Ill(Exit::Failed)),
            ("stopped", &["stopped"], Outcome::Ill(Exit::Failed)),
        ] {
            assert_eq!(outcome(&deployment(status, states), 3), expected, "{status} {states:?}");
        }
        assert_eq!(outcome(&deployment("healthy", &["serving"]), 2), Outcome::Ill(Exit::Conflict), "somebody else's");
    }

    #[test]
    fn what_to_try_can_be_pasted() {
        let service = "production/tumour".parse().unwrap();
        let text = to_try(&service, &deployment("healthy", &["lost", "serving"]));
        assert_eq!(
            text,
            "Served at http://127.0.0.1:8701/v2/models/tumour. Try it:\n  countersign predict production/tumour --input FILE\n  \
             curl --json @FILE 'http://127.0.0.1:8701/v2/models/tumour/infer'"
        );
        let mut hostile = deployment("healthy", &["serving"]);
        hostile.health.nodes[0].url = "http://x/'; rm -rf ~; '\u{1b}[2J".to_owned();
        let text = to_try(&service, &hostile);
        assert!(!text.contains("curl") && !text.contains('\u{1b}'), "{text}");
    }
}
