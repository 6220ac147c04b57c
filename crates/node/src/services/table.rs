//! What a node serves at one moment. A request reads the table once and stays with it, so a switch tears no answer apart.

use crate::{
    engine::{Model, ModelHealth},
    tensor::Signature,
};
use std::{
    collections::BTreeMap,
    sync::{Arc, PoisonError, RwLock},
};

/// Everything that is served.
#[derive(Default)]
pub struct Table {
    /// The services by name.
    pub services: BTreeMap<String, Arc<Service>>,
}

/// A service: one model in one or several versions.
pub struct Service {
    /// Its name, by which requests ask for it.
    pub name: String,
    /// The model, `PROJECT/MODEL`.
    pub model: String,
    /// The revision of the deployment.
    pub revision: u64,
    /// The versions; their weights together are 100. Empty when the service was stopped.
    pub arms: Vec<Arm>,
}

/// A version in service.
pub struct Arm {
    /// `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// The version's number, by which a path forces it.
    pub number: String,
    /// The model digest in hexadecimal.
    pub digest: String,
    /// Whether it was let in as approved.
    pub approved: bool,
    /// Its part of the requests in percent.
    pub weight: u8,
    /// When its permit ends, in microseconds since 1970 in UTC; from that moment on it answers 503.
    pub not_after: i64,
    /// Whether it may answer.
    pub condition: Condition,
}

/// Whether a version may answer.
pub enum Condition {
    /// Yes, from this model.
    Serving(Arc<dyn Model>),
    /// It is still on its way.
    Starting,
    /// It was taken out of service, and why: 503.
    Disabled(String),
    /// It could not be put into service, and why: 503.
    Failed(String),
}

impl Table {
    /// Why no version can answer at this moment, in a sentence. `None` if one can, or if there is none that may: what was taken out of
    /// service is no fault of the node.
    pub fn nothing_answers(&self, now: i64) -> Option<String> {
        let may = |arm: &&Arm| !matches!(arm.condition, Condition::Disabled(_));
        let arms = || self.services.values().flat_map(|service| &service.arms).filter(may);
        if arms().any(|arm| arm.model(now).is_ok()) {
            return None;
        }
        let first = arms().find_map(|arm| arm.model(now).err())?;
        Some(format!("no version in service answers: {first}"))
    }

    /// Whether nothing changed between the two.
    pub fn same(&self, other: &Self) -> bool {
        let pairs = || self.services.values().zip(other.services.values());
        self.services.len() == other.services.len() && pairs().all(|(one, two)| Arc::ptr_eq(one, two))
    }
}

impl Service {
    /// Whether the two answer alike.
    pub fn same(&self, other: &Self) -> bool {
        let alike = |one: &Arm, two: &Arm| {
            let arm = |arm: &Arm| (arm.version.clone(), arm.digest.clone(), arm.approved, arm.weight, arm.not_after);
            let condition = match (&one.condition, &two.condition) {
                (Condition::Serving(one), Condition::Serving(two)) => Arc::ptr_eq(one, two),
                (Condition::Starting, Condition::Starting) => true,
                (Condition::Disabled(one), Condition::Disabled(two)) | (Condition::Failed(one), Condition::Failed(two)) => {
                    one == two
                }
                _ => false,
            };
            condition && arm(one) == arm(two)
        };
        (&self.name, &self.model, self.revision) == (&other.name, &other.model, other.revision)
            && self.arms.len() == other.arms.len()
            && self.arms.iter().zip(&other.arms).all(|(one, two)| alike(one, two))
    }
}

impl Arm {
    /// The model, if it may answer at this moment.
    ///
    /// # Errors
    /// Why it may not, in a sentence.
    pub fn model(&self, now: i64) -> Result<&Arc<dyn Model>, String> {
        match &self.condition {
            Condition::Serving(_) if now >= self.not_after => {
                Err(format!("the permit of {} has ended and was not renewed", self.version))
            }
            Condition::Serving(model) => match model.health().down {
                None => Ok(model),
                Some(down) => Err(format!("{} does not answer: {}", self.version, down.reason)),
            },
            Condition::Starting => Err(format!("{} is starting", self.version)),
            Condition::Disabled(reason) => Err(format!("{} was taken out of service: {reason}", self.version)),
            Condition::Failed(reason) => Err(format!("{} is not in service: {reason}", self.version)),
        }
    }

    /// The model, if a request may be put to it: it may answer at this moment, or as soon as its process is there again.
    ///
    /// # Errors
    /// Why it may not, in a sentence.
    pub fn model_to_ask(&self, now: i64) -> Result<&Arc<dyn Model>, String> {
        match &self.condition {
            Condition::Serving(model) if now < self.not_after && self.is_starting() => Ok(model),
            _ => self.model(now),
        }
    }

    /// Whether the model is on its way: it is being loaded, or its process is being started again.
    pub fn is_starting(&self) -> bool {
        match &self.condition {
            Condition::Starting => true,
            Condition::Serving(model) => model.health().down.is_some_and(|down| down.starting),
            Condition::Disabled(_) | Condition::Failed(_) => false,
        }
    }

    /// How the model's process is, after loading.
    pub fn health(&self) -> Option<ModelHealth> {
        match &self.condition {
            Condition::Serving(model) => Some(model.health()),
            _ => None,
        }
    }

    /// The model's inputs and outputs, after loading.
    pub fn signature(&self) -> Option<&Signature> {
        match &self.condition {
            Condition::Serving(model) => Some(model.signature()),
            _ => None,
        }
    }
}

/// The table in force, which changes as a whole.
#[derive(Default)]
pub struct CurrentTable(RwLock<Arc<Table>>);

impl CurrentTable {
    /// The table in force now.
    pub fn get(&self) -> Arc<Table> {
        self.0.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Puts another one in force.
    pub fn put(&self, table: Table) {
        *self.0.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(table);
    }
}
