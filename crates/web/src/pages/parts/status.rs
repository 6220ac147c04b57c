//! The one table from each status to its icon, its words and its class.

use super::{Markup, icon};
use std::fmt::Display;

/// Status, icon, words, class.
const STATUSES: &[(&str, &str, &str, &str)] = &[
    ("not_started", "dotted", "Not started", "is-void"),
    ("waiting_for_feedback", "talk", "Waiting for feedback", "is-wait"),
    ("waiting_for_approval", "nib", "Waiting for final approval", "is-wait"),
    ("approved", "tick", "Approved", "is-ok final"),
    ("rejected", "cross", "Rejected", "is-no final"),
    ("abandoned", "abandoned", "Abandoned", "is-off"),
    ("revoked", "revoked", "Revoked", "is-no"),
    ("expired", "expired", "Expired", "is-off"),
    ("approve", "tick", "Approve", "is-ok"),
    ("minor_issue", "minor", "Minor issue", "is-warn"),
    ("major_issue", "major", "Major issue", "is-no"),
    ("unanswered", "unsigned", "No answer yet", "is-void"),
    ("prevent", "prevent", "Prevent", ""),
    ("warn", "warn-arm", "Warn", ""),
    ("allow", "allow", "Allow", ""),
    ("v_allow", "allow", "Allowed", "is-ok"),
    ("v_warn", "warn-arm", "Warned", "is-warn"),
    ("v_deny", "prevent", "Denied", "is-no"),
    ("v_ack", "warn-arm", "Warned, acknowledged", "is-warn"),
    ("v_unapproved", "allow", "Allowed, unapproved", "is-off"),
    ("f_allow", "allow", "Would allow", "is-ok"),
    ("f_unapproved", "allow", "Would allow, unapproved", "is-off"),
    ("f_warn", "warn-arm", "Would warn", "is-warn"),
    ("f_deny", "prevent", "Would deny", "is-no"),
    ("in_policy", "tick", "In policy", "is-ok"),
    ("out_of_policy", "flag", "Out of policy", "is-no"),
    ("disabled", "off", "Taken out of service", "is-no"),
    ("stopped", "stop", "Stopped", "is-off"),
    ("healthy", "full", "Healthy", "plain c-ok"),
    ("starting", "dotted", "Starting", "plain c-wait"),
    ("degraded", "half", "Degraded", "plain c-warn"),
    ("out_of_sync", "sync", "Out of sync", "plain c-warn"),
    ("unknown", "what", "No node alive", "plain"),
    ("h_stopped", "stop", "Stopped", "plain"),
    ("h_out_of_policy", "flag", "Out of policy", "plain c-no"),
];

fn row(status: &str) -> (&'static str, &'static str, &'static str) {
    let known = STATUSES.iter().find(|(known, ..)| *known == status);
    debug_assert!(known.is_some(), "the table of statuses lacks {status}");
    known.map_or(("what", "Unknown", "is-void"), |(_, icon, words, class)| (icon, words, class))
}

/// The words of a status.
pub(crate) fn words(status: impl Display) -> &'static str {
    row(&status.to_string()).1
}

/// A status as a badge; `more` adds classes, like `lg`.
pub(crate) fn badge(status: impl Display, more: &str) -> Markup {
    let (name, words, class) = row(&status.to_string());
    Markup(format!(r#"<span class="{}">{}{words}</span>"#, format!("badge {class} {more}").trim_end(), icon(name)))
}

/// What a gate would say of a version.
pub(crate) fn forecast(verdict: impl Display) -> Markup {
    badge(format!("f_{verdict}"), "")
}

/// A verdict that was given before the fields changed.
pub(crate) fn stale_badge(verdict: impl Display) -> Markup {
    let words = words(verdict);
    Markup(format!(r#"<span class="badge is-off">{}Stale: <del>{words}</del></span>"#, icon("stale")))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::signoff::{Status, Verdict};

    #[test]
    fn every_status_and_verdict_has_a_row() {
        let statuses = [
            Status::NotStarted,
            Status::WaitingForFeedback,
            Status::WaitingForApproval,
            Status::Approved,
            Status::Rejected,
            Status::Abandoned,
            Status::Revoked,
            Status::Expired,
        ];
        for status in statuses {
            assert_ne!(words(status), "Unknown");
        }
        for verdict in [Verdict::Approve, Verdict::MinorIssue, Verdict::MajorIssue] {
            assert_ne!(words(verdict), "Unknown");
        }
    }
}
