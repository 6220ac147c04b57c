//! A prediction, from the headers of the request to the answer. A request reads the table when it begins, and again when its body
//! has arrived: the second reading decides which version answers and whether it may.

use super::{
    answer::{Answer, Failure, catch_panic},
    answer_template::AnswerTemplate,
    body,
    find::{RETRY_SOON, find_model, find_service, find_version},
    metrics::InFlight,
    pick,
    query_log::QueryRecord,
    request::{self, InferRequest, ReadError},
    response,
    state::ProtocolState,
};
use crate::{
    engine::InferError,
    services::{Arm, Service, Table},
    tensor::{Datatype, Signature, TensorSpec},
};
use hyper::{
    Request, Response, StatusCode,
    body::Incoming,
    header::{self, HeaderMap, HeaderName, HeaderValue},
    http::request::Parts,
};
use std::{
    sync::{Arc, atomic::Ordering::Relaxed},
    time::{Duration, Instant},
};

const STICKY: HeaderName = HeaderName::from_static("countersign-sticky");
const HEADER_LENGTH: HeaderName = HeaderName::from_static("inference-header-content-length");
/// How much longer than a model's deadline to wait for the model to notice it.
const GRACE: Duration = Duration::from_millis(500);

/// A request for a prediction, without its body.
struct PredictionRequest<'a> {
    head: Parts,
    service: &'a str,
    version: Option<&'a str>,
}

/// The version that answers, as in a table that was in force.
struct Target {
    table: Arc<Table>,
    service: Arc<Service>,
    place: usize,
    template: Arc<AnswerTemplate>,
}

/// Answers a request for a prediction.
pub(super) async fn infer(state: &ProtocolState, request: Request<Incoming>, name: &str, version: Option<&str>) -> Answer {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let prediction = PredictionRequest { head, service: name, version };
    let mut target = match Target::choose(state, state.options.table.get(), &prediction) {
        Ok(target) => target,
        Err(failure) => {
            body::discard(&prediction.head.headers, body, &state.options.limits).await;
            state.unknown.begin().finish(failure.status().as_u16(), started.elapsed());
            return failure.into_answer();
        }
    };
    let mut in_flight = target.template.metrics.begin();
    let mut query = state.options.query_log.as_ref().and_then(|log| log.begin());
    let predicting = predict(state, &prediction, body, &mut target, &mut in_flight, query.as_mut());
    let (answer, model_time) = match catch_panic(predicting).await {
        Ok((answer, model_time)) => (answer, Some(model_time)),
        Err(failure) => {
            let mut answer = failure.into_answer();
            answer.headers_mut().extend(target.template.headers.clone());
            (answer, None)
        }
    };
    let (status, latency) = (answer.status().as_u16(), started.elapsed());
    if let Some(model) = model_time {
        target.template.metrics.answered((state.options.clock)(), latency, model);
    }
    in_flight.finish(status, latency);
    if let (Some(log), Some(query)) = (&state.options.query_log, query) {
        log.write(query, (state.options.clock)(), &target.service, target.arm(), status, latency);
    }
    answer
}

impl Target {
    fn choose(state: &ProtocolState, table: Arc<Table>, prediction: &PredictionRequest<'_>) -> Result<Self, Failure> {
        let (service, place) = choose_version(state, &table, &prediction.head.headers, prediction.service, prediction.version)?;
        let service = service.clone();
        Ok(Self::at(state, table, service, place))
    }

    fn at(state: &ProtocolState, table: Arc<Table>, service: Arc<Service>, place: usize) -> Self {
        let templates = state.templates.of(&table, &state.options.metrics);
        let template = templates.arm(&service.name, place).expect("it was prepared from this very table").clone();
        Self { table, service, place, template }
    }

    /// The same version as it stands now. Where a switch took it out meanwhile, the request is one to what is in force now:
    /// neither does what was taken back answer, nor does a request fail because of a switch.
    fn choose_again(&self, state: &ProtocolState, prediction: &PredictionRequest<'_>) -> Result<Option<Self>, Failure> {
        let table = state.options.table.get();
        if Arc::ptr_eq(&table, &self.table) {
            return Ok(None);
        }
        let same = |arm: &Arm| (&arm.version, &arm.digest) == (&self.arm().version, &self.arm().digest);
        let service = table.services.get(prediction.service);
        match service.and_then(|service| Some((service.clone(), service.arms.iter().position(same)?))) {
            Some((service, place)) => Ok(Some(Self::at(state, table, service, place))),
            None => Self::choose(state, table, prediction).map(Some),
        }
    }

    fn arm(&self) -> &Arm {
        &self.service.arms[self.place]
    }
}

/// The service and the place of the version that is to answer.
fn choose_version<'t>(
    state: &ProtocolState,
    table: &'t Table,
    headers: &HeaderMap,
    name: &str,
    version: Option<&str>,
) -> Result<(&'t Arc<Service>, usize), Failure> {
    let service = find_service(table, name)?;
    if let Some(version) = version {
        return Ok((service, find_version(service, version)?));
    }
    // The usual case needs no choice.
    if service.arms.len() == 1 {
        return Ok((service, 0));
    }
    let now = (state.options.clock)();
    let choice = |arm: &Arm| pick::Choice { weight: arm.weight, serves: arm.model(now).is_ok(), starting: arm.is_starting() };
    let choices: Vec<_> = service.arms.iter().map(choice).collect();
    let draw = match headers.get(STICKY) {
        Some(key) => pick::sticky(name, key.as_bytes()),
        None => pick::draw(state.draws.fetch_add(1, Relaxed)),
    };
    let nobody = || Failure::unavailable(format!("no version of `{name}` has a weight: ask for one by its number"), None);
    Ok((service, pick::pick(&choices, draw).ok_or_else(nobody)?))
}

