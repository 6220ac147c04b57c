//! Prepares every statement of this crate on both databases, so that a test finds a misspelt column. The statements are prepared
//! outside of a transaction: on PostgreSQL the first error would abort the others.

use crate::{
    conn::Sql,
    database::{Fresh, Raw, on_postgres, on_sqlite},
    log_size, open, rows, tx, uncovered, verify,
};
use sqlx::{Executor, SqlSafeStr};
use std::{collections::BTreeSet, fs, path::Path};

/// Every statement with its name, by the file that it stands in.
fn collected() -> Vec<(&'static str, Vec<(&'static str, Sql)>)> {
    let mut files = rows::statements();
    files.extend(tx::statements());
    files.extend(uncovered::statements());
    files.push(("log_size.rs", vec![("LOG_SIZE", Sql::both(log_size::LOG_SIZE))]));
    files.push(("open.rs", open::statements()));
    files.extend(verify::all_statements());
    for table in rows::covered() {
        let made = vec![
            ("insert", table.insert()),
            ("update", table.update()),
            ("update where it was read", table.update_read()),
            ("delete", table.delete()),
            ("first page", table.first_page()),
            ("next page", table.next_page()),
            ("one", table.one()),
        ];
        files.push((table.name, made));
    }
    files
}

async fn prepare_all(fresh: Fresh) {
    fresh.store().await.close().await;
    let mut wrong = Vec::new();
    for (file, statements) in collected() {
        for (name, sql) in statements {
            let prepared = match &fresh.raw {
                Raw::Sqlite(pool) => pool.prepare(sql.sqlite.into_sql_str()).await.map(drop),
                Raw::Postgres(pool) => pool.prepare(sql.postgres.into_sql_str()).await.map(drop),
            };
            if let Err(error) = prepared {
                wrong.push(format!("{file}: {name}: {error}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    // That preparing does find a misspelt column.
    let misspelt = match &fresh.raw {
        Raw::Sqlite(pool) => pool.prepare("SELECT naem FROM users".into_sql_str()).await.map(drop),
        Raw::Postgres(pool) => pool.prepare("SELECT naem FROM users".into_sql_str()).await.map(drop),
    };
    assert!(misspelt.is_err());
}

#[tokio::test]
async fn every_statement_is_prepared_on_sqlite() {
    on_sqlite(prepare_all).await;
}

#[tokio::test]
async fn every_statement_is_prepared_on_postgres() {
    on_postgres(prepare_all).await;
}

#[test]
fn every_file_with_queries_is_collected() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut declaring = BTreeSet::new();
    for folder in ["", "rows", "tx", "tx/log", "uncovered", "verify", "verify/history", "verify/rounds"] {
        for entry in fs::read_dir(source.join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let is_declaring = path.extension().is_some_and(|kind| kind == "rs")
                && fs::read_to_string(&path).unwrap().lines().any(|line| line == "queries! {");
            if is_declaring {
                declaring.insert(path.strip_prefix(&source).unwrap().to_str().unwrap().to_owned());
            }
        }
    }
    assert!(declaring.len() > 10, "{declaring:?}");
    let collected: BTreeSet<_> = collected().iter().map(|(file, _)| (*file).to_owned()).collect();
    let missing: Vec<_> = declaring.difference(&collected).collect();
    assert!(missing.is_empty(), "add their statements to this collection: {missing:?}");
}
