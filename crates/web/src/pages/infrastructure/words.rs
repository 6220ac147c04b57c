//! Words about what is in service and about policies, for the pages of infrastructures and services.

use crate::pages::{
    parts::{self, Force, Markup},
    shell::Shell,
};
use app::views::{Outcome, PolicyPreview, Share};
use domain::{
    Timestamp, VersionRef,
    deployment::{Basis, PolicyStanding},
};

/// Value, icon, words and consequence of each policy.
pub(crate) const POLICIES: [(&str, &str, &str, &str); 3] = [
    ("prevent", "prevent", "Prevent", "The deployment is denied. The person who asks is told what is missing and who can act."),
    ("warn", "warn-arm", "Warn", "The person is asked whether they really want to, and must say why."),
    ("allow", "allow", "Allow", "The version is deployed without asking, and recorded as unapproved."),
];

/// What a change of the policy would do today, by name; empty where it would do nothing.
pub(crate) fn effect(preview: &PolicyPreview) -> String {
    let groups = [
        (PolicyStanding::OutOfPolicy, "would be out of policy"),
        (PolicyStanding::Disabled, "would stop within seconds"),
        (PolicyStanding::InPolicy, "would be in policy again"),
    ];
    let mut sentences = Vec::new();
    for (then, words) in groups {
        let changed = preview.changes.iter().filter(|change| change.then == then);
        let mut names: Vec<_> = changed.map(|change| format!("{} v{}", change.service, change.version.number)).collect();
        let more = names.len().saturating_sub(5);
        names.truncate(5);
        if more > 0 {
            names.push(format!("{more} more"));
        }
        if let Some((last, others)) = names.split_last() {
            let names = if others.is_empty() { last.clone() } else { format!("{} and {last}", others.join(", ")) };
            sentences.push(format!("{names} {words}."));
        }
    }
    sentences.join(" ")
}

/// What the approval behind a version in service is worth now.
pub(crate) fn force(share: &Share) -> Force {
    match (share.basis, share.standing) {
        (Basis::Approved, Some(PolicyStanding::InPolicy)) => Force::Valid,
        (Basis::Approved, Some(_)) => Force::Ended,
        _ => Force::None,
    }
}

/// On what ground a version is in service, and what became of that ground.
pub(crate) fn ground(share: &Share, now: Timestamp) -> Markup {
    let reason =
        share.reason.as_deref().map(|reason| format!(r#"<span class="sub c-no"><bdi>{}</bdi></span>"#, parts::escaped(reason)));
    let until = share.approved_until.map(|end| format!(" until {}", parts::at(end, now)));
    let words = match share.basis {
        Basis::Approved => format!("approved{}", until.unwrap_or_default()),
        Basis::Acknowledged => "acknowledged, with a reason".to_owned(),
        Basis::Unapproved => "unapproved: the policy allowed it".to_owned(),
    };
    Markup(format!("{words}{}", reason.unwrap_or_default()))
}

/// The same in short, where the reason stands elsewhere on the page.
pub(crate) fn short_ground(share: &Share, now: Timestamp) -> Markup {
    let gone = share.reason.as_ref().map(|_| r#", <span class="c-no">no longer enough</span>"#);
    let Markup(ground) = ground(&Share { reason: None, ..share.clone() }, now);
    Markup(format!("{ground}{}", gone.unwrap_or_default()))
}

/// A version by its number: a link for those who may read its project.
pub(crate) fn version(shell: &Shell, version: &VersionRef, readable: bool) -> Markup {
    match readable {
        true => Markup(format!(r#"<a href="{}">v{}</a>"#, parts::escaped(&shell.at.version(version)), version.number)),
        false => Markup(format!("v{}", version.number)),
    }
}

/// The badge of an answer of the gate.
pub(crate) fn outcome(outcome: impl std::borrow::Borrow<Outcome>) -> Markup {
    let word = match outcome.borrow() {
        Outcome::Allowed => "v_allow",
        Outcome::AllowedUnapproved => "v_unapproved",
        Outcome::Warned => "v_warn",
        Outcome::Acknowledged => "v_ack",
        Outcome::Denied => "v_deny",
        Outcome::Stopped => "stopped",
    };
    parts::badge(word, "")
}

/// What the infrastructure does when an approval ends.
pub(crate) fn on_lapse(infrastructure: &app::views::Infrastructure) -> &'static str {
    parts::words::on_lapse(infrastructure.on_lapse)
}
