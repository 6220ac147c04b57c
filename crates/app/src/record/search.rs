//! The record as its pages show it: filtered, the newest event first, each event with what changed.

use super::{changes, list, proofs};
use crate::{
    Error, OpContext,
    base::find,
    views::{RecordPage, RecordQuery, RecordRow},
};
use domain::{
    Name, VersionRef,
    access::{Action, Scope},
    event::Event,
};
use store::{About, EventSearch, LoggedEvent, Reader};

/// Events on a page.
const ON_A_PAGE: u32 = 50;
/// Events that are exported at once.
const AT_ONCE: u32 = 200;

/// Whether the caller may read the whole record.
pub fn may_read(op: &OpContext) -> bool {
    op.needs(Scope::Read).is_ok() && op.allow(Action::ReadAudit).is_ok()
}

/// A page of the record.
///
/// # Errors
/// Neither an auditor nor an administrator; managers may read their own project's part.
pub async fn search(op: &OpContext, query: &RecordQuery) -> Result<RecordPage, Error> {
    let mut reader = op.read().await?;
    let wanted = match wanted(op, &mut reader, query).await? {
        Ok(wanted) => wanted,
        Err(problem) => return Ok(RecordPage { problem: Some(problem), ..RecordPage::default() }),
    };
    let oldest_first = query.before.is_some();
    let (from, before) = (query.before.map(|position| position.saturating_add(1)), query.after);
    let search = EventSearch { from, before, oldest_first, limit: ON_A_PAGE + 1, ..wanted.clone() };
    let mut events = reader.search_events(&search).await?;
    let more = events.len() > ON_A_PAGE as usize;
    events.truncate(ON_A_PAGE as usize);
    if oldest_first {
        events.reverse();
    }
    let (first, last) = (events.first().map(|event| event.position), events.last().map(|event| event.position));
    // On the side from which the reader came there are events, unless the address was made by hand.
    let newer = if oldest_first { first.filter(|_| more) } else { first.filter(|_| query.after.is_some()) };
    let older = if oldest_first { last } else { last.filter(|_| more) };
    let rows = rows(&mut reader, events).await?;
    Ok(RecordPage { rows, older, newer, problem: None })
}

/// The next part of an export, the oldest event first, from this position on; and where the part after it begins.
///
/// # Errors
/// As [`search`]; a filter that names a thing that is not there.
pub async fn export(op: &OpContext, query: &RecordQuery, from: u64) -> Result<(Vec<RecordRow>, Option<u64>), Error> {
    let mut reader = op.read().await?;
    let wanted = wanted(op, &mut reader, query).await?.map_err(|problem| Error::invalid("query", problem))?;
    let search = EventSearch { from: Some(from), oldest_first: true, limit: AT_ONCE, ..wanted };
    let events = reader.search_events(&search).await?;
    let next = events.last().map(|event| event.position + 1).filter(|_| events.len() == AT_ONCE as usize);
    Ok((rows(&mut reader, events).await?, next))
}

/// One event with what changed: for auditors, and for everybody who may read the version that the event is about.
///
/// # Errors
/// No such event, or none that the caller may see.
pub async fn show(op: &OpContext, position: u64) -> Result<RecordRow, Error> {
    let body = proofs::event(op, position).await?;
    let event = LoggedEvent::parse(&body)?;
    let mut reader = op.read().await?;
    rows(&mut reader, vec![event]).await?.pop().ok_or_else(|| Error::not_found("event", position))
}

async fn rows(reader: &mut Reader, events: Vec<LoggedEvent>) -> Result<Vec<RecordRow>, Error> {
    let mut rows = Vec::new();
    let mut names = changes::Names::default();
    for event in events {
        let changes = changes::of(reader, &mut names, &event).await?;
        let mut event = list::event(reader, event).await?;
        names.put(reader, &mut event.data).await?;
        rows.push(RecordRow { event, changes });
    }
    Ok(rows)
}

/// The search of the store; or why nothing matches.
async fn wanted(op: &OpContext, reader: &mut Reader, query: &RecordQuery) -> Result<Result<EventSearch, String>, Error> {
    op.needs(Scope::Read)?;
    let mut about = About::default();
    match &query.project {
        Some(name) => {
            let project = find::project(op, reader, name, Action::ReadProject).await?;
            if op.allow(Action::ReadAudit).is_err() {
                find::project(op, reader, name, Action::ManageProject).await?;
            }
            about.project = Some(project.id);
        }
        None => op.allow(Action::ReadAudit)?,
    }
    if !query.object.is_empty() && !named(op, reader, &query.object, &mut about).await? {
        return Ok(Err(format!("there is no version, project or infrastructure “{}” here", query.object)));
    }
    let unattended = matches!(query.actor.as_str(), "clock" | "console");
    let mut actor = None;
    if !query.actor.is_empty() && !unattended {
        let user = match query.actor.parse::<Name>() {
            Ok(name) => reader.user_by_name(&name).await?,
            Err(_) => None,
        };
        match user {
            Some(user) => actor = Some(user.id),
            None => return Ok(Err(format!("there is no account “{}”", query.actor))),
        }
    }
    let of_group = |kind: &&&str| query.kinds.is_none_or(|group| group.has(kind));
    let kinds = Event::TYPES.iter().filter(of_group).copied().collect();
    let kinds = if query.kinds.is_some() { kinds } else { Vec::new() };
    let (since, until) = (query.since, query.until);
    Ok(Ok(EventSearch { about, actor, unattended, kinds, since, until, ..EventSearch::default() }))
}

/// Narrows the search to the thing of this name; says whether there is one.
async fn named(op: &OpContext, reader: &mut Reader, name: &str, about: &mut About) -> Result<bool, Error> {
    if let Ok(version) = name.parse::<VersionRef>() {
        let Ok(found) = find::version(op, reader, &version, Action::ReadProject).await else { return Ok(false) };
        about.version = Some(found.version.id);
        return Ok(about.project.is_none_or(|project| project == found.project.id));
    }
    let Ok(name) = name.parse::<Name>() else { return Ok(false) };
    if let Some(project) = reader.project_by_name(&name).await? {
        let is_here = about.project.is_none_or(|wanted| wanted == project.id);
        about.project = Some(project.id);
        return Ok(is_here);
    }
    if op.allow(Action::ReadAudit).is_err() {
        return Ok(false);
    }
    about.infrastructure = reader.infrastructure_by_name(&name).await?.map(|infrastructure| infrastructure.id);
    Ok(about.infrastructure.is_some())
}
