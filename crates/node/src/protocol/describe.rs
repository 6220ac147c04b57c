//! What a node says about itself and its models, in the words of the protocol and of the clients that go a little beyond it.

use super::{
    answer::{Answer, Failure, json},
    body,
    find::{find_model, find_service, find_version},
    state::ProtocolState,
};
use crate::{
    object::{Object, in_words},
    services::{Arm, Service},
    tensor::{Datatype, Signature, TensorSpec},
};
use hyper::{Request, StatusCode, body::Incoming};
use serde_json::{Value, json as value};

/// What of the protocol's extensions there is.
const EXTENSIONS: [&str; 4] = ["binary_tensor_data", "model_configuration", "model_repository", "statistics"];

/// `GET /v2`
pub(super) fn server(state: &ProtocolState) -> Answer {
    let version = env!("CARGO_PKG_VERSION");
    json(StatusCode::OK, &value!({ "name": state.options.server_name, "version": version, "extensions": EXTENSIONS }))
}

/// `GET /v2/health/live`
pub(super) fn live() -> Answer {
    json(StatusCode::OK, &value!({ "live": true }))
}

/// Whether the node is ready: it does its own work, and not everything that it serves is down.
fn readiness(state: &ProtocolState) -> Result<(), String> {
    (state.options.ready)()?;
    state.options.table.get().nothing_answers((state.options.clock)()).map_or(Ok(()), Err)
}

/// What happened lately to the processes of models, a sentence for each version. A version that answers again is among them.
fn incidents(state: &ProtocolState) -> Vec<String> {
    let table = state.options.table.get();
    let arms = table.services.values().flat_map(|service| service.arms.iter().map(move |arm| (&service.name, arm)));
    let incident =
        |(service, arm): (&String, &Arm)| Some(format!("`{service}`, {}: {}", arm.version, arm.health()?.ended_lately?));
    arms.filter_map(incident).collect()
}

/// `GET /v2/health/ready`
pub(super) fn ready(state: &ProtocolState) -> Answer {
    match readiness(state) {
        Ok(()) => json(StatusCode::OK, &value!({ "ready": true })),
        Err(reason) => json(StatusCode::SERVICE_UNAVAILABLE, &value!({ "ready": false, "reason": reason })),
    }
}

/// `GET /health`
pub(super) fn health(state: &ProtocolState) -> Answer {
    let (status, mut body) = match readiness(state) {
        Ok(()) => (StatusCode::OK, value!({ "status": "ready" })),
        Err(reason) => (StatusCode::SERVICE_UNAVAILABLE, value!({ "status": "not_ready", "reason": reason })),
    };
    let incidents = incidents(state);
    if !incidents.is_empty() {
        body["incidents"] = value!(incidents);
    }
    json(status, &body)
}

/// `GET /v2/models/{m}[/versions/{v}]/ready`: whether every request to it would be answered.
pub(super) fn model_ready(state: &ProtocolState, name: &str, version: Option<&str>) -> Result<Answer, Failure> {
    let table = state.options.table.get();
    let service = find_service(&table, name)?;
    let now = (state.options.clock)();
    let reason = match version {
        Some(version) => service.arms[find_version(service, version)?].model(now).err(),
        None => {
            let weighty = || service.arms.iter().filter(|arm| arm.weight > 0);
            let one_serves = weighty().any(|arm| arm.model(now).is_ok());
            // What starts is passed over while another one serves.
            let counts = |arm: &&Arm| !(one_serves && arm.is_starting());
            weighty().filter(counts).find_map(|arm| arm.model(now).err())
        }
    };
    Ok(match reason {
        None => json(StatusCode::OK, &value!({ "name": name, "ready": true })),
        Some(reason) => json(StatusCode::SERVICE_UNAVAILABLE, &value!({ "name": name, "ready": false, "reason": reason })),
    })
}

