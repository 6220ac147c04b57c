//! The first start: a link creates the first administrator, once.

use app::people::setup;
use domain::Duration;
use testkit::{PASSWORD, TestServer, both};

async fn link(server: &TestServer) -> String {
    format!("/setup/{}", setup::link(&server.app).await.unwrap().expect("there is no administrator").code)
}

both! {
    async fn the_link_creates_the_first_administrator_and_signs_them_in(server: &TestServer) {
        let (first, second) = (link(server).await, link(server).await);
        let browser = server.browser();
        assert!(browser.get(&first).await.text().contains("Set up this server"));
        let fields = [("user", "Root Admin"), ("display_name", "The <i>first</i>"), ("password", PASSWORD)];
        let wrong = browser.post(&first, &fields).await;
        assert_eq!(wrong.status, 422);
        let text = wrong.text();
        assert!(text.contains(r#"value="Root Admin""#) && text.contains(r#"aria-invalid="true""#) && !text.contains(PASSWORD), "{text}");
        assert!(text.contains("The &#60;i&#62;first&#60;/i&#62;"), "{text}");
        let short = browser.post(&first, &[("user", "root"), ("display_name", "First"), ("password", "short")]).await;
        assert!(short.status == 422 && short.text().contains("The password is too short"), "{}", short.text());
        let fields = [("user", "root"), ("display_name", "First"), ("password", PASSWORD)];
        let made = browser.post(&first, &fields).await;
        assert_eq!((made.status, made.header("location")), (303, "/"), "{}", made.text());
        assert!(browser.get("/account").await.text().contains("administrator"));
        for used in [first, second] {
            let refused = server.browser().get(&used).await.text();
            assert!(refused.contains("This set-up link has been used"), "{refused}");
            let again = server.browser().post(&used, &[("user", "other"), ("display_name", "Other"), ("password", PASSWORD)]).await;
            assert!(again.status != 303 && again.text().contains("This set-up link has been used"), "{}", again.text());
        }
        assert!(setup::link(&server.app).await.unwrap().is_none());
    }

    async fn a_link_that_is_old_or_made_up_opens_nothing(server: &TestServer) {
        let fields = [("user", "root"), ("display_name", "First"), ("password", PASSWORD)];
        let old = link(server).await;
        server.clock.advance(Duration::from_seconds(30 * 60));
        let refused = server.browser().post(&old, &fields).await;
        assert!(refused.status != 303 && refused.text().contains("This set-up link held until"), "{}", refused.text());
        let (end, mac) = old.trim_start_matches("/setup/").split_once('-').unwrap();
        let later = i64::from_str_radix(end, 16).unwrap() + 3600;
        for code in [format!("{later:x}-{mac}"), "7fffffffffffffff-0".to_owned(), "x".to_owned(), format!("{end}-")] {
            let refused = server.browser().post(&format!("/setup/{code}"), &fields).await;
            assert!(refused.status != 303 && refused.text().contains("not a set-up link of this server"), "{code}: {}", refused.text());
        }
        assert!(setup::link(&server.app).await.unwrap().is_some());
    }
}
