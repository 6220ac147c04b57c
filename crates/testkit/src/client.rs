//! A client that talks to the server over HTTP, with or without a token.

use crate::{Reply, addresses::Addresses};
use reqwest::{Method, redirect::Policy};
use serde_json::Value;
use std::{sync::LazyLock, time::Duration};

/// Somebody with a token, or nobody.
#[derive(Clone, Debug)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    /// The account's name.
    pub name: String,
    /// The token; none for nobody.
    pub token: Option<String>,
    addresses: Addresses,
    /// How often a request is sent again while the database is too busy for it.
    patience: u8,
}

/// A request in the making.
#[derive(Debug)]
pub struct Request {
    what: String,
    token: Option<String>,
    addresses: Addresses,
    patience: u8,
    request: reqwest::RequestBuilder,
}

impl Client {
    /// Nobody, talking to the server at this address. The addresses in the server's answers are noted.
    pub(crate) fn anonymous(url: &str, addresses: Addresses) -> Self {
        static PROVIDER: LazyLock<()> = LazyLock::new(|| {
            // A second installation fails, and then the first one is there.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        LazyLock::force(&PROVIDER);
        let http = reqwest::Client::builder()
            .no_proxy()
            .redirect(Policy::none())
            // Shorter than the server keeps idle connections: a request never meets a connection that the server is closing.
            .pool_idle_timeout(Duration::from_secs(5))
            .build()
            .expect("a client without TLS of its own can be made");
        Self { http, url: url.to_owned(), name: String::new(), token: None, addresses, patience: 0 }
    }

    /// The same server, with this token.
    pub fn with_token(&self, name: &str, token: &str) -> Self {
        Self { name: name.to_owned(), token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same, who sends a request again while the database is too busy for it: the server says then that nothing was changed.
    pub fn patient(&self) -> Self {
        Self { patience: 10, ..self.clone() }
    }

    /// A request to `path`, which begins with `/` below `/api/v1`.
    pub fn request(&self, method: Method, path: &str) -> Request {
        self.request_outside(method, &format!("/api/v1{path}"))
    }

    /// A request to `path` on the server, outside of the API.
    pub fn request_outside(&self, method: Method, path: &str) -> Request {
        let what = format!("{method} {path} as {}", if self.name.is_empty() { "nobody" } else { &self.name });
        let request = self.http.request(method, format!("{}{path}", self.url));
        let request = match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        };
        Request { what, token: self.token.clone(), addresses: self.addresses.clone(), patience: self.patience, request }
    }

    /// GET.
    pub async fn get(&self, path: &str) -> Reply {
        self.request(Method::GET, path).send().await
    }

    /// POST with a JSON body.
    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.request(Method::POST, path).json(&body).send().await
    }

    /// PUT with a JSON body.
    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.request(Method::PUT, path).json(&body).send().await
    }

    /// PATCH with a JSON body.
    pub async fn patch(&self, path: &str, body: Value) -> Reply {
        self.request(Method::PATCH, path).json(&body).send().await
    }

    /// DELETE.
    pub async fn delete(&self, path: &str) -> Reply {
        self.request(Method::DELETE, path).send().await
    }

    /// Sends one file of an upload.
    pub async fn send_file(&self, upload: &str, name: &str, content: &[u8]) -> Reply {
        let request = self.request(Method::PUT, &format!("/uploads/{upload}/files"));
        request.query("name", name).bytes(content).send().await
    }

    /// The ETag of what a GET of `path` shows, with its quotes.
    pub async fn etag(&self, path: &str) -> String {
        let reply = self.get(path).await;
        let tag = reply.header("etag").to_owned();
        assert!(tag.starts_with('"'), "{} has no ETag: {}", reply.what, reply.text());
        tag
    }

    /// Changes what `path` shows, with the ETag that it has now.
    pub async fn change(&self, method: Method, path: &str, body: Value) -> Reply {
        let tag = self.etag(path).await;
        self.request(method, path).header("if-match", &tag).json(&body).send().await
    }
}

impl Request {
    /// Adds a header.
    pub fn header(self, name: &str, value: &str) -> Self {
        Self { request: self.request.header(name, value), ..self }
    }

    /// Adds a parameter to the query.
    pub fn query(self, name: &str, value: &str) -> Self {
        Self { request: self.request.query(&[(name, value)]), ..self }
    }

    /// Sends this JSON.
    pub fn json(self, body: &Value) -> Self {
        self.raw_json(&body.to_string())
    }

    /// Sends this text as JSON, whatever it is.
    pub fn raw_json(self, body: &str) -> Self {
        Self { request: self.request.header("content-type", "application/json").body(body.to_owned()), ..self }
    }

    /// Sends these bytes.
    pub fn bytes(self, body: &[u8]) -> Self {
        Self { request: self.request.body(body.to_vec()), ..self }
    }

    /// Sends the request and takes the whole answer.
    pub async fn send(mut self) -> Reply {
        loop {
            let again = self.request.try_clone().filter(|_| self.patience > 0);
            let response = self.request.send().await.unwrap_or_else(|error| panic!("{}: {error:?}", self.what));
            let reply = Reply::read(self.what.clone(), response).await;
            match again {
                Some(again) if reply.status == 503 && reply.json["code"] == "unavailable" => {
                    (self.request, self.patience) = (again, self.patience - 1);
                }
                _ => {
                    self.addresses.collect(self.token.as_deref(), &reply);
                    return reply;
                }
            }
        }
    }
}
