//! What stands around every page: masthead, account menu, footer, and what was done a moment ago.

use super::{assets, demo::bar::DemoBar, parts};
use crate::{
    auth::{Visitor, cookie, keep_cookie},
    http::{Failure, Web},
    urls::pages::At,
};
use app::{
    Error, OpContext,
    base::browser,
    deployments::out_of_policy,
    live::Subject,
    record::{self, LogHead},
    reviews,
};
use askama::Template;
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, HeaderValue, StatusCode, header, request::Parts},
    response::{IntoResponse, Response},
};
use domain::{Duration, Timestamp, access::Action};
use std::sync::Arc;

/// What a browser may do with a page: load our own style, script and pictures, and send forms to us. Nothing stands inline.
pub(super) const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self'; connect-src 'self'; \
                                                  form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

const COLOURS: &str = "countersign-colours";
const KEYS: &str = "countersign-keys";
const SAYS: &str = "countersign-says";

/// A visit of somebody who is signed in: the context of use cases, and the shell of the page.
pub(crate) struct Visit {
    pub(crate) op: OpContext,
    pub(crate) shell: Shell,
}

/// What stands around a page.
#[derive(Clone)]
pub(crate) struct Shell {
    pub(crate) at: At,
    /// Whether somebody is signed in, so that the navigation leads somewhere.
    pub(crate) is_known: bool,
    /// The display name of who looks; empty for nobody.
    pub(crate) me: String,
    /// The account of who looks; empty for nobody.
    pub(crate) account: String,
    /// Whether who looks may read the whole record.
    pub(crate) reads_record: bool,
    /// Whether who looks keeps accounts, groups and tokens.
    pub(crate) administers: bool,
    /// Whether single keys do something in the pages.
    pub(crate) has_keys: bool,
    /// Where in the navigation the page belongs: `inbox`, `projects`, `infrastructures`.
    pub(crate) here: &'static str,
    /// How much waits for who looks.
    pub(crate) waiting: u64,
    /// How many deployments out of policy they may see.
    pub(crate) out_of_policy: u64,
    /// Whether the server sends mails.
    pub(crate) sends_mail: bool,
    /// `light`, `dark`, or empty for the system's.
    pub(crate) colours: String,
    /// What was done a moment ago.
    pub(crate) says: Option<String>,
    /// The address and the words of the link that follows what was done.
    pub(crate) more: Option<(String, String)>,
    /// What tells the page that something changed; empty for a page that nobody has to tell.
    pub(crate) live: String,
    /// What each form of the page bears.
    pub(crate) form: String,
    pub(crate) log: Option<LogHead>,
    pub(crate) now: Timestamp,
    /// The bar of the demo.
    pub(crate) demo: Option<DemoBar>,
    pub(crate) assets: Arc<assets::Names>,
}

impl FromRequestParts<Web> for Visit {
    type Rejection = Failure;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Failure> {
        let Visitor(op) = Visitor::from_request_parts(parts, web).await?;
        let shell = Shell::of(&op, web, &parts.headers).await?;
        Ok(Self { op, shell })
    }
}

impl Shell {
    /// The shell for somebody who is signed in.
    pub(crate) async fn of(op: &OpContext, web: &Web, headers: &HeaderMap) -> Result<Self, Error> {
        let log = record::head(op).await?;
        let at = At(web.urls.clone());
        Ok(Self {
            live: at.live(Subject::Counts, log.size),
            me: op.user()?.display_name.to_string(),
            account: op.user()?.name.to_string(),
            waiting: reviews::waiting_count(op).await?,
            out_of_policy: out_of_policy::count(op).await?,
            form: browser::form_token(op),
            log: Some(log),
            now: op.now,
            reads_record: record::may_read(op),
            administers: op.allow(Action::KeepUsers).is_ok(),
            is_known: true,
            sends_mail: op.sends_mail().await?,
            ..Self::for_nobody(web, headers)
        })
    }

