//! A copy of a server's database, made and put back while the server is stopped, as operators do.

use super::{
    database::{Fresh, psql},
    scene::Place,
};
use std::{fs, path::PathBuf};

/// A copy of the database.
pub enum Backup {
    Sqlite { database: PathBuf, copy: PathBuf },
    Postgres { server: String, name: String },
}

impl Backup {
    /// Copies the database of a server that is stopped.
    pub fn of(place: &Place) -> Self {
        match &place.database {
            Fresh::Sqlite(_) => {
                let (database, copy) = (place.data().join("countersign.db"), place.desk().join("backup.db"));
                fs::copy(&database, &copy).unwrap();
                Self::Sqlite { database, copy }
            }
            Fresh::Postgres { server, name, .. } => {
                place.database.wait_until_left();
                psql(server, &format!("CREATE DATABASE {name}_backup TEMPLATE {name}"));
                Self::Postgres { server: server.clone(), name: name.clone() }
            }
        }
    }

    /// Puts the copy in the place of the database, whose server is stopped.
    pub fn restore(self) {
        match self {
            Self::Sqlite { database, copy } => {
                for left in ["db-wal", "db-shm"] {
                    // Gone already where SQLite closed in order.
                    let _ = fs::remove_file(database.with_extension(left));
                }
                fs::copy(copy, database).unwrap();
            }
            Self::Postgres { server, name } => {
                psql(&server, &format!("DROP DATABASE {name} WITH (FORCE)"));
                psql(&server, &format!("ALTER DATABASE {name}_backup RENAME TO {name}"));
            }
        }
    }
}
