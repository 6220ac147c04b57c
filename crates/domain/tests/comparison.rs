//! What a reviewer is told of the differences between two versions.

use domain::{
    comparison::{self, Direction, MetricDirections, Reading, SchemaChange, Side},
    fields::{Fields, Source},
};
use serde_json::{Value, json};

fn metrics(values: &[(&str, f64)]) -> Fields {
    Fields { metrics: values.iter().map(|(name, value)| ((*name).to_owned(), *value)).collect(), ..Fields::default() }
}

#[test]
fn the_name_of_a_metric_tells_which_values_are_good() {
    let of = |name| Direction::of(name);
    for name in ["auc", "ROC_AUC", "sensitivity_under_40", "f1-score", "accuracy@5", "val.precision", "R2"] {
        assert_eq!(of(name), Direction::Higher, "{name}");
    }
    for name in ["val_loss", "brier", "mean_squared_error", "latency_p95_ms", "log loss", "psi", "RMSE"] {
        assert_eq!(of(name), Direction::Lower, "{name}");
    }
    for name in ["threshold", "lossless", "recall_loss", "aucune", "", "fläche"] {
        assert_eq!(of(name), Direction::Unknown, "{name}");
    }
}

#[test]
fn what_got_worse_is_seen_first_and_what_nobody_can_judge_is_not_judged() {
    let earlier = metrics(&[
        ("auc", 0.971),
        ("sensitivity", 0.921),
        ("recall_young", 0.913),
        ("loss", 0.1),
        ("odd", 1.0),
        ("old_only", 2.0),
        ("n", 5.0),
    ]);
    let later = metrics(&[
        ("auc", 0.974),
        ("sensitivity", 0.912),
        ("recall_young", 0.861),
        ("loss", 0.05),
        ("odd", 2.0),
        ("new_only", 3.0),
        ("n", 5.0),
    ]);
    let changes = comparison::metrics(&earlier, &later, &MetricDirections::default());
    let seen: Vec<_> = changes.iter().map(|change| (change.name.as_str(), change.reading)).collect();
    assert_eq!(
        seen,
        [
            ("recall_young", Reading::Worse),
            ("sensitivity", Reading::Worse),
            ("old_only", Reading::Gone),
            ("odd", Reading::Changed),
            ("new_only", Reading::Added),
            ("loss", Reading::Better),
            ("auc", Reading::Better),
            ("n", Reading::Same),
        ]
    );
    assert_eq!(changes[2].difference(), None);
    assert!((changes[0].difference().unwrap() + 0.052).abs() < 1e-9);
}

#[test]
fn a_change_from_zero_has_a_size_too() {
    let changes = comparison::metrics(
        &metrics(&[("loss", 0.0), ("error", 0.0)]),
        &metrics(&[("loss", 1.0), ("error", 2.0)]),
        &MetricDirections::default(),
    );
    let names: Vec<_> = changes.iter().map(|change| change.name.as_str()).collect();
    assert_eq!(names, ["error", "loss"]);
}

#[test]
fn texts_that_differ_stand_before_those_that_are_equal() {
    let fields = |pairs: &[(&str, &str)]| Fields {
        params: pairs.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect(),
        source: Source { commit: Some(pairs[0].1.to_owned()), ..Source::default() },
        ..Fields::default()
    };
    let (earlier, later) = (fields(&[("a", "1"), ("b", "2"), ("d", "4")]), fields(&[("a", "1"), ("b", "3"), ("c", "5")]));
    let names: Vec<_> =
        comparison::params(&earlier, &later).into_iter().map(|change| (change.name.clone(), change.differs())).collect();
    let expected = [("b", true), ("c", true), ("d", true), ("a", false)].map(|(name, differs)| (name.to_owned(), differs));
    assert_eq!(names, expected);
    let source = comparison::source(&earlier, &later);
    assert_eq!(source.len(), 1, "what neither version says is left out");
    assert_eq!((source[0].name.as_str(), source[0].differs()), ("commit", false));
}

fn schema(earlier: Option<Value>, later: Option<Value>) -> SchemaChange {
    comparison::schema(earlier.as_ref(), later.as_ref())
}

