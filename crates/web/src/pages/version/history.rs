//! What happened to a version, the last first, in words.

use crate::pages::parts;
use app::{Error, OpContext, reviews, views::AuditEvent};
use domain::{Timestamp, VersionRef};
use serde_json::Value;

/// One event in words.
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) icon: &'static str,
    pub(super) class: &'static str,
    pub(super) who: String,
    pub(super) did: String,
    pub(super) comment: String,
    pub(super) position: u64,
}

/// How many pages of events are read at the most.
const MOST_PAGES: usize = 20;

pub(super) async fn load(op: &OpContext, name: &VersionRef) -> Result<Vec<Line>, Error> {
    let (mut lines, mut from) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = reviews::history(op, name, from, Some(200)).await?;
        lines.extend(page.items.iter().map(line));
        from = page.next.and_then(|next| next.parse().ok());
        if from.is_none() {
            break;
        }
    }
    lines.reverse();
    Ok(lines)
}

fn line(event: &AuditEvent) -> Line {
    let text = |name: &str| event.data.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let (icon, class, did) = words(&event.kind, &text("verdict"), &text("slot"));
    let who = match event.actor.as_str() {
        "clock" => "The clock".to_owned(),
        "console" => "The console".to_owned(),
        name => event.actor_name.clone().unwrap_or_else(|| name.to_owned()),
    };
    let comment = [text("comment"), text("reason")].into_iter().find(|text| !text.is_empty()).unwrap_or_default();
    Line { at: event.at, icon, class, who, did, comment, position: event.position }
}

fn words(kind: &str, verdict: &str, slot: &str) -> (&'static str, &'static str, String) {
    let in_slot = if slot.is_empty() { String::new() } else { format!(" in {slot}") };
    let (icon, class, words) = match kind {
        "version.created" => ("box", "", "registered the version"),
        "version.fields_changed" => ("edit", "", "changed the fields"),
        "review.requested" => ("talk", "is-wait", "requested the review"),
        "review.request_taken_back" => ("undo", "", "took the request back"),
        "review.reviewers_reloaded" => ("group", "", "reloaded the reviewers"),
        "review.renewal_requested" => ("sync", "is-wait", "requested a renewal"),
        "feedback.given" => match verdict {
            "approve" => ("tick", "is-ok", "approved"),
            "minor_issue" => ("minor", "is-warn", "raised a minor issue"),
            "major_issue" => ("major", "is-no", "raised a major issue"),
            _ => ("talk", "", "gave feedback"),
        },
        "feedback.withdrawn" => ("undo", "", "withdrew the feedback"),
        "review.final_approval_requested" => ("nib", "is-wait", "asked for the final approval"),
        "review.returned_to_feedback" => ("reply", "", "went back to feedback"),
        "review.approved" => ("approved", "is-ok", "approved the version"),
        "review.rejected" => ("rejected", "is-no", "rejected the version"),
        "review.abandoned" => ("abandoned", "is-off", "abandoned the review"),
        "review.abandon_cancelled" => ("undo", "", "cancelled the abandon"),
        "approval.revoked" => ("revoked", "is-no", "revoked the approval"),
        "approval.expired" => ("expired", "is-off", "ended the approval: its time was over"),
        "review.reset" => ("undo", "", "opened the next round"),
        "review.delegated" => ("hand-on", "", "delegated"),
        "version.retired" => ("off", "is-off", "retired the version"),
        "version.restored" => ("undo", "", "took the version back"),
        "deployment.revised" => ("load", "", "changed a deployment"),
        "deployment.refused" => ("prevent", "is-no", "was refused a deployment"),
        other => return ("record", "", other.replace(['.', '_'], " ")),
    };
    (icon, class, format!("{words}{in_slot}"))
}

impl Line {
    pub(super) fn short(&self) -> String {
        parts::clipped(&self.comment, 400)
    }
}
