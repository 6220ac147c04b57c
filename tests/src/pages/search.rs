//! The search.

use testkit::{Scene, TestServer, both};

both! {
    async fn everything_is_found_that_one_may_see(server: &TestServer) {
        let scene = Scene::set(server).await;
        let version = scene.approved().await;
        scene.operator.deploy("staging/tumour", &version).await.ok();
        let scientist = server.browser_of("scientist").await;
        let found = async |q: &str| scientist.get(&format!("/search?q={q}")).await.text();
        let link = format!(r#"href="{}""#, version.path);
        for q in [&version.digest[..8], &version.digest, "tumour+v1", "diagnosis/tumour:1", "TUMOUR%3A1"] {
            let page = found(q).await;
            assert!(page.contains(&link), "{q}: {page}");
        }
        assert!(!found(&version.digest[..7]).await.contains(&link), "too short for a digest");
        let tumour = found("umou").await;
        assert!(tumour.contains(r#"href="/projects/diagnosis/models/tumour""#) && tumour.contains(r#"href="/projects/diagnosis""#), "{tumour}");
        assert!(!tumour.contains("on staging"), "the scientist may not see deployments: {tumour}");
        assert!(server.browser_of("root").await.get("/search?q=tumour").await.text().contains("on staging"));
        let people = found("risko").await;
        assert!(people.contains("<span class=\"mono\">riskofficer</span>"), "{people}");
        for nothing in ["%25", "_", "%3Cscript%3Ealert(1)%3C/script%3E", "%00", "zzz"] {
            let page = found(nothing).await;
            assert!(page.contains("Nothing you may see matches") || nothing == "%00", "{nothing}: {page}");
            assert!(!page.contains("<script>alert"), "{page}");
        }
        assert!(found("").await.contains("A part of a name"));

        server.person("outsider").await;
        let outsider = server.browser_of("outsider").await;
        for q in ["tumour", "tumour+v1", &version.digest] {
            let page = outsider.get(&format!("/search?q={q}")).await.text();
            assert!(!page.contains("/projects/diagnosis") && !page.contains("on staging"), "{q}: {page}");
        }
    }
}
