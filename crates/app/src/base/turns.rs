//! Whose turn it is, with the names of the people.

use crate::views::{AwayPerson, Turn};
use domain::{Timestamp, UserId, people::Directory, turn};

/// Turns with the names of the people, and which of them are away now.
pub(crate) fn view(turns: &[turn::Turn], directory: &Directory, now: Timestamp) -> Vec<Turn> {
    let view = |turn: &turn::Turn| Turn {
        expected: turn.expected,
        slot: Turn::slot(turn.task.as_ref()),
        people: turn.people.iter().map(|user| directory.show(*user)).collect(),
        why: turn.why.clone(),
        since: turn.since,
        due: turn.due,
        away: turn.people.iter().filter_map(|user| away(*user, &turn.people, directory, now)).collect(),
    };
    turns.iter().map(view).collect()
}

/// When a person is away, and who of those who can act stands in: the rules may keep the person who was named from acting.
fn away(user: UserId, able: &[UserId], directory: &Directory, now: Timestamp) -> Option<AwayPerson> {
    let person = directory.person(user)?;
    let absence = person.absence.as_ref().filter(|absence| absence.holds(now))?;
    let stand_in = absence.stand_in.filter(|user| able.contains(user)).map(|user| directory.show(user));
    Some(AwayPerson { person: person.display_name.to_string(), until: absence.until, stand_in })
}
