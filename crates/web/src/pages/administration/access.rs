//! Who may see what administrators keep.

use app::{Error, OpContext};
use domain::access::Action;

/// Lets administrators in, and nobody else.
pub(super) fn administrators(op: &OpContext) -> Result<(), Error> {
    op.allow(Action::KeepUsers)
}
