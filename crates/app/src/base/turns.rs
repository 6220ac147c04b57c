//! Whose turn it is, with the names of the people.

use crate::views::Turn;
use domain::{people::Directory, turn};

/// Turns with the names of the people.
pub(crate) fn view(turns: &[turn::Turn], directory: &Directory) -> Vec<Turn> {
    let view = |turn: &turn::Turn| Turn {
        expected: turn.expected,
        slot: Turn::slot(turn.task.as_ref()),
        people: turn.people.iter().map(|user| directory.show(*user)).collect(),
        why: turn.why.clone(),
        since: turn.since,
        due: turn.due,
    };
    turns.iter().map(view).collect()
}
