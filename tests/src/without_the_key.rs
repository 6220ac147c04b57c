//! An attacker with everything but the server's private key: all of the database, as its superuser. The standard form of a deed is: edit,
//! call the server, put everything back.

mod credentials;
mod log;
mod rows;

use crate::sql;
use testkit::TestServer;

/// Runs one statement behind the server's back, which must do something.
async fn sql(server: &TestServer, statement: &str) {
    assert!(sql::execute(&server.database_url(), statement).await > 0, "it does nothing: {statement}");
}

/// Keeps a table as it is now, for [`put_back`].
async fn keep(server: &TestServer, table: &str) {
    sql::execute(&server.database_url(), &format!("CREATE TABLE kept AS SELECT * FROM {table}")).await;
}

/// Makes a column of the kept table what it was, and leaves nothing behind.
async fn put_back(server: &TestServer, table: &str, column: &str, key: &str) {
    sql(server, &format!("UPDATE {table} SET {column} = kept.{column} FROM kept WHERE kept.{key} = {table}.{key}")).await;
    sql::execute(&server.database_url(), "DROP TABLE kept").await;
}

/// Bytes as SQL of the server's database writes them.
fn literal(server: &TestServer, bytes: &[u8]) -> String {
    let digits = bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    if server.database_url().starts_with("sqlite:") { format!("x'{digits}'") } else { format!("'\\x{digits}'::bytea") }
}

/// A UUID as SQL of the server's database writes it.
fn id(server: &TestServer, id: &str) -> String {
    let digits = id.replace('-', "");
    if server.database_url().starts_with("sqlite:") { format!("x'{digits}'") } else { format!("'{id}'::uuid") }
}

/// What `verify-store` finds.
async fn findings(server: &TestServer) -> Vec<String> {
    let report = app::record::verify_store(&server.app, false).await.unwrap();
    report.findings.iter().map(ToString::to_string).collect()
}
