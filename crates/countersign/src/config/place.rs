//! Where a server keeps what it has, in the words of flags: for messages that name the next command.

use super::{Config, StorageArgs, keys};
use crate::environment::Environment;
use std::path::PathBuf;
use store::Database;

impl StorageArgs {
    /// The configuration file, by its flag or by its variable.
    pub fn config_file(&self, environment: &Environment) -> Option<PathBuf> {
        self.config.clone().or_else(|| environment.get(&keys::CONFIG.variable()).map(PathBuf::from))
    }

    /// The flags by which another command finds what this server keeps. The address of a database may hold a password: it is not shown.
    pub fn flags(&self, config: &Config, environment: &Environment) -> String {
        let of_config = self.config_file(environment).map(|file| format!("--config {}", file.display()));
        let data = format!("--data {}", config.data.display());
        match (of_config, &config.database) {
            (Some(of_config), _) => self.data.as_ref().map_or(of_config.clone(), |_| format!("{of_config} {data}")),
            (None, Database::Sqlite(_)) => data,
            (None, Database::Postgres(_)) => format!("{data} --database …"),
        }
    }
}
