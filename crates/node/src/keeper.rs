//! Decides what a node serves: which versions to load, and the table that follows from loaded models, permits and time.
//! Nothing here waits: the loop in `run` reports events to the keeper and does what the keeper asks for.

use crate::{
    engine::Model,
    permit::{Permit, Trust},
    plan::{Plan, PlannedService, PlannedShare, Standing},
    report::{ReportedService, ReportedVersion, VersionState},
    table::{Arm, Condition, Service, Table},
};
use proof::Sha256;
use std::{
    collections::{BTreeMap, BTreeSet, HashMap},
    sync::Arc,
};
use tokio::task::AbortHandle;

/// How long to wait before a version that failed is tried again, in microseconds; each further try waits twice as long.
const FIRST_RETRY: i64 = 2_000_000;
/// The longest wait.
const LAST_RETRY: i64 = 120_000_000;

/// What a version is known by here: the same bytes under two names are loaded twice, so that each name stands for itself.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct VersionKey {
    /// `PROJECT/MODEL:VERSION`.
    pub version: String,
    /// The digest of its files.
    pub model_digest: Sha256,
}

/// How far a version is.
enum Load {
    Running(Task),
    Ready { model: Arc<dyn Model>, kept: BTreeSet<Sha256> },
    Failed { reason: String, tries: u32, again_at: i64 },
}

/// What loads a version; nobody waits for one that is let go of.
#[derive(Default)]
struct Task(Option<AbortHandle>);

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(task) = &self.0 {
            task.abort();
        }
    }
}

/// A service of the plan, its permits verified once.
struct Due {
    planned: PlannedService,
    permits: Vec<Result<Permit, String>>,
}

impl Due {
    /// The same, without what a revision that is not followed says has to stop: against a version every word counts.
    fn warned_by(mut self, other: &PlannedService) -> Self {
        for share in &mut self.planned.shares {
            if let Some(reason) = other.disables(&share.version) {
                share.standing = Standing::Disabled;
                share.reason = reason.map(str::to_owned);
            }
        }
        self
    }
}

/// What an arm of a new revision has come to.
enum Outcome {
    Ready(Arc<dyn Model>),
    Disabled(String),
    Starting,
    Failed(String),
}

/// Keeps a node's services.
pub struct Keeper {
    trust: Trust,
    infrastructure: String,
    due: Option<Vec<Due>>,
    /// The newest revision of each service that the server told of.
    newest: BTreeMap<String, u64>,
    /// What of the plan is not followed, and why.
    refused: Vec<String>,
    loads: HashMap<VersionKey, Load>,
    in_force: BTreeMap<String, Arc<Service>>,
}

impl Keeper {
    /// Serves nothing yet.
    pub fn new(trust: Trust, infrastructure: String) -> Self {
        Self {
            trust,
            infrastructure,
            due: None,
            newest: BTreeMap::new(),
            refused: Vec::new(),
            loads: HashMap::new(),
            in_force: BTreeMap::new(),
        }
    }

    /// Takes the plan of the cache. The server's word outranks it, whichever revisions it names.
    pub fn start_with(&mut self, plan: Plan) {
        self.plan(plan);
        self.newest.clear();
    }

    /// Takes a new plan. A plan is not signed: of a service whose revision is older than one that it named before, nothing is taken but
    /// what has to stop.
    pub fn plan(&mut self, plan: Plan) {
        let mut before: BTreeMap<_, _> =
            self.due.take().into_iter().flatten().map(|due| (due.planned.service.clone(), due)).collect();
        self.refused.clear();
        let mut all = Vec::with_capacity(plan.services.len());
        for planned in plan.services {
            let before = before.remove(&planned.service);
            match self.newest.get(&planned.service) {
                Some(&newest) if planned.revision < newest => {
                    self.refused.push(format!(
                        "the server wants revision {} of `{}` after revision {newest}: that one stays; if the server was put back to an \
                         earlier state, restart the node",
                        planned.revision, planned.service
                    ));
                    all.extend(before.map(|before| before.warned_by(&planned)));
                }
                _ => all.push(self.verified(planned)),
            }
        }
        self.due = Some(all);
        let named: BTreeSet<String> = self.due.iter().flatten().map(|due| due.planned.service.clone()).collect();
        self.in_force.retain(|service, _| named.contains(service));
    }

