//! Compares approvals with the smallest possible commit: one row in one transaction, on that database with that durability. A
//! client gives the approvals one after the other through the use case.

use crate::{
    Size,
    figures::{Table, count, median, millis, percent},
    place::{Backend, Place},
    seed::seed,
};
use anyhow::Result;
use app::{
    OpContext, Server,
    views::{DecisionRequest, DecisionWord},
};
use domain::VersionRef;
use sqlx::{
    ConnectOptions, Connection, Executor, PgConnection, SqliteConnection,
    postgres::PgConnectOptions,
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous},
};
use std::{str::FromStr, sync::Arc, time::Instant};

/// Prints the table.
///
/// # Errors
/// A database that does not answer, or an approval that is refused.
pub async fn measure(backends: &[Backend], size: &Size) -> Result<()> {
    let columns = [("database", 10), ("rows/s", 8), ("each", 8), ("approvals/s", 11), ("each", 8), ("approvals/rows", 14)];
    let table = Table::begin("Approvals beside a loop of single-row commits", &columns);
    for backend in backends {
        let place = Place::create(backend).await?;
        let server = place.open().await?;
        // One round more than counts: the first of each warms up.
        let rounds = size.rounds as u32 + 1;
        let world = seed(&server, 0, rounds * size.commits).await?;
        let mut plain = Plain::open(&place, backend).await?;
        let (mut rows, mut approvals) = (Vec::new(), Vec::new());
        for round in 0..rounds {
            let numbers = || round * size.commits + 1..=(round + 1) * size.commits;
            let started = Instant::now();
            for number in numbers() {
                plain.insert(number).await?;
            }
            rows.push(f64::from(size.commits) / started.elapsed().as_secs_f64());
            let started = Instant::now();
            for number in numbers() {
                approve(&server, &world.approver, number).await?;
            }
            approvals.push(f64::from(size.commits) / started.elapsed().as_secs_f64());
        }
        let (rows, approvals) = (&rows[1..], &approvals[1..]);
        let ratio = median(approvals.iter().zip(rows).map(|(approvals, rows)| approvals / rows));
        let middle = |rates: &[f64]| median(rates.iter().copied());
        let cells = |rate: f64| [count(rate), millis(1e6 / rate)];
        let (rows, approvals) = (cells(middle(rows)), cells(middle(approvals)));
        table.row([backend.to_string()].into_iter().chain(rows).chain(approvals).chain([percent(ratio)]));
        server.store.close().await;
        place.remove().await?;
    }
    table.end();
    Ok(())
}

async fn approve(server: &Arc<Server>, approver: &app::Caller, number: u32) -> Result<()> {
    let op = OpContext::new(Arc::clone(server), approver.clone(), "bench");
    let version = VersionRef { project: "diagnosis".parse()?, model: "tumour".parse()?, number };
    let request = DecisionRequest {
        decision: DecisionWord::Approve,
        comment: Some("All figures are in order.".to_owned()),
        valid_for: None,
        password: None,
    };
    let done = app::reviews::decide(&op, &version.clone().into(), request, Some("r1.1")).await?;
    anyhow::ensure!(!done.already_done, "{version} was approved before");
    Ok(())
}

/// A connection of its own, with the settings of the store's writer.
enum Plain {
    Sqlite(SqliteConnection),
    Postgres(PgConnection),
}

const TABLE: &str = "CREATE TABLE bench_rows (id BIGINT PRIMARY KEY, said TEXT NOT NULL)";
const INSERT: &str = "INSERT INTO bench_rows (id, said) VALUES ($1, $2)";

impl Plain {
    async fn open(place: &Place, backend: &Backend) -> Result<Self> {
        Ok(match backend {
            Backend::Sqlite => {
                let options = SqliteConnectOptions::from_str(place.url())?;
                let options =
                    options.journal_mode(SqliteJournalMode::Wal).synchronous(SqliteSynchronous::Full).foreign_keys(true);
                let mut connection = options.disable_statement_logging().connect().await?;
                connection.execute(TABLE).await?;
                Self::Sqlite(connection)
            }
            Backend::Postgres(_) => {
                let options = PgConnectOptions::from_str(place.url())?.options([("synchronous_commit", "on")]);
                let mut connection = options.disable_statement_logging().connect().await?;
                connection.execute(TABLE).await?;
                Self::Postgres(connection)
            }
        })
    }

    async fn insert(&mut self, id: u32) -> Result<()> {
        let insert = "All figures are in order.";
        match self {
            Self::Sqlite(connection) => {
                let mut tx = connection.begin_with("BEGIN IMMEDIATE").await?;
                sqlx::query(INSERT).bind(i64::from(id)).bind(insert).execute(&mut *tx).await?;
                tx.commit().await?;
            }
            Self::Postgres(connection) => {
                let mut tx = connection.begin().await?;
                sqlx::query(INSERT).bind(i64::from(id)).bind(insert).execute(&mut *tx).await?;
                tx.commit().await?;
            }
        }
        Ok(())
    }
}
