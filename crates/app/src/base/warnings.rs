//! Warnings that several views show.

use domain::reviewers::Task;

/// The warning of a task that nobody can give.
pub(crate) fn nobody_can(task: &Task, why: &str) -> String {
    format!("Nobody can give {task} now: {why}.")
}
