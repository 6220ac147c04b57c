//! The server's side of serving nodes: what nodes are told and how soon, what they may fetch, what they are shown of the log, what
//! becomes of their reports, and how long their permits hold.

mod fetching;
mod following;
mod renewing;
mod reporting;
mod roles;
mod witnessing;

use serde_json::{Value, json};
use testkit::Version;

/// What a node reports that does this with versions of `tumour` at this revision.
pub fn report(revision: u32, versions: &[(&Version, &str)]) -> Value {
    let version = |(version, state): &(&Version, &str)| {
        let reason = (*state == "failed").then_some("it asks for a gigabyte");
        json!({"version": version.name, "model_digest": version.digest, "state": state, "reason": reason})
    };
    let versions: Vec<_> = versions.iter().map(version).collect();
    json!({
        "url": "http://127.0.0.1:8701", "software": "0.1.0", "problem": null, "started_at": "2026-01-05T08:00:00.000000Z",
        "engine": {"name": "ONNX Runtime 1.31.1", "sha256": "0".repeat(64)},
        "services": [{"service": "tumour", "revision": revision, "versions": versions}],
    })
}
