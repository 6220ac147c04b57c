//! A browser without a screen: it keeps cookies, asks for pages, and sends forms with what their page gave them.

use crate::{Client, PASSWORD, Reply, addresses::SERVER};
use reqwest::Method;
use std::{
    collections::BTreeMap,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// Somebody at a browser.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    cookies: Mutex<BTreeMap<String, String>>,
    /// What the forms of the last page bear.
    form: Mutex<String>,
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Browser {
    /// What a browser accepts when it goes to a page.
    pub const PAGES: &str = "text/html,application/xhtml+xml";

    pub(crate) fn new(client: Client) -> Self {
        Self { client, cookies: Mutex::default(), form: Mutex::default() }
    }

    /// Asks for a page. A redirect is not followed.
    pub async fn get(&self, path: &str) -> Reply {
        let reply = self.send(Method::GET, path, None, SERVER).await;
        if let Some(form) = reply.text().split(r#"name="form" value=""#).nth(1).and_then(|rest| rest.split('"').next()) {
            *lock(&self.form) = form.to_owned();
        }
        reply
    }

    /// Sends a form of the last page that had one.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> Reply {
        self.post_from(SERVER, path, fields).await
    }

    /// Sends a form as from a page of this origin.
    pub async fn post_from(&self, origin: &str, path: &str, fields: &[(&str, &str)]) -> Reply {
        let form = lock(&self.form).clone();
        let own = fields.iter().any(|(name, _)| *name == "form");
        let token = (!own && !form.is_empty()).then_some(("form", form.as_str()));
        let body = form_urlencoded::Serializer::new(String::new()).extend_pairs(fields.iter().copied().chain(token)).finish();
        self.send(Method::POST, path, Some(&body), origin).await
    }

    /// Sends a form with files: texts by field, then files by field and name. `accept` is what the script of a page would ask for.
    pub async fn post_files(&self, path: &str, accept: &str, fields: &[(&str, &str)], files: &[(&str, &str, &[u8])]) -> Reply {
        const BOUNDARY: &str = "a-boundary-that-no-file-has";
        let form = lock(&self.form).clone();
        let token = (!fields.iter().any(|(name, _)| *name == "form")).then_some(("form", form.as_str()));
        let mut body = Vec::new();
        for (name, value) in token.into_iter().chain(fields.iter().copied()) {
            body.extend(format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n").bytes());
        }
        for (field, name, content) in files {
            let head = format!("Content-Disposition: form-data; name=\"{field}\"; filename=\"{name}\"");
            body.extend(format!("--{BOUNDARY}\r\n{head}\r\nContent-Type: application/octet-stream\r\n\r\n").bytes());
            body.extend_from_slice(content);
            body.extend(b"\r\n");
        }
        body.extend(format!("--{BOUNDARY}--\r\n").bytes());
        let media_type = format!("multipart/form-data; boundary={BOUNDARY}");
        self.send_as(Method::POST, path, accept, Some((&media_type, &body)), SERVER).await
    }

    /// Signs in with everybody's password.
    pub async fn sign_in(&self, name: &str) -> Reply {
        let reply = self.post("/signin", &[("user", name), ("password", PASSWORD)]).await;
        // For the token of forms.
        self.get("/account").await;
        reply
    }

    /// The cookies, as a header.
    pub fn cookies(&self) -> String {
        let pairs: Vec<_> = lock(&self.cookies).iter().map(|(name, value)| format!("{name}={value}")).collect();
        pairs.join("; ")
    }

    /// Sets a cookie, as somebody with the developer's tools could.
    pub fn set_cookie(&self, name: &str, value: &str) {
        lock(&self.cookies).insert(name.to_owned(), value.to_owned());
    }

    async fn send(&self, method: Method, path: &str, body: Option<&str>, origin: &str) -> Reply {
        let body = body.map(|body| ("application/x-www-form-urlencoded", body.as_bytes()));
        self.send_as(method, path, Self::PAGES, body, origin).await
    }

    async fn send_as(&self, method: Method, path: &str, accept: &str, body: Option<(&str, &[u8])>, origin: &str) -> Reply {
        let mut request = self.client.request_outside(method, path).header("accept", accept);
        let cookies = self.cookies();
        if !cookies.is_empty() {
            request = request.header("cookie", &cookies);
        }
        if let Some((media_type, body)) = body {
            request = request.header("content-type", media_type).header("origin", origin).bytes(body);
        }
        let reply = request.send().await;
        for cookie in reply.headers.get_all("set-cookie") {
            let cookie = cookie.to_str().expect("our cookies are text");
            let (name, rest) = cookie.split_once('=').expect("a cookie has a name");
            let value = rest.split(';').next().unwrap_or_default();
            match rest.contains("Max-Age=0;") {
                true => lock(&self.cookies).remove(name),
                false => lock(&self.cookies).insert(name.to_owned(), value.to_owned()),
            };
        }
        reply
    }
}