    /// A service with its permits. A number that no permit vouches for says nothing of what is newest.
    fn verified(&mut self, planned: PlannedService) -> Due {
        let permits = planned.shares.iter().map(|share| Permit::verify(&self.trust, &self.infrastructure, &planned, share));
        let permits: Vec<_> = permits.collect();
        if planned.stopped || permits.iter().any(Result::is_ok) {
            self.newest.insert(planned.service.clone(), planned.revision);
        }
        Due { permits, planned }
    }

    /// What of the plan is not followed, and why, in a sentence.
    pub fn problem(&self) -> Option<String> {
        (!self.refused.is_empty()).then(|| self.refused.join("; "))
    }

    /// Takes what a load can be stopped by, once it was begun: it is stopped when nobody wants it any more.
    pub fn begun(&mut self, key: &VersionKey, task: AbortHandle) {
        if let Some(Load::Running(place)) = self.loads.get_mut(key) {
            *place = Task(Some(task));
        }
    }

    /// Takes the end of a load that was asked for.
    pub fn loaded(&mut self, key: &VersionKey, result: Result<(Arc<dyn Model>, BTreeSet<Sha256>), String>, tries: u32, now: i64) {
        let load = match result {
            Ok((model, kept)) => Load::Ready { model, kept },
            Err(reason) => {
                let wait = FIRST_RETRY.saturating_mul(1 << tries.min(16)).min(LAST_RETRY);
                Load::Failed { reason, tries: tries.saturating_add(1), again_at: now.saturating_add(wait) }
            }
        };
        // One that nobody wants any more was forgotten meanwhile.
        if let Some(place) = self.loads.get_mut(key) {
            *place = load;
        }
    }

    /// What is to be loaded now, each with how often it was tried; from here on it counts as running.
    pub fn to_load(&mut self, now: i64) -> Vec<(VersionKey, u32)> {
        let mut wanted = Vec::new();
        for due in self.due.iter().flatten() {
            for (share, permit) in due.planned.shares.iter().zip(&due.permits) {
                let permitted = permit.as_ref().is_ok_and(|permit| permit.holds(now).is_ok());
                if permitted && share.standing != Standing::Disabled && !due.planned.stopped {
                    wanted.push(key(share));
                }
            }
        }
        let mut to_load = Vec::new();
        for key in wanted {
            let tries = match self.loads.get(&key) {
                None => 0,
                Some(Load::Failed { tries, again_at, .. }) if now >= *again_at => *tries,
                Some(_) => continue,
            };
            self.loads.insert(key.clone(), Load::Running(Task::default()));
            to_load.push((key, tries));
        }
        to_load
    }

    /// The table that follows from everything known at this moment.
    pub fn table(&mut self, now: i64) -> Table {
        let due = self.due.take();
        for due in due.iter().flatten() {
            let service = self.service(due, now);
            let name = &due.planned.service;
            // What other tasks keep for a service stays valid as long as nothing of the service changes.
            if !self.in_force.get(name).is_some_and(|before| before.same(&service)) {
                self.in_force.insert(name.clone(), Arc::new(service));
            }
        }
        self.due = due;
        self.forget();
        Table { services: self.in_force.clone() }
    }

    /// What is to stay in the cache; `None` while a version that is wanted does not serve: what its next try needs may be there.
    pub fn kept(&self) -> Option<BTreeSet<Sha256>> {
        let mut kept = BTreeSet::new();
        for share in self.wanted() {
            let Some(Load::Ready { kept: its, .. }) = self.loads.get(&key(share)) else { return None };
            kept.extend(its);
        }
        Some(kept)
    }

    /// Whether everything of the plan has come to something; `false` while no plan is known.
    pub fn is_settled(&self) -> bool {
        self.due.is_some() && !self.loads.values().any(|load| matches!(load, Load::Running(_)))
    }

    /// How far this node is with what the server wants, for the server. Of a revision that did not come into force it says what keeps
    /// it from that.
    pub fn report(&self, now: i64) -> Vec<ReportedService> {
        let due = self.due.iter().flatten().filter(|due| !due.planned.stopped);
        due.map(|due| {
            let shares = due.planned.shares.iter().zip(&due.permits);
            let versions = shares.map(|(share, permit)| {
                let (state, reason) = match self.outcome(share, permit, now) {
                    Outcome::Ready(_) => (VersionState::Serving, None),
                    Outcome::Disabled(reason) => (VersionState::Disabled, Some(reason)),
                    Outcome::Starting => (VersionState::Starting, None),
                    Outcome::Failed(reason) => (VersionState::Failed, Some(reason)),
                };
                ReportedVersion { version: share.version.clone(), model_digest: share.model_digest.hex(), state, reason }
            });
            let service = due.planned.service.clone();
            ReportedService { service, revision: due.planned.revision, versions: versions.collect() }
        })
        .collect()
    }