    /// The shell for somebody who is not signed in.
    pub(crate) fn for_nobody(web: &Web, headers: &HeaderMap) -> Self {
        let colours = cookie(headers, COLOURS).filter(|colours| ["light", "dark"].contains(colours)).unwrap_or_default();
        let says = cookie(headers, SAYS).filter(|says| !says.is_empty());
        let mut said = form_urlencoded::parse(says.unwrap_or_default().as_bytes()).into_owned();
        let (says, more) = (said.next().map(|(says, _)| says), said.next());
        let at = At(web.urls.clone());
        Self {
            more: more.filter(|(link, _)| is_here(link, &at)),
            at,
            is_known: false,
            me: String::new(),
            account: String::new(),
            reads_record: false,
            administers: false,
            has_keys: cookie(headers, KEYS).is_none_or(|keys| keys != "off"),
            here: "",
            waiting: 0,
            out_of_policy: 0,
            sends_mail: true,
            colours: colours.to_owned(),
            says,
            live: String::new(),
            form: String::new(),
            log: None,
            now: web.server.now(),
            demo: DemoBar::of(web, headers),
            assets: Arc::new(assets::names()),
        }
    }

    /// The same, at this place of the navigation.
    pub(crate) fn here(self, here: &'static str) -> Self {
        Self { here, ..self }
    }

    /// The same, of a page that is told when something about this changes.
    pub(crate) fn about(self, subject: &Subject) -> Self {
        let live = self.log.as_ref().map(|log| self.at.live(subject, log.size));
        Self { live: live.unwrap_or_default(), ..self }
    }

    /// A page within this shell.
    ///
    /// # Errors
    /// A template that fails, which is a fault of this program.
    pub(crate) fn page(&self, status: StatusCode, page: &impl Template) -> Result<Response, Failure> {
        let mut answer = (status, html(page)?).into_response();
        if self.says.is_some() {
            answer
                .headers_mut()
                .append(header::SET_COOKIE, keep_cookie(self.at.0.is_https(), SAYS, "", Duration::from_seconds(0))?);
        }
        Ok(answer)
    }

    pub(crate) fn initials(&self) -> String {
        parts::initials(&self.me)
    }
}

/// A page as it is sent.
pub(crate) fn html(page: &impl Template) -> Result<Response, Error> {
    let text = page.render().map_err(Error::internal)?;
    // The origin of a form must come along: with `no-referrer` browsers leave it out.
    let headers = [
        (header::CONTENT_TYPE, "text/html; charset=utf-8"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY_POLICY),
    ];
    Ok((headers, text).into_response())
}

/// Whether a link that a cookie brings leads to a page of this server.
fn is_here(link: &str, at: &At) -> bool {
    link.starts_with(&at.inbox()) && !link.starts_with("//") && !link.contains('\\')
}

/// Sends the browser on to another page.
pub(crate) fn see(address: &str) -> Result<Response, Failure> {
    let location = HeaderValue::try_from(address).map_err(Error::internal)?;
    Ok((StatusCode::SEE_OTHER, [(header::LOCATION, location)]).into_response())
}

/// The same, where the next page says what was done.
pub(crate) fn see_saying(web: &Web, address: &str, says: &str) -> Result<Response, Failure> {
    see_linking(web, address, says, None)
}

/// The same, with the address and the words of a link.
pub(crate) fn see_linking(web: &Web, address: &str, says: &str, link: Option<(&str, &str)>) -> Result<Response, Failure> {
    let mut answer = see(address)?;
    let mut text: String = form_urlencoded::byte_serialize(says.as_bytes()).collect();
    if let Some((link, words)) = link {
        text.push('&');
        text.push_str(&form_urlencoded::Serializer::new(String::new()).append_pair(link, words).finish());
    }
    answer.headers_mut().append(header::SET_COOKIE, keep_cookie(web.urls.is_https(), SAYS, &text, Duration::from_seconds(60))?);
    Ok(answer)
}

/// Keeps whether single keys do something.
pub(crate) fn keep_keys(web: &Web, keys: &str) -> Result<HeaderValue, Error> {
    let keys = if keys == "off" { keys } else { "" };
    keep_cookie(web.urls.is_https(), KEYS, keys, Duration::from_days(365))
}

/// Keeps the colours that somebody chose.
pub(crate) fn keep_colours(web: &Web, colours: &str) -> Result<HeaderValue, Error> {
    let colours = if ["light", "dark"].contains(&colours) { colours } else { "" };
    keep_cookie(web.urls.is_https(), COLOURS, colours, Duration::from_days(365))
}
