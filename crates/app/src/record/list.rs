//! Lists events of the record.

use crate::{
    Error, Limit, OpContext,
    base::find,
    views::{AuditEvent, AuditQuery, List},
};
use domain::{
    Timestamp, VersionRef,
    access::{Action, Scope},
    event::{Actor, Event},
    people::Credential,
};
use std::collections::{BTreeMap, HashMap, hash_map::Entry};
use store::{About, EventSearch, LoggedEvent, Reader};

/// Events of the record, oldest first.
///
/// # Errors
/// Neither an auditor nor an administrator; managers may read their own project's.
pub async fn list(op: &OpContext, query: AuditQuery) -> Result<List<AuditEvent>, Error> {
    op.needs(Scope::Read)?;
    let mut reader = op.read().await?;
    let mut about = About::default();
    if let Some(name) = &query.project {
        let project = find::project(op, &mut reader, name, Action::ReadProject).await?;
        if op.allow(Action::ReadAudit).is_err() {
            find::project(op, &mut reader, name, Action::ManageProject).await?;
        }
        about.project = Some(project.id);
    } else {
        op.allow(Action::ReadAudit)?;
    }
    if let Some(name) = &query.version {
        let name: VersionRef =
            name.parse().map_err(|error: domain::name::NameError| Error::invalid("version", error.to_string()))?;
        let found = find::version(op, &mut reader, &name, Action::ReadProject).await?;
        if about.project.is_some_and(|project| project != found.project.id) {
            return Err(Error::invalid("version", "the version is not one of that project"));
        }
        about.version = Some(found.version.id);
    }
    if let Some(name) = &query.infrastructure {
        op.allow(Action::ReadAudit)?;
        about.infrastructure = Some(find::infrastructure(op, &mut reader, name, Action::SeeInfrastructure).await?.id);
    }
    if query.actor.is_none() && query.kind.is_none() {
        let since = query.since.unwrap_or(Timestamp::from_micros(0));
        return page(&mut reader, about, query.from.unwrap_or(0), since, query.limit).await;
    }
    let actor = match &query.actor {
        Some(name) => Some(find::user(&mut reader, name, "actor").await?.id),
        None => None,
    };
    let limit = bounded(query.limit);
    let search = EventSearch {
        about,
        actor,
        kinds: kinds(query.kind.as_deref().unwrap_or_default())?,
        since: query.since,
        from: query.from,
        oldest_first: true,
        limit: limit + 1,
        ..EventSearch::default()
    };
    let events = reader.search_events(&search).await?;
    listed(&mut reader, events, limit).await
}

/// The types of events that these words name.
fn kinds(words: &str) -> Result<Vec<&'static str>, Error> {
    let wanted = words.split(',').map(str::trim).filter(|word| !word.is_empty());
    let kind = |word: &str| {
        let known = Event::TYPES.iter().find(|known| **known == word).copied();
        known.ok_or_else(|| Error::invalid("kind", format!("`{}` is no type of event, like feedback.given", word.escape_debug())))
    };
    wanted.map(kind).collect()
}

fn bounded(limit: Option<Limit>) -> u32 {
    limit.map_or(100, Limit::number)
}

/// A page of events; `next` is the position at which to go on.
pub(crate) async fn page(
    reader: &mut Reader,
    about: About,
    from: u64,
    since: Timestamp,
    limit: Option<Limit>,
) -> Result<List<AuditEvent>, Error> {
    let limit = bounded(limit);
    let events = reader.events(about, from, since, limit + 1).await?;
    listed(reader, events, limit).await
}

/// The first of these events; one more tells where to go on.
async fn listed(reader: &mut Reader, mut events: Vec<LoggedEvent>, limit: u32) -> Result<List<AuditEvent>, Error> {
    let next = (events.len() > limit as usize).then(|| events.pop().map(|event| event.position.to_string())).flatten();
    Ok(List { items: views(reader, events).await?, next })
}

/// These events, each with the name of what it is about.
pub(crate) async fn views(reader: &mut Reader, events: Vec<LoggedEvent>) -> Result<Vec<AuditEvent>, Error> {
    let (mut items, mut names) = (Vec::new(), HashMap::<_, Option<String>>::new());
    for event in events {
        let About { project, version, infrastructure, .. } = event.about;
        let about = match names.entry((project, version, infrastructure)) {
            Entry::Occupied(known) => known.get().clone(),
            Entry::Vacant(unknown) => unknown.insert(name_of(reader, &event.about).await?).clone(),
        };
        items.push(view(event, about)?);
    }
    super::names::add(reader, &mut items).await?;
    Ok(items)
}

/// One event.
pub(crate) async fn event(reader: &mut Reader, event: LoggedEvent) -> Result<AuditEvent, Error> {
    let about = name_of(reader, &event.about).await?;
    let mut view = view(event, about)?;
    super::names::add(reader, std::slice::from_mut(&mut view)).await?;
    Ok(view)
}

fn view(event: LoggedEvent, about: Option<String>) -> Result<AuditEvent, Error> {
    let value = serde_json::to_value(&event.event).map_err(Error::internal)?;
    let (actor, actor_name, credential) = match event.actor {
        Actor::User { name, display_name, credential, .. } => {
            (name.to_string(), display_name.map(|name| name.to_string()), credential)
        }
        Actor::Clock => ("clock".to_owned(), None, Some(Credential::Clock)),
        Actor::Console => ("console".to_owned(), None, Some(Credential::Console)),
    };
    Ok(AuditEvent {
        position: event.position,
        at: event.at,
        actor,
        actor_name,
        credential,
        request: event.request,
        kind: event.event.kind().to_owned(),
        data: value.get("data").cloned().unwrap_or_default(),
        names: BTreeMap::new(),
        about,
    })
}

/// The name of what an event is about.
async fn name_of(reader: &mut Reader, about: &About) -> Result<Option<String>, Error> {
    if let Some(id) = about.version
        && let Some(name) = reader.version_name(id).await?
    {
        return Ok(Some(name.to_string()));
    }
    if let Some(id) = about.infrastructure {
        return Ok(reader.infrastructure(id).await?.map(|infrastructure| infrastructure.name.to_string()));
    }
    match about.project {
        Some(id) => Ok(reader.project(id).await?.map(|project| project.name.to_string())),
        None => Ok(None),
    }
}
