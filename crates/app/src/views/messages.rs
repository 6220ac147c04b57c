//! Messages to people, and which of them a person wants.

use super::schema;
use crate::Morning;
use domain::{MessageId, Name, StepName, Timestamp, event::Event, mail::MailSecurity, notice::Wanted};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::fmt;
use utoipa::ToSchema;

/// A message to one person, as administrators and auditors see it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Message {
    /// Its id, which is part of the mail's `Message-ID`.
    #[schema(value_type = schema::Id)]
    pub id: MessageId,
    /// The account that it goes to.
    #[schema(value_type = schema::Name)]
    pub to: Name,
    /// Why: `review_requested`, `approved`, ….
    pub topic: String,
    /// The event of the record that it tells of; absent for a test.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub position: Option<u64>,
    /// What became of it.
    pub state: MessageState,
    /// When it was made, or was told to wait again.
    #[schema(value_type = schema::Timestamp)]
    pub created_at: Timestamp,
    /// When it is tried next, while it waits.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub due_at: Option<Timestamp>,
    /// How often it was tried.
    pub attempts: u32,
    /// When the mail server took it.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub sent_at: Option<Timestamp>,
    /// When it was given up.
    #[schema(value_type = Option<schema::Timestamp>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub failed_at: Option<Timestamp>,
    /// Why the last attempt failed.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub error: Option<String>,
}

/// What became of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MessageState {
    /// It waits for its turn, or for the next attempt.
    Waiting,
    /// The mail server took it.
    Sent,
    /// It was given up.
    Failed,
}

impl MessageState {
    /// Every state.
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Sent, Self::Failed];

    /// The word in API, command line and pages.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sent => "sent",
            Self::Failed => "failed",
        }
    }
}

impl std::str::FromStr for MessageState {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or("write waiting, sent or failed")
    }
}

/// Which messages to try again.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RetryMessagesRequest {
    /// One message; absent, all that were given up.
    #[schema(value_type = Option<schema::Id>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub message: Option<MessageId>,
}

/// How many messages wait again.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct RetriedMessages {
    /// How many.
    pub retried: u64,
}

/// Which messages a person wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct WantedMessages {
    /// `all`, `my_turn` (only messages that ask the person to act), `each_morning` (all, in one mail), `required` (only what nobody should
    /// miss) or `nothing`.
    #[schema(value_type = schema::Wanted)]
    pub wanted: Wanted,
    /// Whether the server sends mails at all.
    pub mail_is_set_up: bool,
    /// The address that mails go to; absent where the account has none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub address: Option<String>,
}

/// Sets which messages a person wants.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WantMessagesRequest {
    /// `all`, `my_turn`, `each_morning`, `required` or `nothing`.
    #[schema(value_type = schema::Wanted)]
    pub wanted: Wanted,
}

/// How mails leave the server. The password is never shown.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct MailServer {
    /// Who says so.
    pub source: MailSource,
    /// `HOST:PORT` of the mail server; absent where there is none.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub server: Option<String>,
    /// The folder that takes mails as files, for trials.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub folder: Option<String>,
    /// What protects the connection: `starttls`, `tls` or `none`.
    #[schema(value_type = Option<schema::MailSecurity>)]
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub security: Option<MailSecurity>,
    /// The user name, where the mail server asks for one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub username: Option<String>,
    /// Certificates, in PEM, of an authority that is trusted besides those of the machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<String>,
    /// From whom mails come.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub from: Option<String>,
    /// At which time of day mails go out that gather what happened.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub digest_at: Option<String>,
    /// In which time zone.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub time_zone: Option<String>,
}

impl MailServer {
    /// No mail server.
    pub(crate) fn none() -> Self {
        let source = MailSource::Nobody;
        Self {
            source,
            server: None,
            folder: None,
            security: None,
            username: None,
            authority: None,
            from: None,
            digest_at: None,
            time_zone: None,
        }
    }
}

/// Who says how mails leave the server.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MailSource {
    /// Nobody does: nobody gets a mail.
    Nobody,
    /// The server's configuration.
    Configuration,
    /// Administrators, on the page or by a command.
    Administrators,
}

/// Chooses the mail server.
#[derive(Clone, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SetMailServerRequest {
    /// `HOST:PORT`, like `mail.example.org:587`.
    pub server: String,
    /// From whom mails come: an address, or `Name <address>`.
    pub from: String,
    /// What protects the connection: `starttls` (the default), `tls` or `none`.
    #[schema(value_type = schema::MailSecurity)]
    #[serde(default = "starttls")]
    pub security: MailSecurity,
    /// The user name, where the mail server asks for one.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub username: Option<String>,
    /// The password. Absent: the known one, which holds for the server, port, protection, authority and user name that
    /// it was given for.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub password: Option<String>,
    /// Certificates, in PEM, of an authority that is trusted besides those of the machine.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub authority: Option<String>,
    /// At which time of day mails go out that gather what happened, like `07:00`.
    #[serde(default = "seven")]
    pub digest_at: String,
    /// In which time zone, like `Europe/Vienna`.
    #[serde(default = "utc")]
    pub time_zone: String,
}

/// Without the password: no log shows it.
impl fmt::Debug for SetMailServerRequest {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SetMailServerRequest")
            .field("server", &self.server)
            .field("username", &self.username)
            .finish_non_exhaustive()
    }
}

fn starttls() -> MailSecurity {
    MailSecurity::StartTls
}

fn seven() -> String {
    Morning::default().time()
}

fn utc() -> String {
    Morning::default().zone().to_owned()
}

/// A subscription of the caller.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Subscription {
    /// A project, a model or a version: `diagnosis`, `diagnosis/tumour` or `diagnosis/tumour:1`.
    pub to: String,
    /// Since when.
    #[schema(value_type = schema::Timestamp)]
    pub since: Timestamp,
}

/// Subscribes the caller to something, or ends the subscription.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SubscribeRequest {
    /// A project, a model or a version: `diagnosis`, `diagnosis/tumour` or `diagnosis/tumour:1`.
    pub to: String,
    /// Whether to subscribe; false ends the subscription.
    pub subscribed: bool,
}

/// The sign-off that an event is about.
pub(crate) struct RoundOfEvent {
    /// The step; none for an event that names no round.
    pub step: Option<StepName>,
    /// The round.
    pub round: Option<u32>,
}

impl RoundOfEvent {
    pub fn of(event: &Event) -> Self {
        let data = serde_json::to_value(event).unwrap_or_default()["data"].take();
        let round = data["round"].as_u64().and_then(|round| round.try_into().ok());
        let step = data["step"].as_str().and_then(|step| step.parse().ok());
        Self { step: round.map(|_| step.unwrap_or_else(StepName::standard)), round }
    }
}

/// What somebody wrote, in the data of an event: beside the change, in the act, or in the act of the approval.
pub fn typed_text(data: &Value) -> &str {
    let places = ["/comment", "/reason", "/acknowledgement", "/act/comment", "/approval/act/comment"];
    let mut texts = places.iter().filter_map(|place| data.pointer(place).and_then(Value::as_str));
    texts.find(|text| !text.is_empty()).unwrap_or_default()
}
