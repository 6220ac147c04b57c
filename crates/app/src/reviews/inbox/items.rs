//! What a round puts into the caller's inbox, in words.

use super::{me::Me, waiting};
use crate::{
    OpContext,
    base::turns,
    reviews::round_projects::RoundProject,
    views::{InboxItem, SlotMark, Turn},
};
use domain::signoff::SignOff;
use std::collections::BTreeSet;
use store::RoundOf;

/// The caller's turns; where they have none and asked for the review, what the review waits for.
pub(super) fn waiting(op: &OpContext, me: &Me<'_>, project: &RoundProject, of: &RoundOf) -> Vec<InboxItem> {
    let (round, version, _) = of;
    let signoff = &round.signoff.0;
    let (name, turns) = (project.version_name(of), waiting::turns(op, project, of));
    let slots = SlotMark::all(signoff, &project.row.reviewers.0);
    let requested_by = requested_by(project, signoff);
    let item = |expected, slot, why, (since, due), people| {
        let (status, link) = (signoff.status(), op.settings.links.version_page(&name));
        let (version, step, slots, requested_by) = (name.clone(), signoff.step.clone(), slots.clone(), requested_by.clone());
        InboxItem { version, step, status, expected, slot, why, requested_by, since, due, slots, people, link }
    };
    let mine = turns.iter().filter(|turn| turn.people.contains(&me.user.id)).map(|turn| {
        let others = turn.people.iter().filter(|user| **user != me.user.id);
        let people = others.map(|user| project.directory.show(*user)).collect();
        item(Some(turn.expected), Turn::slot(turn.task.as_ref()), turn.why.clone(), (turn.since, turn.due), people)
    });
    let mut items: Vec<_> = mine.collect();
    if items.is_empty() && (signoff.requesters.contains(&me.user.id) || version.uploader_id == me.user.id) {
        let views = turns::view(&turns, &project.directory, op.now);
        let why = views.iter().map(|turn| turn.why.clone()).collect::<Vec<_>>().join(" ");
        let people: BTreeSet<_> = views.into_iter().flat_map(|turn| turn.people).collect();
        let since = turns.iter().filter_map(|turn| turn.since).min();
        let due = turns.iter().filter_map(|turn| turn.due).min();
        items.push(item(None, None, why, (since, due), people.into_iter().collect()));
    }
    items
}

/// A round that was decided.
pub(super) fn decided(op: &OpContext, project: &RoundProject, of: &RoundOf) -> InboxItem {
    let (round, version) = (&of.0, project.version_name(of));
    let (status, signoff) = (round.status, &round.signoff.0);
    InboxItem {
        step: round.step.clone(),
        status,
        expected: None,
        slot: None,
        why: format!("The round was decided: {status}."),
        requested_by: requested_by(project, signoff),
        since: Some(round.changed_at),
        due: None,
        slots: SlotMark::all(signoff, &project.row.reviewers.0),
        people: Vec::new(),
        link: op.settings.links.version_page(&version),
        version,
    }
}

fn requested_by(project: &RoundProject, signoff: &SignOff) -> Option<String> {
    let requested = &signoff.review()?.requested;
    let then = requested.signatory.as_ref().map(|signatory| signatory.display_name.to_string());
    Some(then.unwrap_or_else(|| project.directory.show(requested.by)))
}
