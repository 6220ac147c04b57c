//! What is in service and what of it is out of policy, as the cache remembers it for all accounts together.

use domain::{DeploymentId, InfrastructureId, ModelId, Name, Timestamp};
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// How many services out of policy are remembered by name, for each infrastructure.
const NAMED: usize = 200;

/// How many services out of policy are remembered for each model.
const NAMED_OF_MODEL: usize = 50;

/// The services of all infrastructures.
#[derive(Debug, Default)]
pub(crate) struct OutOfPolicy {
    /// By infrastructure; without those that have no service.
    pub places: HashMap<InfrastructureId, ServicesOf>,
    /// By the model that they serve, on whichever infrastructure; without those that no service serves.
    pub models: HashMap<ModelId, ServingModel>,
    /// Until when this holds if no event is recorded.
    pub until: Option<Timestamp>,
}

/// The services of an infrastructure.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServicesOf {
    /// How many there are, stopped ones too.
    pub all: u64,
    /// How many serve something.
    pub serving: u64,
    /// How many are out of policy.
    pub out_of_policy: u64,
    /// How many are out of policy without an acknowledgement.
    pub unacknowledged: u64,
    /// Those out of policy by acknowledgement and name: those without one come first, and 200 at most are named.
    pub named: BTreeMap<(bool, Name), DeploymentId>,
}

/// The services that serve a model.
#[derive(Clone, Debug, Default)]
pub(crate) struct ServingModel {
    /// How many there are.
    pub serving: u64,
    /// How many are out of policy.
    pub out_of_policy: u64,
    /// How many are out of policy without an acknowledgement.
    pub unacknowledged: u64,
    /// Those out of policy: those without an acknowledgement come first, and some at most are named.
    pub named: BTreeSet<(bool, DeploymentId)>,
}

impl ServingModel {
    /// Counts a service that is out of policy.
    pub fn add(&mut self, acknowledged: bool, deployment: DeploymentId) {
        self.out_of_policy += 1;
        self.unacknowledged += u64::from(!acknowledged);
        self.named.insert((acknowledged, deployment));
        if self.named.len() > NAMED_OF_MODEL {
            self.named.pop_last();
        }
    }
}

impl OutOfPolicy {
    /// Takes in until when something holds.
    pub fn holds_until(&mut self, end: Option<Timestamp>) {
        self.until = self.until.into_iter().chain(end).min();
    }
}

impl ServicesOf {
    /// Counts a service that is out of policy.
    pub fn add(&mut self, acknowledged: bool, service: Name, deployment: DeploymentId) {
        self.out_of_policy += 1;
        self.unacknowledged += u64::from(!acknowledged);
        self.named.insert((acknowledged, service), deployment);
        if self.named.len() > NAMED {
            self.named.pop_last();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    #[test]
    fn services_that_nobody_acknowledged_are_named_before_others() {
        let mut services = ServicesOf::default();
        for number in 0..NAMED {
            services.add(number > 0, format!("s{number:03}").parse().unwrap(), Uuid::nil().into());
        }
        services.add(false, "z".parse().unwrap(), Uuid::nil().into());
        assert_eq!((services.out_of_policy, services.unacknowledged, services.named.len()), (NAMED as u64 + 1, 2, NAMED));
        let names: Vec<_> = services.named.keys().take(3).map(|(_, name)| name.as_str()).collect();
        assert_eq!(names, ["s000", "z", "s001"]);
        assert!(!services.named.contains_key(&(true, format!("s{}", NAMED - 1).parse().unwrap())));
    }
}
