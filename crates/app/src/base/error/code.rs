//! The codes of errors: what a program looks at. A code never changes its meaning. `docs/errors.md` lists them.

use domain::RefusalKind;
use serde::Serialize;
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, schema::Type},
};

/// The family of an error; each HTTP status and exit code follows from it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The request cannot be read.
    Malformed,
    /// It can be read, but something in it is wrong.
    Invalid,
    /// Nobody is signed in.
    Unauthenticated,
    /// Somebody is, but may not do this.
    Forbidden,
    /// There is no such thing, or none that the caller may see.
    NotFound,
    /// The address does not take this method.
    WrongMethod,
    /// The client was too slow.
    TooSlow,
    /// It does not fit the present state.
    Conflict,
    /// The caller's view is out of date.
    Stale,
    /// The caller must say which state it saw.
    PreconditionRequired,
    /// Too many bytes or files.
    TooLarge,
    /// The body is in a format that is not read here.
    WrongFormat,
    /// The gate denies.
    DeniedByPolicy,
    /// The gate warns, and nobody has acknowledged it.
    NotAcknowledged,
    /// Too many requests.
    RateLimited,
    /// The storage is full.
    Full,
    /// Something that is needed does not answer; try again later.
    Unavailable,
    /// A fault of this program.
    Internal,
}

/// Declares the codes. The first line above a code says what the code means, the second what to do.
macro_rules! codes {
    ($(#[doc = $meaning:literal] #[doc = $remedy:literal] $name:ident = $word:literal, $kind:ident;)*) => {
        /// A stable code.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
        pub enum Code {
            $(#[doc = $meaning] #[doc = $remedy] #[serde(rename = $word)] $name,)*
        }

        impl Code {
            /// Every code, in the order of the documentation.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The code as the API writes it.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The family that the code belongs to.
            pub const fn kind(self) -> Kind {
                match self { $(Self::$name => Kind::$kind),* }
            }

            /// What is wrong, as a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$name => $meaning.trim()),* }
            }

            /// What to do, as a sentence.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$name => $remedy.trim()),* }
            }
        }
    };
}

