//! The whole page of an infrastructure, with what was typed into a form that comes back.

use super::{draft::Draft, words};
use crate::{
    http::{Failure, FromPath, parameter},
    pages::{parts, project::with_query, shell::Shell},
};
use app::{
    Error, OpContext,
    infrastructures::{gate_log, overview, policies, preview},
    live::Subject,
    views::{
        Deployment, GateLogEntry, InfrastructureOverview, List, Member, PolicyPeriod, PolicyPreview, PolicyPreviewRequest,
        ServicesPage, Share,
    },
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

/// How many services the box of those out of policy tells about in full.
const BOX: usize = 20;

/// Which pages of its lists the page shows.
#[derive(Clone, Copy, Default)]
pub(super) struct Pages<'a> {
    /// Services after this name; empty for the first page.
    pub services: &'a str,
    /// Answers of the gate before this position; the newest if absent.
    pub log: Option<u64>,
    /// How many members stand on the pages before.
    pub members: usize,
}

/// How many members are on a page.
const MEMBERS: usize = 50;

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
    /// What is in service, for those who may see it.
    services: Option<ServicesPage>,
    policies: Vec<PolicyPeriod>,
    log: List<GateLogEntry>,
    pages: Pages<'a>,
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
    pages: Pages<'_>,
    draft: &Draft,
) -> Result<Response, Failure> {
    let shell = shell.here("infrastructures").about(&Subject::Infrastructure(name.clone()));
    let place = overview::show(op, name).await?;
    let (services, policies, log) = match place.may_see {
        true => (
            Some(overview::services(op, name, pages.services).await?),
            policies::list(op, name).await?.items,
            gate_log::list(op, name, pages.log, LOG).await?,
        ),
        false => (None, Vec::new(), List { items: Vec::new(), next: None }),
    };
    let effects = Effects::load(op, &place, draft).await?;
    let tag = place.infrastructure.etag().to_string();
    let page = InfrastructurePage { shell: &shell, name, place: &place, services, policies, log, pages, effects, draft, tag };
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

    /// Whether the reader may open the pages of a version.
    fn reads(&self, version: &VersionRef) -> bool {
        self.services.as_ref().is_some_and(|services| services.readable.contains(&version.project))
    }

    /// The link to a version, for readers of its project.
    fn version(&self, version: &VersionRef) -> parts::Markup {
        words::version(self.shell, version, self.reads(version))
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

    /// How many services the box of those out of policy tells about in full.
    fn in_box(&self) -> usize {
        BOX
    }

    fn members(&self) -> impl Iterator<Item = &Member> {
        self.place.infrastructure.members.iter().flatten().skip(self.pages.members).take(MEMBERS)
    }

    /// The address of the page with other pages of its lists.
    fn address(&self, pages: Pages<'_>, part: &str) -> String {
        let log = pages.log.map(|position| position.to_string()).unwrap_or_default();
        let members = if pages.members == 0 { String::new() } else { pages.members.to_string() };
        let query = [("services", pages.services), ("after", &log), ("members", &members)];
        format!("{}#{part}", with_query(&self.shell.at.infrastructure(self.name), &query))
    }

    fn first_services(&self) -> String {
        self.address(Pages { services: "", ..self.pages }, "runs-h")
    }

    fn more_services(&self, next: &str) -> String {
        self.address(Pages { services: next, ..self.pages }, "runs-h")
    }

    fn newest(&self) -> String {
        self.address(Pages { log: None, ..self.pages }, "log-h")
    }

    fn older(&self) -> Option<String> {
        let next = self.log.next.as_ref()?.parse().ok()?;
        Some(self.address(Pages { log: Some(next), ..self.pages }, "log-h"))
    }

    fn first_members(&self) -> String {
        self.address(Pages { members: 0, ..self.pages }, "mem-h")
    }

    fn more_members(&self) -> Option<String> {
        let next = self.pages.members.saturating_add(MEMBERS);
        let all = self.place.infrastructure.members.as_ref().map_or(0, Vec::len);
        (next < all).then(|| self.address(Pages { members: next, ..self.pages }, "mem-h"))
    }
}
