//! Shows what a change would do, for `--dry-run`: old and new values, without those that stay.

use crate::{
    client::Session,
    failure::Failure,
    text::{Table, cell, plain},
};
use serde_json::{Value, json};

/// Shows what a change would do to what is there. A null in the change takes something away.
///
/// # Errors
/// When standard output takes nothing more.
pub fn preview(session: &Session, before: &Value, change: &Value) -> Result<(), Failure> {
    let changes = differences(before, change);
    session.show(&json!({"dry_run": true, "changes": changes}), |_| {
        Table::of(&changes, &[("WHAT", "/what"), ("NOW", "/now"), ("WOULD BE", "/would_be")]).text("Nothing would change.")
    })?;
    session.out.note("A dry run: nothing was changed.");
    Ok(())
}

fn differences(before: &Value, change: &Value) -> Vec<Value> {
    let fields = change.as_object().into_iter().flatten();
    let changed = fields.filter(|(name, value)| before.get(*name).unwrap_or(&Value::Null) != *value);
    changed.map(|(name, value)| json!({"what": plain(name), "now": brief(&before[name]), "would_be": brief(value)})).collect()
}

/// A value in one line: slots as `Risk=group:risk`, maps as `auc=0.9`.
fn brief(value: &Value) -> Value {
    let text = match value {
        Value::Array(items) if items.iter().any(Value::is_object) => {
            items.iter().map(|item| format!("{}={}", cell(&item["name"]), cell(&item["assigned"]))).collect::<Vec<_>>().join("; ")
        }
        Value::Object(entries) => {
            entries.iter().map(|(name, value)| format!("{}={}", plain(name), cell(value))).collect::<Vec<_>>().join(", ")
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
        assert_eq!(
            differences(&before, &change),
            [
                json!({"what": "email", "now": "a@example.org", "would_be": null}),
                json!({"what": "metrics", "now": "auc=0.9", "would_be": "auc=0.95, f1=1.0"}),
                json!({"what": "slots", "now": "Risk=group:risk", "would_be": []}),
            ]
        );
    }
}
