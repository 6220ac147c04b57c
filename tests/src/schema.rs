//! What somebody leaves in the schema, so that the database itself changes rows later: `verify-store` names it.

use crate::sql;
use testkit::{Backend, Scene, TestServer};

/// Statements that leave something, what is found then, and statements that take it away again.
type Deed = (&'static [&'static str], &'static [&'static str], &'static [&'static str]);

const ON_SQLITE: &[Deed] = &[
    (
        &[
            "CREATE TRIGGER wash AFTER UPDATE ON rounds BEGIN UPDATE users SET role = 'administrator' WHERE name = 'scientist'; END",
        ],
        &["schema/trigger/wash: the trigger was added"],
        &["DROP TRIGGER wash"],
    ),
    (&["CREATE VIEW people AS SELECT * FROM users"], &["schema/view/people: the view was added"], &["DROP VIEW people"]),
    (
        &["ALTER TABLE tokens ADD COLUMN spare TEXT"],
        &["schema/table/tokens: the table was altered"],
        &["ALTER TABLE tokens DROP COLUMN spare"],
    ),
    (&["DROP INDEX rounds_status"], &["schema/index/rounds_status: the index is missing"], &[]),
];

const ON_POSTGRES: &[Deed] = &[
    (
        &[
            "CREATE FUNCTION wash() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
            "CREATE TRIGGER wash BEFORE UPDATE ON rounds FOR EACH ROW EXECUTE FUNCTION wash()",
        ],
        &["schema/trigger/rounds/wash: the trigger was added", "schema/function/wash(): the function was added"],
        &["DROP FUNCTION wash CASCADE"],
    ),
    (
        &["CREATE RULE keep AS ON DELETE TO tokens DO INSTEAD NOTHING"],
        &["schema/rule/tokens/keep: the rule was added"],
        &["DROP RULE keep ON tokens"],
    ),
    (&["CREATE VIEW people AS SELECT * FROM users"], &["schema/view/people: the view was added"], &["DROP VIEW people"]),
    (
        &["CREATE POLICY those ON events USING (position > 0)"],
        &["schema/policy/events/those: the policy was added"],
        &["DROP POLICY those ON events"],
    ),
    (
        &["CREATE SCHEMA other", "CREATE FUNCTION other.now() RETURNS int LANGUAGE sql AS 'SELECT 1'"],
        &["schema/function/other.now(): the function was added"],
        &["DROP SCHEMA other CASCADE"],
    ),
    (
        &["ALTER TABLE tokens ADD COLUMN spare TEXT"],
        &["schema/column/tokens.spare: the column was added"],
        &["ALTER TABLE tokens DROP COLUMN spare"],
    ),
    (
        &["ALTER TABLE tokens ALTER COLUMN label DROP NOT NULL"],
        &["schema/column/tokens.label: the column was altered"],
        &["ALTER TABLE tokens ALTER COLUMN label SET NOT NULL"],
    ),
];

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_in_the_schema_is_found_on_sqlite() {
    are_found(Backend::Sqlite, ON_SQLITE).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_left_in_the_schema_is_found_on_postgres() {
    if !Backend::Postgres.is_left_out() {
        are_found(Backend::Postgres, ON_POSTGRES).await;
    }
}

async fn are_found(backend: Backend, deeds: &[Deed]) {
    let server = TestServer::start(backend).await;
    Scene::set(&server).await;
    server.verify().await;
    for (leave, expected, take_away) in deeds {
        for statement in *leave {
            sql::execute(&server.database_url(), statement).await;
        }
        let report = app::record::verify_store(&server.app, false).await.unwrap();
        let found: Vec<_> = report.findings.iter().map(ToString::to_string).collect();
        assert_eq!(found.len(), expected.len(), "{leave:?}: {found:?}");
        for expected in *expected {
            assert!(found.iter().any(|finding| finding.starts_with(expected)), "{leave:?}: {found:?}");
        }
        for statement in *take_away {
            sql::execute(&server.database_url(), statement).await;
        }
        if !take_away.is_empty() {
            server.verify().await;
        }
    }
}
