//! When the caller is away, and who stands in.

use super::reply::{self, Answer};
use crate::{
    auth::Op,
    http::{Routes, StrictJson},
    urls::api as paths,
};
use app::{
    people::absence,
    views::{OwnAbsence, SetAbsenceRequest},
};
use utoipa_axum::routes;

pub(super) fn routes() -> Routes {
    Routes::new().publish(routes!(show_absence, set_absence, end_absence))
}

/// Shows when you are away
#[utoipa::path(get, path = paths::OWN_ABSENCE, tag = "people", responses((status = 200, description = "When you are away.", body = OwnAbsence)))]
async fn show_absence(op: Op) -> Answer {
    reply::ok(&absence::show(&op).await?)
}

/// Says when you are away, and who stands in
///
/// While you are away, the clock hands tasks that nobody else could do to the person who stands in, until your absence ends. Mails to you
/// wait until then.
#[utoipa::path(put, path = paths::OWN_ABSENCE, tag = "people", request_body = SetAbsenceRequest, responses((status = 200, description = "When you are away.", body = OwnAbsence)))]
async fn set_absence(op: Op, StrictJson(request): StrictJson<SetAbsenceRequest>) -> Answer {
    reply::ok(&absence::set(&op, request).await?)
}

/// Says that you are back
///
/// Tasks that were handed on stay handed on until their end; you keep each of them as well.
#[utoipa::path(delete, path = paths::OWN_ABSENCE, tag = "people", responses((status = 200, description = "You are not away.", body = OwnAbsence)))]
async fn end_absence(op: Op) -> Answer {
    reply::ok(&absence::end(&op).await?)
}
