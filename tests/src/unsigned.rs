//! The key of the log is lost: somebody hears of it, nothing is signed after a while, and an operator has a recorded way on.

use app::{Caller, OpContext};
use domain::Duration;
use reqwest::Method;
use serde_json::json;
use testkit::{Scene, TestServer, both, key_files};

both! {
    async fn a_log_that_nobody_signs_stops_the_server_and_a_new_key_goes_on(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.root.get("/log/checkpoint").await;
        std::fs::remove_file(key_files(server.folder()).log).unwrap();
        // A server that starts without the key.
        let beside = server.beside().await;
        let (root, operator) = (beside.as_seen_by(&scene.root), beside.as_seen_by(&scene.operator));
        let health = async || root.request_outside(Method::GET, "/health").send().await;
        if beside.app.store.serves_one_server() {
            health().await.refused(503, "log_unsigned");
            assert!(app::record::log_state(&beside.app).await.is_err());
        } else {
            // Another server may have the key, and sign within minutes.
            health().await.ok();
            let console = OpContext::new(beside.app.clone(), Caller::Console, "console");
            assert!(app::record::rotate_log_key(&console, "A test.").await.is_err());
        }
        root.post("/groups", json!({"name": "others"})).await.ok();
        server.clock.advance(Duration::from_seconds(11 * 60));
        health().await.refused(503, "log_unsigned");
        assert_eq!(operator.gate("production", &version).await.ok()["verdict"], "allow");
        server.clock.advance(Duration::from_seconds(60 * 60));
        health().await.refused(503, "log_unsigned");
        operator.gate("production", &version).await.refused(503, "log_unsigned");
        operator.deploy("production/tumour", &version).await.refused_helpfully(503, "log_unsigned");

        let console = OpContext::new(beside.app.clone(), Caller::Console, "console");
        app::record::rotate_log_key(&console, "The key was lost.").await.unwrap();
        health().await.ok();
        operator.deploy("production/tumour", &version).await.ok();
        beside.end().await;
    }

    async fn a_log_goes_on_without_the_file_of_its_checkpoint(server: &TestServer) {
        let scene = Scene::set(server).await;
        scene.root.get("/log/checkpoint").await;
        crate::sql::execute(&server.database_url(), "UPDATE checkpoints SET note = 'altered'").await;
        std::fs::remove_file(key_files(server.folder()).checkpoint).unwrap();
        scene.root.get("/log/checkpoint").await.refused(503, "log_forked");
        app::record::continue_log(&server.console(), "Somebody altered a checkpoint.").await.unwrap();
        scene.root.get("/log/checkpoint").await;
        crate::sql::execute(&server.database_url(), "DELETE FROM checkpoints WHERE note = 'altered'").await;
    }
}
