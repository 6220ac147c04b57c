//! The client for the governance server. The callers check every answer.

use bytes::BytesMut;
use proof::Sha256;
use reqwest::{Method, RequestBuilder, Response, StatusCode, Url, redirect};
use serde::Serialize;
use std::{
    fs,
    path::PathBuf,
    sync::{Mutex, PoisonError},
    time::Duration,
};

/// How long the node waits for a connection.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the server may be silent; longer than it keeps a question for news.
const SILENCE: Duration = Duration::from_secs(40);
/// How long an unused connection is kept; shorter than the server keeps it, so that no request meets a connection that is being closed.
const IDLE: Duration = Duration::from_secs(15);
/// How long the server keeps a question for news, in seconds.
const WAIT: u32 = 20;
/// The most bytes that a plan may have.
const MOST_PLAN: u64 = 32 << 20;

/// Where the server is and how to speak to it.
#[derive(Clone, Debug)]
pub struct ServerOptions {
    /// Its address.
    pub url: Url,
    /// The infrastructure that this node serves.
    pub infrastructure: String,
    /// The file with the node's token; read again when the server does not take it any more.
    pub token_file: PathBuf,
}

/// A client for the server.
pub struct ServerClient {
    http: reqwest::Client,
    options: ServerOptions,
    token: Mutex<String>,
}

/// Why the server gave nothing.
#[derive(Debug, thiserror::Error)]
pub enum ServerError {
    /// It cannot be reached, or broke off.
    #[error("the server cannot be reached: {0}")]
    Unreachable(String),
    /// The server said no.
    #[error("the server refuses: {0}")]
    Refused(String),
    /// The server sent another thing than the node asked for.
    #[error("the server sent something else than was asked for: {0}")]
    Wrong(String),
    /// There is no token.
    #[error("the token file {0} cannot be read: {1}")]
    Token(PathBuf, std::io::Error),
}

impl ServerClient {
    /// A client for this server. Redirects are not followed: the token is for this server only.
    ///
    /// # Errors
    /// When TLS cannot be set up or there is no token.
    pub fn new(options: ServerOptions) -> Result<Self, ServerError> {
        let mut http = reqwest::Client::builder()
            .user_agent(concat!("countersign-node/", env!("CARGO_PKG_VERSION")))
            .connect_timeout(CONNECT)
            .read_timeout(SILENCE)
            .pool_idle_timeout(IDLE)
            .redirect(redirect::Policy::none());
        if options.url.scheme() == "http" {
            // Without TLS there is no certificate to check: works on machines that have no list of authorities.
            http = http.tls_certs_only([]).no_proxy();
        }
        let http = http.build().map_err(|error| ServerError::Unreachable(causes(&error)))?;
        let token = Mutex::new(read_token(&options)?);
        Ok(Self { http, options, token })
    }

    /// The plan, as bytes: at once when its tag is another than `after`, otherwise when it changes, or after some 20 seconds. With the
    /// plan the server shows its log, from this size and key on.
    ///
    /// # Errors
    /// When the server gives none.
    pub async fn plan(&self, after: Option<&str>, log_size: Option<u64>, log_key: &str) -> Result<Vec<u8>, ServerError> {
        let (wait, size) = (WAIT.to_string(), log_size.unwrap_or(0).to_string());
        let mut query = vec![("log_size", size.as_str()), ("log_key", log_key)];
        query.extend(after.into_iter().flat_map(|tag| [("after", tag), ("wait", &wait)]));
        let response = self.call(Method::GET, &["serving"], |request| request.query(&query)).await?;
        body(response, MOST_PLAN).await
    }

    /// The manifest with this digest, checked.
    ///
    /// # Errors
    /// When the server gives none, or another one.
    pub async fn manifest(&self, model_digest: Sha256) -> Result<Vec<u8>, ServerError> {
        let response = self.call(Method::GET, &["serving", "manifests", &model_digest.hex()], |request| request).await?;
        verify_digest(body(response, proof::Manifest::MAX_BYTES as u64).await?, model_digest)
    }

