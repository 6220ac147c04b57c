//! What an event changed, from what to what. Most events say both; for the others the event before about the thing says what was.

use crate::{Error, views::Changed};
use domain::{GroupId, UserId, event::Event};
use serde_json::{Map, Value, json};
use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};
use store::{EventSearch, LoggedEvent, Reader};
use uuid::Uuid;

/// How many earlier events are searched for the one about the same account or member.
const SEARCHED: u32 = 200;

/// The longest value that is told.
const LONGEST: usize = 400;

/// What an event changed.
pub(super) async fn of(reader: &mut Reader, names: &mut Names, event: &LoggedEvent) -> Result<Vec<Changed>, Error> {
    let data = data(event)?;
    let (mut from, mut to) = match &event.event {
        Event::ProjectRulesChanged { .. } | Event::LogKeyChanged { .. } => (data["from"].clone(), data["to"].clone()),
        Event::PolicyChanged { .. } => {
            let part = |end: &str| json!({"policy": data[end], "on_lapse": data[format!("on_lapse_{end}")], "accepts": data[format!("accepts_{end}")]});
            (part("from"), part("to"))
        }
        Event::FeedbackGiven { replaces, .. } if replaces.is_some() => {
            (json!({"verdict": data["replaces"]}), json!({"verdict": data["verdict"]}))
        }
        Event::Reset { .. } => (json!({"status": data["from"]}), json!({"status": "not_started"})),
        Event::FieldsChanged { .. } => {
            let kinds = &["version.created", "version.fields_changed"];
            (before(reader, event, kinds, "fields", &[]).await?, data["fields"].clone())
        }
        Event::ReviewersSet { .. } => {
            (before(reader, event, &["reviewers.set"], "reviewers", &[]).await?, data["reviewers"].clone())
        }
        Event::UserChanged { .. } => {
            let mut before = before(reader, event, &["user.created", "user.changed"], "", &["user"]).await?;
            if let Some(before) = before.as_object_mut() {
                before.remove("kind");
                // A new account is open.
                before.entry("active").or_insert(json!(true));
            }
            (before, data)
        }
        Event::ProjectMemberSet { .. } | Event::ProjectMemberRemoved { .. } => {
            role_of(reader, event, &["project.member_set", "project.member_removed"], &data).await?
        }
        Event::InfrastructureMemberSet { .. } | Event::InfrastructureMemberRemoved { .. } => {
            role_of(reader, event, &["infrastructure.member_set", "infrastructure.member_removed"], &data).await?
        }
        Event::DeploymentRevised { .. } => {
            let before = before(reader, event, &["deployment.revised"], "", &["service"]).await?;
            (json!({"serves": shares(&before)}), json!({"serves": shares(&data)}))
        }
        _ => return Ok(Vec::new()),
    };
    names.put(reader, &mut from).await?;
    names.put(reader, &mut to).await?;
    Ok(differences(&from, &to))
}

fn data(event: &LoggedEvent) -> Result<Value, Error> {
    let mut value = serde_json::to_value(&event.event).map_err(Error::internal)?;
    Ok(value.get_mut("data").map(Value::take).unwrap_or_default())
}

