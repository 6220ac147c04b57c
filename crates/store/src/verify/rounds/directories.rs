//! The directories of projects in the past, each made once for all events between two changes of people.

use crate::verify::history::History;
use domain::{ProjectId, people::Directory};
use std::{
    collections::HashMap,
    sync::{Arc, Mutex, PoisonError},
};

/// So many directories are kept at once: the memory stays flat.
const MOST: usize = 64;

/// A project, and the changes of people and of the project's members so far.
type Key = (ProjectId, (usize, usize));

/// The history, with the directories that were asked for last.
pub(super) struct Directories {
    pub history: History,
    known: Mutex<HashMap<Key, Arc<Directory>>>,
}

impl Directories {
    pub fn new(history: History) -> Self {
        Self { history, known: Mutex::default() }
    }

    /// Everybody, with their roles in the project, just before this position.
    pub fn at(&self, project: ProjectId, position: u64) -> Arc<Directory> {
        let key = (project, self.history.generation(project, position));
        let known = || self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(directory) = known().get(&key) {
            return Arc::clone(directory);
        }
        let directory = Arc::new(self.history.directory(project, position));
        let mut known = known();
        if known.len() >= MOST {
            known.clear();
        }
        Arc::clone(known.entry(key).or_insert(directory))
    }
}
