//! Finds the service, the version and the model that a request names, or says why there is none.

use super::{answer::Failure, state::ProtocolState};
use crate::{
    engine::Model,
    services::{Arm, Condition, Service, Table},
};
use std::sync::Arc;

/// Seconds after which to try again: a model that starts or has too much to do.
pub(super) const RETRY_SOON: Option<u16> = Some(1);
/// Seconds after which to try again: a permit that may be renewed, a process that may start after all.
const RETRY_LATER: Option<u16> = Some(10);

/// The service of this name, if it serves anything.
pub(super) fn find_service<'t>(table: &'t Table, name: &str) -> Result<&'t Arc<Service>, Failure> {
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

/// The model of this version, or why no request may be put to it.
pub(super) fn find_model(state: &ProtocolState, arm: &Arm) -> Result<Arc<dyn Model>, Failure> {
    arm.model_to_ask((state.options.clock)()).cloned().map_err(|reason| {
        let retry_after = match arm.condition {
            _ if arm.is_starting() => RETRY_SOON,
            Condition::Starting | Condition::Serving(_) => RETRY_LATER,
            Condition::Disabled(_) | Condition::Failed(_) => None,
        };
        Failure::unavailable(reason, retry_after)
    })
}
