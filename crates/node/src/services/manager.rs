//! Decides what a node serves: which versions to load, and the table that follows from loaded models, permits and time.
//! Nothing here waits: the loop in `run` reports events to the manager and does what the manager asks for.

use super::{
    loads::{LoadOutcome, LoadState, Loads, VersionKey},
    permit::{Permit, Trust},
    planned::{Readiness, ServicePlan, disabled_because},
    table::{Service, Table},
};
use crate::{
    engine::ModelHealth,
    server::{Plan, PlannedService, PlannedShare, ReportedService, ReportedVersion, Standing, VersionState},
};
use proof::Sha256;
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};
use tokio::task::AbortHandle;

/// Manages a node's services.
pub struct ServiceManager {
    trust: Trust,
    infrastructure: String,
    /// The services of the plan; `None` while the node has no plan.
    plans: Option<Vec<ServicePlan>>,
    /// The newest revision of each service that the server named.
    newest: BTreeMap<String, u64>,
    /// What of the plan the node does not follow, and why.
    refusals: Vec<String>,
    loads: Loads,
    in_force: BTreeMap<String, Arc<Service>>,
}

impl ServiceManager {
    /// Serves nothing yet.
    pub fn new(trust: Trust, infrastructure: String) -> Self {
        Self {
            trust,
            infrastructure,
            plans: None,
            newest: BTreeMap::new(),
            refusals: Vec::new(),
            loads: Loads::default(),
            in_force: BTreeMap::new(),
        }
    }

    /// Takes the plan of the cache. The server's plan outranks it, whichever revisions the server names.
    pub fn set_cached_plan(&mut self, plan: Plan) {
        self.set_plan(plan);
        self.newest.clear();
    }

    /// Takes a new plan. A plan is not signed. If it names an older revision of a service than a plan before, the node takes only
    /// what has to stop.
    pub fn set_plan(&mut self, plan: Plan) {
        let before = self.plans.take().into_iter().flatten();
        let mut before: BTreeMap<_, _> = before.map(|service| (service.planned.service.clone(), service)).collect();
        self.refusals.clear();
        let mut plans = Vec::with_capacity(plan.services.len());
        for planned in plan.services {
            let before = before.remove(&planned.service);
            match self.newest.get(&planned.service) {
                Some(&newest) if planned.revision < newest => {
                    self.refusals.push(format!(
                        "the server wants revision {} of `{}` after revision {newest}: that one stays; if the server was put back to an \
                         earlier state, restart the node",
                        planned.revision, planned.service
                    ));
                    plans.extend(before.map(|before| before.disable_with(&planned)));
                }
                _ => plans.push(self.verify(planned)),
            }
        }
        let names: BTreeSet<&String> = plans.iter().map(|service| &service.planned.service).collect();
        self.in_force.retain(|service, _| names.contains(service));
        self.plans = Some(plans);
    }

    /// Takes of a plan that the node does not follow only what has to stop.
    pub fn take_stops(&mut self, plan: &Plan) {
        let stopped = |service: ServicePlan| match plan.services.iter().find(|one| one.service == service.planned.service) {
            Some(planned) => service.disable_with(planned),
            None => service,
        };
        self.plans = self.plans.take().map(|plans| plans.into_iter().map(stopped).collect());
    }

    /// Verifies the permits of a service. Only a revision that a permit names counts as the newest.
    fn verify(&mut self, planned: PlannedService) -> ServicePlan {
        let plan = ServicePlan::verify(planned, &self.trust, &self.infrastructure);
        if plan.is_vouched_for() {
            self.newest.insert(plan.planned.service.clone(), plan.planned.revision);
        }
        plan
    }

    /// What of the plan the node does not follow, and why, in a sentence.
    pub fn problem(&self) -> Option<String> {
        (!self.refusals.is_empty()).then(|| self.refusals.join("; "))
    }

    /// The versions to load now, each with how often it was tried before. From here on they count as being loaded.
    pub fn begin_loads(&mut self, now: i64) -> Vec<(VersionKey, u32)> {
        let mut begun = Vec::new();
        for (share, permit) in self.plans.iter().flatten().flat_map(ServicePlan::wanted_shares) {
            let key = VersionKey::of(share);
            if permit.as_ref().is_ok_and(|permit| permit.holds(now).is_ok())
                && let Some(tries) = self.loads.begin(&key, now)
            {
                begun.push((key, tries));
            }
        }
        begun
    }

    /// Takes the task of a load. The manager ends the task when no service needs the version any more.
    pub fn set_load_task(&mut self, key: &VersionKey, task: AbortHandle) {
        self.loads.set_task(key, task);
    }

    /// Takes the end of a load: the model and the digests that it came from, or why there is none.
    pub fn end_load(&mut self, key: &VersionKey, result: LoadOutcome, tries: u32, now: i64) {
        self.loads.end(key, result, tries, now);
    }

