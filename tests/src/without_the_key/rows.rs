//! Rows of governance that are changed for the time of one call and put back: the server reads none of them, and writes over none.

use super::{findings, id, keep, literal, put_back, sql};
use reqwest::Method;
use serde_json::json;
use testkit::{Client, IT, RISK, Reply, Scene, TestServer, Version, both};

/// The keys of accounts, as documents name them.
async fn key(server: &TestServer, name: &str) -> String {
    server.app.store.read().await.unwrap().user_by_name(&name.parse().unwrap()).await.unwrap().unwrap().id.to_string()
}

async fn tag(client: &Client, version: &Version) -> String {
    client.etag(&format!("{}/review", version.path)).await
}

/// The answer to whatever rests on a row that somebody altered.
fn is_refused(reply: Reply) {
    reply.refused_helpfully(500, "store_altered");
}

both! {
    async fn names_that_were_deleted_bar_an_author_all_the_same_and_are_found(server: &TestServer) {
        let scene = Scene::set(server).await;
        let approver = key(server, "approver").await;
        scene.root.patch("/users/approver", json!({"email": "approver@example.org"})).await.ok();
        let fields = json!({"authors": ["The Approver <approver@example.org>"]});
        let version = scene.version_of(&[("model.onnx", b"named")], fields).await;
        scene.root.post("/groups", json!({"name": "more"})).await.ok();
        server.verify().await;
        for table in ["account_names", "mail_addresses"] {
            keep(server, table).await;
            sql(server, &format!("DELETE FROM {table}")).await;
            let found = findings(server).await;
            assert!(found.iter().any(|finding| finding.starts_with(&format!("{table}/{approver}"))), "{found:?}");
            // The rules rest on the accounts, and not on these rows.
            scene.scientist.command(&version, "request", json!({})).await.refused(422, "nobody_can_approve");
            sql(server, &format!("INSERT INTO {table} SELECT * FROM kept")).await;
            sql::execute(&server.database_url(), "DROP TABLE kept").await;
            server.verify().await;
        }
        sql(server, "UPDATE account_names SET folded = 'another' WHERE folded = 'the approver'").await;
        assert!(findings(server).await.iter().any(|finding| finding.starts_with(&format!("account_names/{approver}"))));
        sql(server, "UPDATE account_names SET folded = 'the approver' WHERE folded = 'another'").await;
        server.verify().await;
    }

    async fn a_reviewer_who_was_swapped_in_a_round_is_refused_and_never_washed_clean(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let (approver, accomplice) = (key(server, "approver").await, key(server, "itops").await);
        let tag = tag(&scene.itops, &version).await;
        let before = server.app.store.read().await.unwrap().log_size().await.unwrap();
        keep(server, "rounds").await;
        sql(server, &format!("UPDATE rounds SET signoff = replace(signoff, '{approver}', '{accomplice}')")).await;
        is_refused(scene.itops.command_on(&version, "decision", json!({"decision": "approve"}), &tag).await);
        // The server's own next write, by somebody who suspects nothing.
        is_refused(scene.riskofficer.put(&format!("{}/review/feedback", version.path), json!({"slot": RISK, "verdict": "approve"})).await);
        is_refused(scene.operator.deploy("production/tumour", &version).await);
        // The row differs from the record, and from what its events lead to.
        let found = findings(server).await;
        assert!(!found.is_empty() && found.iter().all(|finding| finding.contains("rounds/")), "{found:?}");
        assert_eq!(server.log_size().await, before, "nothing was recorded");
        put_back(server, "rounds", "signoff", "version_id").await;
        server.verify().await;
        scene.itops.feedback(&version, IT, "approve").await.ok();
        scene.approver.approve(&version).await.ok();
        server.verify().await;
    }

    async fn a_policy_that_is_weakened_for_a_moment_lets_nothing_in(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        sql(server, "UPDATE infrastructures SET policy = 'allow' WHERE name = 'production'").await;
        is_refused(scene.operator.deploy("production/tumour", &version).await);
        let gate = scene.operator.gate("production", &version).await;
        assert_ne!(gate.json["verdict"], "allow", "{}", gate.text());
        sql(server, "UPDATE infrastructures SET policy = 'prevent' WHERE name = 'production'").await;
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
        server.verify().await;
    }

    async fn duty_rules_that_are_switched_for_a_moment_let_no_author_approve(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.set_reviewers(&["user:approver", "user:scientist"]).await;
        let version = scene.requested().await;
        let tag = tag(&scene.scientist, &version).await;
        let approve = async || scene.scientist.command_on(&version, "decision", json!({"decision": "approve"}), &tag).await;
        approve().await.refused(403, "barred_by_duty");
        keep(server, "projects").await;
        sql(server, "UPDATE projects SET rules = replace(rules, 'false', 'true')").await;
        is_refused(approve().await);
        is_refused(scene.manager.request(Method::POST, "/projects/diagnosis/models").json(&json!({"name": "other"})).send().await);
        put_back(server, "projects", "rules", "id").await;
        server.verify().await;
    }

    async fn a_membership_that_was_written_gives_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        scene.scientist.command(&version, "request", json!({})).await.ok();
        let (user, seal) = (id(server, &key(server, "business").await), literal(server, &[0; 40]));
        let insert = format!("INSERT INTO group_members (group_id, user_id, added_at, seal) SELECT id, {user}, 0, {seal} FROM user_groups");
        sql(server, &insert).await;
        let (path, answer) = (format!("{}/review/feedback", version.path), json!({"slot": RISK, "verdict": "approve"}));
        // The server remembers the members of the group, and a row without an event is not among them.
        scene.business.put(&path, answer.clone()).await.refused(403, "not_entitled");
        // A server that reads the row finds no seal on it.
        let beside = server.beside().await;
        is_refused(beside.as_seen_by(&scene.business).put(&path, answer).await);
        beside.end().await;
        sql(server, &format!("DELETE FROM group_members WHERE user_id = {user}")).await;
        server.verify().await;
    }

    async fn an_older_state_of_a_row_with_its_seal_is_refused(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.version().await;
        keep(server, "infrastructures").await;
        let tag = scene.root.etag("/infrastructures/test").await;
        let stricter = json!({"policy": "prevent", "reason": "Patients are near."});
        scene.root.request(Method::PUT, "/infrastructures/test/policy").header("if-match", &tag).json(&stricter).send().await.ok();
        sql::execute(&server.database_url(), "ALTER TABLE kept RENAME TO older").await;
        keep(server, "infrastructures").await;
        let columns = ["policy", "revision", "seal"];
        let put = |from: &str| {
            let set = columns.map(|column| format!("{column} = {from}.{column}")).join(", ");
            format!("UPDATE infrastructures SET {set} FROM {from} WHERE {from}.id = infrastructures.id AND infrastructures.name = 'test'")
        };
        sql(server, &put("older")).await;
        is_refused(scene.operator.deploy("test/tumour", &version).await);
        is_refused(scene.operator.gate("test", &version).await);
        sql(server, &put("kept")).await;
        scene.operator.deploy("test/tumour", &version).await.refused(403, "denied_by_policy");
        for table in ["older", "kept"] {
            sql::execute(&server.database_url(), &format!("DROP TABLE {table}")).await;
        }
    }

    async fn a_retirement_stays_where_the_row_from_before_is_put_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        sql::execute(&server.database_url(), "CREATE TABLE older AS SELECT * FROM versions").await;
        scene.manager.post(&format!("{}/retire", version.path), json!({"comment": "Superseded."})).await.ok();
        keep(server, "versions").await;
        let put = |from: &str| {
            let set = ["retired", "revision", "seal"].map(|column| format!("{column} = {from}.{column}")).join(", ");
            format!("UPDATE versions SET {set} FROM {from} WHERE {from}.id = versions.id")
        };
        sql(server, &put("older")).await;
        is_refused(scene.operator.gate("production", &version).await);
        is_refused(scene.operator.deploy("production/tumour", &version).await);
        // A server that starts meanwhile goes through the log first.
        let beside = server.beside().await;
        is_refused(beside.as_seen_by(&scene.operator).gate("production", &version).await);
        beside.end().await;
        sql(server, &put("kept")).await;
        for table in ["older", "kept"] {
            sql::execute(&server.database_url(), &format!("DROP TABLE {table}")).await;
        }
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
    }

    async fn a_round_that_is_deleted_brings_no_earlier_approval_back(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.manager.reset(&version, false).await.ok();
        for table in ["rounds", "round_people"] {
            sql::execute(&server.database_url(), &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        sql(server, "DELETE FROM rounds WHERE number = 2").await;
        is_refused(scene.operator.gate("production", &version).await);
        is_refused(scene.operator.deploy("production/tumour", &version).await);
        sql(server, "INSERT INTO rounds SELECT * FROM kept_rounds WHERE number = 2").await;
        sql::execute(&server.database_url(), "DELETE FROM round_people").await;
        for table in ["round_people", "rounds"] {
            if table == "round_people" {
                sql(server, "INSERT INTO round_people SELECT * FROM kept_round_people").await;
            }
            sql::execute(&server.database_url(), &format!("DROP TABLE kept_{table}")).await;
        }
        scene.operator.deploy("production/tumour", &version).await.refused(403, "denied_by_policy");
    }

    async fn an_idle_server_learns_of_every_later_state_however_many_there_are(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        let beside = server.beside().await;
        let operator = beside.as_seen_by(&scene.operator);
        assert_eq!(operator.gate("production", &version).await.json["verdict"], "allow");
        for table in ["rounds", "statements"] {
            sql::execute(&server.database_url(), &format!("CREATE TABLE older_{table} AS SELECT * FROM {table}")).await;
        }
        scene.approver.revoke(&version).await.ok();
        for number in 0..115 {
            scene.root.post("/groups", json!({"name": format!("group-{number}")})).await.ok();
        }
        for table in ["rounds", "statements"] {
            sql::execute(&server.database_url(), &format!("CREATE TABLE kept_{table} AS SELECT * FROM {table}")).await;
        }
        let columns = ["signoff", "revision", "status", "changed_at", "not_after", "seal"];
        let put = |from: &str| {
            let set = columns.map(|column| format!("{column} = {from}.{column}")).join(", ");
            format!("UPDATE rounds SET {set} FROM {from} WHERE {from}.version_id = rounds.version_id")
        };
        sql(server, &put("older_rounds")).await;
        sql(server, "DELETE FROM statements WHERE id NOT IN (SELECT id FROM older_statements)").await;
        is_refused(scene.operator.gate("production", &version).await);
        is_refused(operator.deploy("production/tumour", &version).await);
        is_refused(operator.gate("production", &version).await);
        beside.end().await;
        sql(server, &put("kept_rounds")).await;
        sql(server, "INSERT INTO statements SELECT * FROM kept_statements WHERE id NOT IN (SELECT id FROM statements)").await;
        for table in ["older_rounds", "older_statements", "kept_rounds", "kept_statements"] {
            sql::execute(&server.database_url(), &format!("DROP TABLE {table}")).await;
        }
    }

    async fn a_role_that_was_written_gives_nothing(server: &TestServer) {
        let scene = Scene::set(server).await;
        sql(server, "UPDATE users SET role = 'administrator' WHERE name = 'scientist'").await;
        is_refused(scene.scientist.post("/groups", json!({"name": "friends"})).await);
        sql(server, "UPDATE users SET role = 'user' WHERE name = 'scientist'").await;
        scene.scientist.post("/groups", json!({"name": "friends"})).await.refused(403, "forbidden");
        server.verify().await;
    }
}
