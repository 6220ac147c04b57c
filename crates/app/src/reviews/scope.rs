//! The scope that a command needs: the table of commands says so.

use crate::{Error, OpContext};
use domain::signoff::CommandName;

/// Checks that the token may be used for this command: any of its scopes will do.
pub(crate) fn needs(op: &OpContext, command: CommandName) -> Result<(), Error> {
    let scopes = command.rule().scopes;
    let checked: Vec<_> = scopes.iter().map(|scope| op.needs(*scope)).collect();
    if checked.iter().any(Result::is_ok) {
        return Ok(());
    }
    // The last one is named where none is there: contributors and final approvers both have `register` or `review`.
    checked.into_iter().last().unwrap_or(Ok(()))
}
