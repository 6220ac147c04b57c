//! What all answers of a version share, prepared once for each table: headers, the beginning of the body, and metrics.

use super::{
    answer::JSON,
    metrics::{ArmMetrics, Metrics},
};
use crate::services::{Arm, Service, Table};
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

/// The templates of one table, by service and place.
#[derive(Default)]
pub(crate) struct TableTemplates {
    services: BTreeMap<String, Vec<Arc<AnswerTemplate>>>,
}

/// What every answer of a version has in common.
pub(crate) struct AnswerTemplate {
    /// The headers of every answer.
    pub headers: HeaderMap,
    /// The beginning of every body with tensors.
    pub start: Vec<u8>,
    /// Where its requests are counted.
    pub metrics: Arc<ArmMetrics>,
}

impl TableTemplates {
    /// The template of the version at this place of the service.
    pub(crate) fn arm(&self, service: &str, place: usize) -> Option<&Arc<AnswerTemplate>> {
        self.services.get(service)?.get(place)
    }

    fn new(table: &Table, metrics: &Metrics) -> Self {
        let arms =
            |service: &Service| service.arms.iter().map(|arm| Arc::new(AnswerTemplate::new(service, arm, metrics))).collect();
        Self { services: table.services.iter().map(|(name, service)| (name.clone(), arms(service))).collect() }
    }
}

impl AnswerTemplate {
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

/// The templates of the table that was asked for last.
#[derive(Default)]
pub(crate) struct TemplateCache(RwLock<(Weak<Table>, Arc<TableTemplates>)>);

impl TemplateCache {
    /// The templates of this table. The cache does not keep the table itself, so that models that are no longer in force end.
    pub(crate) fn of(&self, table: &Arc<Table>, metrics: &Metrics) -> Arc<TableTemplates> {
        {
            let last = self.0.read().unwrap_or_else(PoisonError::into_inner);
            if Weak::as_ptr(&last.0) == Arc::as_ptr(table) {
                return last.1.clone();
            }
        }
        let templates = Arc::new(TableTemplates::new(table, metrics));
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = (Arc::downgrade(table), templates.clone());
        templates
    }
}
