//! The gate's answers.

use super::layout::{cell, items};
use serde_json::Value;

/// One reason in words.
pub fn reason(reason: &Value) -> String {
    let stands = match &reason["status"] {
        Value::Null => "not governed".to_owned(),
        status => cell(status),
    };
    let who = match items(reason, "/who_can") {
        [] => String::new(),
        _ => format!(" (who can: {})", cell(&reason["who_can"])),
    };
    format!("{} is {stands}: missing is {}{who}", cell(&reason["version"]), cell(&reason["missing"]))
}
