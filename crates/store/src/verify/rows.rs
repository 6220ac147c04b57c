//! Compares every row that the record covers with the row's last event.

use super::{
    check::Check,
    lanes::Lanes,
    spoken::{Compared, LastWords},
};
use crate::{
    Reader, StoreError,
    guard::Guard,
    record::{Record, Table},
    rows::{self, Statement},
    tx::log::LoggedEvent,
    value::Value,
};
use domain::Digest;
use std::sync::Arc;

const PAGE: u32 = 1_000;

/// A row by its name in the record.
struct Row {
    name: String,
    digest: Digest,
    /// Whether the row bears the server's seal, as far as the verifier has the key.
    sealed: bool,
    /// The payload digest of the statement in the row, where the row holds one that can be read.
    signed: Option<Digest>,
}

/// Reads a whole table in pages; each page begins behind the last row of the page before.
pub(super) async fn check(
    check: &mut Check<'_>,
    last_words: &mut LastWords,
    reader: &mut Reader,
    table: &'static Table,
) -> Result<(), StoreError> {
    let (kinds, mut lanes) = (table.listed_kinds(), Lanes::new());
    let mut page = reader.rows(table.first_page(), &[Value::Int(PAGE.into())], &kinds).await?;
    while let Some(last) = page.last() {
        let args = [&[Value::Int(PAGE.into())], &last[..table.key]].concat();
        let guard = Arc::clone(&reader.guard);
        let work = move || page.into_iter().map(|values| read(table, values, &guard)).collect::<Result<Vec<_>, _>>();
        if let Some(rows) = lanes.begin(work).await? {
            compare(check, last_words, rows?);
        }
        page = reader.rows(table.next_page(), &args, &kinds).await?;
    }
    while let Some(rows) = lanes.next().await? {
        compare(check, last_words, rows?);
    }
    Ok(())
}

fn read(table: &Table, mut values: Vec<Value>, guard: &Guard) -> Result<Row, StoreError> {
    let seal = if table.sealed { values.pop() } else { None };
    let sealed = match (guard.checking()?, seal) {
        (Some(key), Some(Value::Bytes(seal))) => key.position(table, &values, &seal).is_some(),
        (Some(_), _) => !table.sealed,
        (None, _) => true,
    };
    let values = &values;
    let envelope = || table.columns.iter().zip(values).find(|(column, _)| column.name == "envelope");
    let signed = match (table.name == Statement::table().name).then(envelope).flatten() {
        Some((_, Value::Bytes(envelope))) => rows::signed_payload(envelope),
        _ => None,
    };
    Ok(Row { name: table.row_name(values), digest: table.row_digest(values), sealed, signed })
}

fn compare(check: &mut Check<'_>, last_words: &mut LastWords, rows: Vec<Row>) {
    for Row { name, digest, sealed, signed } in rows {
        check.report.rows += 1;
        let compared = last_words.compare(&name, digest);
        if matches!(compared, Compared::Same | Compared::Differs)
            && signed.is_some_and(|signed| !last_words.is_signed_with(&name, signed))
        {
            check.found(&name, "the event that was recorded with the statement names another statement");
        }
        match compared {
            Compared::NotNamed => check.found(name, "the row was inserted: no event names the row"),
            Compared::TakenAway => check.found(name, "the row was put back: its last event deleted the row"),
            Compared::Differs => check.found(name, "the row was altered: it differs from its last event"),
            Compared::Same if !sealed => check.found(name, "the row's seal was altered: the server does not read the row"),
            Compared::Same => {}
        }
    }
}

/// The rows that the log names and that no table has.
pub(super) async fn deleted(check: &mut Check<'_>, last_words: &LastWords, reader: &mut Reader) -> Result<(), StoreError> {
    for position in last_words.missing() {
        // The check has read this event before, in this view.
        let Some(body) = reader.event_body(position).await? else { continue };
        for (row, _) in LoggedEvent::parse(&body)?.rows {
            if last_words.misses(&row, position) {
                check.found(row, "the row was deleted: no event deleted the row");
            }
        }
    }
    Ok(())
}
