//! Attempts with a password: how many may fail, from one address, for one account and in one session.
//!
//! An address that fails too often is refused. All strangers together have only so many attempts for one account; beyond that they wait for
//! each other, and only those who would wait too long are refused. A network from which the account signed in before is no stranger. A
//! browser that signed in as the account before is counted by itself: nothing that others try keeps it out.

use crate::{
    auth::browser::knows,
    http::{Failure, Network, Web, network},
};
use app::{Error, OpContext, error::Code};
use axum::{
    extract::FromRequestParts,
    http::{HeaderMap, request::Parts},
};
use domain::Name;
use std::{
    convert::Infallible,
    time::{Duration, Instant},
};

/// How long a stranger waits for the attempt.
const PATIENCE: Duration = Duration::from_secs(30);

/// Where a request with a password comes from.
pub(crate) struct PasswordAttempt {
    web: Web,
    from: Network,
    headers: HeaderMap,
}

impl FromRequestParts<Web> for PasswordAttempt {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let from = network(&parts.extensions, &parts.headers, web.options.trust_forwarded_for);
        Ok(Self { web: web.clone(), from, headers: parts.headers.clone() })
    }
}

impl PasswordAttempt {
    /// Carries out a command that may bring the caller's password. Only a wrong password counts.
    pub(crate) async fn command<T>(
        &self,
        op: &OpContext,
        brings_password: bool,
        command: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let Some(session) = op.session().filter(|_| brings_password) else { return Ok(command.await?) };
        let (limits, now) = (&self.web.limits, Instant::now());
        limits.sign_ins_from.take(self.from, now).map_err(limited)?;
        let taken = limits.sign_ins_in.take(session, now);
        taken.inspect_err(|_| limits.sign_ins_from.give_back(self.from, now)).map_err(limited)?;
        let made = command.await;
        if !made.as_ref().err().is_some_and(|error| error.code == Code::SignInFailed) {
            limits.sign_ins_from.give_back(self.from, now);
            limits.sign_ins_in.give_back(session, now);
        }
        Ok(made?)
    }

    /// Makes an attempt to sign in as this account, or with an invitation. Each failure counts.
    pub(crate) async fn make<T>(
        &self,
        user: Option<&Name>,
        attempt: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Failure> {
        let (limits, now) = (&self.web.limits, Instant::now());
        // Taken before the attempt, so that many at once do not all slip through, and given back when it was no failure.
        let browser = user.and_then(|user| knows(&self.web, &self.headers, user));
        if let Some(browser) = browser {
            // Also where others fail from the same address: a whole office may have one.
            limits.sign_ins_with.take(browser.clone(), now).map_err(limited)?;
            let made = attempt.await;
            if made.is_ok() {
                limits.sign_ins_with.give_back(browser, now);
            }
            return Ok(made?);
        }
        limits.sign_ins_from.take(self.from, now).map_err(limited)?;
        let stranger_to = user.filter(|user| !limits.known_networks.has(user, self.from));
        if let Some(user) = stranger_to {
            let reserved = limits.sign_ins_as.reserve(user.clone(), now, PATIENCE);
            let wait = reserved.inspect_err(|_| limits.sign_ins_from.give_back(self.from, now)).map_err(limited)?;
            tokio::time::sleep(wait).await;
        }
        let made = attempt.await;
        if made.is_ok() {
            limits.sign_ins_from.give_back(self.from, now);
            if let Some(user) = stranger_to {
                limits.sign_ins_as.give_back(user.clone(), now);
            }
            if let Some(user) = user {
                limits.known_networks.add(user, self.from);
            }
        }
        Ok(made?)
    }
}

fn limited(wait: Duration) -> Failure {
    Failure::rate_limited("failed attempts to sign in", wait)
}
