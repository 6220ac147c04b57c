//! Settings before they have a meaning: text by key, gathered layer by layer, each layer over the one before.

use super::{
    keys::{ALL, Fallback, Key, variable},
    spelling,
};
use crate::{environment::Environment, failure::Failure, secret_file::read_secret, text::plain};
use std::{collections::BTreeMap, fs, path::Path, str::FromStr};

/// What was set, by key.
#[derive(Clone, Debug, Default)]
pub struct Settings(BTreeMap<String, String>);

impl Settings {
    /// A setting as text, where somebody set one.
    pub fn text(&self, key: &Key) -> Option<&str> {
        self.0.get(key.name).map(String::as_str)
    }

    /// A setting as what it should be: what somebody set, or else its default.
    ///
    /// # Errors
    /// When the value is of another kind, or there is none.
    pub fn get<T: FromStr<Err: std::fmt::Display>>(&self, key: &Key) -> Result<T, Failure> {
        let default = match key.default {
            Fallback::Value(value) => Some(value()),
            Fallback::Nothing | Fallback::Words(_) => None,
        };
        let text = self.text(key).map(str::to_owned).or(default);
        let text = text.ok_or_else(|| Failure::usage(format!("{} is not set", key.name)))?;
        text.parse().map_err(|error| Failure::usage(format!("{} cannot be `{}`: {error}", key.name, plain(&text))))
    }

    /// A secret: as it is, or from its file.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn secret(&self, key: &Key) -> Result<Option<String>, Failure> {
        let file = key.file_name().and_then(|name| Some((self.0.get(&name)?, name)));
        match file {
            Some((file, name)) => read_secret(Path::new(file), &name).map(Some),
            None => Ok(self.text(key).map(str::to_owned)),
        }
    }

    /// Whether a key is set, in either of a secret's two forms.
    pub fn has(&self, key: &Key) -> bool {
        key.names().any(|name| self.0.contains_key(&name))
    }

    /// Adds a file's settings.
    ///
    /// # Errors
    /// A file that cannot be read, is not TOML, or has an unknown key.
    pub fn add_file(&mut self, file: &Path) -> Result<(), Failure> {
        let wrong = |error: &dyn std::fmt::Display| {
            Failure::usage(format!("the configuration file {} cannot be used: {error}", file.display()))
        };
        let text = fs::read_to_string(file).map_err(|error| wrong(&error))?;
        let table: toml::Table = text.parse().map_err(|error: toml::de::Error| wrong(&error.message()))?;
        let mut layer = BTreeMap::new();
        flatten("", table, &mut layer).map_err(|error| wrong(&error))?;
        let unknown = layer.keys().find(|name| !ALL.iter().flat_map(Key::names).any(|known| known == **name));
        match unknown {
            Some(name) => Err(wrong(&format!("there is no setting `{}`", plain(name))).hint(spelling::suggestion(name))),
            None => self.add(&layer),
        }
    }

    /// Adds the environment's settings.
    ///
    /// # Errors
    /// A secret that is set both as it is and as a file.
    pub fn add_environment(&mut self, environment: &Environment) -> Result<(), Failure> {
        let names = ALL.iter().flat_map(Key::names);
        let set = names.filter_map(|name| Some((environment.get(&variable(&name))?.to_owned(), name)));
        self.add(&set.map(|(value, name)| (name, value)).collect())
    }

    /// Adds what was said on the command line.
    ///
    /// # Errors
    /// As for the environment.
    pub fn add_flags<const N: usize>(&mut self, flags: [(&Key, Option<String>); N]) -> Result<(), Failure> {
        self.add(&flags.into_iter().filter_map(|(key, value)| Some((key.name.to_owned(), value?))).collect())
    }

    /// Adds a layer: what it sets takes the place of what was set before, in either of a secret's two forms.
    fn add(&mut self, layer: &BTreeMap<String, String>) -> Result<(), Failure> {
        for key in ALL {
            let set: Vec<_> = key.names().filter_map(|name| Some((layer.get(&name)?, name))).collect();
            if let [(_, one), (_, other)] = set.as_slice() {
                return Err(Failure::usage(format!("{one} and {other} are both set: choose one")));
            }
            for (value, name) in set {
                key.names().for_each(|before| drop(self.0.remove(&before)));
                self.0.insert(name, value.clone());
            }
        }
        Ok(())
    }
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
                    plain(&key),
                    other.type_str()
                ));
            }
        }
    }
    Ok(())
}