/// A part of the last event of these kinds before this one, about the same thing; null where there is none.
async fn before(
    reader: &mut Reader,
    event: &LoggedEvent,
    kinds: &[&'static str],
    part: &str,
    same: &[&str],
) -> Result<Value, Error> {
    let limit = if same.is_empty() { 1 } else { SEARCHED };
    let about = event.about;
    let search = EventSearch { about, kinds: kinds.to_vec(), before: Some(event.position), limit, ..EventSearch::default() };
    let now = data(event)?;
    for earlier in reader.search_events(&search).await? {
        let mut earlier = data(&earlier)?;
        if same.iter().all(|field| earlier[*field] == now[*field]) {
            return Ok(if part.is_empty() { earlier } else { earlier[part].take() });
        }
    }
    Ok(Value::Null)
}

/// The role of a member before and after; who the member is, the words of the event say.
async fn role_of(
    reader: &mut Reader,
    event: &LoggedEvent,
    kinds: &[&'static str],
    data: &Value,
) -> Result<(Value, Value), Error> {
    let before = before(reader, event, kinds, "", &["member"]).await?;
    Ok((json!({"role": before["role"]}), json!({"role": data["role"]})))
}

/// *diagnosis/tumour:2 at 100 %*
fn shares(data: &Value) -> Value {
    let shares = data["shares"].as_array().map(Vec::as_slice).unwrap_or_default();
    let share = |share: &Value| format!("{} at {} %", share["version"].as_str().unwrap_or_default(), share["weight"]);
    let words: Vec<_> = shares.iter().map(share).collect();
    if words.is_empty() { Value::Null } else { Value::String(words.join(", ")) }
}

/// The values that differ, by the place of each.
fn differences(from: &Value, to: &Value) -> Vec<Changed> {
    let (mut before, mut after) = (BTreeMap::new(), BTreeMap::new());
    leaves(from, String::new(), &mut before);
    leaves(to, String::new(), &mut after);
    let places: BTreeSet<_> = before.keys().chain(after.keys()).collect();
    let changed = |place: &&String| before.get(*place) != after.get(*place);
    let told = |text: Option<&String>| text.map(|text| clipped(text));
    places
        .into_iter()
        .filter(changed)
        .map(|place| Changed { what: place.clone(), from: told(before.get(place)), to: told(after.get(place)) })
        .collect()
}

fn clipped(text: &str) -> String {
    if text.chars().count() <= LONGEST { text.to_owned() } else { text.chars().take(LONGEST).chain(['…']).collect() }
}

fn leaves(value: &Value, place: String, found: &mut BTreeMap<String, String>) {
    let below = |name: &str| if place.is_empty() { name.to_owned() } else { format!("{place}.{name}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, value)| leaves(value, below(name), found)),
        Value::Array(items) if items.iter().all(|item| !item.is_object()) => {
            let words: Vec<_> = items.iter().map(plain).collect();
            found.insert(place, if words.is_empty() { "none".to_owned() } else { words.join(", ") });
        }
        Value::Array(items) => {
            for (number, item) in items.iter().enumerate() {
                // A slot by its name, and any other item by its place.
                let name = item["name"].as_str().map_or_else(|| (number + 1).to_string(), str::to_owned);
                leaves(item, below(&name), found);
            }
        }
        other => {
            found.insert(place, plain(other));
        }
    }
}

fn plain(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Bool(true) => "yes".to_owned(),
        Value::Bool(false) => "no".to_owned(),
        other => other.to_string(),
    }
}

/// The names of accounts and groups by their ids. An id that belongs to neither stays.
#[derive(Default)]
pub(super) struct Names(HashMap<Uuid, Option<String>>);

impl Names {
    /// Puts names into the place of ids, and writes each container as people do: `group:risk`.
    pub(super) async fn put(&mut self, reader: &mut Reader, value: &mut Value) -> Result<(), Error> {
        let mut ids = Vec::new();
        collect(value, &mut ids);
        for id in ids {
            if let Entry::Vacant(unknown) = self.0.entry(id) {
                let user = reader.user(UserId::from_uuid(id)).await?.map(|user| user.name.to_string());
                let name = match user {
                    Some(name) => Some(name),
                    None => reader.groups_among([GroupId::from_uuid(id)]).await?.pop().map(|group| group.name.to_string()),
                };
                unknown.insert(name);
            }
        }
        self.replace(value);
        Ok(())
    }

    fn replace(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Ok(id) = text.parse::<Uuid>()
                    && let Some(Some(name)) = self.0.get(&id)
                {
                    text.clone_from(name);
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.replace(item)),
            Value::Object(fields) => {
                fields.values_mut().for_each(|value| self.replace(value));
                if let Some(written) = container(fields) {
                    *value = Value::String(written);
                }
            }
            _ => {}
        }
    }
}

/// A container as people write it, if these are its fields.
fn container(fields: &Map<String, Value>) -> Option<String> {
    match (fields.len(), fields.get("kind")?.as_str()?, fields.get("id")?.as_str()?) {
        (2, kind @ ("user" | "group" | "role"), id) => Some(format!("{kind}:{id}")),
        _ => None,
    }
}

fn collect(value: &Value, ids: &mut Vec<Uuid>) {
    match value {
        Value::String(text) => ids.extend(text.parse::<Uuid>()),
        Value::Array(items) => items.iter().for_each(|item| collect(item, ids)),
        Value::Object(fields) => fields.values().for_each(|value| collect(value, ids)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_differs_is_told_by_its_place() {
        let from = json!({"metrics": {"auc": "0.9", "ece": "0.1"}, "active": true, "slots": [{"name": "Risk", "assigned": ["group:risk"]}]});
        let to = json!({"metrics": {"auc": "0.8"}, "active": true, "slots": [{"name": "Risk", "assigned": []}], "notes": "New."});
        let told: Vec<_> = differences(&from, &to).into_iter().map(|changed| (changed.what, changed.from, changed.to)).collect();
        let change =
            |what: &str, from: Option<&str>, to: Option<&str>| (what.to_owned(), from.map(str::to_owned), to.map(str::to_owned));
        assert_eq!(
            told,
            [
                change("metrics.auc", Some("0.9"), Some("0.8")),
                change("metrics.ece", Some("0.1"), None),
                change("notes", None, Some("New.")),
                change("slots.Risk.assigned", Some("group:risk"), Some("none")),
            ]
        );
    }
}