/// Each value as `input age: float32 → float64, breaking`.
fn lines(change: SchemaChange) -> Vec<String> {
    let SchemaChange::Values(values) = change else { panic!("{change:?}") };
    let text = |text: Option<String>| text.unwrap_or_else(|| "none".to_owned());
    let line = |value: comparison::ValueChange| {
        let breaking = if value.breaking { ", breaking" } else { "" };
        format!("{} {}: {} → {}{breaking}", value.side, value.name, text(value.earlier), text(value.later))
    };
    values.into_iter().map(line).collect()
}

#[test]
fn changes_that_break_callers_stand_first() {
    let earlier = json!({
        "inputs": [{"name": "age", "type": "float32", "shape": [-1, 1]}, {"name": "sex", "type": "string"}, {"name": "kept", "type": "int64"}],
        "outputs": [{"name": "label", "type": "int64"}, {"name": "score", "type": "float32"}],
    });
    let later = json!({
        "inputs": [{"name": "age", "type": "float64", "shape": [-1, 1]}, {"name": "kept", "type": "int64"}, {"name": "ki67", "type": "float32"},
            {"name": "site", "type": "string", "required": false}],
        "outputs": [{"name": "label", "type": "int64"}, {"name": "reasons", "type": "string"}],
    });
    assert_eq!(
        lines(schema(Some(earlier), Some(later))),
        [
            "input age: float32 [-1, 1] → float64 [-1, 1], breaking",
            "input ki67: none → float32, breaking",
            "input sex: string → none, breaking",
            "output score: float32 → none, breaking",
            "input site: none → string",
            "output reasons: none → string",
            "input kept: int64 → int64",
            "output label: int64 → int64",
        ]
    );
}

#[test]
fn an_optional_input_that_becomes_required_breaks_callers() {
    let value = |required| json!({"inputs": [{"name": "site", "type": "string", "required": required}]});
    assert_eq!(lines(schema(Some(value(false)), Some(value(true)))), ["input site: string → string, breaking"]);
    assert_eq!(lines(schema(Some(value(true)), Some(value(false)))), ["input site: string → string"]);
}

#[test]
fn a_signature_of_mlflow_reads_like_any_other() {
    let mlflow = json!({
        "inputs": r#"[{"type": "tensor", "tensor-spec": {"dtype": "float64", "shape": [-1, 30]}}]"#,
        "outputs": r#"[{"name": "label", "type": "long", "required": true}]"#,
        "params": null,
    });
    let plain = json!({"inputs": [{"name": "1", "datatype": "float64", "shape": [-1, 30]}], "outputs": [{"name": "label", "type": "long"}]});
    assert_eq!(
        lines(schema(Some(mlflow), Some(plain))),
        ["input 1: float64 [-1, 30] → float64 [-1, 30]", "output label: long → long"]
    );
}

#[test]
fn a_signature_that_cannot_be_read_is_not_guessed_at() {
    let odd = json!({"inputs": {"age": "float"}});
    let plain = json!({"inputs": [{"name": "age", "type": "float"}]});
    assert_eq!(schema(Some(odd.clone()), Some(plain.clone())), SchemaChange::Unread { equal: false });
    assert_eq!(schema(Some(odd.clone()), Some(odd)), SchemaChange::Unread { equal: true });
    assert_eq!(schema(Some(json!("text")), None), SchemaChange::Unread { equal: false });
    assert_eq!(schema(Some(json!({"inputs": "not JSON"})), Some(plain)), SchemaChange::Unread { equal: false });
    assert_eq!(schema(None, None), SchemaChange::None);
}

#[test]
fn a_first_signature_breaks_nobody() {
    let plain = json!({"inputs": [{"name": "age", "type": "float"}]});
    assert_eq!(lines(schema(None, Some(plain.clone()))), ["input age: none → float"]);
    // A version that declares nothing any more says nothing to its callers.
    assert_eq!(lines(schema(Some(plain), None)), ["input age: float → none, breaking"]);
    assert_eq!(Side::Input.to_string(), "input");
}
