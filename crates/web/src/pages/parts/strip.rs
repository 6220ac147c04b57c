//! A sign-off in small: a short line for each slot in its order, a double line for the final decision, on each what was said.

use super::{Markup, escaped, icon};
use app::views::SlotMark;
use domain::signoff::{Status, Verdict};
use std::borrow::Borrow;

/// What stands on a line of the strip.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    Answer(Verdict),
    Stale,
    Open,
}

impl From<&SlotMark> for Cell {
    fn from(mark: &SlotMark) -> Self {
        match mark.verdict {
            Some(verdict) => Self::Answer(verdict),
            None if mark.is_stale => Self::Stale,
            None => Self::Open,
        }
    }
}

impl Cell {
    fn look(self) -> (Option<&'static str>, &'static str, &'static str) {
        match self {
            Self::Answer(Verdict::Approve) => (Some("tick"), "c-ok", "approve"),
            Self::Answer(Verdict::MinorIssue) => (Some("minor"), "c-warn", "minor issue"),
            Self::Answer(Verdict::MajorIssue) => (Some("major"), "c-no", "major issue"),
            Self::Stale => (Some("stale"), "old", "stale"),
            Self::Open => (None, "none", "no answer yet"),
        }
    }
}

fn decision(status: Status) -> (Option<&'static str>, &'static str, &'static str) {
    match status {
        Status::Approved => (Some("tick"), "fin c-ok", "approved"),
        Status::Rejected => (Some("cross"), "fin c-no", "rejected"),
        Status::WaitingForApproval => (Some("nib"), "fin c-wait", "waiting"),
        Status::Abandoned => (Some("abandoned"), "fin none", "abandoned"),
        Status::Revoked => (Some("revoked"), "fin c-no", "revoked"),
        Status::Expired => (Some("expired"), "fin none", "expired"),
        Status::NotStarted | Status::WaitingForFeedback => (None, "fin none", "not yet asked for"),
    }
}

/// The strip of a row in a list.
pub(crate) fn strip_of(slots: &[SlotMark], status: impl Borrow<Status>) -> Markup {
    strip(slots.iter().map(|mark| (mark.name.as_str(), Cell::from(mark))), *status.borrow())
}

/// What the strip says, in words: the slots with issues and stale answers, else how many have an answer; nothing where all approve.
pub(crate) fn tally(slots: &[SlotMark]) -> Markup {
    let of = |wanted: Cell| slots.iter().filter(|mark| Cell::from(*mark) == wanted).count();
    let kinds = [
        (Cell::Answer(Verdict::MajorIssue), r#"<span class="c-no">"#, "major", " major"),
        (Cell::Answer(Verdict::MinorIssue), r#"<span class="c-warn">"#, "minor", " minor"),
        (Cell::Stale, "<span>", "stale", " stale"),
    ];
    let mut words = String::new();
    for (kind, open, drawing, word) in kinds {
        match of(kind) {
            0 => {}
            number => words.push_str(&format!("{open}{}{number}{word}</span>", icon(drawing).0)),
        }
    }
    let missing = of(Cell::Open);
    if words.is_empty() && missing > 0 {
        words = format!("<span>{} of {} answered</span>", slots.len() - missing, slots.len());
    }
    if words.is_empty() { Markup::default() } else { Markup(format!(r#"<span class="tally">{words}</span>"#)) }
}

/// The strip of a round: the slots with what stands on each, and the status.
pub(crate) fn strip<'a>(slots: impl IntoIterator<Item = (&'a str, Cell)>, status: Status) -> Markup {
    let (mut words, mut cells) = (Vec::new(), String::new());
    let slots = slots.into_iter().map(|(name, cell)| (name, cell.look()));
    for (name, (drawing, class, word)) in slots.chain([("Final approval", decision(status))]) {
        words.push(format!("{}: {word}", escaped(name)));
        let drawing = drawing.map(|name| icon(name).0).unwrap_or_default();
        cells.push_str(&format!(r#"<span class="{class}">{drawing}</span>"#));
    }
    Markup(format!(r#"<span class="strip" role="img" aria-label="{}">{cells}</span>"#, words.join("; ")))
}
