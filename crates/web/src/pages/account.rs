//! One's own account: sessions and tokens, which mails one gets, the colours of pages, single keys, and the password.

use super::{
    buttons::mendable,
    failures::sentence,
    parts,
    shell::{Shell, Visit, keep_colours, keep_keys, see, see_saying},
    tokens::{every_token, new_token},
};
use crate::{
    auth::{PasswordAttempt, SentForm},
    http::{Failure, Form, Routes, Web},
    urls::pages as paths,
};
use app::{
    Error, OpContext,
    error::Code,
    messages,
    people::{absence, password, tokens, users},
    views::{Absence, ChangePasswordRequest, NewToken, Password, SubscribeRequest, Subscription, Token, User, WantedMessages},
};
use askama::Template;
use axum::{
    extract::State,
    http::{HeaderMap, StatusCode, header},
    response::Response,
};
use domain::{TokenId, access::Scope, notice::Wanted};

pub(super) fn routes() -> Routes {
    Routes::new()
        .get(paths::ACCOUNT, show)
        .post(paths::COLOURS, colours)
        .post(paths::KEYS, keys)
        .post(paths::END_SESSION, end)
        .post(paths::OWN_TOKENS, create)
        .post(paths::OWN_MAIL, choose_mail)
        .post(paths::SUBSCRIPTIONS, subscribe)
        .post(paths::OWN_PASSWORD, change_password)
        // The pages that forms left in the address bar.
        .get(paths::OWN_TOKENS, to_account)
        .get(paths::OWN_PASSWORD, to_account)
        .get(paths::OWN_MAIL, to_account)
        .get(paths::SUBSCRIPTIONS, to_account)
        .get(paths::COLOURS, to_account)
        .get(paths::KEYS, to_account)
        .get(paths::END_SESSION, to_account)
}

#[derive(Template)]
#[template(path = "account.html")]
struct AccountPage<'a> {
    shell: &'a Shell,
    user: User,
    mail: WantedMessages,
    absence: Option<Absence>,
    subscriptions: Vec<Subscription>,
    sessions: Shown,
    tokens: Shown,
    /// What the session in use may do, and with it a token that it makes.
    scopes: Vec<Scope>,
    outcome: Outcome,
    form: &'a Form,
}

/// The newest of many tokens, and how many more there are. The session in use comes first.
struct Shown {
    tokens: Vec<Token>,
    more: usize,
}

/// How many sessions, and how many tokens, the page shows.
const SHOWN: usize = 50;

impl Shown {
    fn of(mut tokens: Vec<Token>) -> Self {
        tokens.sort_by_key(|token| !token.current);
        let more = tokens.len().saturating_sub(SHOWN);
        tokens.truncate(SHOWN);
        Self { tokens, more }
    }
}

/// What came of a form of the page.
#[derive(Default)]
struct Outcome {
    status: StatusCode,
    /// What was wrong, as a sentence.
    problem: String,
    /// Whether it was wrong with the password.
    about_password: bool,
    made: Option<NewToken>,
}

async fn show(Visit { op, shell }: Visit) -> Result<Response, Failure> {
    page(&op, shell, &Form::default(), Outcome::default()).await
}

async fn to_account(Visit { shell, .. }: Visit) -> Result<Response, Failure> {
    see(&shell.at.account())
}

/// Makes a token. The page that answers shows the token, and no other page does.
async fn create(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    if form.get("go") != "create" {
        return page(&op, shell, &form, Outcome::default()).await;
    }
    let made = match new_token(&form, None) {
        Ok(request) => tokens::create(&op, request).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(made) => page(&op, shell, &Form::default(), Outcome { made: Some(made), ..Outcome::default() }).await,
        Err(error) => {
            let (status, problem) = mendable(error)?;
            let outcome = Outcome { status, problem, ..Outcome::default() };
            page(&op, shell, &form, outcome).await
        }
    }
}

/// Replaces the password. No password comes back with the page.
async fn change_password(
    State(web): State<Web>,
    headers: HeaderMap,
    attempt: PasswordAttempt,
    SentForm { op, form }: SentForm,
) -> Result<Response, Failure> {
    let shell = Shell::of(&op, &web, &headers).await?;
    let typed = |field: &str| Password(form.get(field).to_owned());
    let request = ChangePasswordRequest { password: typed("password"), new_password: typed("new_password") };
    match attempt.command(&op, true, password::change(&op, request)).await {
        Ok(()) => see_saying(&web, &shell.at.account(), "You have a new password. Your other sessions have ended."),
        Err(failure) => {
            let (status, problem) = match failure.error.code {
                Code::SignInFailed => (StatusCode::UNPROCESSABLE_ENTITY, sentence(&failure.error.message)),
                _ => mendable(*failure.error)?,
            };
            let outcome = Outcome { status, problem, about_password: true, ..Outcome::default() };
            page(&op, shell, &Form::default(), outcome).await
        }
    }
}

