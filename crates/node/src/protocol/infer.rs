//! A prediction, from the headers of the request to the answer. A request reads the table when it begins, and again when its body
//! has arrived: the second reading decides which version answers and whether it may.

use super::{
    Desk,
    answer::{Answer, Failure, caught},
    body,
    metrics::InFlight,
    pick,
    prepared::PreparedArm,
    query_log::Query,
    request::{self, InferRequest},
    response,
};
use crate::{
    engine::{InferError, Model},
    table::{Arm, Condition, Service, Table},
};
use http_body_util::Full;
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
/// When to try again: a model that starts or has too much to do.
const SOON: Option<u16> = Some(1);
/// When to try again: a permit that may be renewed.
const LATER: Option<u16> = Some(10);
/// How much longer than a model's deadline to wait for the model to notice it.
const GRACE: Duration = Duration::from_millis(500);

/// What is asked for, but for the body.
struct Asked<'a> {
    head: Parts,
    service: &'a str,
    version: Option<&'a str>,
}

/// The version that is to answer, as it stands in a table that was in force.
struct Chosen {
    table: Arc<Table>,
    service: Arc<Service>,
    place: usize,
    common: Arc<PreparedArm>,
}

/// Answers a request for a prediction.
pub(super) async fn infer(desk: &Desk, request: Request<Incoming>, name: &str, version: Option<&str>) -> Answer {
    let started = Instant::now();
    let (head, body) = request.into_parts();
    let asked = Asked { head, service: name, version };
    let mut chosen = match Chosen::now(desk, desk.face.table.get(), &asked) {
        Ok(chosen) => chosen,
        Err(failure) => {
            desk.unknown.begin().finish(failure.status().as_u16(), started.elapsed());
            return failure.into_answer();
        }
    };
    let mut in_flight = chosen.common.metrics.begin();
    let mut query = desk.face.query_log.as_ref().and_then(|log| log.begin());
    let predicting = predict(desk, &asked, body, &mut chosen, &mut in_flight, query.as_mut());
    let answer = match caught(predicting).await {
        Ok(answer) => answer,
        Err(failure) => {
            let mut answer = failure.into_answer();
            answer.headers_mut().extend(chosen.common.headers.clone());
            answer
        }
    };
    let (status, latency) = (answer.status().as_u16(), started.elapsed());
    in_flight.finish(status, latency);
    if let (Some(log), Some(query)) = (&desk.face.query_log, query) {
        log.write(query, (desk.face.clock)(), &chosen.service, chosen.arm(), status, latency);
    }
    answer
}

impl Chosen {
    fn now(desk: &Desk, table: Arc<Table>, asked: &Asked<'_>) -> Result<Self, Failure> {
        let (service, place) = choose(desk, &table, &asked.head.headers, asked.service, asked.version)?;
        let service = service.clone();
        Ok(Self::at(desk, table, service, place))
    }

    fn at(desk: &Desk, table: Arc<Table>, service: Arc<Service>, place: usize) -> Self {
        let prepared = desk.prepared.of(&table, &desk.face.metrics);
        let common = prepared.arm(&service.name, place).expect("it was prepared from this very table").clone();
        Self { table, service, place, common }
    }

    /// The same version as it stands now. Where a switch took it out meanwhile, the request is one to what is in force now:
    /// neither does what was taken back answer, nor does a request fail because of a switch.
    fn again(&self, desk: &Desk, asked: &Asked<'_>) -> Result<Option<Self>, Failure> {
        let table = desk.face.table.get();
        if Arc::ptr_eq(&table, &self.table) {
            return Ok(None);
        }
        let same = |arm: &Arm| (&arm.version, &arm.digest) == (&self.arm().version, &self.arm().digest);
        let service = table.services.get(asked.service);
        match service.and_then(|service| Some((service.clone(), service.arms.iter().position(same)?))) {
            Some((service, place)) => Ok(Some(Self::at(desk, table, service, place))),
            None => Self::now(desk, table, asked).map(Some),
        }
    }

    fn arm(&self) -> &Arm {
        &self.service.arms[self.place]
    }
}

/// The service and the place of the version that is to answer.
fn choose<'t>(
    desk: &Desk,
    table: &'t Table,
    headers: &HeaderMap,
    name: &str,
    version: Option<&str>,
) -> Result<(&'t Arc<Service>, usize), Failure> {
    let service = find(table, name)?;
    if let Some(version) = version {
        return Ok((service, find_version(service, version)?));
    }
    // The usual case needs no choice.
    if service.arms.len() == 1 {
        return Ok((service, 0));
    }
    let now = (desk.face.clock)();
    let choice = |arm: &Arm| pick::Choice {
        weight: arm.weight,
        serves: arm.model(now).is_ok(),
        starting: matches!(arm.condition, Condition::Starting),
    };
    let choices: Vec<_> = service.arms.iter().map(choice).collect();
    let draw = match headers.get(STICKY) {
        Some(key) => pick::sticky(name, key.as_bytes()),
        None => pick::draw(desk.draws.fetch_add(1, Relaxed)),
    };
    let nobody = || Failure::unavailable(format!("no version of `{name}` has a weight: ask for one by its number"), None);
    Ok((service, pick::pick(&choices, draw).ok_or_else(nobody)?))
}