/// The answer, and how long the model took for it.
async fn predict(
    state: &ProtocolState,
    prediction: &PredictionRequest<'_>,
    body: Incoming,
    target: &mut Target,
    in_flight: &mut InFlight,
    query: Option<&mut QueryRecord>,
) -> Result<(Answer, Duration), Failure> {
    let headers = &prediction.head.headers;
    // What may not answer need not keep a body.
    let header_length = match find_model(state, target.arm()).and_then(|_| header_length(headers)) {
        Ok(length) => length,
        Err(failure) => {
            body::discard(headers, body, &state.options.limits).await;
            return Err(failure);
        }
    };
    let (body, mut reservation) = body::read(headers, body, &state.options.limits, &state.bodies).await?;
    if let Some(now) = target.choose_again(state, prediction)? {
        *target = now;
        in_flight.count_for(&target.template.metrics);
    }
    let (model, template) = (find_model(state, target.arm())?, &target.template);
    let (length, same) = (to_look_at(body.len(), header_length, model.signature()), model.clone());
    let read = move || {
        let reading = request::read(&body, header_length, same.signature(), |bytes| reservation.grow(bytes));
        // The body is gone now, unless inputs are parts of it.
        drop(body);
        (reading, reservation)
    };
    let (reading, mut reservation) = body::apart_if_much(length, read).await;
    let InferRequest { id, inputs, outputs, binary, timeout } = reading.map_err(|error| match error {
        ReadError::Wrong(wrong) => Failure::bad(wrong),
        ReadError::NoMemory => body::too_many(),
    })?;
    // Those in binary form are parts of the body, which stays with the JSON in front of them.
    reservation.shrink(inputs.iter().map(|input| input.data.len()).sum::<usize>() + header_length.unwrap_or(0));
    if let Some(query) = query {
        query.keep(&inputs);
    }
    let deadline = timeout.map_or(state.options.limits.deadline, |timeout| timeout.min(state.options.limits.deadline));
    let begun = Instant::now();
    let running = tokio::time::timeout(deadline + GRACE, model.infer(inputs, outputs, deadline)).await;
    let tensors = running.unwrap_or(Err(InferError::Deadline(deadline))).map_err(|error| failed(&error, template))?;
    let model_time = begun.elapsed();
    if tensors.len() != binary.len() {
        tracing::error!(version = target.arm().version, "the model gave {} outputs instead of {}", tensors.len(), binary.len());
        return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the model gave other outputs than it was asked for"));
    }
    let size: usize = tensors.iter().map(|tensor| tensor.data.len()).sum();
    body::reserve_answer(&mut reservation, size + response::room(&tensors, &binary))?;
    let start = template.start.clone();
    let written = body::apart_if_much(size, move || response::write(&start, id.as_deref(), &tensors, &binary)).await;
    let written = written.map_err(Failure::bad)?;
    let (body, packed) = body::pack(headers, written.body).await;
    let held = if packed { 0 } else { written.held };
    let mut answer = Response::new(reservation.until_read(body, held));
    *answer.headers_mut() = template.headers.clone();
    if let Some(length) = written.header_length {
        answer.headers_mut().insert(HEADER_LENGTH, length.into());
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    }
    if packed {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok((answer, model_time))
}

/// How many bytes of a body are looked at one by one: numbers in binary form are taken as they are.
fn to_look_at(body: usize, header_length: Option<usize>, signature: &Signature) -> usize {
    let taken = |input: &TensorSpec| !matches!(input.datatype, Datatype::Bool | Datatype::Bytes);
    header_length.filter(|_| signature.inputs.iter().all(taken)).unwrap_or(body)
}

fn header_length(headers: &HeaderMap) -> Result<Option<usize>, Failure> {
    let mut values = headers.get_all(HEADER_LENGTH).iter();
    let Some(value) = values.next() else { return Ok(None) };
    if values.next().is_some() {
        return Err(Failure::bad("Inference-Header-Content-Length comes twice"));
    }
    match value.to_str().ok().and_then(|value| value.parse().ok()) {
        Some(0) => Err(Failure::bad("Inference-Header-Content-Length is 0: a request without JSON is not supported")),
        Some(length) => Ok(Some(length)),
        None => Err(Failure::bad("Inference-Header-Content-Length is not a number of bytes")),
    }
}

fn failed(error: &InferError, template: &AnswerTemplate) -> Failure {
    match error {
        InferError::Busy => {
            template.metrics.queue_was_full();
            Failure::unavailable(error.to_string(), RETRY_SOON)
        }
        InferError::Crashed => Failure::unavailable(error.to_string(), RETRY_SOON),
        InferError::Deadline(_) => Failure::new(StatusCode::GATEWAY_TIMEOUT, error.to_string()),
        InferError::Inputs(_) => Failure::bad(error.to_string()),
        InferError::Failed(_) => Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}