async fn page(op: &OpContext, shell: Shell, form: &Form, outcome: Outcome) -> Result<Response, Failure> {
    let (user, mail) = (users::me(op).await?, messages::wanted(op).await?);
    let absence = absence::show(op).await?.absence.filter(|absence| op.now < absence.until);
    let subscriptions = messages::subscriptions(op).await?.items;
    let mut all = every_token(op).await?;
    all.reverse();
    let scopes = all.iter().find(|token| token.current).map(|token| token.scopes.clone()).unwrap_or_default();
    let (sessions, tokens) = all.into_iter().partition(|token| token.is_session);
    let (sessions, tokens) = (Shown::of(sessions), Shown::of(tokens));
    let shell = &shell;
    let page = AccountPage { shell, user, mail, absence, subscriptions, sessions, tokens, scopes, outcome, form };
    shell.page(page.outcome.status, &page)
}

/// Chooses which mails one gets.
async fn choose_mail(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let wanted: Wanted = form.get("wanted").parse().map_err(|error: String| Error::invalid("wanted", error))?;
    messages::set_wanted(&op, wanted).await?;
    see_saying(&web, &Shell::for_nobody(&web, &headers).at.account(), "Your choice of mails is kept.")
}

/// Subscribes to a project, a model or a version, or ends the subscription, and goes back to the page.
async fn subscribe(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let request = SubscribeRequest { to: form.get("to").to_owned(), subscribed: form.get("go") == "subscribe" };
    let words = match request.subscribed {
        true => format!("You hear of each step of the reviews of {}.", request.to),
        false => format!("You no longer subscribe to {}.", request.to),
    };
    messages::subscribe(&op, request).await?;
    see_saying(&web, &back(&headers, &Shell::for_nobody(&web, &headers)), &words)
}

/// Switches single keys on or off, and goes back to the page.
async fn keys(State(web): State<Web>, headers: HeaderMap, SentForm { form, .. }: SentForm) -> Result<Response, Failure> {
    let mut answer = see(&back(&headers, &Shell::for_nobody(&web, &headers)))?;
    answer.headers_mut().append(header::SET_COOKIE, keep_keys(&web, form.get("keys"))?);
    Ok(answer)
}

/// Chooses the colours of the pages, and goes back to the page.
async fn colours(State(web): State<Web>, headers: HeaderMap, SentForm { form, .. }: SentForm) -> Result<Response, Failure> {
    let shell = Shell::for_nobody(&web, &headers);
    let mut answer = see(&back(&headers, &shell))?;
    answer.headers_mut().append(header::SET_COOKIE, keep_colours(&web, form.get("colours"))?);
    Ok(answer)
}

/// The page that the form stood on, as the browser says: a path of this server, whatever the host is called.
fn back(headers: &HeaderMap, shell: &Shell) -> String {
    let from = headers.get(header::REFERER).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let path = from.split_once("://").and_then(|(_, rest)| rest.find('/').map(|at| &rest[at..])).unwrap_or_default();
    if path.starts_with(&shell.at.inbox()) && !path.starts_with("//") { path.to_owned() } else { shell.at.account() }
}

async fn end(State(web): State<Web>, headers: HeaderMap, SentForm { op, form }: SentForm) -> Result<Response, Failure> {
    let id: TokenId =
        form.get("token").parse().map_err(|_| Error::invalid("token", "this is not the id of a session or token"))?;
    tokens::revoke(&op, id).await?;
    see_saying(&web, &Shell::for_nobody(&web, &headers).at.account(), "Ended.")
}

impl AccountPage<'_> {
    /// Whether a scope is ticked: as typed, else reading alone.
    fn is_ticked(&self, scope: &Scope) -> bool {
        match self.form.get("go") {
            "" => *scope == Scope::Read,
            _ => self.form.all("scope").any(|word| word == scope.as_str()),
        }
    }

    fn choices(&self) -> [(Wanted, &'static str); 5] {
        [
            (Wanted::All, "All: what is asked of me, and what happens to what I take part in"),
            (Wanted::MyTurn, "Only my turn: what is asked of me"),
            (Wanted::EachMorning, "All, in one mail each morning"),
            (
                Wanted::Required,
                "Only what nobody should miss: my final decisions, and what is overdue, handed to me, or out of policy",
            ),
            (Wanted::Nothing, "None: I look into my inbox"),
        ]
    }

    fn wants(&self, choice: &Wanted) -> bool {
        *choice == self.mail.wanted
    }

    fn wears(&self, colours: &str) -> bool {
        self.shell.colours == colours
    }
}