/// The service of this name, if it serves anything.
pub(super) fn find<'t>(table: &'t Table, name: &str) -> Result<&'t Arc<Service>, Failure> {
    match table.services.get(name) {
        Some(service) if service.arms.is_empty() => Err(Failure::unknown(format!("the service `{name}` was stopped"))),
        Some(service) => Ok(service),
        None => Err(Failure::unknown(format!("there is no service `{name}` here"))),
    }
}

/// The place of this version among those in service.
pub(super) fn find_version(service: &Service, version: &str) -> Result<usize, Failure> {
    service.arms.iter().position(|arm| arm.number == version).ok_or_else(|| {
        let numbers: Vec<_> = service.arms.iter().map(|arm| arm.number.as_str()).collect();
        Failure::unknown(format!("version {version} of `{}` is not in service; in service: {}", service.name, numbers.join(", ")))
    })
}

/// The model of this version, or why it may not answer.
pub(super) fn model(desk: &Desk, arm: &Arm) -> Result<Arc<dyn Model>, Failure> {
    arm.model((desk.face.clock)()).cloned().map_err(|reason| {
        let again = match arm.condition {
            Condition::Starting => SOON,
            Condition::Serving(_) => LATER,
            Condition::Disabled(_) | Condition::Failed(_) => None,
        };
        Failure::unavailable(reason, again)
    })
}

async fn predict(
    desk: &Desk,
    asked: &Asked<'_>,
    body: Incoming,
    chosen: &mut Chosen,
    in_flight: &mut InFlight,
    query: Option<&mut Query>,
) -> Result<Answer, Failure> {
    // What may not answer need not be sent a body.
    model(desk, chosen.arm())?;
    let headers = &asked.head.headers;
    let header_length = header_length(headers)?;
    let (body, mut held) = body::read(headers, body, &desk.face.limits, &desk.bodies).await?;
    if let Some(now) = chosen.again(desk, asked)? {
        *chosen = now;
        in_flight.count_for(&chosen.common.metrics);
    }
    let (model, common) = (model(desk, chosen.arm())?, &chosen.common);
    let (length, same) = (body.len(), model.clone());
    let reading = body::apart_if_much(length, move || request::read(&body, header_length, same.signature())).await;
    let InferRequest { id, inputs, outputs, binary, timeout } = reading.map_err(Failure::bad)?;
    body::hold_inputs(&mut held, length, inputs.iter().map(|input| input.data.len()).sum())?;
    if let Some(query) = query {
        query.keep(&inputs);
    }
    let deadline = timeout.map_or(desk.face.limits.deadline, |timeout| timeout.min(desk.face.limits.deadline));
    let running = tokio::time::timeout(deadline + GRACE, model.infer(inputs, outputs, deadline)).await;
    let tensors = running.unwrap_or(Err(InferError::Deadline(deadline))).map_err(|error| failed(&error, common))?;
    if tensors.len() != binary.len() {
        tracing::error!(version = chosen.arm().version, "the model gave {} outputs instead of {}", tensors.len(), binary.len());
        return Err(Failure::new(StatusCode::INTERNAL_SERVER_ERROR, "the model gave other outputs than it was asked for"));
    }
    let size: usize = tensors.iter().map(|tensor| tensor.data.len()).sum();
    body::hold_answer(&mut held, size + response::room(&tensors, &binary))?;
    let start = common.start.clone();
    let written = body::apart_if_much(size, move || response::write(&start, id.as_deref(), &tensors, &binary)).await;
    let written = written.map_err(Failure::bad)?;
    let (body, packed) = body::packed(headers, written.body.into()).await;
    let mut answer = Response::new(Full::from(held.until_read(body)));
    *answer.headers_mut() = common.headers.clone();
    if let Some(length) = written.header_length {
        answer.headers_mut().insert(HEADER_LENGTH, length.into());
        answer.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/octet-stream"));
    }
    if packed {
        answer.headers_mut().insert(header::CONTENT_ENCODING, HeaderValue::from_static("gzip"));
    }
    Ok(answer)
}

fn header_length(headers: &HeaderMap) -> Result<Option<usize>, Failure> {
    let Some(value) = headers.get(HEADER_LENGTH) else { return Ok(None) };
    match value.to_str().ok().and_then(|value| value.parse().ok()) {
        Some(0) => Err(Failure::bad("Inference-Header-Content-Length is 0: a request without JSON is not supported")),
        Some(length) => Ok(Some(length)),
        None => Err(Failure::bad("Inference-Header-Content-Length is not a number of bytes")),
    }
}

fn failed(error: &InferError, common: &PreparedArm) -> Failure {
    match error {
        InferError::Busy => {
            common.metrics.queue_was_full();
            Failure::unavailable(error.to_string(), SOON)
        }
        InferError::Crashed => Failure::unavailable(error.to_string(), SOON),
        InferError::Deadline(_) => Failure::new(StatusCode::GATEWAY_TIMEOUT, error.to_string()),
        InferError::Inputs(_) => Failure::bad(error.to_string()),
        InferError::Failed(_) => Failure::new(StatusCode::INTERNAL_SERVER_ERROR, error.to_string()),
    }
}
