//! Reading a server's answer as what it should be. A newer server may say more than this program knows: a field that a view does
//! not have is passed over, however deep it lies and however strict the view is as a part of a request.

use serde::{
    Deserialize, Deserializer,
    de::{
        IntoDeserializer, Visitor,
        value::{MapDeserializer, SeqDeserializer},
    },
    forward_to_deserialize_any,
};
use serde_json::{Error, Map, Value};

/// Reads a value.
///
/// # Errors
/// When something is missing or of another kind.
pub fn read<'de, T: Deserialize<'de>>(value: &'de Value) -> Result<T, Error> {
    T::deserialize(Lenient(value))
}

/// A value that hides the fields for which nobody asks.
#[derive(Clone, Copy)]
struct Lenient<'de>(&'de Value);

impl<'de> Lenient<'de> {
    fn entries<V: Visitor<'de>>(
        object: &'de Map<String, Value>,
        wanted: impl Fn(&str) -> bool,
        visitor: V,
    ) -> Result<V::Value, Error> {
        let entries = object.iter().filter(|(name, _)| wanted(name)).map(|(name, value)| (name.as_str(), Self(value)));
        visitor.visit_map(MapDeserializer::new(entries))
    }
}

impl<'de> Deserializer<'de> for Lenient<'de> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        match self.0 {
            Value::Array(items) => visitor.visit_seq(SeqDeserializer::new(items.iter().map(Self))),
            Value::Object(object) => Self::entries(object, |_| true, visitor),
            other => other.deserialize_any(visitor),
        }
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        match self.0 {
            Value::Object(object) => Self::entries(object, |name| fields.contains(&name), visitor),
            _ => self.deserialize_any(visitor),
        }
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Error> {
        if self.0.is_null() { visitor.visit_none() } else { visitor.visit_some(self) }
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Error> {
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        name: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.deserialize_enum(name, variants, visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf unit unit_struct seq tuple tuple_struct
        map identifier ignored_any
    }
}

impl<'de> IntoDeserializer<'de, Error> for Lenient<'de> {
    type Deserializer = Self;

    fn into_deserializer(self) -> Self {
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::views::{Node, Project, Version};
    use serde_json::json;

    /// The same, with a field in every object that nobody knows.
    fn with_more(value: &Value) -> Value {
        match value {
            Value::Array(items) => items.iter().map(with_more).collect(),
            Value::Object(object) => {
                let known = object.iter().map(|(name, value)| (name.clone(), with_more(value)));
                known.chain([("unheard_of".to_owned(), json!({"a": [1]}))]).collect()
            }
            other => other.clone(),
        }
    }

    #[test]
    fn a_field_that_a_view_does_not_have_is_passed_over() {
        let project = json!({
            "name": "p", "display_name": "P", "revision": 1, "created_at": "2026-11-23T09:30:00Z", "members": [{"member": "user:a", "role": "manager"}],
            "rules": {"author_may_approve": false, "requester_may_approve": false, "delegation_allowed": true, "approval_valid_for": "365d"},
            "reviewers": {"slots": [{"name": "Risk", "assigned": ["group:risk"]}], "approvers": [], "warnings": [], "revision": 1},
        });
        assert!(serde_json::from_value::<Project>(with_more(&project)).is_err(), "slots are strict in requests");
        assert_eq!(read::<Project>(&with_more(&project)).unwrap(), serde_json::from_value::<Project>(project).unwrap());
        let digest = "ab".repeat(32);
        let version = json!({
            "name": "p/m:1", "model_digest": digest, "files": 1, "size": 5, "uploader": "A", "created_at": "2026-11-23T09:30:00Z", "revision": 1, "shown": digest, "same_bytes": [],
            "fields": {"metrics": {"auc": 0.9}, "source": {"run": "r"}},
            "governance": {"step": "review", "steps": [{"name": "review", "status": "ongoing", "sign_off": true}], "status": "not_started", "round": 1,
                "open_issues": 0, "locked": false, "turns": [], "link": "http://localhost"},
        });
        let mut more = with_more(&version);
        more["fields"]["metrics"] = version["fields"]["metrics"].clone();
        let version: Version = read(&more).unwrap();
        assert_eq!((version.fields.source.run.as_deref(), version.governance.not_after), (Some("r"), None));
        let node = json!({
            "node": "n", "alive": true, "reported_at": "2026-11-23T09:30:00Z",
            "report": {"url": "u", "software": "1", "started_at": "2026-11-23T09:30:00Z", "engine": {"name": "e", "sha256": digest}, "services": []},
        });
        assert_eq!(read::<Node>(&with_more(&node)).unwrap().report.problem, None);
    }

    #[test]
    fn what_is_missing_or_of_another_kind_is_an_error() {
        for wrong in [json!({}), json!([]), json!({"node": 1}), json!("text")] {
            assert!(read::<Node>(&wrong).is_err(), "{wrong}");
        }
    }
}