    /// The table at this moment.
    pub fn table(&mut self, now: i64) -> Table {
        for plan in self.plans.iter().flatten() {
            let service = self.service(plan, now);
            let name = &plan.planned.service;
            // The same service stays the same object: requests keep what they prepared for it.
            if !self.in_force.get(name).is_some_and(|before| before.same(&service)) {
                self.in_force.insert(name.clone(), Arc::new(service));
            }
        }
        self.drop_unused_models();
        Table { services: self.in_force.clone() }
    }

    /// The digests that the cache keeps; `None` while the files of a wanted version are not known, because its next try may need any file.
    pub fn digests_to_keep(&self) -> Option<BTreeSet<Sha256>> {
        let mut digests = BTreeSet::new();
        for share in self.wanted_shares() {
            match self.loads.get(&VersionKey::of(share)) {
                Some(LoadState::Ready { files, .. }) => digests.extend(files),
                Some(LoadState::Failed { failure, .. }) => digests.extend(failure.files.as_ref()?),
                Some(LoadState::Running(_)) | None => return None,
            }
        }
        Some(digests)
    }

    /// Whether the node has a plan and loads nothing any more.
    pub fn is_settled(&self) -> bool {
        self.plans.is_some() && !self.loads.any_running()
    }

    /// The services for the report to the server. For a revision that is not in force the report says why; for a version whose process
    /// ended, that it did.
    pub fn report(&self, now: i64) -> Vec<ReportedService> {
        let plans = self.plans.iter().flatten().filter(|plan| !plan.planned.stopped);
        plans
            .map(|plan| {
                let versions = plan.shares().map(|(share, permit)| {
                    let (state, reason) = match self.readiness(share, permit, now) {
                        Readiness::Ready(model) => state_of(&model.health()),
                        Readiness::Disabled(reason) => (VersionState::Disabled, Some(reason)),
                        Readiness::Starting => (VersionState::Starting, None),
                        Readiness::Failed(reason) => (VersionState::Failed, Some(reason)),
                    };
                    ReportedVersion { version: share.version.clone(), model_digest: share.model_digest.hex(), state, reason }
                });
                let versions = versions.collect();
                ReportedService { service: plan.planned.service.clone(), revision: plan.planned.revision, versions }
            })
            .collect()
    }

    /// A service as it should be now: the planned revision once all its versions are ready, until then the revision before.
    fn service(&self, plan: &ServicePlan, now: i64) -> Service {
        let readiness: Vec<_> = plan.shares().map(|(share, permit)| self.readiness(share, permit, now)).collect();
        let all_ready = || readiness.iter().all(|one| matches!(one, Readiness::Ready(_) | Readiness::Disabled(_)));
        if let Some(before) = self.in_force.get(&plan.planned.service)
            && !(plan.planned.stopped || before.revision == plan.planned.revision || all_ready())
        {
            let previous = plan.previous_service(before);
            if previous.arms.iter().any(|arm| arm.model(now).is_ok()) {
                return previous;
            }
        }
        plan.service(readiness)
    }

    fn readiness(&self, share: &PlannedShare, permit: &Result<Permit, String>, now: i64) -> Readiness {
        if share.standing == Standing::Disabled {
            return Readiness::Disabled(disabled_because(share.reason.as_ref()));
        }
        if let Err(reason) = permit.as_ref().map_err(Clone::clone).and_then(|permit| permit.holds(now)) {
            return Readiness::Failed(reason);
        }
        match self.loads.get(&VersionKey::of(share)) {
            Some(LoadState::Ready { model, .. }) => Readiness::Ready(Arc::clone(model)),
            Some(LoadState::Failed { failure, .. }) => Readiness::Failed(failure.reason.clone()),
            Some(LoadState::Running(_)) | None => Readiness::Starting,
        }
    }

    fn drop_unused_models(&mut self) {
        let wanted: BTreeSet<String> = self.wanted_shares().map(|share| share.version.clone()).collect();
        self.loads.retain(&wanted);
    }

    /// The versions that the plan wants in service.
    fn wanted_shares(&self) -> impl Iterator<Item = &PlannedShare> {
        self.plans.iter().flatten().flat_map(ServicePlan::wanted_shares).map(|(share, _)| share)
    }
}

/// What the report says of a version that was loaded.
fn state_of(health: &ModelHealth) -> (VersionState, Option<String>) {
    match (&health.down, &health.ended_lately) {
        (Some(down), _) if down.starting => (VersionState::Starting, Some(down.reason.to_string())),
        (Some(down), _) => (VersionState::Failed, Some(down.reason.to_string())),
        (None, ended) => (VersionState::Serving, ended.as_ref().map(ToString::to_string)),
    }
}
