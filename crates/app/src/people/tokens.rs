//! Tokens: personal tokens, with at most the scopes of the token in use, and tokens of service accounts. The server shows a token
//! once and stores a MAC over it.

use crate::change::{self, Subject};
use crate::{
    Error, OpContext, Page,
    base::{
        caller::{self, scopes_of},
        error::Code,
        secret, standing,
    },
    people::account,
    views::{self, CreateTokenRequest, List, NewToken},
};
use domain::{
    DisplayName, Duration, Name, NextStep, Timestamp, TokenId,
    access::{Action, Scope},
    event::Event,
    people::{AccountKind, InstanceRole},
};
use std::collections::BTreeSet;
use store::{Json, Token, TokenKind, User, Writer};

/// How long a token holds where nobody says.
const USUAL_LIFETIME: Duration = Duration::from_days(30);

/// How long a token may hold at the most.
const LONGEST_LIFETIME: Duration = Duration::from_days(365);

/// What a service's token may be used for where nobody says: what pipelines do, and nothing that people do.
const SERVICE_SCOPES: [Scope; 4] = [Scope::Read, Scope::Register, Scope::Deploy, Scope::Gate];

/// What a token is called where nobody says.
const LABEL: &str = "token";

/// The caller's own tokens that hold, or a service account's, the oldest first. `page.after` is the id of the last one listed.
///
/// # Errors
/// A token without the scope; a service's for somebody who is not an administrator; no such service account.
pub async fn list(op: &OpContext, service: Option<&Name>, page: &Page) -> Result<List<views::Token>, Error> {
    op.needs(Scope::Read)?;
    let (current, _) = op.token()?;
    let after: Option<TokenId> = match page.after.as_str() {
        "" => None,
        id => Some(id.parse().map_err(|_| Error::invalid("after", "`after` is the id of the last token that was listed"))?),
    };
    let mut reader = op.read().await?;
    let user = match service {
        None => op.user()?.clone(),
        Some(name) => {
            op.allow(Action::KeepUsers)?;
            let account = reader.user_by_name(name).await?.filter(|user| user.kind == AccountKind::Service);
            account.ok_or_else(|| Error::not_found("service account", name).at("service"))?
        }
    };
    let mut tokens = reader.tokens(user.id).await?;
    // By their ids, which are made in the order of time, so that a page goes on after one that was revoked meanwhile.
    tokens.sort_by_key(|token| token.id);
    let mut items = Vec::new();
    for token in tokens {
        let holds = token.revoked_at.is_none() && op.now < token.expires_at;
        if holds && after.is_none_or(|after| token.id > after) && items.len() <= page.limit() as usize {
            let scopes = scopes_of(&token)?.into_iter().collect();
            let Token { id, label, created_at, expires_at, kind, .. } = token;
            items.push(views::Token {
                id,
                user: user.name.clone(),
                label,
                scopes,
                created_at,
                expires_at,
                current: id == current,
                is_session: kind == TokenKind::Session,
            });
        }
    }
    Ok(List::page(items, page.limit(), |token| token.id.to_string()))
}

/// Creates a token: for oneself, at most as wide as the one in use; or for a service account, which is created if there is none.
///
/// # Errors
/// Scopes beyond those of the token in use; a service by somebody who is not an administrator; a lifetime over a year, or beyond the end
/// of the personal token in use.
pub async fn create(op: &OpContext, request: CreateTokenRequest) -> Result<NewToken, Error> {
    op.needs(Scope::Administer)?;
    let label = checked_label(request.label, LABEL)?;
    if request.expires_in.is_some_and(|lifetime| lifetime > LONGEST_LIFETIME) {
        return Err(Error::invalid("/expires_in", format!("a token holds at most {LONGEST_LIFETIME}")));
    }
    let scopes: Option<BTreeSet<Scope>> = request.scopes.map(|scopes| scopes.into_iter().collect());
    if scopes.as_ref().is_some_and(BTreeSet::is_empty) {
        return Err(Error::invalid("/scopes", "a token without any scope is of no use: name at least one, or leave them out"));
    }
    let (ref op, mut tx) = op.write().await?;
    let (user, scopes, kind) = match request.service {
        Some(service) => {
            op.allow(Action::KeepUsers)?;
            let user = service_account(op, &mut tx, service).await?;
            (user, scopes.unwrap_or_else(|| SERVICE_SCOPES.into()), TokenKind::Service)
        }
        None => (op.user()?.clone(), own_scopes(op, scopes)?, TokenKind::Personal),
    };
    let parent = parent(op, &mut tx).await?;
    let expires_at = end(op, &parent, request.expires_in)?;
    let made = Made { prefix: secret::TOKEN_PREFIX, label, scopes, expires_at, kind, parent: Some(parent.id) };
    let token = issue(op, &mut tx, &user, made).await?;
    tx.commit().await?;
    Ok(token)
}

