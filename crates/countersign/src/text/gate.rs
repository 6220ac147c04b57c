//! The gate's answers.

use super::{Text, facts, section};
use app::views::GateAnswer;
use domain::gate::{Lack, Reason};

/// An answer.
pub fn card(answer: &GateAnswer) -> Text {
    let head = facts(&[
        ("verdict", &answer.verdict),
        ("version", &answer.version),
        ("infrastructure", &answer.infrastructure),
        ("policy", &answer.policy),
        ("status", &answer.status),
        ("approved until", &answer.not_after),
        ("model digest", &answer.model_digest),
        ("page", &answer.signoff_url),
    ]);
    let reasons: Text = answer.reasons.iter().map(|why| Text::line(reason(why))).collect();
    head + section("Why", &reasons)
}

/// One reason in words.
pub fn reason(reason: &Reason) -> String {
    let version = &reason.version;
    match reason.lack {
        Lack::SameBytesRejected => return format!("{version} has the same bytes, and was rejected"),
        Lack::SameBytesRevoked => return format!("{version} has the same bytes, and its approval was revoked"),
        _ => {}
    }
    let stands = reason.status.map_or_else(|| "not governed".to_owned(), |status| status.to_string());
    let people = match reason.who_can.join(", ") {
        nobody if nobody.is_empty() => nobody,
        people => format!(" (who can: {people})"),
    };
    format!("{version} is {stands}; missing: {}{people}", reason.missing)
}