/// `GET /v2/models/{m}[/versions/{v}]`
pub(super) fn metadata(state: &ProtocolState, name: &str, version: Option<&str>) -> Result<Answer, Failure> {
    let spec = |spec: &TensorSpec| {
        let mut object = value!({ "name": spec.name, "datatype": spec.datatype, "shape": spec.shape });
        if let Some(classes) = &spec.classes {
            object["parameters"]["classes"] = value!(classes);
        }
        if spec.any_rank {
            object["parameters"]["any_rank"] = value!(true);
        }
        object
    };
    with_signature(state, name, version, |service, signature| {
        let versions: Vec<_> = service.arms.iter().map(|arm| &arm.number).collect();
        let inputs: Vec<_> = signature.inputs.iter().map(spec).collect();
        let outputs: Vec<_> = signature.outputs.iter().map(spec).collect();
        value!({ "name": name, "versions": versions, "platform": "onnxruntime_onnx", "inputs": inputs, "outputs": outputs })
    })
}

/// `GET /v2/models/{m}[/versions/{v}]/config`
pub(super) fn config(state: &ProtocolState, name: &str, version: Option<&str>) -> Result<Answer, Failure> {
    let spec = |spec: &TensorSpec| {
        let data_type = match spec.datatype {
            Datatype::Bytes => "TYPE_STRING".to_owned(),
            other => format!("TYPE_{other}"),
        };
        value!({ "name": spec.name, "data_type": data_type, "dims": spec.shape })
    };
    with_signature(state, name, version, |_, signature| {
        let inputs: Vec<_> = signature.inputs.iter().map(spec).collect();
        let outputs: Vec<_> = signature.outputs.iter().map(spec).collect();
        value!({
            "name": name, "platform": "onnxruntime_onnx", "backend": "onnxruntime", "max_batch_size": 0,
            "input": inputs, "output": outputs,
        })
    })
}

/// What is made of the signature of this version, or of the one with the most weight among those that have one.
fn with_signature(
    state: &ProtocolState,
    name: &str,
    version: Option<&str>,
    describe: impl Fn(&Service, &Signature) -> Value,
) -> Result<Answer, Failure> {
    let table = state.options.table.get();
    let service = find_service(&table, name)?;
    let heaviest = || service.arms.iter().filter(|arm| arm.signature().is_some()).max_by_key(|arm| arm.weight);
    let arm = match version {
        Some(version) => &service.arms[find_version(service, version)?],
        None => heaviest().unwrap_or(&service.arms[0]),
    };
    match arm.signature() {
        Some(signature) => Ok(json(StatusCode::OK, &describe(service, signature))),
        None => find_model(state, arm).map(|model| json(StatusCode::OK, &describe(service, model.signature()))),
    }
}

/// `GET` and `POST /v2/repository/index`
pub(super) async fn index(state: &ProtocolState, request: Request<Incoming>) -> Result<Answer, Failure> {
    #[derive(Default, serde::Deserialize)]
    struct IndexRequest {
        #[serde(default)]
        ready: bool,
    }
    let (head, incoming) = request.into_parts();
    let (body, _reservation) = body::read(&head.headers, incoming, &state.options.limits, &state.bodies).await?;
    let wanted = if body.is_empty() { Ok(Object::default()) } else { serde_json::from_slice::<Object<IndexRequest>>(&body) };
    let wanted =
        wanted.map_err(|error| Failure::bad(format!("the body is not a request for the index: {}", in_words(&error))))?;
    let (table, now) = (state.options.table.get(), (state.options.clock)());
    let arms = table.services.values().flat_map(|service| service.arms.iter().map(move |arm| (service, arm)));
    let rows = arms.filter_map(|(service, arm)| {
        let reason = arm.model(now).err();
        let state = match &reason {
            None => "READY",
            Some(_) if arm.is_starting() => "LOADING",
            Some(_) => "UNAVAILABLE",
        };
        let row = value!({ "name": service.name, "version": arm.number, "state": state, "reason": reason.unwrap_or_default() });
        (!wanted.ready || state == "READY").then_some(row)
    });
    Ok(json(StatusCode::OK, &rows.collect::<Vec<_>>()))
}

/// `POST /v2/repository/models/{m}/load` and `…/unload`
pub(super) fn load_or_unload() -> Failure {
    let why = "what is served here is decided by deployments that pass the gate: deploy, roll back or stop it on the Countersign server";
    Failure::new(StatusCode::FORBIDDEN, why)
}
