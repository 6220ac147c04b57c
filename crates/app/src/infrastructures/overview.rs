//! Infrastructures as their pages show them: with what is in service, for those who may see it, and with what the caller may do.

use crate::{
    Error, OpContext,
    base::{
        cache::out_of_policy::ServicesOf,
        find,
        standing::{self, granted},
    },
    deployments::{out_of_policy, view::Desk},
    infrastructures, serving,
    views::{Deployment, InfrastructureList, InfrastructureOverview, InfrastructureSummary, List, ServicesPage, ServicesSummary},
};
use domain::{
    Name, ProjectId,
    access::{Action, Scope},
};
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use store::{Infrastructure, Project, Reader};

/// How many infrastructures are on a page.
const PAGE: u32 = 100;

/// How many services are on a page, beside those out of policy on the first one.
const SERVICES: u32 = 50;

/// How many services out of policy the list names for each infrastructure.
const NAMED: usize = 5;

/// Infrastructures after a name; on the first page those with a service out of policy first. The pages after the first one list every
/// infrastructure by name, as those of [`services`] do.
///
/// # Errors
/// A token without the scope.
pub async fn list(op: &OpContext, after: &str) -> Result<InfrastructureList, Error> {
    op.needs(Scope::Read)?;
    op.allow(Action::SeeInfrastructure)?;
    let in_sight = out_of_policy::in_sight(op).await?;
    let mut reader = op.read().await?;
    let lapsed = in_sight.all().filter(|(_, services)| services.out_of_policy > 0);
    let mut first = reader.infrastructures_among(lapsed.map(|(id, _)| id)).await?;
    let acknowledged = |place: &Infrastructure| in_sight.on(place.id).is_none_or(|services| services.unacknowledged == 0);
    first.sort_by_key(|place| (acknowledged(place), place.name.clone()));
    let more_out_of_policy = first.len().saturating_sub(PAGE as usize);
    first.truncate(PAGE as usize);
    if !after.is_empty() {
        first.clear();
    }
    let listed: HashSet<_> = first.iter().map(|place| place.id).collect();
    // Enough for a page, whichever of them came first already.
    let mut others = reader.infrastructures(after, PAGE + 1 + number(listed.len())).await?;
    others.retain(|place| !listed.contains(&place.id));
    let List { items, next } = List::page(others, PAGE, |place| place.name.to_string());
    let summary = |place: Infrastructure| InfrastructureSummary {
        services: in_sight.sees(place.id).then(|| in_sight.on(place.id).map(summary).unwrap_or_default()),
        name: place.name,
        stage: place.stage,
        policy: place.policy,
        on_lapse: place.on_lapse,
    };
    Ok(InfrastructureList { items: first.into_iter().chain(items).map(summary).collect(), next, more_out_of_policy })
}

fn summary(services: &ServicesOf) -> ServicesSummary {
    let named = services.named.keys().take(NAMED).map(|(acknowledged, service)| (service.clone(), *acknowledged));
    ServicesSummary {
        serving: services.serving,
        out_of_policy: services.out_of_policy,
        unacknowledged: services.unacknowledged,
        first: named.collect(),
    }
}

fn number(of: usize) -> u32 {
    u32::try_from(of).unwrap_or(u32::MAX / 2)
}

/// One infrastructure, and what the caller may do.
///
/// # Errors
/// There is none of this name.
pub async fn show(op: &OpContext, name: &Name) -> Result<InfrastructureOverview, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let row = find::infrastructure(op, &mut reader, name, Action::SeeInfrastructure).await?;
    let standing = standing::infrastructure_standing(op, &mut reader, &row).await?;
    let may = |action, scope| granted(&standing, action) && op.needs(scope).is_ok();
    Ok(InfrastructureOverview {
        may_see: granted(&standing, Action::ReadDeployments),
        may_deploy: may(Action::Deploy, Scope::Deploy),
        may_manage: may(Action::ManageInfrastructure, Scope::Administer),
        infrastructure: infrastructures::view::infrastructure(op, &mut reader, &row).await?,
    })
}

/// The services of an infrastructure after a name, with the nodes; on the first page those out of policy first. The pages after the first one
/// list every service by name: one that goes out of policy meanwhile would be on no page otherwise.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn services(op: &OpContext, name: &Name, after: &str) -> Result<ServicesPage, Error> {
    op.needs(Scope::Read)?;
    let in_sight = out_of_policy::in_sight(op).await?;
    let mut reader = op.read().await?;
    let place = find::infrastructure(op, &mut reader, name, Action::ReadDeployments).await?;
    let counted = in_sight.on(place.id).cloned().unwrap_or_default();
    let named = if after.is_empty() { counted.named.values().copied().collect() } else { Vec::new() };
    let first: HashMap<_, usize> = named.into_iter().zip(0..).collect();
    let mut rows = if first.is_empty() { Vec::new() } else { reader.deployments_among(first.keys().copied()).await? };
    rows.sort_by_key(|(deployment, ..)| first.get(&deployment.id).copied());
    // Enough for a page, whichever of them came first already.
    let mut others = reader.whole_deployments(place.id, after, SERVICES + 1 + number(first.len())).await?;
    others.retain(|(deployment, ..)| !first.contains_key(&deployment.id));
    let List { items, next } = List::page(others, SERVICES, |(deployment, ..)| deployment.service.to_string());
    rows.extend(items);
    let readable = readable_among(op, &mut reader, rows.iter().map(|(.., project)| project)).await?;
    let nodes = serving::nodes::all(op, &mut reader, place.id).await?;
    let mut desk = Desk::open(op, &mut reader, &place, &rows, &[]).await?;
    let mut items = Vec::new();
    for row in &rows {
        items.push(desk.view(row, Vec::new()).await?);
    }
    let (all, out_of_policy, unacknowledged) = (counted.all, counted.out_of_policy, counted.unacknowledged);
    let first = counted.named.len() as u64;
    Ok(ServicesPage { items, next, all, out_of_policy, unacknowledged, first, nodes, readable })
}

/// The projects of the versions of a deployment that the caller may read: only their versions have a page for the caller.
///
/// # Errors
/// When nobody is signed in.
pub async fn readable(op: &OpContext, deployment: &Deployment) -> Result<BTreeSet<Name>, Error> {
    let mut reader = op.read().await?;
    let name = deployment.model.split('/').next().and_then(|name| name.parse::<Name>().ok());
    let project = match &name {
        Some(name) => reader.project_by_name(name).await?,
        None => None,
    };
    readable_among(op, &mut reader, &project).await
}

/// Those of these projects that the caller may read.
async fn readable_among(
    op: &OpContext,
    reader: &mut Reader,
    projects: impl IntoIterator<Item = &Project>,
) -> Result<BTreeSet<Name>, Error> {
    let projects: BTreeMap<ProjectId, &Project> = projects.into_iter().map(|project| (project.id, project)).collect();
    let user = op.user()?;
    let (groups, roles) = (standing::groups(op, reader).await?, standing::roles(reader, user.id).await?);
    let none = BTreeSet::new();
    let may_read = |project: &&Project| {
        let roles = roles.get(&project.id).unwrap_or(&none);
        granted(&standing::in_project(op, user, &groups, roles, project, []), Action::ReadProject)
    };
    Ok(projects.into_values().filter(may_read).map(|project| project.name.clone()).collect())
}

/// Whether the caller may create an infrastructure.
pub fn may_create(op: &OpContext) -> bool {
    op.needs(Scope::Administer).is_ok() && op.allow(Action::CreateInfrastructure).is_ok()
}
