//! Events of the record in words: an icon, what somebody did, and what they wrote.

use crate::urls::pages::At;
use app::views::{AuditEvent, typed_text};
use domain::{Name, VersionRef, people::Credential};
use serde_json::Value;

/// What an event says.
pub(crate) struct EventWords {
    pub(crate) icon: &'static str,
    pub(crate) class: &'static str,
    /// What was done, after the name of who did it.
    pub(crate) did: String,
    /// The comment or the reason that somebody wrote.
    pub(crate) comment: String,
}

/// An event in words.
pub(crate) fn words(event: &AuditEvent) -> EventWords {
    let text = |name: &str| event.data.get(name).and_then(Value::as_str).unwrap_or_default();
    let (icon, class, did) = action(&event.kind, &event.data);
    let name = |field: &str| text(field).parse::<uuid::Uuid>().map_or(text(field), |_| "");
    let of = |word: &str, name: &str| if name.is_empty() { String::new() } else { format!(" {word} {name}") };
    let more = match event.kind.as_str() {
        "feedback.given" | "feedback.withdrawn" => format!(" in {}", text("slot")),
        "project.member_set" | "infrastructure.member_set" => format!(" {}{}", text("role"), of("to", name("member"))),
        "project.member_removed" | "infrastructure.member_removed" => of("of", name("member")),
        "invitation.issued" | "invitation.confirmed" => of("for", name("user")),
        "group.member_added" => format!("{}{}", of("the account", name("user")), of("to the group", name("group"))),
        "group.member_removed" => format!("{}{}", of("the account", name("user")), of("out of the group", name("group"))),
        "review.delegated" => format!("{}{}", of("to", name("to")), of("for", name("absent"))),
        "user.created" | "group.created" | "project.created" | "infrastructure.created" => format!(": {}", text("name")),
        "token.created" => format!(": {}", text("label")),
        "webhook.set" | "webhook.removed" | "webhook.disabled" => format!(": {}", text("name")),
        "mail.set" => format!(": {}", text("host")),
        "user.changed" => format!(" {}", text("name")),
        "deployment.revised" | "deployment.refused" | "deployment.lapsed" | "deployment.lapse_acknowledged" => {
            format!(": {}", text("service"))
        }
        _ => String::new(),
    };
    EventWords { icon, class, did: format!("{did}{more}"), comment: typed_text(&event.data).to_owned() }
}

/// The person, the clock or the console that caused an event.
pub(crate) fn actor(event: &AuditEvent) -> &str {
    match event.actor.as_str() {
        "clock" => "The clock",
        "console" => "The console",
        name => event.actor_name.as_deref().unwrap_or(name),
    }
}

/// The page of what an event is about, where there is one.
pub(crate) fn link(event: &AuditEvent, at: &At) -> Option<String> {
    let about = event.about.as_deref()?;
    if let Ok(version) = about.parse::<VersionRef>() {
        return Some(at.version(&version));
    }
    let is_project = ["project.", "reviewers.", "model."].iter().any(|noun| event.kind.starts_with(noun));
    about.parse::<Name>().ok().filter(|_| is_project).map(|project| at.project(&project))
}

/// What showed who acted.
pub(crate) fn credential(credential: &Credential) -> &'static str {
    match credential {
        Credential::Session => "signed in",
        Credential::PersonalToken => "by a personal token",
        Credential::ServiceToken => "by a token of a service account",
        Credential::Password => "by the password",
        Credential::Invitation => "by an invitation",
        Credential::Console => "at the server’s console",
        Credential::Clock => "by the clock",
    }
}

impl EventWords {
    /// The class that gives an icon by itself the colour of the outcome.
    pub(crate) fn colour(&self) -> String {
        self.class.replace("is-", "c-")
    }
}

