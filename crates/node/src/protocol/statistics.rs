//! How often versions answered and how long that took, in the words of Triton's statistics extension. Counters begin with the node.

use super::{
    answer::{Answer, Failure, json},
    describe,
    find::{find_service, find_version},
    metrics::ArmStatistics,
    state::ProtocolState,
};
use crate::services::{Arm, Service};
use hyper::StatusCode;
use serde_json::{Value, json as value};

/// `GET /v2/models/{m}[/versions/{v}]/stats`
pub(super) fn of_model(state: &ProtocolState, name: &str, version: Option<&str>) -> Result<Answer, Failure> {
    let table = state.options.table.get();
    let service = find_service(&table, name)?;
    let arms = match version {
        Some(version) => std::slice::from_ref(&service.arms[find_version(service, version)?]),
        None => &service.arms[..],
    };
    let rows = arms.iter().map(|arm| row(state, service, arm)).collect();
    Ok(answer(rows))
}

/// `GET /v2/models/stats`: all services; the metadata of the service of that name, if there is one.
pub(super) fn of_all(state: &ProtocolState) -> Result<Answer, Failure> {
    let table = state.options.table.get();
    if table.services.contains_key("stats") {
        return describe::metadata(state, "stats", None);
    }
    let arms = table.services.values().flat_map(|service| service.arms.iter().map(move |arm| (service, arm)));
    Ok(answer(arms.map(|(service, arm)| row(state, service, arm)).collect()))
}

fn answer(rows: Vec<Value>) -> Answer {
    json(StatusCode::OK, &value!({ "model_stats": rows }))
}

fn row(state: &ProtocolState, service: &Service, arm: &Arm) -> Value {
    let found = state.options.metrics.arm(&service.name, &arm.version).statistics();
    let ArmStatistics { success, failed, infer, last } = found;
    let counted = |(count, nanoseconds): (u64, u64)| value!({ "count": count, "ns": nanoseconds });
    let nothing = || counted((0, 0));
    value!({
        "name": service.name, "version": arm.number, "last_inference": last,
        // The node makes no batches: each request is one execution of the model.
        "inference_count": success.0, "execution_count": success.0,
        "inference_stats": {
            "success": counted(success), "fail": counted(failed),
            // The time in the model's queue is in `compute_infer`, and reading and writing is what `success` has more.
            "queue": nothing(), "compute_input": nothing(), "compute_infer": counted(infer), "compute_output": nothing(),
            "cache_hit": nothing(), "cache_miss": nothing(),
        },
        "batch_stats": [], "memory_usage": [],
    })
}
