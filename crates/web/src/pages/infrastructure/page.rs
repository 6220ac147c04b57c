//! The whole page of an infrastructure, with what was typed into a form that comes back.

use super::{draft::Draft, words};
use crate::{
    http::{Failure, FromPath, parameter},
    pages::{parts, shell::Shell},
};
use app::{
    Error, OpContext,
    infrastructures::{gate_log, overview, policies, preview},
    live::Subject,
    views::{Deployment, GateLogEntry, InfrastructureOverview, List, PolicyPeriod, PolicyPreview, PolicyPreviewRequest, Share},
};
use askama::Template;
use axum::{extract::RawPathParams, response::Response};
use domain::{
    Name, VersionRef,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
};
use std::collections::HashMap;

/// How many answers of the gate are on a page.
const LOG: u32 = 20;

/// An infrastructure, in an address.
pub(crate) struct InfrastructurePath(pub(crate) Name);

impl FromPath for InfrastructurePath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "infrastructure")?))
    }
}

#[derive(Template)]
#[template(path = "infrastructure.html")]
struct InfrastructurePage<'a> {
    shell: &'a Shell,
    name: &'a Name,
    place: &'a InfrastructureOverview,
    policies: Vec<PolicyPeriod>,
    log: List<GateLogEntry>,
    /// Whether the log begins at a later page.
    later: bool,
    effects: Effects,
    draft: &'a Draft,
    tag: String,
}

/// What other settings would do today, for those who may choose them.
#[derive(Default)]
struct Effects {
    policies: HashMap<&'static str, PolicyPreview>,
    lapses: HashMap<&'static str, PolicyPreview>,
    /// What the chosen ones would do together.
    chosen: Option<PolicyPreview>,
}

impl Effects {
    async fn load(op: &OpContext, place: &InfrastructureOverview, draft: &Draft) -> Result<Self, Error> {
        if !place.may_manage {
            return Ok(Self::default());
        }
        let now = &place.infrastructure;
        let with = |policy: Policy, on_lapse: OnLapse| PolicyPreviewRequest {
            policy,
            on_lapse: Some(on_lapse),
            projects: None,
            independent_approval: None,
        };
        let mut requests: Vec<_> = Policy::ALL.iter().map(|policy| with(*policy, now.on_lapse)).collect();
        requests.extend(OnLapse::ALL.iter().map(|on_lapse| with(now.policy, *on_lapse)));
        let tried = draft.tried();
        requests.extend(tried.clone());
        let mut previews = preview::preview(op, &now.name, &requests).await?.into_iter();
        Ok(Self {
            policies: Policy::ALL.iter().map(|policy| policy.as_str()).zip(previews.by_ref()).collect(),
            lapses: OnLapse::ALL.iter().map(|on_lapse| on_lapse.as_str()).zip(previews.by_ref()).collect(),
            chosen: tried.and_then(|_| previews.next()),
        })
    }
}

/// The page, with what was typed.
pub(super) async fn page(
    op: &OpContext,
    shell: Shell,
    name: &Name,
    before: Option<u64>,
    draft: &Draft,
) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures").about(&Subject::Infrastructure(name.clone()));
    let place = overview::show(op, name).await?;
    let (policies, log) = match place.deployments {
        Some(_) => (policies::list(op, name).await?.items, gate_log::list(op, name, before, LOG).await?),
        None => (Vec::new(), List { items: Vec::new(), next: None }),
    };
    let effects = Effects::load(op, &place, draft).await?;
    let tag = place.infrastructure.etag().to_string();
    let later = before.is_some();
    let page = InfrastructurePage { shell: &shell, name, place: &place, policies, log, later, effects, draft, tag };
    shell.page(draft.status(), &page)
}

impl InfrastructurePage<'_> {
    /// The icon and the words of each policy, in order, with what it does.
    fn choices(&self) -> [(&'static str, &'static str, &'static str, &'static str); 3] {
        words::POLICIES
    }

    fn roles(&self) -> &'static [InfrastructureRole] {
        InfrastructureRole::ALL
    }

    fn is_now(&self, policy: &str) -> bool {
        self.place.infrastructure.policy.as_str() == policy
    }

    fn is_chosen(&self, policy: &str) -> bool {
        self.draft.policy_or(self.place.infrastructure.policy.as_str()) == policy
    }

    fn is_lapse_now(&self, on_lapse: &str) -> bool {
        self.place.infrastructure.on_lapse.as_str() == on_lapse
    }

    fn is_lapse_chosen(&self, on_lapse: &str) -> bool {
        self.draft.on_lapse_or(self.place.infrastructure.on_lapse.as_str()) == on_lapse
    }

    /// What a policy would do today; empty where it would change nothing.
    fn effect(&self, policy: &str) -> String {
        self.effects.policies.get(policy).map(words::effect).unwrap_or_default()
    }

    fn lapse_effect(&self, on_lapse: &str) -> String {
        self.effects.lapses.get(on_lapse).map(words::effect).unwrap_or_default()
    }

    /// The values of the choices that let more through than now.
    fn weaker(&self) -> String {
        let all = self.effects.policies.iter().chain(&self.effects.lapses);
        let mut weaker: Vec<_> = all.filter(|(_, preview)| preview.weakens).map(|(value, _)| *value).collect();
        weaker.sort_unstable();
        weaker.join(" ")
    }

    fn chosen(&self) -> String {
        let Some(preview) = &self.effects.chosen else { return String::new() };
        let effect = words::effect(preview);
        let effect = if effect.is_empty() { "Today it changes nothing of what is in service.".to_owned() } else { effect };
        if preview.weakens { format!("{effect} It lets more through than now.") } else { effect }
    }

    /// The link to a version, for readers of its project.
    fn version(&self, version: &VersionRef) -> parts::Markup {
        words::version(self.shell, version, self.place.readable.contains(&version.project))
    }

    fn projects(&self) -> String {
        let names = self.place.infrastructure.projects.iter().flatten().map(ToString::to_string);
        names.collect::<Vec<_>>().join(", ")
    }

    fn projects_typed(&self) -> String {
        self.draft.projects_or(&self.projects()).to_owned()
    }

    fn seal(&self, share: &Share) -> parts::Markup {
        parts::seal(share.model_digest.as_bytes(), words::force(share), true)
    }

    fn ground(&self, share: &Share) -> parts::Markup {
        words::short_ground(share, self.shell.now)
    }

    fn service(&self, deployment: &Deployment) -> String {
        self.shell.at.service(&deployment.infrastructure, &deployment.service)
    }

    fn older(&self) -> Option<String> {
        self.log.next.as_ref().map(|next| format!("{}?after={next}#log-h", self.shell.at.infrastructure(self.name)))
    }
}
