//! The first argument of every use case: who acts, when, in which request, with which randomness.

use crate::{
    Caller, Error, Server,
    base::{caller, error::Code},
};
use domain::{
    Digest, NextStep, Timestamp, TokenId, UserId,
    access::{Access, Action, Scope, Standing},
    event::Actor,
    people::{Credential, InstanceRole, Signatory},
};
use std::{collections::BTreeSet, ops::Deref, sync::Arc};
use store::{Origin, OutsideWriter, Reader, User, Writer};
use uuid::Uuid;

/// A client's own key for a request that creates something, so that sending it twice creates it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// The key, as sent.
    pub key: String,
    /// The hash of the request that it belongs to.
    pub request: Digest,
}

/// The context of one operation.
#[derive(Clone)]
pub struct OpContext {
    pub(crate) server: Arc<Server>,
    /// Who acts.
    pub caller: Caller,
    /// The id of the request.
    pub request: String,
    /// The moment of acting: of the request's arrival, and for a change of its transaction's begin.
    pub now: Timestamp,
    /// The client's idempotency key.
    pub key: Option<IdempotencyKey>,
    /// A size of the log that was read after the request arrived, where one was.
    pub seen: Option<u64>,
    /// The hash of the password that came with the request, where one did and was right.
    pub(crate) right_password: Option<String>,
}

impl Deref for OpContext {
    type Target = Server;
    fn deref(&self) -> &Server {
        &self.server
    }
}

impl OpContext {
    /// A context for this caller and request, at the clock's present.
    pub fn new(server: Arc<Server>, caller: Caller, request: impl Into<String>) -> Self {
        let now = server.now();
        Self { server, caller, request: request.into(), now, key: None, seen: None, right_password: None }
    }

