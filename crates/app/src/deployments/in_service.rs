//! Where the versions of a model, or of a whole project, are in service. One rule for every page: a reader of the project sees infrastructure,
//! service, weights, ground and standing, as the history of the version tells them anyway. Health and nodes are for viewers of the infrastructure.

use crate::{
    Error, OpContext,
    base::{cache::out_of_policy::OutOfPolicy, find, standing},
    deployments::{out_of_policy, view::Desk},
    views::{self, InService, ModelInService, ServedPlace},
};
use domain::{
    InfrastructureId, ModelId, Name,
    access::{Action, Scope},
};
use std::collections::{BTreeMap, HashMap, HashSet};
use store::{Reader, WholeDeployment};

/// How many services the page of a model shows besides those that are out of policy.
const ON_PAGE: u32 = 50;

/// How many services of an infrastructure a form proposes.
const PROPOSED: u32 = 200;

/// Where the versions of a model are in service: what is out of policy first, then production, then by name.
///
/// # Errors
/// No such model, or none that the caller may see.
pub async fn of_model(op: &OpContext, project: &Name, model: &Name) -> Result<ModelInService, Error> {
    op.needs(Scope::Read)?;
    // Somebody who may not see the model does not make the server judge.
    find::model(op, &mut op.read().await?, project, model, Action::ReadProject).await?;
    let judged = out_of_policy::everywhere(op).await?;
    let mut reader = op.read().await?;
    let (_, model) = find::model(op, &mut reader, project, model, Action::ReadProject).await?;
    let services = of_models(op, &mut reader, &judged, &[model.id], ON_PAGE).await?;
    let services = services.into_values().flatten().collect::<Vec<_>>();
    let counted = judged.models.get(&model.id).cloned().unwrap_or_default();
    let shown_out_of_policy = services.iter().filter(|item| item.is_out_of_policy()).count() as u64;
    let places = reader.served_where(model.id).await?.into_iter().map(|served| ServedPlace {
        version: served.version,
        is_production: views::is_production(&served.stage),
        infrastructure: served.infrastructure,
        weight: served.weight,
    });
    Ok(ModelInService {
        more: counted.serving.saturating_sub(services.len() as u64),
        more_out_of_policy: counted.out_of_policy.saturating_sub(shown_out_of_policy),
        places: places.collect(),
        services,
    })
}

/// The first services of an infrastructure by name, each with the model (`PROJECT/MODEL`) that it serves.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn names(op: &OpContext, infrastructure: &Name) -> Result<Vec<(Name, String)>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    let services = reader.service_names(infrastructure.id, PROPOSED).await?;
    Ok(services.into_iter().map(|(service, project, model)| (service, format!("{project}/{model}"))).collect())
}

/// The services of these models of a project, by `PROJECT/MODEL`: `each` of them at most for each model, and those that are remembered as
/// out of policy.
///
/// # Errors
/// When the database does not answer.
pub(crate) async fn of_models(
    op: &OpContext,
    reader: &mut Reader,
    judged: &OutOfPolicy,
    models: &[ModelId],
    each: u32,
) -> Result<HashMap<String, Vec<InService>>, Error> {
    let mut deployments = reader.first_of_models(models.iter().copied(), each).await?;
    let first: HashSet<_> = deployments.iter().map(|(deployment, ..)| deployment.id).collect();
    let named = models.iter().filter_map(|model| judged.models.get(model)).flat_map(|model| &model.named);
    let others: Vec<_> = named.map(|(_, id)| *id).filter(|id| !first.contains(id)).collect();
    if !others.is_empty() {
        deployments.extend(reader.deployments_among(others).await?);
    }
    let mut services: HashMap<_, Vec<_>> = HashMap::new();
    for item in in_service(op, reader, deployments).await? {
        services.entry(item.deployment.model.clone()).or_default().push(item);
    }
    Ok(services)
}

/// The service on an infrastructure that serves this model (`PROJECT/MODEL`), the first by name, or else a stopped one that served it; none
/// where there is neither, or no such model.
///
/// # Errors
/// No such infrastructure; no role on it.
pub async fn serving(op: &OpContext, infrastructure: &Name, model: &str) -> Result<Option<Name>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let infrastructure = find::infrastructure(op, &mut reader, infrastructure, Action::ReadDeployments).await?;
    let names = model.split_once('/').and_then(|(project, model)| Some((project.parse().ok()?, model.parse().ok()?)));
    let Some((project, model)) = names else { return Ok(None) };
    let Some(project) = reader.project_by_name(&project).await? else { return Ok(None) };
    let Some(model) = reader.model_by_name(project.id, &model).await? else { return Ok(None) };
    let services = reader.services_of_model(model.id).await?;
    Ok(services.into_iter().find(|(place, _)| *place == infrastructure.id).map(|(_, service)| service))
}

/// These deployments of a project that the caller may read, without those that are stopped.
async fn in_service(op: &OpContext, reader: &mut Reader, deployments: Vec<WholeDeployment>) -> Result<Vec<InService>, Error> {
    let mut places: BTreeMap<InfrastructureId, Vec<WholeDeployment>> = BTreeMap::new();
    for deployment in deployments {
        places.entry(deployment.0.infrastructure_id).or_default().push(deployment);
    }
    let mut items = Vec::new();
    for (id, deployments) in places {
        let Some(infrastructure) = reader.infrastructure(id).await? else { continue };
        let standing = standing::infrastructure_standing(op, reader, &infrastructure).await?;
        let sees_health = standing::granted(&standing, Action::ReadDeployments);
        let mut desk = Desk::open(op, reader, &infrastructure, &deployments, &[]).await?;
        for deployment in &deployments {
            let mut deployment = desk.view(deployment, Vec::new()).await?;
            if !sees_health {
                deployment.health.nodes.clear();
            }
            if !deployment.revision.shares.is_empty() {
                items.push(InService { stage: infrastructure.stage.clone(), deployment, sees_health });
            }
        }
    }
    items.sort_by_key(|item| {
        let deployment = &item.deployment;
        (!item.is_out_of_policy(), !item.is_in_production(), deployment.infrastructure.clone(), deployment.service.clone())
    });
    Ok(items)
}
