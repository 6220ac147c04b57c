//! What all answers of a version share, prepared once for each table: headers, the beginning of the body, and metrics.

use super::{
    answer::JSON,
    metrics::{ArmMetrics, Metrics},
};
use crate::table::{Arm, Service, Table};
use hyper::header::{self, HeaderMap, HeaderName, HeaderValue};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock, Weak},
};

/// Header names of ours.
pub(crate) const VERSION: HeaderName = HeaderName::from_static("countersign-version");
pub(crate) const DIGEST: HeaderName = HeaderName::from_static("countersign-model-digest");
pub(crate) const APPROVED: HeaderName = HeaderName::from_static("countersign-approved");
pub(crate) const REVISION: HeaderName = HeaderName::from_static("countersign-revision");

/// The services of one table.
#[derive(Default)]
pub(crate) struct Prepared {
    services: BTreeMap<String, Vec<Arc<PreparedArm>>>,
}

/// A version of a service.
pub(crate) struct PreparedArm {
    /// The headers of every answer.
    pub headers: HeaderMap,
    /// The beginning of every body with tensors.
    pub start: Vec<u8>,
    /// Where its requests are counted.
    pub metrics: Arc<ArmMetrics>,
}

impl Prepared {
    /// The version at this place of the service's arms.
    pub(crate) fn arm(&self, service: &str, place: usize) -> Option<&Arc<PreparedArm>> {
        self.services.get(service)?.get(place)
    }

    fn new(table: &Table, metrics: &Metrics) -> Self {
        let arms = |service: &Service| service.arms.iter().map(|arm| Arc::new(PreparedArm::new(service, arm, metrics))).collect();
        Self { services: table.services.iter().map(|(name, service)| (name.clone(), arms(service))).collect() }
    }
}

impl PreparedArm {
    fn new(service: &Service, arm: &Arm, metrics: &Metrics) -> Self {
        let mut headers = HeaderMap::with_capacity(12);
        headers.insert(header::CONTENT_TYPE, JSON);
        // A name that no header can hold is left out of them; the body still has it.
        if let Ok(version) = HeaderValue::from_str(&arm.version) {
            headers.insert(VERSION, version);
        }
        if let Ok(digest) = HeaderValue::from_str(&arm.digest) {
            headers.insert(DIGEST, digest);
        }
        headers.insert(APPROVED, HeaderValue::from_static(if arm.approved { "true" } else { "false" }));
        headers.insert(REVISION, service.revision.into());
        let name = |text: &str| serde_json::Value::from(text).to_string();
        let start = format!("{{\"model_name\":{},\"model_version\":{}", name(&service.name), name(&arm.number));
        Self { headers, start: start.into_bytes(), metrics: metrics.arm(&service.name, &arm.version) }
    }
}

/// What was prepared last, for which table.
#[derive(Default)]
pub(crate) struct Cache(RwLock<(Weak<Table>, Arc<Prepared>)>);

impl Cache {
    /// What is prepared for this table. The table itself is not kept: the models of one that is no longer in force must end.
    pub(crate) fn of(&self, table: &Arc<Table>, metrics: &Metrics) -> Arc<Prepared> {
        {
            let last = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if Weak::as_ptr(&last.0) == Arc::as_ptr(table) {
                return last.1.clone();
            }
        }
        let prepared = Arc::new(Prepared::new(table, metrics));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (Arc::downgrade(table), prepared.clone());
        prepared
    }
}
