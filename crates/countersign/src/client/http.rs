//! The HTTP client: one call, one answer, and a [`Failure`] with its exit code for every way in which a call can fail.
//! The client neither retries nor guesses: the command decides what an outage means.

use super::{address::is_loopback, lenient};
use crate::{exit::Exit, failure::Failure};
use reqwest::{Method, RequestBuilder, Response, Url, header, redirect};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;
use std::time::Duration;

/// How long a connection may take to come about.
const CONNECT: Duration = Duration::from_secs(5);
/// How long the server may be silent. Longer than any of its own time limits, so that its own words arrive.
const SILENCE: Duration = Duration::from_secs(90);

/// A server, and the token to speak to it with.
pub struct Client {
    http: reqwest::Client,
    /// The same, which waits for an answer as long as the caller does: for files that take long to send.
    patient: reqwest::Client,
    url: Url,
    address: String,
    token: Option<String>,
}

/// What the server answered.
#[derive(Debug)]
pub struct Answer {
    /// The object; null where there is none.
    pub value: Value,
    /// The tag of its state, without quotes.
    pub etag: Option<String>,
}

impl Answer {
    /// The object, read as what it should be.
    ///
    /// # Errors
    /// When it is something else: a server that speaks another language must not be taken for a yes.
    pub fn read<T: DeserializeOwned>(&self) -> Result<T, Failure> {
        lenient::read(&self.value).map_err(|error| {
            Failure::failed(format!("the server's answer cannot be read: {error}"))
                .hint("Use a client and a server of the same version. --output json shows the answer as it is.")
        })
    }
}

impl Answer {
    /// Whether the very same was done before, and nothing was changed now.
    pub fn was_done_before(&self) -> bool {
        #[derive(Deserialize)]
        struct Repeated {
            already_done: bool,
        }
        lenient::read::<Repeated>(&self.value).is_ok_and(|answer| answer.already_done)
    }
}

impl Client {
    /// A client for this server. The token goes to no other: redirects are not followed.
    ///
    /// # Errors
    /// When TLS cannot be set up on this machine.
    pub fn new(url: Url, token: Option<String>) -> Result<Self, Failure> {
        let build = |silence: Option<Duration>| {
            let mut http = reqwest::Client::builder()
                .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
                .connect_timeout(CONNECT)
                .redirect(redirect::Policy::none());
            if let Some(silence) = silence {
                http = http.read_timeout(silence);
            }
            if url.scheme() == "http" {
                // Without TLS there is no certificate to check: works on machines that have no list of authorities.
                http = http.tls_certs_only([]);
            }
            if is_loopback(&url) {
                http = http.no_proxy();
            }
            http.build()
        };
        let cannot = |error| Failure::failed(format!("the connection cannot be set up: {}", causes(&error)));
        let address = url.as_str().trim_end_matches('/').to_owned();
        let (http, patient) = (build(Some(SILENCE)).map_err(cannot)?, build(None).map_err(cannot)?);
        Ok(Self { http, patient, url, address, token })
    }

    /// The server's address, as people write it.
    pub fn server(&self) -> &str {
        &self.address
    }

    /// A call to the API. Each segment is escaped, so no name can leave its place in the path.
    pub fn call(&self, method: Method, path: &[impl AsRef<str>]) -> Call<'_> {
        self.start(method, &["api", "v1"], path)
    }

    /// Asks whether the server is ready; not part of the API.
    pub fn health(&self) -> Call<'_> {
        self.start(Method::GET, &[], &["health"])
    }

    /// Asks a node for a prediction: the Open Inference Protocol, and not the API of a server.
    pub fn infer(&self, service: &str) -> Call<'_> {
        self.start(Method::POST, &[], &["v2", "models", service, "infer"])
    }

    fn start(&self, method: Method, root: &[&str], path: &[impl AsRef<str>]) -> Call<'_> {
        let mut url = self.url.clone();
        // Only addresses without a host have no segments, and parse_url lets none of them through.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(root).extend(path);
        }
        let mut request = self.http.request(method, url);
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        Call { request, client: self }
    }

    /// `GET`.
    pub fn get(&self, path: &[impl AsRef<str>]) -> Call<'_> {
        self.call(Method::GET, path)
    }

    /// `POST` of this body.
    pub fn post(&self, path: &[impl AsRef<str>], body: &impl Serialize) -> Call<'_> {
        self.call(Method::POST, path).json(body)
    }

    /// `PUT` of this body.
    pub fn put(&self, path: &[impl AsRef<str>], body: &impl Serialize) -> Call<'_> {
        self.call(Method::PUT, path).json(body)
    }

    /// `DELETE`.
    pub fn delete(&self, path: &[impl AsRef<str>]) -> Call<'_> {
        self.call(Method::DELETE, path)
    }
}

/// A call in the making.
pub struct Call<'a> {
    request: RequestBuilder,
    client: &'a Client,
}

