//! Who acted in an event, as pages name them.

use domain::{Name, event::Actor};

/// The name to show, and the account where one acted.
pub(super) fn named(actor: Actor) -> (String, Option<Name>) {
    match actor {
        Actor::User { name, display_name, .. } => {
            (display_name.map_or_else(|| name.to_string(), |shown| shown.to_string()), Some(name))
        }
        Actor::Clock => ("the clock".to_owned(), None),
        Actor::Console => ("the console".to_owned(), None),
    }
}
