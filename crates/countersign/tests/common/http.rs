//! Somebody who talks to a server over HTTP, and may find it gone in the middle of a word.

use reqwest::{Body, Method};
use serde_json::Value;
use std::sync::LazyLock;

/// Somebody with a token, or nobody.
#[derive(Clone, Debug)]
pub struct Person {
    pub http: reqwest::Client,
    /// The server.
    pub url: String,
    /// The account's name.
    pub name: String,
    /// The token; none for nobody.
    pub token: Option<String>,
}

/// A whole answer.
#[derive(Debug)]
pub struct Reply {
    pub status: u16,
    pub bytes: Vec<u8>,
    /// The body as JSON; null where it is none.
    pub json: Value,
    /// The tag of the state, without quotes.
    pub etag: String,
    what: String,
}

/// There was no whole answer: what was asked may have been done or not.
#[derive(Debug)]
pub struct BrokenOff;

impl Person {
    /// Nobody, at this server.
    pub fn nobody(url: &str) -> Self {
        static PROVIDER: LazyLock<()> = LazyLock::new(|| {
            // A second installation fails, and then the first one is there.
            let _ = rustls::crypto::ring::default_provider().install_default();
        });
        LazyLock::force(&PROVIDER);
        let http = reqwest::Client::builder().no_proxy().build().unwrap();
        Self { http, url: url.to_owned(), name: String::new(), token: None }
    }

    /// The same server, with this token.
    pub fn with_token(&self, name: &str, token: &str) -> Self {
        Self { name: name.to_owned(), token: Some(token.to_owned()), ..self.clone() }
    }

    /// The same person at another address.
    pub fn at(&self, url: &str) -> Self {
        Self { url: url.to_owned(), ..self.clone() }
    }

    /// Asks, with the ETag of what was seen where there is one.
    pub async fn try_ask(&self, method: Method, path: &str, body: Option<&Value>, tag: Option<&str>) -> Result<Reply, BrokenOff> {
        let mut request = self.request(method.clone(), path);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        if let Some(tag) = tag {
            request = request.header("if-match", format!("\"{tag}\""));
        }
        whole(request, format!("{method} {path} as {}", self.name)).await
    }

    /// Sends one file of an upload.
    pub async fn try_send_file(&self, upload: &str, name: &str, content: Body) -> Result<Reply, BrokenOff> {
        let path = format!("/uploads/{upload}/files");
        let request = self.request(Method::PUT, &path).query(&[("name", name)]).body(content);
        whole(request, format!("PUT {path} {name} as {}", self.name)).await
    }

    /// Changes what may change under one, with the tag that it has now.
    pub async fn change(&self, method: Method, path: &str, tagged: &str, body: &Value) -> Reply {
        let tag = self.get(tagged).await.etag;
        self.try_ask(method, path, Some(body), Some(&tag)).await.expect("the server answers")
    }

    pub async fn ask(&self, method: Method, path: &str, body: Value) -> Reply {
        self.try_ask(method, path, Some(&body), None).await.expect("the server answers")
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.try_ask(Method::GET, path, None, None).await.expect("the server answers")
    }

    pub async fn post(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::POST, path, body).await
    }

    pub async fn put(&self, path: &str, body: Value) -> Reply {
        self.ask(Method::PUT, path, body).await
    }

    /// What an address outside of the API says.
    pub async fn outside(&self, path: &str) -> String {
        let request = self.with_own_token(self.http.get(format!("{}{path}", self.url)));
        whole(request, format!("GET {path} as {}", self.name)).await.expect("the server answers").text()
    }

    fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        self.with_own_token(self.http.request(method, format!("{}/api/v1{path}", self.url)))
    }

    fn with_own_token(&self, request: reqwest::RequestBuilder) -> reqwest::RequestBuilder {
        match &self.token {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }
}

async fn whole(request: reqwest::RequestBuilder, what: String) -> Result<Reply, BrokenOff> {
    let response = request.send().await.map_err(|_| BrokenOff)?;
    let status = response.status().as_u16();
    let etag = response.headers().get("etag").and_then(|tag| tag.to_str().ok()).unwrap_or_default().trim_matches('"').to_owned();
    let bytes = response.bytes().await.map_err(|_| BrokenOff)?.to_vec();
    let json = serde_json::from_slice(&bytes).unwrap_or_default();
    Ok(Reply { status, bytes, json, etag, what })
}

impl Reply {
    /// The body of a success.
    #[track_caller]
    pub fn ok(self) -> Value {
        assert!((200..300).contains(&self.status), "{} gave {}: {}", self.what, self.status, self.text());
        self.json
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.bytes).into_owned()
    }
}
