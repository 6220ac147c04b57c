//! The scope that a command needs.

use crate::{Error, OpContext};
use domain::access::Scope;

/// Contributors and final approvers both may do it, so either scope will do.
pub(crate) fn needs_either(op: &OpContext) -> Result<(), Error> {
    op.needs(Scope::Review).or_else(|_| op.needs(Scope::Register))
}
