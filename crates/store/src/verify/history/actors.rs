//! Who acted: an open account, with a credential that the log created, that held and that may be used for the command.

use super::History;
use crate::tx::log::LoggedEvent;
use domain::{
    TokenId, UserId,
    event::{Actor, Event},
    people::{Credential, InstanceRole},
};

impl History {
    /// Checks the actor of an event against what the log tells before the event.
    pub(super) fn actor(&self, event: &LoggedEvent) -> Result<(), String> {
        match &event.actor {
            Actor::User { id, token, credential, .. } => {
                let account = self.people.account(*id).ok_or("an account acted that no event created")?;
                if !account.active {
                    return Err(format!("the account `{}` acted, and it was closed", account.name));
                }
                if account.role == InstanceRole::Auditor && event.event.command().is_some() {
                    return Err(format!("the account `{}` acted, and an auditor changes nothing", account.name));
                }
                match &event.event {
                    Event::AbsenceSet { user, .. } if user != id => {
                        return Err("somebody told of the absence of another person".to_owned());
                    }
                    Event::Delegated { absent: Some(_), .. } => {
                        return Err("a task of somebody who is away was handed on by another than the clock".to_owned());
                    }
                    _ => {}
                }
                match token {
                    Some(token) => self.token(event, *id, *token, *credential),
                    None => self.without_token(event, *id, *credential),
                }
            }
            Actor::Clock => match &event.event {
                Event::AbsenceSet { .. } => Err("the clock tells of no absence".to_owned()),
                event if event.command().is_some() => Err("the clock gives no command of a person".to_owned()),
                _ => Ok(()),
            },
            Actor::Console => match &event.event {
                Event::AbsenceSet { .. } | Event::Delegated { absent: Some(_), .. } => {
                    Err("nobody at the console tells of absences".to_owned())
                }
                _ => Ok(()),
            },
        }
    }

    fn token(&self, event: &LoggedEvent, user: UserId, id: TokenId, shown: Option<Credential>) -> Result<(), String> {
        let token = self.credentials.token(id).ok_or("the account acted with a token that no event created")?;
        if token.user != user {
            return Err("the account acted with a token of another account".to_owned());
        }
        if token.revoked {
            return Err("the account acted with a token that was revoked".to_owned());
        }
        if event.at >= token.expires_at {
            return Err(format!("the account acted with a token that held until {}", token.expires_at));
        }
        if token.shows.is_some() && shown != token.shows {
            return Err("the event names another kind of credential than the token is".to_owned());
        }
        match event.event.command() {
            Some(command) if !command.rule().scopes.iter().any(|scope| token.scopes.contains(scope)) => {
                Err(format!("the token may not be used to {}", command.verb()))
            }
            _ => Ok(()),
        }
    }

    /// Only signing in needs no token.
    fn without_token(&self, event: &LoggedEvent, user: UserId, shown: Option<Credential>) -> Result<(), String> {
        match (shown, &event.event) {
            (Some(Credential::Invitation), Event::InvitationRedeemed { invitation, user: redeemed, .. }) => {
                let issued = self.credentials.invitation(*invitation).ok_or("no event issued the invitation")?;
                if issued.user != user || *redeemed != user {
                    return Err("the invitation was for another account".to_owned());
                }
                if issued.over || event.at >= issued.expires_at {
                    return Err("the invitation did not hold any more".to_owned());
                }
                match issued.unconfirmed {
                    true => Err("the invitation was not confirmed by a second administrator".to_owned()),
                    false => Ok(()),
                }
            }
            (Some(Credential::Password), Event::TokenCreated { .. }) if self.credentials.has_password(user) => Ok(()),
            (Some(Credential::Password), Event::TokenCreated { .. }) => {
                Err("the account signed in with a password, and no event set one".to_owned())
            }
            _ => Err("the account acted without a token".to_owned()),
        }
    }
}