codes! {
    /// Something in the request is wrong. `errors` points at it.
    /// Correct what `errors` points at.
    Invalid = "invalid", Invalid;
    /// The body is not JSON.
    /// Send one JSON object in UTF-8.
    MalformedJson = "malformed_json", Malformed;
    /// An object in the body has the same key twice.
    /// Send each key once.
    DuplicateKey = "duplicate_key", Malformed;
    /// The `Content-Type` of the body is not `application/json`.
    /// Send JSON with `Content-Type: application/json`.
    UnsupportedMediaType = "unsupported_media_type", WrongFormat;
    /// The JSON body is too large.
    /// Send less at a time.
    BodyTooLarge = "body_too_large", TooLarge;
    /// A form came from another site, or from a page of an earlier session.
    /// Open the page again, and send the form from there.
    FormFromElsewhere = "form_from_elsewhere", Forbidden;
    /// The body broke off.
    /// Send the request again.
    BodyBrokenOff = "body_broken_off", Malformed;
    /// The body did not arrive in time.
    /// Send the request again, over a better connection.
    RequestTimeout = "request_timeout", TooSlow;
    /// The address cannot be read.
    /// Escape what is no plain character in the address.
    MalformedAddress = "malformed_address", Malformed;
    /// The request says no host, or several.
    /// Send one `Host` header, as RFC 9112 asks.
    MalformedHost = "malformed_host", Malformed;
    /// There is nothing at this address.
    /// Look up the address in `/api/v1/openapi.json`.
    NoSuchRoute = "no_such_route", NotFound;
    /// The address does not take this method.
    /// Use a method that the header `Allow` names.
    MethodNotAllowed = "method_not_allowed", WrongMethod;
    /// The header `If-Match` holds no entity tag.
    /// Send the `ETag` as it came with the answer, quotes included.
    MalformedIfMatch = "malformed_if_match", Malformed;
    /// The request needs `If-Match`, so that nobody decides on a state that they have not seen.
    /// Get the object, and send its `ETag` as `If-Match`.
    PreconditionRequired = "precondition_required", PreconditionRequired;
    /// The object has changed since you looked.
    /// Get the object again, look at what changed, and decide again.
    Stale = "stale", Stale;
    /// The header `Content-Digest` cannot be read.
    /// Send `sha-256=:BASE64:`.
    MalformedContentDigest = "malformed_content_digest", Malformed;
    /// The header `Idempotency-Key` cannot be used.
    /// Send 1 to 200 visible ASCII characters.
    MalformedIdempotencyKey = "malformed_idempotency_key", Malformed;
    /// The idempotency key was used for another request.
    /// Use a new key for each new request.
    IdempotencyKeyReused = "idempotency_key_reused", Invalid;
    /// The service is in policy, so that there is no lapse to acknowledge.
    /// Nothing: get the deployment again.
    NotOutOfPolicy = "not_out_of_policy", Conflict;
    /// A request with this idempotency key was carried out while this request was on its way.
    /// Send the request again with the same key: the same request gets the same answer.
    IdempotencyKeyUsed = "idempotency_key_used", Conflict;
    /// The request was carried out before, and its answer is lost.
    /// Look at what the request was to create.
    AnswerLost = "answer_lost", Conflict;
    /// The request was carried out before, and its secret is shown only once.
    /// Create another one, with a new idempotency key.
    SecretShownOnce = "secret_shown_once", Conflict;
    /// Too many requests came with this token, or too many attempts to sign in failed.
    /// Wait as long as `Retry-After` says.
    RateLimited = "rate_limited", RateLimited;

    /// The request bears no token.
    /// Sign in, and send the token as `Authorization: Bearer TOKEN`.
    NotSignedIn = "not_signed_in", Unauthenticated;
    /// The header `Authorization` is not `Bearer TOKEN`.
    /// Send the token as `Authorization: Bearer TOKEN`.
    MalformedAuthorization = "malformed_authorization", Unauthenticated;
    /// This server has not issued the token.
    /// Sign in again.
    TokenUnknown = "token_unknown", Unauthenticated;
    /// The token was revoked.
    /// Sign in again, or use another token.
    TokenRevoked = "token_revoked", Unauthenticated;
    /// The token has expired.
    /// Sign in again, or use another token.
    TokenExpired = "token_expired", Unauthenticated;
    /// The user name or the password is wrong.
    /// Try again, or ask an administrator for a new invitation.
    SignInFailed = "sign_in_failed", Unauthenticated;
    /// Your account is closed.
    /// Ask an administrator to reopen the account.
    AccountClosed = "account_closed", Unauthenticated;
    /// No invitation has this code.
    /// Ask an administrator for a new invitation.
    InvitationUnknown = "invitation_unknown", Unauthenticated;
    /// The invitation was used before.
    /// Ask an administrator for a new invitation.
    InvitationUsed = "invitation_used", Unauthenticated;
    /// A newer invitation took the place of this one.
    /// Ask an administrator for a new invitation.
    InvitationCancelled = "invitation_cancelled", Unauthenticated;
    /// The invitation has expired.
    /// Ask an administrator for a new invitation.
    InvitationExpired = "invitation_expired", Unauthenticated;

    /// The invitation is for an account that signed, or that confirms invitations, and nobody has confirmed it.
    /// Have a second administrator, or the operator at the server's console, confirm the invitation.
    InvitationUnconfirmed = "invitation_unconfirmed", Unauthenticated;

    /// You are no second administrator beside the one who gave the invitation out.
    /// Have an administrator whom the server's console appointed confirm it, or the operator at the console.
    NoSecondAdministrator = "no_second_administrator", Forbidden;
    /// You may not do this.
    /// Ask one of those whom the message names.
    Forbidden = "forbidden", Forbidden;
    /// The token lacks a scope.
    /// Use a token with the scope that `next` names.
    ScopeMissing = "scope_missing", Forbidden;
    /// Auditors read everything and change nothing.
    /// Use an account that is no auditor's.
    AuditorsChangeNothing = "auditors_change_nothing", Forbidden;
    /// Your rights changed while the request was on its way.
    /// Send the request again, if you still may.
    RightsChanged = "rights_changed", Forbidden;
    /// No such thing exists, or none that you may see.
    /// Check the name, or ask for access.
    NotFound = "not_found", NotFound;
    /// The server collects no metrics.
    /// Have the operator switch metrics on.
    NoMetrics = "no_metrics", NotFound;

    /// You are none of the people who may give this command of the sign-off.
    /// Ask one of the people in `who_can`.
    NotEntitled = "not_entitled", Forbidden;
    /// The project's duty rules keep an author, an editor or a requester from the final approval; a service account never reviews.
    /// Ask one of the people in `who_can`.
    BarredByDuty = "barred_by_duty", Forbidden;
    /// A token of a program does not approve, reject or revoke, reset an approved version, or confirm an invitation.
    /// Sign in, and send the token of the session.
    SessionRequired = "session_required", Forbidden;
    /// You signed in too long ago for this command.
    /// Send your password with the request, or sign in again.
    ReauthenticationRequired = "reauthentication_required", Forbidden;
    /// The status of the sign-off does not allow the command.
    /// Do what `next` names first.
    WrongStatus = "wrong_status", Conflict;
    /// The version was rejected or abandoned. Nothing of the version changes until a reset.
    /// Ask a project manager for a reset.
    Locked = "locked", Conflict;
    /// A final approver has decided. A final decision is never edited.
    /// Revoke the approval, or reset the sign-off.
    AlreadyDecided = "already_decided", Conflict;
    /// You have made exactly this decision before.
    /// Show the review: it has the decision.
    AlreadyDone = "already_done", Conflict;
    /// Nobody could give the final approval.
    /// Do what `next` names, then request the review.
    NobodyCanApprove = "nobody_can_approve", Invalid;

    /// The gate denies the deployment.
    /// Do what `next` names; `answer` says which approval is missing.
    DeniedByPolicy = "denied_by_policy", DeniedByPolicy;
    /// The gate warns, and the request acknowledges nothing.
    /// Send the reason for going on as `acknowledge`.
    NotAcknowledged = "not_acknowledged", NotAcknowledged;
    /// The service serves another model.
    /// Deploy the version as another service.
    OtherModel = "other_model", Conflict;
    /// The service has no earlier revision that served something else.
    /// Name the revision to go back to, or deploy a version.
    NoEarlierRevision = "no_earlier_revision", Conflict;

    /// Something with this name exists.
    /// Choose another name.
    AlreadyExists = "already_exists", Conflict;
    /// The account that the request names is closed.
    /// Have an administrator reopen the account first.
    UserClosed = "user_closed", Conflict;
    /// The account is a service account: nobody signs in with it.
    /// Create a token for the service account.
    ServiceAccount = "service_account", Conflict;
    /// The account is the last administrator's.
    /// Make somebody else an administrator first.
    LastAdministrator = "last_administrator", Conflict;
    /// The member is the last manager of the project.
    /// Make somebody else a manager first.
    LastManager = "last_manager", Conflict;
    /// The member is the last admin of the infrastructure.
    /// Make somebody else an admin first.
    LastAdmin = "last_admin", Conflict;

    /// The bytes have another digest than the request says.
    /// Compare the files with the originals, and send them again.
    DigestMismatch = "digest_mismatch", Invalid;
    /// The upload has no file.
    /// Send at least one file first.
    EmptyUpload = "empty_upload", Invalid;
    /// The file is too large.
    /// Send a smaller file, or ask the operator for a higher limit.
    FileTooLarge = "file_too_large", TooLarge;
    /// The upload has too many files.
    /// Pack files that belong together into one.
    TooManyFiles = "too_many_files", TooLarge;
    /// The file broke off on its way. Nothing of it was kept.
    /// Send the file again.
    UploadBrokenOff = "upload_broken_off", Malformed;

    /// A node with this name reports with another account.
    /// Give the node a name of its own, or have an admin of the infrastructure take the other node off the list.
    NodeOfAnotherAccount = "node_of_another_account", Forbidden;
    /// The infrastructure has too many nodes.
    /// Give each node one name, and keep it.
    TooManyNodes = "too_many_nodes", Conflict;
    /// The report of a node is too large.
    /// Leave out reasons, or shorten them.
    ReportTooLarge = "report_too_large", TooLarge;

    /// The database or the storage does not answer. Nothing was changed.
    /// Try again in a moment.
    Unavailable = "unavailable", Unavailable;
    /// The database went away during the commit. Nobody knows whether the change was made.
    /// Look whether the change was made before you repeat it.
    InDoubt = "in_doubt", Unavailable;
    /// The change was made, but the result could not be read back.
    /// Look at the result before you repeat the change.
    NotShown = "not_shown", Internal;
    /// The server sends no mails: no mail server is set up.
    /// Have an administrator choose a mail server. Until then people find in the inbox what waits for them.
    MailNotSetUp = "mail_not_set_up", Conflict;
    /// The server's configuration says how mails leave the server, so administrators choose no mail server.
    /// Change the configuration, or take `mail.server` and `mail.folder` out of the configuration and restart the server.
    MailConfigured = "mail_configured", Conflict;
    /// The account has no mail address.
    /// Have an administrator give the account an address.
    NoMailAddress = "no_mail_address", Conflict;
    /// The mail server does not take messages. They wait, and nothing is lost.
    /// Look at the mail settings of the server and at the mail server.
    MailServer = "mail_server", Unavailable;
    /// The address of a webhook leads to a machine that is not public.
    /// Use a public address, or have the operator allow the network.
    WebhookAddressNotAllowed = "webhook_address_not_allowed", Invalid;
    /// The webhook got a new secret a short time ago, and the earlier one still holds.
    /// Wait until the earlier secret has ended. Where both are known to others, remove the webhook and make another one.
    SecretIsNew = "secret_is_new", Conflict;
    /// The webhook is disabled, so the server does not call it.
    /// Enable the webhook first.
    WebhookDisabled = "webhook_disabled", Conflict;
    /// A background job of the server is stuck.
    /// Have the operator restart the server. The list of jobs says which job is stuck, and why.
    JobStuck = "job_stuck", Unavailable;
    /// The disk is full. Nothing was changed.
    /// Have the operator make room, then try again.
    StorageFull = "storage_full", Full;
    /// The log does not continue the last signed checkpoint: the database is older than what was signed, or another one. Nothing is signed.
    /// Have the operator verify the store, and after a restore record that the log goes on.
    LogForked = "log_forked", Unavailable;
    /// Nobody signs the log: no server has the key of the log, and no checkpoint covers the newest events. Nothing is signed.
    /// Have the operator put the key of the log back, or let a new key take over.
    LogUnsigned = "log_unsigned", Unavailable;
    /// A row, an event or the head of the log was altered in the database: it does not bear the seal of this server.
    /// Have the operator verify the store.
    StoreAltered = "store_altered", Internal;
    /// This server has not signed an approval that its database shows.
    /// Have the operator verify the store.
    ApprovalNotSigned = "approval_not_signed", Internal;
    /// Something went wrong inside the server. Nothing was changed.
    /// Try again. The server's log says more, under the id in `request`.
    Internal = "internal", Internal;
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}

