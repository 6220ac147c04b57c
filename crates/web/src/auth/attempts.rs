//! Attempts with a password: how many may fail, from one address and for one account.

use crate::http::{Failure, Network, Web, network};
use app::{Error, OpContext, error::Code};
use axum::{extract::FromRequestParts, http::request::Parts};
use domain::Name;
use std::{convert::Infallible, time::Instant};

/// Where a request with a password comes from.
pub(crate) struct PasswordAttempt {
    web: Web,
    from: Network,
}

impl FromRequestParts<Web> for PasswordAttempt {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, web: &Web) -> Result<Self, Infallible> {
        let from = network(&parts.extensions, &parts.headers, web.options.trust_forwarded_for);
        Ok(Self { web: web.clone(), from })
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
        match op.user() {
            Ok(user) if brings_password => self.make(Some(&user.name), command, |error| error.code == Code::SignInFailed).await,
            _ => Ok(command.await?),
        }
    }

    /// Makes an attempt for this account. Only a failure that `counts` counts.
    pub(crate) async fn make<T>(
        &self,
        user: Option<&Name>,
        attempt: impl Future<Output = Result<T, Error>>,
        counts: impl FnOnce(&Error) -> bool,
    ) -> Result<T, Failure> {
        let (limits, now) = (&self.web.limits, Instant::now());
        // Taken before the attempt, so that many at once do not all slip through, and given back when it was no failure.
        let limited = |wait| Failure::rate_limited("failed attempts to sign in", wait);
        limits.sign_ins_from.take(self.from, now).map_err(limited)?;
        if let Some(user) = user {
            limits.sign_ins_as.take(user.clone(), now).map_err(limited)?;
        }
        let made = attempt.await;
        if !made.as_ref().err().is_some_and(counts) {
            limits.sign_ins_from.give_back(self.from, now);
            if let Some(user) = user {
                limits.sign_ins_as.give_back(user.clone(), now);
            }
        }
        Ok(made?)
    }
}
