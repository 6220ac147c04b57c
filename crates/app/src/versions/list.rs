//! Lists the versions of a model.

use crate::{
    Error, OpContext, Page,
    base::{find, governed_version::main_rounds},
    versions,
    views::{List, VersionSummary},
};
use domain::{
    Name, VersionRef,
    access::{Action, Scope},
    signoff::SignOff,
};
use store::{Model, Round, Version};

/// A model's versions, newest first: those that are retired, or those that are not; `page.after` is the number below which to go on.
///
/// # Errors
/// No such model, or none that the caller may see.
pub async fn list(
    op: &OpContext,
    project: &Name,
    model: &Name,
    page: &Page,
    retired: bool,
) -> Result<List<VersionSummary>, Error> {
    op.needs(Scope::Read)?;
    let below = match page.after.as_str() {
        "" => u32::MAX >> 1,
        number => {
            number.parse().map_err(|_| Error::invalid("after", "`after` is the number of the last version that was listed"))?
        }
    };
    let mut reader = op.read().await?;
    let (project, model) = find::model(op, &mut reader, project, model, Action::ReadProject).await?;
    let rows = reader.versions(model.id, below, retired, page.limit() + 1).await?;
    let summary = |(version, model, present): (Version, Model, Round)| {
        let signoff = &present.signoff.0;
        VersionSummary {
            step: versions::view::step(&version),
            status: signoff.speaking().status(),
            round: signoff.speaking().round,
            retired,
            renewal: versions::view::renewal(signoff).map(SignOff::status),
            model_digest: version.model_digest,
            created_at: version.created_at,
            name: VersionRef { project: project.name.clone(), model: model.name, number: version.number },
        }
    };
    let items = main_rounds(rows).into_iter().map(summary).collect();
    Ok(List::page(items, page.limit(), |item| item.name.number.to_string()))
}