    /// The file with this digest and at most this size, checked.
    ///
    /// # Errors
    /// When the server gives none, or another one.
    pub async fn file(&self, sha256: Sha256, most: u64) -> Result<Vec<u8>, ServerError> {
        let response = self.call(Method::GET, &["serving", "files", &sha256.hex()], |request| request).await?;
        verify_digest(body(response, most).await?, sha256)
    }

    /// Tells the server how this node is.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn report(&self, node: &str, report: &impl Serialize) -> Result<(), ServerError> {
        self.call(Method::PUT, &["nodes", node], |request| request.json(report)).await.map(|_| ())
    }

    /// Tells the server that this node stops.
    ///
    /// # Errors
    /// When the server does not take it.
    pub async fn leave(&self, node: &str) -> Result<(), ServerError> {
        self.call(Method::DELETE, &["nodes", node], |request| request).await.map(|_| ())
    }

    async fn call(
        &self,
        method: Method,
        path: &[&str],
        more: impl Fn(RequestBuilder) -> RequestBuilder,
    ) -> Result<Response, ServerError> {
        let mut url = self.options.url.clone();
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(["api", "v1", "infrastructures", &self.options.infrastructure]).extend(path);
        }
        let request = |token: &str| more(self.http.request(method.clone(), url.clone()).bearer_auth(token)).send();
        let token = self.token.lock().unwrap_or_else(PoisonError::into_inner).clone();
        let mut response = request(&token).await.map_err(|error| ServerError::Unreachable(causes(&error)))?;
        if response.status() == StatusCode::UNAUTHORIZED {
            // Tokens end. The node's operator puts a new token into the file.
            let fresh = read_token(&self.options)?;
            if fresh != token {
                response = request(&fresh).await.map_err(|error| ServerError::Unreachable(causes(&error)))?;
                *self.token.lock().unwrap_or_else(PoisonError::into_inner) = fresh;
            }
        }
        if response.status().is_success() { Ok(response) } else { Err(refusal(response).await) }
    }
}

fn read_token(options: &ServerOptions) -> Result<String, ServerError> {
    let token = fs::read_to_string(&options.token_file);
    token.map(|token| token.trim().to_owned()).map_err(|error| ServerError::Token(options.token_file.clone(), error))
}

async fn refusal(response: Response) -> ServerError {
    let status = response.status();
    let problem = body(response, 64 << 10).await.ok();
    let problem = problem.and_then(|bytes| serde_json::from_slice::<serde_json::Value>(&bytes).ok());
    let text = |key: &str| problem.as_ref().and_then(|problem| problem[key].as_str()).unwrap_or_default().to_owned();
    let sentence = [text("title"), text("detail")].into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(": ");
    if status.is_server_error() {
        ServerError::Unreachable(format!("{status} {sentence}"))
    } else {
        ServerError::Refused(format!("{status} {sentence}"))
    }
}

/// The whole body, if it is not longer than it may be.
async fn body(mut response: Response, most: u64) -> Result<Vec<u8>, ServerError> {
    let mut bytes = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| ServerError::Unreachable(causes(&error)))? {
        if (bytes.len() + chunk.len()) as u64 > most {
            return Err(ServerError::Wrong(format!("more than {most} bytes")));
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(bytes.into())
}

fn verify_digest(bytes: Vec<u8>, sha256: Sha256) -> Result<Vec<u8>, ServerError> {
    let found = Sha256::of(&bytes);
    if found == sha256 { Ok(bytes) } else { Err(ServerError::Wrong(format!("bytes with digest {found} instead of {sha256}"))) }
}

fn causes(error: &reqwest::Error) -> String {
    let mut error: &dyn std::error::Error = error;
    let mut problem = error.to_string();
    while let Some(cause) = error.source() {
        problem = format!("{problem}: {cause}");
        error = cause;
    }
    problem
}
