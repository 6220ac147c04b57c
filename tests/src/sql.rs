//! SQL behind the server's back: what a database administrator can do and no use case does.

use sqlx::{AssertSqlSafe, Connection, PgConnection, SqliteConnection};

/// Runs a statement on the database at this URL; gives how many rows it touched.
pub async fn execute(url: &str, statement: &str) -> u64 {
    let statement = AssertSqlSafe(statement.to_owned());
    if let Some(path) = url.strip_prefix("sqlite:") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path).foreign_keys(false);
        let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
        let done = sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    } else {
        let mut connection = PgConnection::connect(url).await.unwrap();
        let done = sqlx::query(statement).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
        done.rows_affected()
    }
}
