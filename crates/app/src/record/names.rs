//! Names beside ids: an event keeps the ids of people and groups, because names change; who reads it wants the names of today.

use crate::{Error, views::AuditEvent};
use domain::GroupId;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use store::Reader;
use uuid::Uuid;

/// Adds to events the names of the people and groups whose ids stand in their data.
pub(super) async fn add(reader: &mut Reader, events: &mut [AuditEvent]) -> Result<(), Error> {
    let mut ids = BTreeSet::new();
    events.iter().for_each(|event| collect(&event.data, &mut ids));
    if ids.is_empty() {
        return Ok(());
    }
    let users =
        reader.users_among(ids.iter().copied()).await?.into_iter().map(|user| (user.id.uuid(), format!("user:{}", user.name)));
    let groups = reader.groups_among(ids.iter().copied().map(GroupId::from_uuid)).await?;
    let groups = groups.into_iter().map(|group| (group.id.uuid(), format!("group:{}", group.name)));
    let known: BTreeMap<_, _> = users.chain(groups).collect();
    for event in events {
        let mut ids = BTreeSet::new();
        collect(&event.data, &mut ids);
        event.names = ids.into_iter().filter_map(|id| Some((id.to_string(), known.get(&id)?.clone()))).collect();
    }
    Ok(())
}

/// The ids in a value.
fn collect(value: &Value, ids: &mut BTreeSet<Uuid>) {
    match value {
        Value::String(text) if text.len() == 36 => ids.extend(text.parse::<Uuid>().ok()),
        Value::Array(values) => values.iter().for_each(|value| collect(value, ids)),
        Value::Object(values) => values.values().for_each(|value| collect(value, ids)),
        _ => {}
    }
}
