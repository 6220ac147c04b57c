//! The paths of the pages.

pub(crate) const VERSION: &str = "/projects/{project}/models/{model}/versions/{version}";
