//! How to ask for each page, and how to send each form, with a browser of the role.

use super::{
    operations::{VERSION, get, plain},
    stage::{Body, Probe, Stage},
};
use reqwest::Method;
use serde_json::json;
use testkit::IT;

/// A form of a page.
fn form(path: impl Into<String>, fields: &[(&'static str, &str)]) -> Probe {
    let fields = fields.iter().map(|(name, value)| (*name, (*value).to_owned())).collect();
    Probe { is_in_api: false, body: Body::Form(fields), ..plain(Method::POST, path) }
}

/// A page or a form of one, by somebody whose browser is signed in.
pub async fn prepare(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let page = |path: &str| Probe { is_in_api: false, body: Body::Page, ..get(path) };
    Some(match route {
        "GET /" => page("/"),
        "GET /signin" => page("/signin?then=/record"),
        // A wrong password, so that no browser changes hands.
        "POST /signin" => form("/signin", &[("user", "outsider"), ("password", "not the password")]),
        "POST /signout" => form("/signout", &[]),
        "GET /setup/{code}" => page("/setup/1-0"),
        "POST /setup/{code}" => {
            form("/setup/1-0", &[("user", "another"), ("display_name", "Another"), ("password", "a password")])
        }
        "GET /invitation" => page("/invitation"),
        "GET /invitation/{code}" => page("/invitation/csi_0"),
        "POST /invitation/{code}" => form("/invitation/csi_0", &[("password", "a password")]),
        "GET /account" => page("/account"),
        "POST /account/colours" => form("/account/colours", &[("colours", "dark")]),
        "POST /account/sessions/end" => {
            let token = stage.scene.scientist.post("/tokens", json!({})).await.ok();
            form("/account/sessions/end", &[("token", token["id"].as_str().unwrap())])
        }
        "GET /account/password" => page("/account/password"),
        "GET /account/colours" => page("/account/colours"),
        "GET /account/keys" => page("/account/keys"),
        "GET /account/sessions/end" => page("/account/sessions/end"),
        "GET /signout" => page("/signout"),
        // A wrong password: the others of the role go on with the right one.
        "POST /account/password" => {
            form("/account/password", &[("password", "not the password"), ("new_password", "another password")])
        }
        "GET /account/absence" => page("/account/absence"),
        "POST /account/absence" => form("/account/absence", &[("until", "2027-01-01"), ("go", "set")]),
        "GET /account/mail" => page("/account/mail"),
        "POST /account/mail" => form("/account/mail", &[("wanted", "all")]),
        "GET /account/subscriptions" => page("/account/subscriptions"),
        "POST /account/subscriptions" => form("/account/subscriptions", &[("to", "diagnosis"), ("go", "subscribe")]),
        "GET /webhooks" => page("/webhooks?project=diagnosis"),
        "POST /webhooks" => {
            let name = format!("page-{role}");
            form(
                "/webhooks",
                &[("go", "create"), ("project", "diagnosis"), ("name", &name), ("kind", "slack"), ("url", "http://127.0.0.1:9/")],
            )
        }
        "GET /webhooks/{webhook}" => page(&format!("/webhooks/{}", webhook(stage, &format!("shown-{role}")).await)),
        "POST /webhooks/{webhook}" => {
            form(format!("/webhooks/{}", webhook(stage, &format!("sent-{role}")).await), &[("go", "test")])
        }
        "GET /unsubscribe/{code}" => page("/unsubscribe/none"),
        "POST /unsubscribe/{code}" => form("/unsubscribe/none", &[]),
        "POST /account/keys" => form("/account/keys", &[("keys", "on")]),
        "GET /account/tokens" => page("/account/tokens"),
        "POST /account/tokens" => form("/account/tokens", &[("go", "create"), ("label", "another"), ("scope", "read")]),
        other if other.contains(" /admin/") => return of_administration(other),
        other if other.contains("/record") => return of_record(other),
        // Only a server of the demo has these.
        // Ends at once, where nothing happened.
        "GET /live" => page("/live?about=version+diagnosis%2Ftumour%3A1&since=1000000&seconds=0"),
        "GET /demo/person" => page("/demo/person"),
        "GET /demo/tour" => page("/demo/tour"),
        "GET /demo/mails" => page("/demo/mails"),
        "GET /demo/mails/{mail}" => page("/demo/mails/0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b"),
        "GET /demo/mails/{mail}/html" => page("/demo/mails/0199b2c4-7d1e-7c3a-9f00-1c2d3e4f5a6b/html"),
        "GET /demo/webhook" => page("/demo/webhook"),
        "POST /demo/webhook" => form("/demo/webhook", &[]),
        "POST /demo/person" => form("/demo/person", &[("account", "approver")]),
        "POST /demo/tour" => form("/demo/tour", &[("go", "next")]),
        "GET /assets/{name}" => page("/assets/none"),
        "GET /favicon.ico" => page("/favicon.ico"),
        "GET /search" => page("/search?q=tumour%201"),
        "GET /infrastructures" => page("/infrastructures?after=a"),
        "POST /infrastructures" => {
            let name = format!("page-{role}");
            form("/infrastructures", &[("name", &name), ("stage", "test"), ("policy", "warn"), ("go", "create")])
        }
        "GET /infrastructures/{infrastructure}" => page("/infrastructures/test?after=1000"),
        "GET /infrastructures/{infrastructure}/policy" => page("/infrastructures/test/policy"),
        "GET /infrastructures/{infrastructure}/accepts" => page("/infrastructures/test/accepts"),
        "GET /infrastructures/{infrastructure}/members" => page("/infrastructures/test/members"),
        "POST /infrastructures/{infrastructure}/policy" | "POST /infrastructures/{infrastructure}/accepts" => {
            let tag = stage.scene.root.etag("/infrastructures/test").await;
            let fields = [("policy", "allow"), ("on_lapse", "report"), ("reason", "As it is."), ("go", "change")];
            let fields: Vec<_> = fields.into_iter().chain([("if_match", tag.trim_matches('"'))]).collect();
            form(route["POST ".len()..].replace("{infrastructure}", "test"), &fields)
        }
        "POST /infrastructures/{infrastructure}/members" => {
            form("/infrastructures/test/members", &[("member", "group:risk"), ("role", "viewer"), ("go", "set")])
        }
        "GET /infrastructures/{infrastructure}/deploy" => page("/infrastructures/test/deploy?version=diagnosis/tumour:1"),
        service if service.contains("/services/{service}") => return of_service_page(stage, service, role).await,
        "GET /projects" => page("/projects?after=a"),
        "GET /projects/{project}" => page("/projects/diagnosis?q=tumour&status=waiting&sort=-changed"),
        "GET /projects/{project}/reviewers" => page("/projects/diagnosis/reviewers"),
        "POST /projects/{project}/reviewers" => {
            form("/projects/diagnosis/reviewers", &[("assigned-final", "user:approver"), ("go", "again")])
        }
        "GET /projects/{project}/members" => page("/projects/diagnosis/members"),
        "POST /projects/{project}/members" => {
            form("/projects/diagnosis/members", &[("member", "user:reader"), ("role", "reader"), ("go", "set")])
        }
        "GET /projects/{project}/rules" => page("/projects/diagnosis/rules"),
        "POST /projects/{project}/rules" => {
            let tag = stage.scene.root.etag("/projects/diagnosis").await;
            form("/projects/diagnosis/rules", &[("delegation", "1"), ("go", "save"), ("tag", tag.trim_matches('"'))])
        }
        "POST /projects" => form("/projects", &[("name", &format!("page-{role}"))]),
        "GET /projects/{project}/models" => page("/projects/diagnosis/models"),
        "POST /projects/{project}/models" => form("/projects/diagnosis/models", &[("name", &format!("page-{role}"))]),
        "GET /projects/{project}/models/{model}/new" => page("/projects/diagnosis/models/tumour/new"),
        "POST /projects/{project}/models/{model}/new" => {
            let fields = vec![("metrics", "auc = 0.9"), ("go", "register")];
            Probe {
                is_in_api: false,
                body: Body::FormWithFile(fields),
                ..plain(Method::POST, "/projects/diagnosis/models/tumour/new")
            }
        }
        "GET /projects/{project}/models/{model}" => page("/projects/diagnosis/models/tumour?status=waiting&sort=-auc"),
        "GET /projects/{project}/models/{model}/compare" => page("/projects/diagnosis/models/tumour/compare?with=1&version=1"),
        "GET /projects/{project}/models/{model}/compare/{versions}" => {
            let number = stage.scene.version().await.number;
            page(&format!("/projects/diagnosis/models/tumour/compare/{number}...{number}"))
        }
        "GET /projects/{project}/models/{model}/versions/{version}" => page(&stage.scene.version().await.path),
        other => {
            let (method, path) = other.split_once(' ').unwrap();
            return of_version_page(stage, method, path.strip_prefix(VERSION)?).await;
        }
    })
}

/// A page of administrators, or a form of one.
fn of_administration(route: &str) -> Option<Probe> {
    let page = |path: &str| Probe { is_in_api: false, body: Body::Page, ..get(path) };
    Some(match route {
        "GET /admin/users" => page("/admin/users?after=a"),
        "POST /admin/users" => {
            form("/admin/users", &[("go", "invite"), ("name", "approver"), ("display_name", "X"), ("role", "user")])
        }
        "GET /admin/users/{user}" => page("/admin/users/outsider"),
        "POST /admin/users/{user}" => form("/admin/users/reader", &[("go", "invite")]),
        "GET /admin/groups" => page("/admin/groups"),
        "POST /admin/groups" => form("/admin/groups", &[("go", "create"), ("name", "risk")]),
        "GET /admin/mail" => page("/admin/mail?state=failed"),
        "POST /admin/mail" => form("/admin/mail", &[("go", "retry_all")]),
        "GET /admin/mail/server" => page("/admin/mail/server"),
        "POST /admin/mail/server" => form("/admin/mail/server", &[("go", "remove")]),
        "GET /admin/tokens" => page("/admin/tokens"),
        "POST /admin/tokens" => form("/admin/tokens", &[("go", "create"), ("service", "pipeline"), ("scope", "read")]),
        _ => return None,
    })
}

/// A page of the record, or a file of one.
fn of_record(route: &str) -> Option<Probe> {
    let path = route.strip_prefix("GET ")?.replace("{project}", "diagnosis").replace("{position}", "0");
    Some(Probe { is_in_api: false, body: Body::Page, ..get(path) })
}

/// The page of a service or a form of one, on a service of this role's own that serves something.
async fn of_service_page(stage: &Stage, route: &str, role: &str) -> Option<Probe> {
    let version = stage.deployed(role).await;
    let (method, path) = route.split_once(' ')?;
    let path = path.replace("{infrastructure}", "test").replace("{service}", role);
    if method == "GET" {
        return Some(Probe { is_in_api: false, body: Body::Page, ..get(path) });
    }
    let fields: &[_] = match path.rsplit('/').next()? {
        "deploy" => &[("version", version.name.as_str()), ("weight", "100"), ("go", "deploy")],
        "rollback" => &[("to", "1")],
        "stop" => &[],
        "acknowledge-lapse" => &[("valid_for", "1d"), ("reason", "Known.")],
        _ => return None,
    };
    let fields: Vec<_> = fields.iter().copied().chain([("if_match", "d2")]).collect();
    Some(form(path, &fields))
}

/// A form of a version's page, on a version of its own in the state that the form needs; or the page to which it belongs.
async fn of_version_page(stage: &Stage, method: &str, rest: &str) -> Option<Probe> {
    let scene = &stage.scene;
    if method == "GET" {
        let rest = match rest {
            "/{tab}" => "/history",
            "/download" => "/download?name=conf/labels.txt",
            other => other,
        };
        let path = format!("{}{rest}", scene.version().await.path);
        return Some(Probe { is_in_api: false, body: Body::Page, ..get(path) });
    }
    let (version, fields) = match rest {
        "/request" => (scene.version().await, vec![("notify", "none")]),
        "/decision" => (scene.requested().await, vec![("decision", "reject"), ("go", "reject"), ("comment", "No.")]),
        "/back" | "/take-back" => (scene.requested().await, vec![]),
        "/abandon" | "/reload-reviewers" => (scene.requested().await, vec![("comment", "Why.")]),
        "/delegate" => (scene.requested().await, vec![("to", "outsider")]),
        "/revoke" | "/reset" | "/retire" => (scene.approved().await, vec![("comment", "Why.")]),
        "/renew" => (scene.approved().await, vec![("notify", "none")]),
        "/cancel-abandon" => {
            let version = scene.requested().await;
            scene.approver.command(&version, "abandon", json!({"comment": "Stop."})).await.ok();
            (version, vec![])
        }
        "/restore" => {
            let version = scene.version().await;
            scene.manager.post(&format!("{}/retire", version.path), json!({"comment": "Old."})).await.ok();
            (version, vec![("comment", "Why.")])
        }
        "/edit" => {
            let version = scene.version().await;
            let tag = scene.root.etag(&version.path).await;
            let fields = [("if_match", tag.trim_matches('"')), ("notes", "New."), ("go", "change")];
            return Some(form(format!("{}{rest}", version.path), &fields));
        }
        "/feedback" | "/withdraw" | "/final" => {
            let version = scene.version().await;
            scene.scientist.command(&version, "request", json!({})).await.ok();
            let slot = [("slot", IT), ("verdict", "approve"), ("go", "approve")];
            (version, if rest == "/final" { vec![] } else { slot.to_vec() })
        }
        _ => return None,
    };
    let tag = scene.root.etag(&format!("{}/review", version.path)).await;
    let fields: Vec<_> = fields.into_iter().chain([("if_match", tag.trim_matches('"'))]).collect();
    Some(form(format!("{}{rest}", version.path), &fields))
}

/// A webhook of the project.
async fn webhook(stage: &Stage, name: &str) -> String {
    let body = json!({"name": name, "kind": "standard", "url": "http://127.0.0.1:9/", "project": "diagnosis"});
    stage.scene.root.post("/webhooks", body).await.ok();
    name.to_owned()
}