fn action(kind: &str, data: &Value) -> (&'static str, &'static str, String) {
    let (icon, class, words) = match kind {
        "version.created" => ("box", "", "registered the version"),
        "version.fields_changed" => ("edit", "", "changed the fields"),
        "review.requested" => ("talk", "is-wait", "requested the review"),
        "review.request_taken_back" => ("undo", "", "took the request back"),
        "review.reviewers_reloaded" => ("group", "", "reloaded the reviewers"),
        "review.renewal_requested" => ("sync", "is-wait", "requested a renewal"),
        "feedback.given" => match data.get("verdict").and_then(Value::as_str).unwrap_or_default() {
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
        "review.renewal_opened" => ("sync", "is-wait", "opened a renewal"),
        "review.reminded" => match data.get("stage").and_then(Value::as_str).unwrap_or_default() {
            "escalated" => ("clock", "is-no", "told the managers of the project that an answer is overdue"),
            "overdue" => ("clock", "is-warn", "reminded of an answer that is overdue"),
            _ => ("clock", "", "reminded of an answer that is due"),
        },
        "approval.ending" => ("clock", "is-warn", "told that the approval ends"),
        "review.reset" => ("undo", "", "opened the next round"),
        "review.delegated" if data.get("absent").is_some() => ("hand-on", "", "handed on the task of somebody who is away"),
        "review.delegated" => ("hand-on", "", "delegated"),
        "version.retired" => ("off", "is-off", "retired the version"),
        "version.restored" => ("undo", "", "took the version back"),
        "deployment.revised" => ("load", "", "changed a deployment"),
        "deployment.refused" => ("prevent", "is-no", "was refused a deployment"),
        "deployment.lapsed" => ("flag", "is-no", "put a deployment out of policy"),
        "deployment.lapse_acknowledged" => ("flag", "is-warn", "tolerates for now that a deployment is out of policy"),
        "deployment.shared" => ("load", "", "changed what a deployment serves"),
        "gate.acknowledged" => ("warn-arm", "is-warn", "went on over a warning of the gate"),
        "permit.renewed" => ("sync", "", "renewed a permit"),
        "user.created" => ("user", "", "created an account"),
        "user.changed" => ("edit", "", "changed the account"),
        "invitation.issued" => ("mail", "", "gave out an invitation"),
        "invitation.confirmed" => ("tick", "", "confirmed an invitation"),
        "invitation.redeemed" => ("user", "", "redeemed an invitation"),
        "absence.set" if data.get("absence").is_some() => ("clock", "", "told of an absence"),
        "absence.set" => ("clock", "", "is not away any more"),
        "password.changed" => ("lock", "", "chose a new password"),
        "administrator.appointed" => ("role", "", "became an administrator whom the console appointed"),
        "token.created" => ("plus", "", "created a token"),
        "token.revoked" => ("minus", "", "ended a token or session"),
        "group.created" => ("group", "", "created a group"),
        "group.member_added" => ("plus", "", "added"),
        "group.member_removed" => ("minus", "", "took"),
        "project.created" => ("plus", "", "created the project"),
        "project.rules_changed" => ("edit", "", "changed the rules"),
        "project.member_set" => ("user", "", "gave the role"),
        "project.member_removed" => ("minus", "", "took away the role"),
        "reviewers.set" => ("group", "", "changed the reviewers"),
        "model.created" => ("plus", "", "registered a model"),
        "infrastructure.created" => ("plus", "", "created the infrastructure"),
        "infrastructure.policy_changed" => match data.get("weakened").and_then(Value::as_bool) {
            Some(true) => ("warn-arm", "is-warn", "weakened the policy"),
            _ => ("prevent", "", "changed the policy"),
        },
        "infrastructure.member_set" => ("user", "", "gave the role"),
        "infrastructure.member_removed" => ("minus", "", "took away the role"),
        "webhook.set" => ("edit", "", "set the webhook"),
        "webhook.removed" => ("minus", "", "removed the webhook"),
        "webhook.disabled" => ("off", "is-warn", "disabled the webhook"),
        "mail.set" => ("mail", "", "chose the mail server"),
        "mail.removed" => ("nomail", "is-warn", "took the mail server away"),
        "log.key_changed" => ("sync", "is-warn", "changed the key of the log"),
        "log.continued" => ("warn", "is-warn", "let the log go on after a restore"),
        other => return ("record", "", other.replace(['.', '_'], " ")),
    };
    (icon, class, words.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn every_kind_of_event_has_words_of_its_own() {
        for kind in domain::event::Event::TYPES {
            let (icon, _, words) = action(kind, &json!({"verdict": "approve"}));
            assert_ne!(icon, "record", "{kind} has no words: {words}");
        }
    }

    #[test]
    fn what_somebody_wrote_is_found_wherever_the_event_keeps_it() {
        for data in [
            json!({"comment": "Why."}),
            json!({"reason": "Why."}),
            json!({"act": {"comment": "Why."}}),
            json!({"approval": {"act": {"comment": "Why."}}}),
        ] {
            assert_eq!(typed_text(&data), "Why.", "{data}");
        }
        assert_eq!(typed_text(&json!({"comment": null})), "");
    }
}