    /// The account that acts.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn user(&self) -> Result<&User, Error> {
        match &self.caller {
            Caller::User { user, .. } => Ok(user),
            _ => Err(not_signed_in()),
        }
    }

    /// The token in use and what it may be used for.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub(crate) fn token(&self) -> Result<(TokenId, &BTreeSet<Scope>), Error> {
        match &self.caller {
            Caller::User { token, scopes, .. } => Ok((*token, scopes)),
            _ => Err(not_signed_in()),
        }
    }

    /// Checks that the token may be used for this. The account's own rights are another matter.
    ///
    /// # Errors
    /// When nobody is signed in, or the token is too narrow.
    pub fn needs(&self, scope: Scope) -> Result<(), Error> {
        match &self.caller {
            // Whatever other parts an auditor holds. Their own tokens are theirs to keep.
            Caller::User { user, .. }
                if user.role == InstanceRole::Auditor && matches!(scope, Scope::Register | Scope::Review | Scope::Deploy) =>
            {
                Err(Error::new(Code::AuditorsChangeNothing, "an auditor reads everything and changes nothing"))
            }
            Caller::User { scopes, .. } if !scopes.contains(&scope) => {
                let message = format!("this token may not be used for that: it lacks the scope `{scope}`");
                Err(Error::new(Code::ScopeMissing, message).next(NextStep::UseTokenWithScope { scope }))
            }
            Caller::Anonymous => self.user().map(|_| ()),
            Caller::User { .. } | Caller::Clock | Caller::Console => Ok(()),
        }
    }

    /// The session or token that somebody acts with.
    pub fn session(&self) -> Option<TokenId> {
        self.token().ok().map(|(token, _)| token)
    }

    /// What showed who acts.
    pub(crate) fn credential(&self) -> Credential {
        match &self.caller {
            Caller::User { credential, .. } => *credential,
            Caller::Anonymous => Credential::Password,
            Caller::Clock => Credential::Clock,
            Caller::Console => Credential::Console,
        }
    }

    /// Who acts, as they are named now; none where no account acts.
    pub(crate) fn signatory(&self) -> Option<Signatory> {
        let user = self.user().ok()?;
        let (account, display_name) = (user.name.clone(), user.display_name.clone());
        let password = user.password_origin.clone().map(|origin| origin.0);
        Some(Signatory { account, display_name, credential: self.credential(), password })
    }

    /// The caller's standing where no project or infrastructure is at hand.
    ///
    /// # Errors
    /// When nobody is signed in.
    pub fn standing(&self) -> Result<Standing, Error> {
        let user = self.user()?;
        Ok(Standing::of(user.role, user.kind))
    }

    /// Checks that the caller may do this on the instance.
    ///
    /// # Errors
    /// When not.
    pub fn allow(&self, action: Action) -> Result<(), Error> {
        if matches!(self.caller, Caller::Console) {
            return Ok(());
        }
        allowed(&self.standing()?, action, || Error::not_found("page", ""))
    }

    /// A new id, ordered by time.
    pub fn id<T: From<Uuid>>(&self) -> T {
        let random = self.entropy.bytes();
        let millis = u64::try_from(self.now.micros() / 1000).unwrap_or(0);
        let mut tail = [0; 10];
        tail.copy_from_slice(&random[..10]);
        T::from(uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid())
    }

    /// A consistent view.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn read(&self) -> Result<Reader, Error> {
        Ok(self.store.read().await?)
    }

    /// A consistent view of what was just committed.
    ///
    /// # Errors
    /// When the database does not answer: the change is committed all the same, and the error says so.
    pub(crate) async fn read_back(&self) -> Result<Reader, Error> {
        self.read().await.map_err(Error::after_commit)
    }

    /// A change in the making, recorded as this caller's, with the context to go on with: caller and moment are those after the
    /// wait for the request's body and for the other writers, for a token may have been revoked and an approval ended meanwhile.
    ///
    /// # Errors
    /// When the database does not answer, the idempotency key was used before, or the caller's rights are no longer those with
    /// which the request began.
    pub async fn write(&self) -> Result<(Self, Writer), Error> {
        let (actor, key) = match &self.caller {
            Caller::User { user, token, credential, .. } => {
                let key = self.key.clone().map(|IdempotencyKey { key, request }| (user.id, key, request));
                (actor(user, Some(*token), *credential), key)
            }
            Caller::Clock => (Actor::Clock, None),
            Caller::Console => (Actor::Console, None),
            Caller::Anonymous => return Err(not_signed_in()),
        };
        let (mut op, mut tx) = self.write_as(actor, key).await?;
        op.caller = self.caller_now(&op, &mut tx).await?;
        Ok((op, tx))
    }

    /// How large the log was when the request came, or is now where nobody looked then. What the request reads is no older.
    ///
    /// # Errors
    /// When the database does not answer.
    pub(crate) async fn log_size(&self) -> Result<u64, Error> {
        match self.seen {
            Some(size) => Ok(size),
            None => self.cache.log_size(&self.store).await,
        }
    }

    /// A change of tables outside of the record, which waits for no other: a report, an upload, an answer. The context to go on with is
    /// that of [`Self::write`].
    ///
    /// # Errors
    /// As [`Self::write`].
    pub async fn write_outside(&self) -> Result<(Self, OutsideWriter), Error> {
        let mut tx = self.store.write_outside().await?;
        let mut op = Self { now: self.server.now(), ..self.clone() };
        if let (Caller::User { user, .. }, Some(IdempotencyKey { key, request })) = (&self.caller, &self.key) {
            tx.claim_key((user.id, key.clone(), *request), op.now).await?;
        }
        op.caller = self.caller_now(&op, &mut tx).await?;
        Ok((op, tx))
    }

    /// The caller at the moment of `later`, who must still have every right that the request began with.
    async fn caller_now(&self, later: &Self, reader: &mut Reader) -> Result<Caller, Error> {
        let token = match &self.caller {
            Caller::Anonymous => return Err(not_signed_in()),
            Caller::Clock | Caller::Console => return Ok(self.caller.clone()),
            Caller::User { token, .. } => *token,
        };
        let later = Self { caller: caller::caller(reader, token, later.now).await?, ..later.clone() };
        if self.usable().is_subset(&later.usable()) {
            return Ok(later.caller);
        }
        let message = "your rights were changed while this request was on its way";
        Err(Error::new(Code::RightsChanged, message).next(NextStep::SendAgain))
    }

    /// A change of somebody who is only just signing in, with the context to go on with.
    pub(crate) async fn write_as_user(&self, user: &User, credential: Credential) -> Result<(Self, Writer), Error> {
        self.write_as(actor(user, None, credential), None).await
    }

    async fn write_as(&self, actor: Actor, key: Option<(UserId, String, Digest)>) -> Result<(Self, Writer), Error> {
        let origin = Origin { actor, at: self.now, request: self.request.clone(), seed: self.entropy.bytes(), key };
        let mut tx = self.store.write(origin).await?;
        // A clock that was set back neither brings back an approval that has ended, nor dates an event before the one that it follows.
        let now = self.clock.now();
        let now = tx.last_event_at().map_or(now, |last| now.max(last));
        tx.acts_at(now);
        self.cache.check(tx.head());
        let server = self.server.clone();
        tx.on_commit(move |committed| {
            server.cache.learn(committed);
            server.continuation.follow(committed);
        });
        Ok((Self { now, ..self.clone() }, tx))
    }

    /// The scopes that pass [`Self::needs`].
    fn usable(&self) -> BTreeSet<Scope> {
        Scope::ALL.iter().copied().filter(|scope| self.needs(*scope).is_ok()).collect()
    }
}

/// An account as the record names who acted.
fn actor(user: &User, token: Option<TokenId>, credential: Credential) -> Actor {
    let (name, display_name) = (user.name.clone(), Some(user.display_name.clone()));
    Actor::User { id: user.id, name, display_name, token, credential: Some(credential) }
}

fn not_signed_in() -> Error {
    Error::new(Code::NotSignedIn, "you are not signed in").next(NextStep::SignIn)
}

/// Turns the answer of the access table into an error; `hidden` says what is not found where the thing is not even seen.
pub(crate) fn allowed(standing: &Standing, action: Action, hidden: impl FnOnce() -> Error) -> Result<(), Error> {
    match standing.may(action) {
        Access::Granted => Ok(()),
        Access::Forbidden(whom) => Err(Error::forbidden(action, whom)),
        Access::Hidden => Err(hidden()),
    }
}
