//! Plans with real permits, and models that answer nothing.

use futures_util::future::BoxFuture;
use node::{
    engine::{InferError, Model, ModelHealth},
    server::Plan,
    services::{ServiceManager, Trust},
    tensor::{Signature, Tensor},
};
use proof::{
    AttestationReference, Basis, DigestSet, LogKey, Nonce, PermitPredicate, PermitTerms, PolicyReference, Sha256, SigningKey,
    UtcTime,
};
use serde_json::{Value, json};
use std::{collections::BTreeSet, sync::Arc, time::Duration};

pub const NOW: i64 = 1_800_000_000_000_000;
pub const HOUR: i64 = 3_600_000_000;

/// The key with which the server signs.
pub fn key() -> SigningKey {
    SigningKey::from_entropy([7; 32]).unwrap()
}

/// The key with which the server signs its log.
pub fn log_key() -> LogKey {
    LogKey::from_seed([8; 32], "countersign.example").unwrap()
}

pub fn trust() -> Trust {
    Trust { key: key().public_key(), server: Some("countersign.example".to_owned()), require_approved: false }
}

/// A permit, as right as one can be until a test changes something.
#[derive(Clone)]
pub struct PermitFor {
    pub key: SigningKey,
    pub server: String,
    pub audience: String,
    pub service: String,
    pub revision: u64,
    pub version: String,
    pub digest: Sha256,
    pub basis: Basis,
    pub from: i64,
    pub until: i64,
}

pub fn permit(version: u32, revision: u64) -> PermitFor {
    PermitFor {
        key: key(),
        server: "countersign.example".to_owned(),
        audience: "production".to_owned(),
        service: "tumour".to_owned(),
        revision,
        version: name(version),
        digest: digest(version),
        basis: Basis::Approved,
        from: NOW,
        until: NOW + HOUR,
    }
}

impl PermitFor {
    pub fn envelope(&self) -> Value {
        let reference = DigestSet { sha256: Sha256::of(b"x") };
        let approvals = match self.basis {
            Basis::Approved => vec![AttestationReference { uri: None, digest: reference }],
            _ => Vec::new(),
        };
        let terms = PermitTerms {
            audience: self.audience.clone(),
            service: self.service.clone(),
            revision: self.revision,
            basis: self.basis,
            reason: (self.basis == Basis::Acknowledged).then(|| "A trial.".to_owned()),
            not_before: UtcTime::from_micros(self.from).unwrap(),
            not_after: UtcTime::from_micros(self.until).unwrap(),
            nonce: Nonce::from_entropy([1; 16]),
        };
        let policy = PolicyReference { uri: "http://countersign.example/policy".to_owned(), digest: reference };
        let decided = UtcTime::from_micros(self.from).unwrap();
        let resource = "http://countersign.example/version".to_owned();
        let permit = PermitPredicate::new(self.server.clone(), decided, resource, policy, approvals, terms).unwrap();
        let envelope = permit.about(self.version.clone(), self.digest).sign(&self.key).unwrap();
        serde_json::from_slice(&envelope.to_json_bytes()).unwrap()
    }
}

pub fn name(version: u32) -> String {
    format!("diagnosis/tumour:{version}")
}

/// The bytes of a version's only file.
pub fn onnx(version: u32) -> Vec<u8> {
    format!("model {version}").into_bytes()
}

/// The list of a version's files.
pub fn manifest(version: u32) -> Vec<u8> {
    let file = onnx(version);
    format!(r#"[{{"name":"model.onnx","sha256":"{}","size":{}}}]"#, Sha256::of(&file).hex(), file.len()).into_bytes()
}

/// The digest of a version's files.
pub fn digest(version: u32) -> Sha256 {
    Sha256::of(&manifest(version))
}

/// A share in policy.
pub fn share(version: u32, weight: u8, permit: &PermitFor) -> Value {
    json!({
        "version": name(version), "weight": weight, "model_digest": digest(version), "basis": "approved", "standing": "in_policy",
        "permit": {"id": "x", "kind": "permit", "envelope": permit.envelope()},
    })
}

/// A plan with one service.
pub fn plan(revision: u64, shares: Vec<Value>, previous: Vec<Value>) -> Plan {
    Plan::parse(plan_text(revision, shares, previous).to_string().as_bytes()).unwrap()
}

/// The same as the server says it.
pub fn plan_text(revision: u64, shares: Vec<Value>, previous: Vec<Value>) -> Value {
    let service = json!({
        "service": "tumour", "model": "diagnosis/tumour", "revision": revision, "stopped": shares.is_empty(), "shares": shares,
        "previous": previous,
    });
    json!({
        "server": "countersign.example", "infrastructure": "production", "at": UtcTime::from_micros(NOW).unwrap(),
        "tag": format!("tag {revision}"), "on_lapse": "disable", "services": [service],
    })
}

/// A version of the revision before that may go on.
pub fn vouched(version: u32) -> Value {
    json!({"version": name(version), "standing": "in_policy"})
}

pub fn services() -> ServiceManager {
    ServiceManager::new(trust(), "production".to_owned())
}

/// Loads everything that the services asks for, and says which versions.
pub fn load_all(services: &mut ServiceManager, now: i64) -> Vec<String> {
    let mut loaded = Vec::new();
    for (key, tries) in services.begin_loads(now) {
        services.end_load(&key, Ok((model(), BTreeSet::from([key.model_digest]))), tries, now);
        loaded.push(key.version);
    }
    // As the node's loop does after everything that happens.
    services.table(now);
    loaded
}

/// For each version whether it answers as approved, or why it does not answer.
pub type Arms = Vec<(String, Result<bool, String>)>;

/// What would answer now: the revision in force, and its versions.
pub fn answers(services: &mut ServiceManager, now: i64) -> (u64, Arms) {
    let table = services.table(now);
    let Some(service) = table.services.get("tumour") else { return (0, Vec::new()) };
    let arms = service.arms.iter().map(|arm| (arm.version.clone(), arm.model(now).map(|_| arm.approved)));
    (service.revision, arms.collect())
}

pub fn model() -> Arc<dyn Model> {
    Arc::new(Silent(Signature::default()))
}

struct Silent(Signature);

impl Model for Silent {
    fn signature(&self) -> &Signature {
        &self.0
    }

    fn health(&self) -> ModelHealth {
        ModelHealth::default()
    }

    fn infer(&self, _: Vec<Tensor>, _: Vec<usize>, _: Duration) -> BoxFuture<'_, Result<Vec<Tensor>, InferError>> {
        Box::pin(async { Err(InferError::Busy) })
    }
}