    /// A service as it should be now.
    fn service(&self, due: &Due, now: i64) -> Service {
        let planned = &due.planned;
        let before = self.in_force.get(&planned.service);
        let outcomes: Vec<_> =
            planned.shares.iter().zip(&due.permits).map(|(share, permit)| self.outcome(share, permit, now)).collect();
        let comes_into_force = planned.stopped
            || before.is_none_or(|before| before.revision == planned.revision)
            || outcomes.iter().all(|outcome| matches!(outcome, Outcome::Ready(_) | Outcome::Disabled(_)));
        if !comes_into_force && let Some(before) = before {
            let kept = still(before, planned);
            if kept.arms.iter().any(|arm| arm.model(now).is_ok()) {
                return kept;
            }
        }
        let arms = planned.shares.iter().zip(&due.permits).zip(outcomes);
        let arms = arms.map(|((share, permit), outcome)| arm(share, permit.as_ref().ok(), outcome)).collect();
        Service { name: planned.service.clone(), model: planned.model.clone(), revision: planned.revision, arms }
    }

    fn outcome(&self, share: &PlannedShare, permit: &Result<Permit, String>, now: i64) -> Outcome {
        if share.standing == Standing::Disabled {
            return Outcome::Disabled(share.reason.clone().unwrap_or_else(|| "it is no longer in policy".to_owned()));
        }
        if let Err(reason) = permit.as_ref().map_err(Clone::clone).and_then(|permit| permit.holds(now)) {
            return Outcome::Failed(reason);
        }
        match self.loads.get(&key(share)) {
            Some(Load::Ready { model, .. }) => Outcome::Ready(Arc::clone(model)),
            Some(Load::Failed { reason, .. }) => Outcome::Failed(reason.clone()),
            Some(Load::Running(_)) | None => Outcome::Starting,
        }
    }

    /// Lets go of models that nothing serves, and of loads that nobody waits for.
    fn forget(&mut self) {
        let wanted: BTreeSet<String> = self.wanted().map(|share| share.version.clone()).collect();
        self.loads.retain(|key, _| wanted.contains(&key.version));
    }

    /// Whatever is to be served, as soon as permit and bytes allow it.
    fn wanted(&self) -> impl Iterator<Item = &PlannedShare> {
        let due = self.due.iter().flatten().filter(|due| !due.planned.stopped);
        due.flat_map(|due| &due.planned.shares).filter(|share| share.standing != Standing::Disabled)
    }
}

fn key(share: &PlannedShare) -> VersionKey {
    VersionKey { version: share.version.clone(), model_digest: share.model_digest }
}

fn arm(share: &PlannedShare, permit: Option<&Permit>, outcome: Outcome) -> Arm {
    let condition = match outcome {
        Outcome::Ready(model) => Condition::Serving(model),
        Outcome::Disabled(reason) => Condition::Disabled(reason),
        Outcome::Starting => Condition::Starting,
        Outcome::Failed(reason) => Condition::Failed(reason),
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

/// The revision that is in force, while the next one is not ready: as far as the server still lets its versions go on.
fn still(before: &Service, planned: &PlannedService) -> Service {
    let arms = before.arms.iter().map(|arm| {
        let vouched = planned.previous.iter().find(|share| share.version == arm.version);
        let condition = match (&arm.condition, vouched) {
            (Condition::Serving(model), Some(share)) if share.standing != Standing::Disabled => {
                Condition::Serving(Arc::clone(model))
            }
            (_, Some(share)) if share.standing == Standing::Disabled => {
                Condition::Disabled(share.reason.clone().unwrap_or_else(|| "it is no longer in policy".to_owned()))
            }
            _ => Condition::Disabled("another revision takes its place".to_owned()),
        };
        let approved = arm.approved && vouched.is_some_and(|share| share.standing == Standing::InPolicy);
        Arm {
            version: arm.version.clone(),
            number: arm.number.clone(),
            digest: arm.digest.clone(),
            approved,
            weight: arm.weight,
            not_after: arm.not_after,
            condition,
        }
    });
    Service { name: before.name.clone(), model: before.model.clone(), revision: before.revision, arms: arms.collect() }
}
