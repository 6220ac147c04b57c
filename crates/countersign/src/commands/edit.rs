//! Shows what a change would do, for `--dry-run`: old and new values, without those that stay.

use crate::{
    client::Session,
    failure::Failure,
    text::{
        Show,
        difference::{Difference, table},
    },
};
use serde_json::{Value, json};

/// Shows what a change would do to what is there. A null in the change takes something away.
///
/// # Errors
/// When standard output takes nothing more.
pub fn preview(session: &Session, before: &Value, change: &Value) -> Result<(), Failure> {
    let changes = differences(before, change);
    session.out.show(&json!({"dry_run": true, "changes": changes}), |_| table(&changes))?;
    session.out.note("A dry run: nothing was changed.");
    Ok(())
}

/// What a change would make different.
pub fn differences(before: &Value, change: &Value) -> Vec<Difference> {
    let fields = change.as_object().into_iter().flatten();
    let changed = fields.filter(|(name, value)| before.get(*name).unwrap_or(&Value::Null) != *value);
    changed.map(|(name, value)| Difference { what: name.clone(), now: brief(&before[name]), would_be: brief(value) }).collect()
}

/// A value in one line: slots as `Risk=group:risk`, maps as `auc=0.9`.
fn brief(value: &Value) -> Value {
    let text = match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(|item| format!("{}={}", item["name"].cell(), item["assigned"].cell())).collect::<Vec<_>>().join("; ")
        }
        Value::Object(entries) => {
            entries.iter().map(|(name, value)| format!("{name}={}", value.cell())).collect::<Vec<_>>().join(", ")
        }
        other => return other.clone(),
    };
    json!(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_named() {
        let before = json!({"role": "user", "email": "a@example.org", "slots": [{"name": "Risk", "assigned": ["group:risk"]}], "metrics": {"auc": 0.9}});
        let change = json!({"role": "user", "email": null, "slots": [], "metrics": {"auc": 0.95, "f1": 1.0}});
        let difference = |what: &str, now, would_be| Difference { what: what.to_owned(), now, would_be };
        assert_eq!(
            differences(&before, &change),
            [
                difference("email", json!("a@example.org"), json!(null)),
                difference("metrics", json!("auc=0.9"), json!("auc=0.95, f1=1.0")),
                difference("slots", json!("Risk=group:risk"), json!([])),
            ]
        );
    }
}
