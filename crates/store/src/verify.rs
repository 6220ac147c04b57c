//! Verifies the store: recomputes the whole log, compares every row that the record covers with the row's last event, and replays every
//! sign-off.
//!
//! [`verify`] finds rows and events that somebody changed, deleted, inserted or restored in the database. [`replay`] finds decisions to which
//! the record does not lead. To find a log that was rewritten from end to end, the check needs a checkpoint that was kept elsewhere.

mod check;
mod events;
mod finding;
mod history;
mod lanes;
mod manifests;
mod people;
mod rounds;
mod rows;
mod schema;
mod statements;
mod subtrees;
mod tree;

pub use check::{Pinned, Report, Told};
pub use finding::Finding;
pub use history::History;
pub use lanes::Lanes;
pub use statements::{Behind, Decided, Page, Stated};

use crate::{Reader, StoreError, record::Table};
use check::Check;

/// Checks the whole store as this reader sees it.
///
/// # Errors
/// Only when the database fails. What is wrong in the database is a finding.
pub async fn verify(reader: &mut Reader, pinned: &[Pinned]) -> Result<Report, StoreError> {
    let mut report = verify_tables(reader, pinned, &crate::rows::covered()).await?;
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
    pinned: &[Pinned],
    tables: &[&'static Table],
) -> Result<Report, StoreError> {
    let mut check = Check { pinned, ..Check::default() };
    events::check(&mut check, reader).await?;
    tree::check(&mut check, reader).await?;
    for table in tables {
        rows::check(&mut check, reader, table).await?;
    }
    rows::deleted(&mut check);
    manifests::check(&mut check, reader).await?;
    people::check(&mut check, reader).await?;
    let Check { mut report, frontier, history, .. } = check;
    report.events = frontier.size();
    report.root = frontier.root().hex();
    report.history = history;
    report.findings.sort_by(|a, b| a.what.cmp(&b.what));
    Ok(report)
}

/// Every statement of this check, by file, for the test that prepares them.
#[cfg(test)]
pub(crate) fn all_statements() -> Vec<(&'static str, Vec<(&'static str, crate::conn::Sql)>)> {
    vec![
        ("verify/events.rs", events::statements()),
        ("verify/manifests.rs", manifests::statements()),
        ("verify/people.rs", people::statements()),
        ("verify/rounds.rs", rounds::statements()),
        ("verify/schema.rs", vec![("THINGS", schema::THINGS), ("DIALECT", schema::DIALECT)]),
        ("verify/statements.rs", statements::statements()),
        ("verify/tree.rs", tree::statements()),
    ]
}
