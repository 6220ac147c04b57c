//! Tokens and invitations, as the record tells of their making and their end.

use super::people::People;
use crate::tx::log::LoggedEvent;
use domain::{
    InvitationId, Timestamp, TokenId, UserId,
    access::Scope,
    event::{Actor, Event},
    people::{AccountKind, Credential},
};
use std::collections::{HashMap, HashSet};

/// A token that an event created.
pub(super) struct Token {
    pub user: UserId,
    pub scopes: Vec<Scope>,
    pub expires_at: Timestamp,
    pub revoked: bool,
    /// What the token shows of who acts; none where the console made the token.
    pub shows: Option<Credential>,
}

/// An invitation that an event issued.
pub(super) struct Invitation {
    pub user: UserId,
    pub expires_at: Timestamp,
    /// Whether it was redeemed, or a later invitation of the account took its place.
    pub over: bool,
    /// Whether a second administrator still has to confirm the invitation.
    pub unconfirmed: bool,
}

#[derive(Default)]
pub(super) struct Credentials {
    tokens: HashMap<TokenId, Token>,
    invitations: HashMap<InvitationId, Invitation>,
    /// Accounts that set a password.
    passwords: HashSet<UserId>,
}

impl Credentials {
    pub fn note(&mut self, event: &LoggedEvent, people: &People) {
        match &event.event {
            Event::TokenCreated { token, user, scopes, expires_at, .. } => {
                let shows = shown_by(&event.actor, people.account(*user).map(|account| account.kind));
                let token_of = Token { user: *user, scopes: scopes.clone(), expires_at: *expires_at, revoked: false, shows };
                self.tokens.insert(*token, token_of);
            }
            Event::TokenRevoked { token, .. } => {
                self.tokens.entry(*token).and_modify(|token| token.revoked = true);
            }
            Event::InvitationIssued { invitation, user, expires_at, needs_confirmation, .. } => {
                self.invitations.values_mut().filter(|earlier| earlier.user == *user).for_each(|earlier| earlier.over = true);
                self.invitations.insert(
                    *invitation,
                    Invitation { user: *user, expires_at: *expires_at, over: false, unconfirmed: *needs_confirmation },
                );
            }
            Event::InvitationConfirmed { invitation, .. } => {
                self.invitations.entry(*invitation).and_modify(|invitation| invitation.unconfirmed = false);
            }
            Event::InvitationRedeemed { invitation, user, .. } => {
                self.invitations.entry(*invitation).and_modify(|invitation| invitation.over = true);
                self.passwords.insert(*user);
            }
            _ => {}
        }
    }

    pub fn token(&self, token: TokenId) -> Option<&Token> {
        self.tokens.get(&token)
    }

    pub fn invitation(&self, invitation: InvitationId) -> Option<&Invitation> {
        self.invitations.get(&invitation)
    }

    /// Whether the account set a password by an invitation.
    pub fn has_password(&self, user: UserId) -> bool {
        self.passwords.contains(&user)
    }
}

/// What a token shows: a sign-in makes a session, a token of a service is the service's, and every other is a personal token.
fn shown_by(maker: &Actor, kind: Option<AccountKind>) -> Option<Credential> {
    match (maker, kind) {
        (_, Some(AccountKind::Service)) => Some(Credential::ServiceToken),
        (Actor::User { credential: Some(Credential::Password | Credential::Invitation), .. }, _) => Some(Credential::Session),
        (Actor::User { .. }, _) => Some(Credential::PersonalToken),
        (Actor::Clock | Actor::Console, _) => None,
    }
}
