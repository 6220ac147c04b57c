//! A service of the plan with its permits, and the service that the node makes of it.

use super::{
    permit::{Permit, Trust},
    table::{Arm, Condition, Service},
};
use crate::{
    engine::Model,
    server::{PlannedService, PlannedShare, Standing},
};
use std::sync::Arc;

/// A service of the plan. Its permits were verified once, but for the time.
pub(super) struct ServicePlan {
    pub planned: PlannedService,
    pub permits: Vec<Result<Permit, String>>,
}

/// Whether a version can be served.
pub(super) enum Readiness {
    /// The model is ready.
    Ready(Arc<dyn Model>),
    /// The server took the version out of service, and why.
    Disabled(String),
    /// The model is being loaded.
    Starting,
    /// The permit does not hold or the model does not load, and why.
    Failed(String),
}

impl ServicePlan {
    /// Verifies the permits of a service.
    pub fn verify(planned: PlannedService, trust: &Trust, infrastructure: &str) -> Self {
        let permits = planned.shares.iter().map(|share| Permit::verify(trust, infrastructure, &planned, share)).collect();
        Self { permits, planned }
    }

    /// Whether the revision number is to be believed: a permit names it, or the service stops.
    pub fn is_vouched_for(&self) -> bool {
        self.planned.stopped || self.permits.iter().any(Result::is_ok)
    }

    /// Disables the versions that another revision disables: the node believes every word against a version.
    pub fn disable_with(mut self, other: &PlannedService) -> Self {
        let shares = self.planned.shares.iter_mut().map(|share| (&share.version, &mut share.standing, &mut share.reason));
        let previous = self.planned.previous.iter_mut().map(|share| (&share.version, &mut share.standing, &mut share.reason));
        for (version, standing, reason) in shares.chain(previous) {
            if let Some(because) = other.disables(version) {
                *standing = Standing::Disabled;
                *reason = because.map(str::to_owned);
            }
        }
        self
    }

    /// The versions with their permits.
    pub fn shares(&self) -> impl Iterator<Item = (&PlannedShare, &Result<Permit, String>)> {
        self.planned.shares.iter().zip(&self.permits)
    }

    /// The versions that the node is to serve once their permits and models allow it.
    pub fn wanted_shares(&self) -> impl Iterator<Item = (&PlannedShare, &Result<Permit, String>)> {
        let stopped = self.planned.stopped;
        self.shares().filter(move |(share, _)| !stopped && share.standing != Standing::Disabled)
    }

    /// The service of this revision.
    pub fn service(&self, readiness: Vec<Readiness>) -> Service {
        let arms = self.shares().zip(readiness).map(|((share, permit), readiness)| arm(share, permit.as_ref().ok(), readiness));
        let arms = arms.collect();
        let planned = &self.planned;
        Service { name: planned.service.clone(), model: planned.model.clone(), revision: planned.revision, arms }
    }

    /// The revision in force while this one is not ready, with the versions that the server lets go on.
    pub fn previous_service(&self, before: &Service) -> Service {
        let arms = before.arms.iter().map(|arm| previous_arm(arm, &self.planned)).collect();
        Service { name: before.name.clone(), model: before.model.clone(), revision: before.revision, arms }
    }
}

/// Why the server took a version out of service.
pub(super) fn disabled_because(reason: Option<&String>) -> String {
    reason.cloned().unwrap_or_else(|| "it is no longer in policy".to_owned())
}

fn arm(share: &PlannedShare, permit: Option<&Permit>, readiness: Readiness) -> Arm {
    let condition = match readiness {
        Readiness::Ready(model) => Condition::Serving(model),
        Readiness::Disabled(reason) => Condition::Disabled(reason),
        Readiness::Starting => Condition::Starting,
        Readiness::Failed(reason) => Condition::Failed(reason),
    };
    Arm {
        version: share.version.clone(),
        number: share.version.rsplit(':').next().unwrap_or_default().to_owned(),
        digest: share.model_digest.hex(),
        approved: permit.is_some_and(|permit| permit.approved) && share.standing == Standing::InPolicy,
        weight: share.weight,
        not_after: permit.map_or(i64::MIN, Permit::not_after),
        condition,
    }
}

fn previous_arm(arm: &Arm, planned: &PlannedService) -> Arm {
    let share = planned.previous.iter().find(|share| share.version == arm.version);
    let condition = match (&arm.condition, share) {
        (Condition::Serving(model), Some(share)) if share.standing != Standing::Disabled => Condition::Serving(Arc::clone(model)),
        (_, Some(share)) if share.standing == Standing::Disabled => Condition::Disabled(disabled_because(share.reason.as_ref())),
        _ => Condition::Disabled("another revision takes its place".to_owned()),
    };
    Arm {
        version: arm.version.clone(),
        number: arm.number.clone(),
        digest: arm.digest.clone(),
        approved: arm.approved && share.is_some_and(|share| share.standing == Standing::InPolicy),
        weight: arm.weight,
        not_after: arm.not_after,
        condition,
    }
}
