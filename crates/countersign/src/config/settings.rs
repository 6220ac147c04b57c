//! Settings before they have a meaning: text by key, gathered layer by layer, each layer over the one before.

use crate::{environment::Environment, failure::Failure};
use std::{collections::BTreeMap, fs, path::Path, str::FromStr};

/// Every key there is. In the file a dot is a table; in the environment it is `_`, after `COUNTERSIGN_`, in capitals.
const KEYS: [&str; 23] = [
    "data",
    "database",
    "database_file",
    "listen",
    "base_url",
    "server_name",
    "signing_key_file",
    "requests_per_minute",
    "sign_ins_per_minute",
    "trust_forwarded_for",
    "files.folder",
    "files.bucket",
    "files.prefix",
    "files.endpoint",
    "files.region",
    "files.access_key_id",
    "files.secret_access_key",
    "files.secret_access_key_file",
    "limits.file_bytes",
    "limits.version_bytes",
    "limits.version_files",
    "log.format",
    "log.level",
];

/// What was set, by key.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// A setting as text.
    pub fn text(&self, key: &str) -> Option<&str> {
        self.0.get(key).map(String::as_str)
    }

    /// A setting as what it should be.
    ///
    /// # Errors
    /// When it is not.
    pub fn get<T: FromStr<Err: std::fmt::Display>>(&self, key: &str) -> Result<Option<T>, Failure> {
        let wrong =
            |text: &str, error: T::Err| Failure::usage(format!("{key} cannot be `{}`: {error}", crate::text::plain(text)));
        self.text(key).map(|text| text.parse().map_err(|error| wrong(text, error))).transpose()
    }

    /// Adds a file's settings.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or has a key that there is not.
    pub fn add_file(&mut self, file: &Path) -> Result<(), Failure> {
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("the configuration file {} cannot be used: {error}", file.display()))
        };
        let text = fs::read_to_string(file).map_err(|error| wrong(&error))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(&error.message()))?;
        let mut layer = BTreeMap::new();
        flatten("", table, &mut layer).map_err(|error| wrong(&error))?;
        for key in layer.keys() {
            if !KEYS.contains(&key.as_str()) {
                return Err(wrong(&format!("there is no setting `{}`", crate::text::plain(key))).hint(suggestion(key)));
            }
        }
        self.add(layer)
    }

    /// Adds the environment's settings.
    ///
    /// # Errors
    /// A secret that is set both as it is and as a file.
    pub fn add_environment(&mut self, environment: &Environment) -> Result<(), Failure> {
        let set = KEYS.into_iter().filter_map(|key| Some((key.to_owned(), environment.get(&variable(key))?.to_owned())));
        self.add(set.collect())
    }

    /// Adds what was said on the command line.
    ///
    /// # Errors
    /// The same.
    pub fn add_flags<const N: usize>(&mut self, flags: [(&str, Option<String>); N]) -> Result<(), Failure> {
        self.add(flags.into_iter().filter_map(|(key, value)| Some((key.to_owned(), value?))).collect())
    }

    /// Adds a layer: what it sets takes the place of what was set before, in either of a secret's two forms.
    fn add(&mut self, layer: BTreeMap<String, String>) -> Result<(), Failure> {
        for (key, value) in &layer {
            let other = key.strip_suffix("_file").map_or_else(|| format!("{key}_file"), str::to_owned);
            if layer.contains_key(&other) {
                return Err(Failure::usage(format!("{key} and {other} are both set: choose one")));
            }
            self.0.remove(&other);
            self.0.insert(key.clone(), value.clone());
        }
        Ok(())
    }
}

/// `files.bucket` as `COUNTERSIGN_FILES_BUCKET`.
fn variable(key: &str) -> String {
    format!("COUNTERSIGN_{}", key.replace('.', "_").to_uppercase())
}

/// Variables that are probably meant to be settings but are none, with what they may have meant. Not an error: orchestrators set
/// variables of their own that begin alike.
pub fn misspelt(environment: &Environment) -> Vec<(String, String)> {
    let known: Vec<_> = KEYS.into_iter().map(variable).collect();
    let ours = environment.names().filter(|name| name.starts_with("COUNTERSIGN_") && !known.iter().any(|known| known == name));
    ours.filter_map(|name| Some((name.to_owned(), known.iter().find(|known| distance(name, known) <= 2)?.clone()))).collect()
}

fn flatten(prefix: &str, table: toml::Table, into: &mut BTreeMap<String, String>) -> Result<(), String> {
    for (name, value) in table {
        let key = format!("{prefix}{name}");
        match value {
            toml::Value::Table(inner) => flatten(&format!("{key}."), inner, into)?,
            toml::Value::String(text) => drop(into.insert(key, text)),
            toml::Value::Integer(number) => drop(into.insert(key, number.to_string())),
            toml::Value::Boolean(yes) => drop(into.insert(key, yes.to_string())),
            other => {
                return Err(format!(
                    "`{}` is {}, and has to be text, a whole number or true/false",
                    crate::text::plain(&key),
                    other.type_str()
                ));
            }
        }
    }
    Ok(())
}

fn suggestion(key: &str) -> String {
    match KEYS.into_iter().min_by_key(|known| distance(key, known)).filter(|known| distance(key, known) <= 3) {
        Some(near) => format!("Did you mean `{near}`?"),
        None => format!("There are: {}.", KEYS.join(", ")),
    }
}

/// Levenshtein's distance: how many letters to add, drop or change.
fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, to) in b.iter().enumerate() {
            let change = diagonal + usize::from(from != *to);
            diagonal = row[j + 1];
            row[j + 1] = change.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_distance_counts_letters() {
        for (a, b, letters) in
            [("", "", 0), ("listen", "listen", 0), ("listn", "listen", 1), ("lisetn", "listen", 2), ("", "abc", 3)]
        {
            assert_eq!(distance(a, b), letters, "{a} {b}");
        }
    }

    #[test]
    fn a_variable_that_is_nearly_a_setting_is_named_and_others_are_not() {
        let environment = ["COUNTERSIGN_LISTN", "COUNTERSIGN_DATA", "COUNTERSIGN_SERVICE_HOST", "COUNTERSIGN_URL"];
        let environment = environment.map(|name| (name.to_owned(), "x".to_owned())).into_iter().collect();
        assert_eq!(misspelt(&environment), [("COUNTERSIGN_LISTN".to_owned(), "COUNTERSIGN_LISTEN".to_owned())]);
    }
}
