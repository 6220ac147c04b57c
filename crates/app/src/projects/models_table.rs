//! The models of a project with their newest versions, what is open, and where they serve.

use crate::{
    Error, OpContext,
    base::{find, governed_version::main_rounds},
    deployments::{in_service, out_of_policy},
    views::{ModelRow, ModelsPage, ModelsQuery, NewestVersion},
};
use domain::{
    ModelId, Name,
    access::{Action, Scope},
};
use std::{cmp::Reverse, collections::HashMap};
use store::Model;

/// The most models of a project that are looked at, in the order of their names.
const MOST: u32 = 1000;

/// How many are on a page.
const PAGE: usize = 50;

/// How many services of each model are shown.
const SERVICES: u32 = 10;

/// The models of a project that match: those with a version out of policy first.
///
/// # Errors
/// No such project, or none that the caller may see.
pub async fn table(op: &OpContext, project: &Name, query: &ModelsQuery) -> Result<ModelsPage, Error> {
    op.needs(Scope::Read)?;
    // Somebody who may not see the project does not make the server judge.
    find::project(op, &mut op.read().await?, project, Action::ReadProject).await?;
    let judged = out_of_policy::everywhere(op).await?;
    let mut reader = op.read().await?;
    let project = find::project(op, &mut reader, project, Action::ReadProject).await?;
    let text = query.text.to_lowercase();
    let mut models = reader.models(project.id, "", MOST + 1).await?;
    let cut = models.len() > MOST as usize;
    models.truncate(MOST as usize);
    let shown = |model: &Model| model.display_name.as_ref().map(|name| name.to_string().to_lowercase());
    models.retain(|model| model.name.as_str().contains(&text) || shown(model).is_some_and(|shown| shown.contains(&text)));
    let newest = reader.newest_versions(models.iter().map(|model| model.id)).await?;
    let mut newest: HashMap<ModelId, _> =
        main_rounds(newest).into_iter().map(|(version, model, round)| (model.id, (version, round))).collect();
    let mut open: HashMap<ModelId, Vec<u32>> = HashMap::new();
    for (model, number) in reader.open_versions(project.id).await? {
        open.entry(model).or_default().push(number);
    }
    let mut rows: Vec<_> = models
        .into_iter()
        .map(|model| {
            let newest = newest.remove(&model.id);
            let changed_at =
                newest.as_ref().map_or(model.created_at, |(version, round)| version.created_at.max(round.changed_at));
            let row = ModelRow {
                newest: newest.map(|(version, round)| NewestVersion {
                    number: version.number,
                    status: round.signoff.0.speaking().status(),
                }),
                open: open.remove(&model.id).unwrap_or_default(),
                out_of_policy: judged.models.get(&model.id).is_some_and(|services| services.unacknowledged > 0),
                in_service: Vec::new(),
                more_in_service: 0,
                name: model.name,
                display_name: model.display_name,
                changed_at,
            };
            (model.id, row)
        })
        .filter(|(_, row)| {
            query.status.is_none_or(|status| row.newest.as_ref().is_some_and(|newest| status.holds(newest.status)))
        })
        .collect();
    match query.sort.as_str() {
        "-name" => rows.sort_by_key(|(_, row)| Reverse(row.name.clone())),
        "changed" => rows.sort_by_key(|(_, row)| row.changed_at),
        "-changed" => rows.sort_by_key(|(_, row)| Reverse(row.changed_at)),
        _ => rows.sort_by_key(|(_, row)| (!row.out_of_policy, row.name.clone())),
    }
    let matching = rows.len() as u64;
    let out_of_policy = rows.iter().filter(|(_, row)| row.out_of_policy).count() as u64;
    let page: Vec<_> = rows.into_iter().skip(query.after).take(PAGE).collect();
    let models: Vec<_> = page.iter().map(|(model, _)| *model).collect();
    let mut services = in_service::of_models(op, &mut reader, &judged, &models, SERVICES).await?;
    let rows: Vec<_> = page
        .into_iter()
        .map(|(model, row)| {
            let mut in_service = services.remove(&format!("{}/{}", project.name, row.name)).unwrap_or_default();
            in_service.truncate(SERVICES as usize);
            let serving = judged.models.get(&model).map_or(0, |services| services.serving);
            ModelRow { more_in_service: serving.saturating_sub(in_service.len() as u64), in_service, ..row }
        })
        .collect();
    let shown = query.after + rows.len();
    let next = (!rows.is_empty() && (shown as u64) < matching).then_some(shown);
    Ok(ModelsPage { rows, matching, out_of_policy, cut, next })
}