/// Revokes a token with all that were made with it: one's own, or as an administrator anybody's. Once revoked a token stays so, and doing
/// it again changes nothing.
///
/// # Errors
/// There is no such token, or it is somebody else's.
pub async fn revoke(op: &OpContext, id: TokenId) -> Result<(), Error> {
    op.needs(Scope::Administer)?;
    let (ref op, mut tx) = op.write().await?;
    let own = op.user()?.id;
    let everyones = standing::granted(&op.standing()?, Action::KeepUsers);
    let token = tx.token(id).await?.filter(|token| everyones || token.user_id == own);
    let token = token.ok_or_else(|| Error::not_found("token", id))?;
    if revoke_family(op, &mut tx, token).await? {
        tx.commit().await?;
    }
    Ok(())
}

/// Revokes the token in use: signs out. Tokens that were made in a session outlive the signing out; those of another token end with it.
///
/// # Errors
/// When nobody is signed in.
pub async fn revoke_current(op: &OpContext) -> Result<(), Error> {
    let (id, _) = op.token()?;
    let (ref op, mut tx) = op.write().await?;
    let token = tx.token(id).await?.ok_or_else(|| Error::not_found("token", id))?;
    let revoked = match token.kind {
        TokenKind::Session if token.revoked_at.is_some() => false,
        TokenKind::Session => revoke_one(op, &mut tx, token).await.map(|()| true)?,
        TokenKind::Personal | TokenKind::Service => revoke_family(op, &mut tx, token).await?,
    };
    if revoked {
        tx.commit().await?;
    }
    Ok(())
}

/// A token to be made.
pub(crate) struct Made {
    /// What its secret begins with.
    pub prefix: &'static str,
    /// What it is called.
    pub label: String,
    /// What it may be used for.
    pub scopes: BTreeSet<Scope>,
    /// Until when it holds.
    pub expires_at: Timestamp,
    /// What it shows of who acts.
    pub kind: TokenKind,
    /// The token that it is made with; none for a session.
    pub parent: Option<TokenId>,
}

/// Creates a token and records it.
pub(crate) async fn issue(op: &OpContext, tx: &mut Writer, user: &User, made: Made) -> Result<NewToken, Error> {
    let Made { prefix, label, scopes, expires_at, kind, parent } = made;
    let secret = secret::generate(prefix, op.entropy.as_ref());
    let words: Vec<_> = scopes.iter().map(|scope| scope.as_str()).collect();
    let keys = &op.keys.credentials;
    let token = Token {
        id: op.id(),
        user_id: user.id,
        label: label.clone(),
        lookup: keys.lookup(&secret),
        mac: Vec::new(),
        scopes: words.join(" "),
        created_at: op.now,
        expires_at,
        revoked_at: None,
        parent,
        kind,
    };
    let token = Token { mac: keys.token_mac(&token, &secret), ..token };
    tx.insert(&token).await?;
    let (id, expires_at, scopes) = (token.id, token.expires_at, Vec::from_iter(scopes));
    let event =
        Event::TokenCreated { token: id, user: user.id, label: label.clone(), scopes: scopes.clone(), expires_at, parent };
    change::record(op, tx, Subject::Instance, event).await?;
    Ok(NewToken { token: secret, user: user.name.clone(), id, label, scopes, expires_at })
}

/// Revokes every token of an account that is not revoked yet.
pub(crate) async fn revoke_all(op: &OpContext, tx: &mut Writer, user: &User) -> Result<(), Error> {
    for token in tx.tokens(user.id).await? {
        // Those that have run out pile up with the years, and open nothing.
        if token.revoked_at.is_none() && op.now < token.expires_at {
            revoke_one(op, tx, token).await?;
        }
    }
    Ok(())
}

