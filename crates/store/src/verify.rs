//! Verifies the store: recomputes the whole log, compares every row that the record covers with the row's last event, and replays every
//! sign-off.
//!
//! [`verify`] finds rows and events that somebody changed, deleted, inserted or restored in the database. [`replay`] finds decisions to which
//! the record does not lead. To find a log that was rewritten from end to end, the check needs a checkpoint that was kept elsewhere.

mod check;
mod checkpoints;
mod decisions;
mod events;
mod finding;
mod history;
mod lanes;
mod log_keys;
mod manifests;
mod names;
mod pages;
mod people;
mod rounds;
mod rows;
mod schema;
mod spoken;
mod statements;
mod subtrees;
mod tree;

pub use check::{Report, TreeHead};
pub use checkpoints::StoredCheckpoint;
pub use decisions::{AllDecisions, LoggedDecisions};
pub use finding::Finding;
pub use history::{History, LogKeyPeriod};
pub use lanes::Lanes;
pub use pages::{Page, PageStart};
pub use statements::{DecidedRound, NamedStatement};

use crate::{Reader, StoreError, record::Table};
use check::Check;
use proof::merkle::empty_root;

/// Checks the whole store as this reader sees it.
///
/// # Errors
/// Only when the database fails. What is wrong in the database is a finding.
pub async fn verify(reader: &mut Reader, heads: &[TreeHead]) -> Result<Report, StoreError> {
    let mut report = verify_tables(reader, heads, &crate::rows::covered()).await?;
    report.findings.extend(schema::check(reader).await?);
    Ok(report)
}

/// Replays what the log tells: who acted with which credential, and every sign-off by the rules.
///
/// # Errors
/// Only when the database fails.
pub async fn replay(reader: &mut Reader, mut history: History) -> Result<Vec<Finding>, StoreError> {
    let mut findings = std::mem::take(&mut history.findings);
    findings.extend(rounds::check(reader, history).await?);
    Ok(findings)
}

/// Checks these tables, which are all that the record covers, and the log.
pub(crate) async fn verify_tables(
    reader: &mut Reader,
    heads: &[TreeHead],
    tables: &[&'static Table],
) -> Result<Report, StoreError> {
    let mut check = Check { heads, ..Check::default() };
    checkpoints::sizes(&mut check, reader).await?;
    check.roots.extend(heads.iter().map(|head| (head.size, None)));
    check.roots.insert(0, Some(empty_root()));
    events::check(&mut check, reader).await?;
    tree::check(&mut check, reader).await?;
    log_keys::check(&mut check, reader).await?;
    let mut last_words = std::mem::take(&mut check.spoken).last_words();
    for table in tables {
        rows::check(&mut check, &mut last_words, reader, table).await?;
    }
    rows::deleted(&mut check, &last_words, reader).await?;
    drop(last_words);
    manifests::check(&mut check, reader).await?;
    names::check(&mut check, reader).await?;
    people::check(&mut check, reader).await?;
    let Check { mut report, frontier, history, roots, last_event_at, .. } = check;
    report.events = frontier.size();
    report.root = frontier.root().hex();
    report.last_event_at = last_event_at;
    report.history = history;
    report.roots = roots;
    report.findings.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(report)
}

/// Every statement of this check, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("verify/checkpoints.rs", checkpoints::statements()),
        ("verify/events.rs", events::statements()),
        ("verify/manifests.rs", manifests::statements()),
        ("verify/names.rs", names::statements()),
        ("verify/people.rs", people::statements()),
        ("verify/rounds.rs", rounds::statements()),
        ("verify/schema.rs", vec![("THINGS", schema::THINGS), ("DIALECT", schema::DIALECT)]),
        ("verify/statements.rs", statements::statements()),
        ("verify/tree.rs", tree::statements()),
    ]
}
