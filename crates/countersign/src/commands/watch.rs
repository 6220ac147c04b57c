//! Watches a deployment until the nodes serve it, for `deploy --wait`, and says what to try then.

use crate::{
    args::ServiceRef,
    client::Session,
    exit::Exit,
    failure::Failure,
    text::{at, items, plain},
};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// How often the server is asked meanwhile.
const PAUSE: std::time::Duration = std::time::Duration::from_millis(500);

/// How the following ended, and how the deployment stood then.
pub struct Followed {
    /// The deployment.
    pub deployment: Value,
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
pub async fn follow(session: &Session, service: &ServiceRef, deployed: Value, end: Option<Instant>) -> Result<Followed, Failure> {
    let revision = deployed["revision"]["number"].clone();
    let path = ["infrastructures", service.infrastructure.as_str(), "deployments", service.service.as_str()];
    let mut deployment = deployed;
    let mut said = String::new();
    loop {
        let reason = at(&deployment, "/health/reason");
        let failed = |exit, what: String| Some(Failure::new(exit, what));
        let failure = match outcome(&deployment, &revision) {
            Outcome::Healthy => None,
            Outcome::Nobody => {
                session.out.note(&nobody(&service.infrastructure));
                return Ok(Followed { deployment, failure: None });
            }
            Outcome::Ill(exit) => failed(exit, format!("revision {revision} is not served as it should be: {reason}")),
            Outcome::Wait if end.is_none_or(|end| Instant::now() + PAUSE > end) => {
                failed(Exit::Pending, format!("revision {revision} is not served by every node yet: {reason}"))
                    .map(|failure| failure.hint("Wait longer with --timeout, or look: countersign deployment show."))
            }
            Outcome::Wait => {
                let progress = format!("{}: {reason}", at(&deployment, "/health/status"));
                if progress != said {
                    session.out.note(&progress);
                    said = progress;
                }
                sleep(PAUSE).await;
                match session.client.get(&path).send().await {
                    Ok(answer) => deployment = answer.value,
                    Err(failure) if failure.may_pass() => {}
                    Err(failure) => return Err(failure),
                }
                continue;
            }
        };
        if failure.is_none() {
            session.out.note(&to_try(service, &deployment));
        }
        return Ok(Followed { deployment, failure });
    }
}

fn outcome(deployment: &Value, revision: &Value) -> Outcome {
    if deployment["revision"]["number"] != *revision {
        return Outcome::Ill(Exit::Conflict);
    }
    let nodes = items(deployment, "/health/nodes");
    let has = |state: &str| nodes.iter().any(|node| node["state"] == state);
    match deployment["health"]["status"].as_str().unwrap_or_default() {
        "healthy" => Outcome::Healthy,
        "unknown" if nodes.is_empty() => Outcome::Nobody,
        "out_of_sync" | "out_of_policy" | "stopped" => Outcome::Ill(Exit::Failed),
        _ if has("failed") || has("disabled") => Outcome::Ill(Exit::Failed),
        _ => Outcome::Wait,
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
fn to_try(service: &ServiceRef, deployment: &Value) -> String {
    let ServiceRef { infrastructure, service: name } = service;
    let serving = items(deployment, "/health/nodes").iter().find(|node| node["state"] == "serving");
    let url = serving.and_then(|node| node["url"].as_str()).map(plain).unwrap_or_default();
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
    use serde_json::json;

    fn deployment(status: &str, states: &[&str]) -> Value {
        let nodes: Vec<_> =
            states.iter().map(|state| json!({"node": "n1", "state": state, "url": "http://127.0.0.1:8701/"})).collect();
        json!({"revision": {"number": 3}, "health": {"status": status, "reason": "so it is", "nodes": nodes}})
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
            ("something new", &[], Outcome::Wait),
        ] {
            assert_eq!(outcome(&deployment(status, states), &json!(3)), expected, "{status} {states:?}");
        }
        assert_eq!(outcome(&deployment("healthy", &["serving"]), &json!(2)), Outcome::Ill(Exit::Conflict), "somebody else's");
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
        hostile["health"]["nodes"][0]["url"] = json!("http://x/'; rm -rf ~; '\u{1b}[2J");
        let text = to_try(&service, &hostile);
        assert!(!text.contains("curl") && !text.contains('\u{1b}'), "{text}");
    }
}