/// What a token is to be called: one line, as every name that people read.
pub(crate) fn checked_label(label: Option<String>, usual: &str) -> Result<String, Error> {
    let Some(label) = label else { return Ok(usual.to_owned()) };
    match label.parse::<DisplayName>() {
        Ok(label) => Ok(label.as_str().to_owned()),
        Err(_) => Err(Error::invalid("/label", "a label is 1 to 200 characters on one line")),
    }
}

/// Revokes a token, the tokens that were made with it, those that were made with them, and so on. Says whether there was one to revoke.
pub(super) async fn revoke_family(op: &OpContext, tx: &mut Writer, token: Token) -> Result<bool, Error> {
    let (mut family, mut any) = (vec![token], false);
    while let Some(token) = family.pop() {
        family.extend(tx.children(token.id).await?);
        if token.revoked_at.is_none() {
            revoke_one(op, tx, token).await?;
            any = true;
        }
    }
    Ok(any)
}

/// The token in use.
async fn parent(op: &OpContext, tx: &mut Writer) -> Result<Token, Error> {
    let (id, _) = op.token()?;
    tx.token(id).await?.ok_or_else(|| Error::not_found("token", id))
}

/// When a token ends that is made with `parent`: not after the parent, unless its person has signed in with a password to make it.
fn end(op: &OpContext, parent: &Token, lifetime: Option<Duration>) -> Result<Timestamp, Error> {
    let end = op.now.plus(lifetime.unwrap_or(USUAL_LIFETIME));
    match (parent.kind, lifetime) {
        (TokenKind::Session, _) => Ok(end),
        (TokenKind::Personal | TokenKind::Service, None) => Ok(end.min(parent.expires_at)),
        (TokenKind::Personal | TokenKind::Service, Some(_)) if end <= parent.expires_at => Ok(end),
        (TokenKind::Personal | TokenKind::Service, Some(_)) => {
            let message =
                format!("a token ends with the one that it was made with: the one in use holds until {}", parent.expires_at);
            Err(Error::invalid("/expires_in", message).next(NextStep::SignIn))
        }
    }
}

async fn revoke_one(op: &OpContext, tx: &mut Writer, token: Token) -> Result<(), Error> {
    let event = Event::TokenRevoked { token: token.id, user: token.user_id };
    tx.update(&Token { revoked_at: Some(op.now), ..token }).await?;
    change::record(op, tx, Subject::Instance, event).await?;
    Ok(())
}

/// A token never makes a wider one.
fn own_scopes(op: &OpContext, wanted: Option<BTreeSet<Scope>>) -> Result<BTreeSet<Scope>, Error> {
    let (_, held) = op.token()?;
    let wanted = wanted.unwrap_or_else(|| held.clone());
    match wanted.difference(held).next() {
        None => Ok(wanted),
        Some(missing) => {
            let message = format!("a token cannot make a wider one: the one in use lacks the scope `{missing}`");
            Err(Error::new(Code::ScopeMissing, message).at("/scopes").next(NextStep::SignIn))
        }
    }
}

async fn service_account(op: &OpContext, tx: &mut Writer, name: Name) -> Result<User, Error> {
    match tx.user_by_name(&name).await? {
        Some(user) if user.kind == AccountKind::Person => {
            let message = format!("“{name}” is a person, who creates tokens for themselves");
            Err(Error::new(Code::AlreadyExists, message).at("/service").next(NextStep::ChooseAnotherName))
        }
        Some(user) if !user.active => Err(caller::account_closed(Code::UserClosed, &name)),
        Some(user) => Ok(user),
        None => {
            let display_name = name.as_str().parse::<DisplayName>().map_err(Error::internal)?;
            let (kind, role) = (AccountKind::Service, InstanceRole::User);
            let (password_hash, created_at) = (None, op.now);
            let (email, former_names) = (None, Json::default());
            let user = User {
                id: op.id(),
                name,
                display_name,
                email,
                former_names,
                kind,
                role,
                active: true,
                password_hash,
                created_at,
                password_origin: None,
                signed_at: None,
                appointed_by_console: false,
                absence: None,
            };
            account::add(op, tx, &user).await?;
            Ok(user)
        }
    }
}
