//! Tells an open page, by server-sent events (WHATWG HTML §9.2), that something changed that the page shows. The page then asks for itself
//! again: what it shows is always what a page shows. A page without this stream is whole.

use crate::{
    auth::OpenSession,
    http::{Failure, OpenStream, Routes, StrictQuery, Web},
    urls::pages as paths,
};
use app::live::{OpenPage, Subject};
use axum::{
    extract::State,
    http::HeaderName,
    response::{
        IntoResponse, Response,
        sse::{Event, KeepAlive, Sse},
    },
};
use futures_util::stream;
use serde::Deserialize;
use std::{convert::Infallible, time::Duration};
use tokio::time::{Instant, sleep, sleep_until};

/// How often a stream looks whether something changed.
const PAUSE: Duration = Duration::from_secs(2);

/// How long a stream lasts. The browser asks for the next one by itself.
const LONGEST: u64 = 15 * 60;

/// How often something is sent, so that no proxy thinks that nobody is there.
const SIGN_OF_LIFE: Duration = Duration::from_secs(15);

/// How long until somebody who has too many streams may try again.
const TOO_MANY: Duration = Duration::from_secs(60);

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Query {
    /// What the page is about.
    about: String,
    /// The size of the log when the page was made.
    since: u64,
    /// After how many seconds the stream ends.
    seconds: Option<u64>,
}

/// A stream, between two events.
struct Live {
    web: Web,
    session: OpenSession,
    page: OpenPage,
    /// Whether something changed that the page was not told of yet.
    changed: bool,
    end: Instant,
    /// Counts as long as the stream is there.
    _open: OpenStream,
}

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::LIVE, follow)
}

async fn follow(
    State(web): State<Web>,
    session: OpenSession,
    StrictQuery(Query { about, since, seconds }): StrictQuery<Query>,
) -> Result<Response, Failure> {
    let op = session.op().await?;
    let token = op.session().ok_or_else(|| Failure::rate_limited("open pages of this session", TOO_MANY))?;
    let taken = web.limits.requests.take(token, std::time::Instant::now());
    taken.map_err(|wait| Failure::rate_limited("requests of this session", wait))?;
    let open = web.streams.open(token).ok_or_else(|| Failure::rate_limited("open pages of this session", TOO_MANY))?;
    // No log is longer than a database can count.
    let mut page = OpenPage::new(about.parse::<Subject>()?, since.min(i64::MAX as u64));
    let changed = page.has_changed(&op).await?;
    let end = Instant::now() + Duration::from_secs(seconds.unwrap_or(LONGEST).min(LONGEST));
    let live = Live { web, session, page, changed, end, _open: open };
    let events = stream::unfold(live, async |mut live| live.changes().await.then(|| (event(), live)));
    let answer = Sse::new(events).keep_alive(KeepAlive::new().interval(SIGN_OF_LIFE));
    // Proxies of nginx's kind keep answers back otherwise.
    Ok(([(HeaderName::from_static("x-accel-buffering"), "no")], answer).into_response())
}

fn event() -> Result<Event, Infallible> {
    Ok(Event::default().event("changed").data("{}"))
}

impl Live {
    /// Waits until something changed; false where the stream ends: in time, when the server stops, when the session has ended, or when the
    /// database does not answer.
    async fn changes(&mut self) -> bool {
        while !std::mem::take(&mut self.changed) {
            tokio::select! {
                () = sleep(PAUSE) => {}
                () = sleep_until(self.end) => return false,
                () = self.web.options.shutdown.clone().wait() => return false,
            }
            match self.look().await {
                Ok(changed) => self.changed = changed,
                Err(error) => {
                    tracing::debug!(%error, "an open page is told of nothing more");
                    return false;
                }
            }
        }
        true
    }

    async fn look(&mut self) -> Result<bool, app::Error> {
        let op = self.session.op().await?;
        self.page.has_changed(&op).await
    }
}
