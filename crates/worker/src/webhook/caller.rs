//! The way to a webhook: only to addresses that the operator admits, at each connection anew, without redirects, and with an end.

use super::signature::signatures;
use app::{
    Error, Networks,
    error::Code,
    webhooks::{Answer, Call, WebhookAnswer},
};
use domain::webhook::WebhookKind;
use futures_util::StreamExt;
use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    redirect::Policy,
};
use std::{
    error::Error as _,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::{net::lookup_host, time::timeout};

/// How long a call may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// How much of an answer is kept.
const KEPT_BYTES: usize = 4096;

/// Calls webhooks.
pub(crate) struct Caller {
    /// For `https`, to every address that is admitted.
    encrypted: Client,
    /// For `http`, to the networks that the operator allows alone.
    open: Client,
    networks: Networks,
}

impl Caller {
    /// # Errors
    /// When this machine has no usable TLS.
    pub fn new(networks: Networks) -> Result<Self, Error> {
        let unusable = |error: reqwest::Error| Error::new(Code::Internal, format!("webhooks cannot be called: {error}"));
        let client = |encrypted: bool| {
            let client = Client::builder()
                .no_proxy()
                .redirect(Policy::none())
                .dns_resolver(Arc::new(Resolver { networks: networks.clone(), encrypted }))
                .timeout(PATIENCE)
                .user_agent(concat!("countersign/", env!("CARGO_PKG_VERSION")))
                // A new look-up for each call: a name must not be admitted once for ever.
                .pool_max_idle_per_host(0);
            client.build().map_err(unusable)
        };
        Ok(Self { encrypted: client(true)?, open: client(false)?, networks })
    }

    /// Makes one call; gives how it ended, and what the webhook answered.
    pub async fn call(&self, call: &Call, request: &str) -> (Answer, WebhookAnswer) {
        let nothing = WebhookAnswer::default();
        match timeout(PATIENCE, self.try_to_call(call, request)).await {
            Ok(Ok((status, response))) => {
                let answer = match status {
                    StatusCode::GONE => Answer::Gone,
                    status if status.is_success() => Answer::Taken,
                    status if status.is_redirection() => {
                        Answer::Failed(format!("the webhook answered {status}, and the server follows no redirects"))
                    }
                    status => Answer::Failed(format!("the webhook answered {status}")),
                };
                (answer, WebhookAnswer { status: Some(status.as_u16().into()), response })
            }
            Ok(Err(error)) => (Answer::Failed(error), nothing),
            Err(_) => (Answer::Failed(format!("the webhook took longer than {PATIENCE:?}")), nothing),
        }
    }

    async fn try_to_call(&self, call: &Call, request: &str) -> Result<(StatusCode, Option<String>), String> {
        let url: reqwest::Url = call.url.parse().map_err(|error| format!("the address cannot be read: {error}"))?;
        // A name is checked where it is looked up; an address is not looked up.
        let literal = url.host_str().and_then(|host| host.trim_matches(['[', ']']).parse::<IpAddr>().ok());
        let encrypted = url.scheme() == "https";
        if let Some(address) = literal.filter(|address| !admits(&self.networks, *address, encrypted)) {
            return Err(not_admitted(address));
        }
        let client = if encrypted { &self.encrypted } else { &self.open };
        let mut post = client.post(url).body(request.to_owned());
        post = match call.kind {
            WebhookKind::Standard => {
                let time = call.now.micros().div_euclid(1_000_000);
                post.header("content-type", "application/cloudevents+json; charset=utf-8")
                    .header("webhook-id", &call.event_id)
                    .header("webhook-timestamp", time)
                    .header("webhook-signature", signatures(&call.secrets, &call.event_id, time, request))
            }
            WebhookKind::Slack | WebhookKind::Mattermost | WebhookKind::Teams => post.header("content-type", "application/json"),
        };
        let response = post.send().await.map_err(|error| in_words(&error))?;
        let status = response.status();
        Ok((status, beginning(response).await))
    }
}

/// The beginning of an answer, as text. What comes after is not read, however long it is.
async fn beginning(response: Response) -> Option<String> {
    let (mut bytes, mut stream) = (Vec::new(), response.bytes_stream());
    while let Some(Ok(chunk)) = stream.next().await {
        bytes.extend_from_slice(&chunk[..chunk.len().min(KEPT_BYTES - bytes.len())]);
        if bytes.len() == KEPT_BYTES {
            break;
        }
    }
    // PostgreSQL keeps no NUL in a text.
    Some(String::from_utf8_lossy(&bytes).replace('\0', "\u{fffd}")).filter(|text| !text.is_empty())
}

/// The error with its causes, without the address, which may be a secret.
fn in_words(error: &reqwest::Error) -> String {
    let mut cause = error.source();
    let mut words = if error.is_timeout() {
        format!("the webhook took longer than {PATIENCE:?}")
    } else {
        "the webhook cannot be reached".to_owned()
    };
    while let Some(error) = cause {
        let text = error.to_string();
        if !words.contains(&text) {
            words = format!("{words}: {text}");
        }
        cause = error.source();
    }
    words
}

fn not_admitted(address: IpAddr) -> String {
    format!("the address leads to {address}, which is not public and which the operator does not allow")
}

/// Whether a call may go to this address. In the clear it goes to networks that the operator allows alone.
fn admits(networks: &Networks, address: IpAddr, encrypted: bool) -> bool {
    networks.allow(address) || encrypted && networks.admit(address)
}

/// Looks names up, and gives addresses only where all of them are admitted.
struct Resolver {
    networks: Networks,
    encrypted: bool,
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let (networks, encrypted) = (self.networks.clone(), self.encrypted);
        Box::pin(async move {
            let found: Vec<SocketAddr> = lookup_host((name.as_str(), 0)).await?.collect();
            Ok(admitted(&networks, found, encrypted)?)
        })
    }
}

/// The addresses, where the operator admits all of them.
fn admitted(networks: &Networks, found: Vec<SocketAddr>, encrypted: bool) -> Result<Addrs, String> {
    match found.iter().find(|address| !admits(networks, address.ip(), encrypted)) {
        Some(private) => Err(not_admitted(private.ip())),
        None => Ok(Box::new(found.into_iter())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_with_one_private_address_gives_none() {
        let of = |addresses: &[&str], encrypted| {
            let found = addresses.iter().map(|address| SocketAddr::new(address.parse().unwrap(), 0)).collect();
            admitted(&"10.0.0.0/8".parse().unwrap(), found, encrypted).map(Iterator::count)
        };
        assert_eq!(of(&["8.8.8.8", "10.1.1.1"], true), Ok(2));
        assert!(of(&["8.8.8.8", "127.0.0.1"], true).unwrap_err().contains("127.0.0.1"));
        // In the clear only where the operator allows it, also where a name led there when it was saved.
        assert_eq!(of(&["10.1.1.1"], false), Ok(1));
        assert!(of(&["8.8.8.8"], false).unwrap_err().contains("8.8.8.8"));
    }
}
