//! Lists the versions of a model.

use crate::{
    Error, OpContext, Page,
    base::{find, governed_version},
    versions,
    views::{List, VersionSummary},
};
use domain::{
    Name, VersionRef,
    access::{Action, Scope},
    signoff::SignOff,
};
use store::{Round, Version};

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
    let rows = reader.versions(model.id, below, retired, page.limit() + 1).await?.into_iter();
    // Of several sign-offs, the one that says most about the version now.
    let main = rows.filter(|(round, version, _)| version.workflow.0.main_sign_off().is_none_or(|step| *step == round.step));
    let mut grouped: Vec<(Version, Vec<Round>)> = Vec::new();
    for (round, version, _) in main {
        match grouped.last_mut() {
            Some((last, rounds)) if last.id == version.id => rounds.push(round),
            _ => grouped.push((version, vec![round])),
        }
    }
    let summary = |(version, rounds): (Version, Vec<Round>)| {
        let (present, _) = governed_version::present_round(rounds)?;
        let signoff = &present.signoff.0;
        Some(VersionSummary {
            step: versions::view::step(&version),
            status: signoff.speaking().status(),
            round: signoff.speaking().round,
            retired,
            renewal: versions::view::renewal(signoff).map(SignOff::status),
            model_digest: version.model_digest,
            created_at: version.created_at,
            name: VersionRef { project: project.name.clone(), model: model.name.clone(), number: version.number },
        })
    };
    let items = grouped.into_iter().filter_map(summary).collect();
    Ok(List::page(items, page.limit(), |item| item.name.number.to_string()))
}
