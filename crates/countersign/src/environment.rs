//! The environment variables of this process. The program reads them once, here, and passes them on, so that a test can set them.

use std::{collections::BTreeMap, path::PathBuf};

/// The variables that are set to something. Those that are not text are left out: no setting of ours is one.
#[derive(Clone, Debug, Default)]
pub struct Environment(BTreeMap<String, String>);

impl Environment {
    /// Those of this process.
    #[expect(clippy::disallowed_methods, reason = "this is the one place where the environment comes in")]
    pub fn of_this_process() -> Self {
        let text =
            |(name, value): (std::ffi::OsString, std::ffi::OsString)| Some((name.into_string().ok()?, value.into_string().ok()?));
        std::env::vars_os().filter_map(text).collect()
    }

    /// One variable; an empty one counts as not set.
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0.get(name).map(String::as_str).filter(|value| !value.is_empty())
    }

    /// The names of all that are set.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// A folder of this person, by the XDG Base Directory Specification: `variable`, or else `fallback` in the home folder.
    /// A relative path in the variable is to be ignored, says the specification.
    pub fn user_folder(&self, variable: &str, fallback: &str) -> Option<PathBuf> {
        let chosen = self.get(variable).map(PathBuf::from).filter(|path| path.is_absolute());
        let folder = chosen.or_else(|| Some(PathBuf::from(self.get("HOME")?).join(fallback)))?;
        Some(folder.join("countersign"))
    }
}

impl FromIterator<(String, String)> for Environment {
    fn from_iter<I: IntoIterator<Item = (String, String)>>(variables: I) -> Self {
        Self(variables.into_iter().collect())
    }
}
