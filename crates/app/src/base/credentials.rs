//! How tokens and invitation codes are stored: as MACs under keys of the server. A row that somebody wrote or altered in the database
//! alone is no credential.

use super::{secret::same, secret_box::SecretBox};
use crate::{Error, base::error::Code};
use domain::{Digest, Name, Timestamp, TokenId, UserId, WebhookId};
use proof::{SigningKey, mac::MacKey};
use store::{Invitation, MailSettings, Token};

/// The keys, each derived from the server's private key for one purpose.
pub struct CredentialKeys {
    secrets: MacKey,
    tokens: MacKey,
    invitations: MacKey,
    forms: MacKey,
    setups: MacKey,
    unsubscribing: MacKey,
    browsers: MacKey,
    webhooks: MacKey,
    mail: SecretBox,
    /// Goes into every Argon2 hash.
    passwords: [u8; 32],
}

impl CredentialKeys {
    pub(crate) fn derive(secret: &SigningKey) -> Self {
        let key = |purpose| MacKey::derive(secret, purpose);
        Self {
            secrets: key("credentials: finding"),
            tokens: key("credentials: tokens"),
            invitations: key("credentials: invitations"),
            forms: key("credentials: forms of pages"),
            setups: key("credentials: set-up links"),
            unsubscribing: key("credentials: links that end messages"),
            browsers: key("credentials: browsers that an account knows"),
            webhooks: key("credentials: secrets of webhooks"),
            mail: SecretBox::new(key("credentials: password for the mail server").mac(&[])),
            passwords: key("credentials: passwords").mac(&[]),
        }
    }

    /// What a token or an invitation is found by. The secret itself is not stored.
    pub fn lookup(&self, secret: &str) -> Vec<u8> {
        self.secrets.mac(&[secret.as_bytes()]).to_vec()
    }

    /// The MAC of a token: over all that the token was made with, and its secret.
    pub fn token_mac(&self, token: &Token, secret: &str) -> Vec<u8> {
        self.of_token(token, secret, |key, parts| key.mac(parts)).to_vec()
    }

    /// Whether the server made the token as the row shows it.
    pub(crate) fn made_token(&self, token: &Token, secret: &str) -> bool {
        self.of_token(token, secret, |key, parts| key.verify(parts, &token.mac))
    }

    /// The MAC of an invitation: over all that it was made with, and its code.
    pub(crate) fn invitation_mac(&self, invitation: &Invitation, code: &str) -> Vec<u8> {
        self.of_invitation(invitation, code, |key, parts| key.mac(parts)).to_vec()
    }

    /// Whether the server made the invitation as the row shows it.
    pub(crate) fn made_invitation(&self, invitation: &Invitation, code: &str) -> bool {
        self.of_invitation(invitation, code, |key, parts| key.verify(parts, &invitation.mac))
    }

    /// The MAC of a form of a browser's session, in hexadecimal.
    pub(crate) fn form_mac(&self, session: TokenId, salt: &str) -> String {
        hex(&self.forms.mac(&[session.uuid().as_bytes(), salt.as_bytes()]))
    }

    /// The MAC of a set-up link that holds until `end`, in hexadecimal.
    pub(crate) fn setup_mac(&self, end: Timestamp) -> String {
        hex(&self.setups.mac(&[&bytes(end)]))
    }

    /// The MAC of a link that ends the messages to an account, in hexadecimal.
    pub(crate) fn unsubscribe_mac(&self, user: UserId) -> String {
        hex(&self.unsubscribing.mac(&[user.uuid().as_bytes()]))
    }

    /// The MAC by which an account knows a browser again, in hexadecimal.
    pub fn known_browser_mac(&self, user: &Name, browser: &str) -> String {
        hex(&self.browsers.mac(&[user.as_str().as_bytes(), browser.as_bytes()]))
    }

    /// Whether this is the MAC of a browser that signed in as this account before.
    pub fn is_known_browser(&self, user: &Name, browser: &str, mac: &str) -> bool {
        same(&self.known_browser_mac(user, browser), mac)
    }

    /// The secret of this number of a webhook.
    pub(crate) fn webhook_secret(&self, webhook: WebhookId, generation: u64) -> [u8; 32] {
        self.webhooks.mac(&[webhook.uuid().as_bytes(), &generation.to_be_bytes()])
    }

    /// Encrypts the password for a mail server. Only for this host, this connection with its authority and this user name can it be read
    /// again: a row that names another host gets no password.
    pub(crate) fn keep_mail_password(&self, settings: &MailSettings, password: &str, nonce: [u8; 32]) -> Vec<u8> {
        self.mail.close(password, &mail_use(settings), nonce)
    }

    /// The password for a mail server.
    ///
    /// # Errors
    /// It was encrypted with another key, or for another use.
    pub(crate) fn mail_password(&self, settings: &MailSettings) -> Result<String, Error> {
        let kept = settings.password.as_deref().unwrap_or_default();
        self.mail.open(kept, &mail_use(settings)).ok_or_else(|| {
            Error::new(Code::MailServer, "the password for the mail server cannot be read with this server's key: set it again")
        })
    }

    /// The secret of the server for passwords.
    pub(crate) fn pepper(&self) -> [u8; 32] {
        self.passwords
    }

    fn of_token<T>(&self, token: &Token, secret: &str, take: impl FnOnce(&MacKey, &[&[u8]]) -> T) -> T {
        let (kind, [made, ends]) = (token.kind.to_string(), [token.created_at, token.expires_at].map(bytes));
        let (id, user) = (token.id.uuid(), token.user_id.uuid());
        take(
            &self.tokens,
            &[
                id.as_bytes(),
                user.as_bytes(),
                kind.as_bytes(),
                token.label.as_bytes(),
                token.scopes.as_bytes(),
                &made,
                &ends,
                secret.as_bytes(),
            ],
        )
    }

    fn of_invitation<T>(&self, invitation: &Invitation, code: &str, take: impl FnOnce(&MacKey, &[&[u8]]) -> T) -> T {
        let [made, ends] = [invitation.created_at, invitation.expires_at].map(bytes);
        let (id, user) = (invitation.id.uuid(), invitation.user_id.uuid());
        take(&self.invitations, &[id.as_bytes(), user.as_bytes(), &made, &ends, code.as_bytes()])
    }
}

/// What a password for the mail server is good for.
fn mail_use(settings: &MailSettings) -> String {
    let MailSettings { host, port, security, username, authority, .. } = settings;
    let authority = Digest::from_bytes(*proof::Sha256::of(authority.as_deref().unwrap_or_default().as_bytes()).as_bytes());
    format!("{security} {port} {host} {authority} {}", username.as_deref().unwrap_or_default())
}

fn hex(mac: &[u8]) -> String {
    mac.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn bytes(time: Timestamp) -> [u8; 8] {
    time.micros().to_be_bytes()
}
