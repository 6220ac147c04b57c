//! Which commands the caller may give on a sign-off, and why not the others.

use crate::{OpContext, reviews::scope, views::Possible};
use domain::signoff::{PossibleCommand, SignOff, SignOffFacts};

/// Every command: what you may do with the token in use, and why not the rest.
pub(crate) fn possible(op: &OpContext, signoff: &SignOff, facts: &SignOffFacts<'_>) -> Vec<Possible> {
    let view = |PossibleCommand { command, slot, reason }: PossibleCommand| {
        let reason = scope::needs(op, command).err().map(|error| error.to_string()).or(reason);
        Possible { command: command.to_string(), slot: slot.map(|slot| slot.to_string()), allowed: reason.is_none(), reason }
    };
    signoff.possible(facts).into_iter().map(view).collect()
}