impl PartialSchema for Code {
    fn schema() -> RefOr<Schema> {
        let words = Self::ALL.iter().map(|code| code.as_str());
        let code = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(words));
        code.description(Some("A stable code. A later version may have more.")).into()
    }
}

impl ToSchema for Code {
    fn name() -> std::borrow::Cow<'static, str> {
        "ErrorCode".into()
    }
}

impl From<RefusalKind> for Code {
    fn from(kind: RefusalKind) -> Self {
        match kind {
            RefusalKind::NotEntitled => Self::NotEntitled,
            RefusalKind::BarredByDuty => Self::BarredByDuty,
            RefusalKind::SessionRequired => Self::SessionRequired,
            RefusalKind::WrongStatus => Self::WrongStatus,
            RefusalKind::Locked => Self::Locked,
            RefusalKind::AlreadyDecided => Self::AlreadyDecided,
            RefusalKind::Invalid => Self::Invalid,
            RefusalKind::NobodyCanApprove => Self::NobodyCanApprove,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;

    #[test]
    fn each_code_has_one_word_and_says_in_sentences_what_it_means_and_what_to_do() {
        let words: BTreeSet<_> = Code::ALL.iter().map(|code| code.as_str()).collect();
        assert_eq!(words.len(), Code::ALL.len());
        for code in Code::ALL {
            assert_eq!(serde_json::to_value(code).unwrap(), code.as_str());
            for sentence in [code.meaning(), code.remedy()] {
                assert!(sentence.ends_with('.') && sentence.starts_with(char::is_uppercase), "{code}: {sentence}");
            }
        }
    }
}
