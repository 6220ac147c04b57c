//! A server that is measured.

use crate::{child, load::Measured};
use anyhow::Result;
use std::{path::PathBuf, time::Duration};

/// A server that is measured.
pub struct Rival {
    /// What it is called.
    pub name: &'static str,
    /// Where it listens: `127.0.0.1:PORT`.
    pub address: String,
    /// The first of its processes; none where memory is not asked about.
    pub process: Option<u32>,
    /// The folder with what is asked of it; none for hello.
    pub exchange: Option<PathBuf>,
}

impl Rival {
    /// Puts a load on it.
    ///
    /// # Errors
    /// When it does not answer, or otherwise than at first.
    pub async fn ask(&self, connections: usize, length: Duration) -> Result<Measured> {
        let mut arguments = child::load(&self.address, connections, length);
        if let Some(file) = &self.exchange {
            arguments.extend(["--exchange".to_owned(), file.display().to_string()]);
        }
        child::run(arguments).await
    }
}
