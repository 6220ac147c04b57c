//! The versions of a model as a table: with the strip of each sign-off and the metrics, filtered and sorted.

use crate::{
    Error, OpContext,
    base::{find, governed_version::main_rounds, standing},
    views::{SlotMark, VersionRow, VersionsPage, VersionsQuery},
};
use domain::{
    Name, VersionRef,
    access::{Action, Scope},
};
use std::{cmp::Ordering, collections::BTreeMap};
use store::{Model, Project, Reader};

/// How many are on a page.
const PAGE: usize = 50;

/// How many are read at once.
const CHUNK: u32 = 200;

/// The most versions that a filter or an order looks at, the newest ones.
const MOST: usize = 2000;

/// The versions whose metrics are shown over time.
const LATEST: usize = 12;

/// The versions of a model that match, the newest first or in another order.
///
/// # Errors
/// No such model, or none that the caller may see.
pub async fn table(op: &OpContext, project: &Name, model: &Name, query: &VersionsQuery) -> Result<VersionsPage, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let (project, model) = find::model(op, &mut reader, project, model, Action::ReadProject).await?;
    let latest = rows(&mut reader, &project, &model, u32::MAX >> 1, false, LATEST as u32).await?;
    let count = reader.last_number(model.id).await?;
    let by_number = matches!(query.sort.as_str(), "" | "-version");
    let (mut matching, mut below, mut looked) = (Vec::new(), u32::MAX >> 1, 0);
    if by_number && query.after > 0 {
        below = query.after;
    }
    let enough = if by_number { PAGE + 1 } else { MOST };
    let mut cut = false;
    while matching.len() < enough {
        if looked >= MOST {
            cut = true;
            break;
        }
        let some = rows(&mut reader, &project, &model, below, query.retired, CHUNK).await?;
        let Some(last) = some.last() else { break };
        (below, looked) = (last.name.number, looked + some.len());
        matching.extend(some.into_iter().filter(|row| matches(row, query)));
    }
    let next;
    if by_number {
        let more = matching.len() > PAGE;
        matching.truncate(PAGE);
        next = if more { matching.last().map(|row| row.name.number) } else { cut.then_some(below) };
    } else {
        sort(&mut matching, &query.sort);
        let end = query.after as usize + PAGE;
        next = (matching.len() > end).then_some(end as u32);
        matching = matching.into_iter().skip(query.after as usize).take(PAGE).collect();
    }
    let standing = standing::project_standing(op, &mut reader, &project, []).await?;
    let may_contribute = standing::granted(&standing, Action::Contribute) && op.needs(Scope::Register).is_ok();
    let directions = project.rules.0.metrics;
    let (display_name, created_at) = (model.display_name, model.created_at);
    Ok(VersionsPage { display_name, created_at, directions, may_contribute, rows: matching, latest, count, next, cut })
}

/// Versions below a number, the newest first.
async fn rows(
    reader: &mut Reader,
    project: &Project,
    model: &Model,
    below: u32,
    retired: bool,
    limit: u32,
) -> Result<Vec<VersionRow>, Error> {
    let rows = reader.versions(model.id, below, retired, limit).await?;
    let row = |(version, model, round): (store::Version, Model, store::Round)| {
        let signoff = round.signoff.0.speaking();
        VersionRow {
            slots: SlotMark::all(signoff, &project.reviewers.0),
            status: signoff.status(),
            open_issues: signoff.review().map_or(0, |review| review.open_issues() as u64),
            name: VersionRef { project: project.name.clone(), model: model.name, number: version.number },
            model_digest: version.model_digest,
            metrics: version.fields.0.metrics.clone(),
            uploader: version.uploader.as_ref().map(|uploader| uploader.0.display_name.to_string()).unwrap_or_default(),
            created_at: version.created_at,
        }
    };
    Ok(main_rounds(rows).into_iter().map(row).collect())
}

fn matches(row: &VersionRow, query: &VersionsQuery) -> bool {
    let text = query.text.to_lowercase();
    let text = text.strip_prefix("sha256:").unwrap_or(&text);
    let in_text = text.is_empty()
        || format!("v{}", row.name.number) == text
        || row.model_digest.to_string().starts_with(text)
        || row.uploader.to_lowercase().contains(text);
    in_text && query.status.is_none_or(|status| status.holds(row.status))
}

/// Sorts by number, date or metric; a version without the metric comes last.
fn sort(rows: &mut [VersionRow], order: &str) {
    let (by, down) = order.strip_prefix('-').map_or((order, false), |by| (by, true));
    let turned = |order: Ordering| if down { order.reverse() } else { order };
    rows.sort_by(|one, other| match by {
        "version" | "registered" => turned(one.name.number.cmp(&other.name.number)),
        metric => match (one.metrics.get(metric), other.metrics.get(metric)) {
            (Some(one), Some(other)) => turned(one.total_cmp(other)),
            (one, other) => other.is_some().cmp(&one.is_some()),
        },
    });
}

/// The metrics that most of these versions have, the most frequent ones first.
pub fn frequent_metrics(rows: &[VersionRow]) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for name in rows.iter().flat_map(|row| row.metrics.keys()) {
        *counts.entry(name).or_default() += 1;
    }
    let mut names: Vec<_> = counts.into_iter().collect();
    names.sort_by_key(|(name, count)| (std::cmp::Reverse(*count), *name));
    names.into_iter().map(|(name, _)| name.to_owned()).collect()
}