impl Call<'_> {
    /// Waits for the answer as long as the caller does: `read_timeout` counts from the beginning of the request, however long it is.
    pub fn patiently(self) -> Self {
        let client = self.client;
        match self.request.build() {
            Ok(request) => Self { request: RequestBuilder::from_parts(client.patient.clone(), request), client },
            // What cannot be built fails when it is sent, as it would have.
            Err(_) => Self { request: client.patient.get(client.url.clone()), client },
        }
    }

    fn with(mut self, change: impl FnOnce(RequestBuilder) -> RequestBuilder) -> Self {
        self.request = change(self.request);
        self
    }

    /// A parameter of the query; none when there is no value.
    pub fn query(self, name: &str, value: Option<impl ToString>) -> Self {
        match value {
            Some(value) => self.with(|request| request.query(&[(name, value.to_string())])),
            None => self,
        }
    }

    /// A JSON body.
    pub fn json(self, body: &impl Serialize) -> Self {
        self.with(|request| request.json(body))
    }

    /// Bytes as body, with the headers that say what they are.
    pub fn bytes(self, body: reqwest::Body, headers: [(header::HeaderName, String); 2]) -> Self {
        let request = self.with(|request| request.header(header::CONTENT_TYPE, "application/octet-stream").body(body));
        headers.into_iter().fold(request, |call, (name, value)| call.with(|request| request.header(name, value)))
    }

    /// Only if the state is still the one of this tag; quotes around it do not matter.
    pub fn if_match(self, etag: Option<&str>) -> Self {
        match etag {
            Some(etag) => self.with(|request| request.header(header::IF_MATCH, format!("\"{}\"", etag.trim_matches('"')))),
            None => self,
        }
    }

    /// Sends it and reads an object.
    ///
    /// # Errors
    /// What the server said, or that it cannot be reached.
    pub async fn send(self) -> Result<Answer, Failure> {
        let server = self.client.server();
        let response = self.open().await?;
        let etag = response.headers().get(header::ETAG).and_then(|etag| etag.to_str().ok());
        let etag = etag.map(|etag| etag.trim_matches('"').to_owned());
        let body = response.bytes().await.map_err(|error| unreachable(server, &error))?;
        if body.is_empty() {
            return Ok(Answer { value: Value::Null, etag });
        }
        let value = serde_json::from_slice(&body).map_err(|_| {
            Failure::failed(format!("{server} answered, but not in JSON"))
                .hint("Check that the address is a Countersign server's.")
        })?;
        Ok(Answer { value, etag })
    }

    /// Sends it and reads the whole body as text.
    ///
    /// # Errors
    /// The same; and bytes that are not text.
    pub async fn text(self) -> Result<String, Failure> {
        let server = self.client.server();
        let body = self.open().await?.bytes().await.map_err(|error| unreachable(server, &error))?;
        String::from_utf8(body.into()).map_err(|_| Failure::failed(format!("{server} answered with something that is not text")))
    }

    /// Sends it and gives whatever comes back, refusals included.
    ///
    /// # Errors
    /// When nothing comes back.
    pub async fn raw(self) -> Result<Response, Failure> {
        let server = self.client.server();
        self.request.send().await.map_err(|error| unreachable(server, &error))
    }

    /// Sends it and gives the answer with its body still to be read.
    ///
    /// # Errors
    /// The same.
    pub async fn open(self) -> Result<Response, Failure> {
        let client = self.client;
        client.accepted(self.raw().await?).await
    }
}

impl Client {
    /// An answer that is no refusal.
    ///
    /// # Errors
    /// What the server said.
    pub async fn accepted(&self, response: Response) -> Result<Response, Failure> {
        let server = self.server();
        let status = response.status();
        if status.is_success() {
            return Ok(response);
        }
        if let Some(target) = response.headers().get(header::LOCATION).filter(|_| status.is_redirection()) {
            let target = crate::text::plain(&String::from_utf8_lossy(target.as_bytes()));
            return Err(
                Failure::failed(format!("{server} sends on to {target}")).hint("Sign in at that address, if you trust it.")
            );
        }
        let body = response.bytes().await.unwrap_or_default();
        Err(match serde_json::from_slice::<Value>(&body) {
            Ok(problem) if problem.get("code").is_some() => Failure::from_problem(status.as_u16(), problem),
            _ => {
                let problem = serde_json::json!({"status": status.as_u16(), "detail": format!("{server} answered {status} and did not say why")});
                // The server's own refusals say why: this one comes from something between.
                let hint = match status.as_u16() {
                    413 => {
                        "A proxy in front of the server takes no body of this size: have its operator raise the limit (in nginx client_max_body_size)."
                    }
                    502..=504 => "A proxy in front of the server did not get an answer in time: try again, or ask its operator.",
                    _ => "Check that the address is a Countersign server's.",
                };
                Failure::from_problem(status.as_u16(), problem).hint(hint)
            }
        })
    }
}

/// A call that got no answer, or lost it on the way.
pub fn unreachable(server: &str, error: &reqwest::Error) -> Failure {
    let causes = causes(error);
    let hint = match causes.contains("UnknownIssuer") {
        true => {
            "No authority that this machine trusts vouches for the certificate. For an authority of your own, name a file with its certificate: SSL_CERT_FILE=ca.pem."
        }
        false => "Check the address, and that the server runs: countersign doctor.",
    };
    Failure::new(Exit::Unreachable, format!("the server at {server} cannot be reached: {causes}")).hint(hint)
}

/// An error with its causes, without the address, which is said already.
fn causes(error: &reqwest::Error) -> String {
    let mut cause = std::error::Error::source(error);
    let mut words = Vec::new();
    while let Some(error) = cause {
        words.push(error.to_string());
        cause = error.source();
    }
    if error.is_timeout() {
        words.push("it took too long".to_owned());
    }
    // The last cause says it best: "Connection refused".
    words.pop().unwrap_or_else(|| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::{super::address::parse_url, *};

    #[test]
    fn a_segment_cannot_leave_its_place() {
        rustls::crypto::ring::default_provider().install_default().ok();
        let client = Client::new(parse_url("http://localhost/under/").unwrap(), None).unwrap();
        let request = client.get(&["files", "a/b?c#d é"]).query("name", Some("x&y=z")).request.build().unwrap();
        assert_eq!(request.url().as_str(), "http://localhost/under/api/v1/files/a%2Fb%3Fc%23d%20%C3%A9?name=x%26y%3Dz");
    }
}
