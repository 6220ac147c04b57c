//! The paths of the pages to which mails, messages and other faces link.

pub(crate) const SETUP: &str = "/setup/{code}";
pub(crate) const VERSION: &str = "/projects/{project}/models/{model}/versions/{version}";
pub(crate) const INFRASTRUCTURE: &str = "/infrastructures/{infrastructure}";
pub(crate) const WEBHOOK: &str = "/webhooks/{webhook}";
pub(crate) const UNSUBSCRIBE: &str = "/unsubscribe/{code}";
pub(crate) const INVITATION: &str = "/invitation/{code}";
