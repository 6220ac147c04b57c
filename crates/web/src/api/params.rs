//! The parameters of addresses and queries, as domain types.

use crate::http::{FromPath, parameter};
use app::{
    Error, Limit, Page,
    views::{MessageState, schema},
};
use axum::extract::RawPathParams;
use domain::{DeliveryId, Digest, Name, SignOffRef, SlotName, StepName, TokenId, UploadId, VersionRef};
use serde::Deserialize;
use utoipa::IntoParams;

macro_rules! paths {
    ($($(#[$doc:meta])* $path:ident { $($(#[$about:meta])* $field:ident: $type:ty as $shown:ty,)* })*) => {$(
        $(#[$doc])*
        #[derive(IntoParams)]
        #[into_params(parameter_in = Path)]
        pub(crate) struct $path {
            $($(#[$about])* #[param(value_type = $shown, inline)] pub(crate) $field: $type,)*
        }

        impl FromPath for $path {
            fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
                Ok(Self { $($field: parameter(parameters, stringify!($field))?,)* })
            }
        }
    )*};
}

paths! {
    /// A user.
    UserPath {
        /// The user's name.
        user: Name as schema::Name,
    }
    /// An event of the record.
    PositionPath {
        /// The event's position, from 0.
        position: u64 as u64,
    }
    /// A token.
    TokenPath {
        /// The token's id.
        token: TokenId as schema::Id,
    }
    /// A webhook.
    WebhookPath {
        /// The webhook's name.
        webhook: Name as schema::Name,
    }
    /// A delivery.
    DeliveryPath {
        /// The webhook's name.
        webhook: Name as schema::Name,
        /// The delivery's id.
        delivery: DeliveryId as schema::Id,
    }
    /// A group.
    GroupPath {
        /// The group's name.
        group: Name as schema::Name,
    }
    /// A member of a group.
    GroupMemberPath {
        /// The group's name.
        group: Name as schema::Name,
        /// The user's name.
        user: Name as schema::Name,
    }
    /// A project.
    ProjectPath {
        /// The project's name.
        project: Name as schema::Name,
    }
    /// A member of a project.
    ProjectMemberPath {
        /// The project's name.
        project: Name as schema::Name,
        /// `user:NAME`, `group:NAME`, or a user's bare name.
        member: String as String,
    }
    /// A model.
    ModelPath {
        /// The project's name.
        project: Name as schema::Name,
        /// The model's name.
        model: Name as schema::Name,
    }
    /// A version.
    VersionPath {
        /// The project's name.
        project: Name as schema::Name,
        /// The model's name.
        model: Name as schema::Name,
        /// The version's number, from 1.
        version: u32 as u32,
    }
    /// A file of a version.
    FilePath {
        /// The project's name.
        project: Name as schema::Name,
        /// The model's name.
        model: Name as schema::Name,
        /// The version's number, from 1.
        version: u32 as u32,
        /// The file's name in the manifest; it may contain `/`.
        name: String as String,
    }
    /// An upload.
    UploadPath {
        /// The upload's id.
        upload: UploadId as schema::Id,
    }
    /// An infrastructure.
    InfrastructurePath {
        /// The infrastructure's name.
        infrastructure: Name as schema::Name,
    }
    /// A member of an infrastructure.
    InfrastructureMemberPath {
        /// The infrastructure's name.
        infrastructure: Name as schema::Name,
        /// `user:NAME`, `group:NAME`, or a user's bare name.
        member: String as String,
    }
    /// A deployment.
    DeploymentPath {
        /// The infrastructure's name.
        infrastructure: Name as schema::Name,
        /// The service's name.
        service: Name as schema::Name,
    }
    /// A serving node.
    NodePath {
        /// The infrastructure's name.
        infrastructure: Name as schema::Name,
        /// The node's name.
        node: Name as schema::Name,
    }
    /// The manifest of a version in service.
    ServedManifestPath {
        /// The infrastructure's name.
        infrastructure: Name as schema::Name,
        /// The model digest, in hexadecimal.
        model_digest: Digest as schema::Digest,
    }
    /// A file of a version in service.
    ServedFilePath {
        /// The infrastructure's name.
        infrastructure: Name as schema::Name,
        /// The SHA-256 of its content, in hexadecimal.
        sha256: Digest as schema::Digest,
    }
}

impl From<VersionPath> for VersionRef {
    fn from(VersionPath { project, model, version: number }: VersionPath) -> Self {
        Self { project, model, number }
    }
}

/// A page of a list by names.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PageQuery {
    /// Only items after this: the `next` of the page before.
    after: Option<String>,
    /// How many to return: 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<Limit>,
}

impl From<PageQuery> for Page {
    fn from(query: PageQuery) -> Self {
        Self { after: query.after.unwrap_or_default(), limit: Limit::of(query.limit) }
    }
}

/// A page of the answers of a gate, the last answer first.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct GateLogQuery {
    /// Only answers before this position of the record: the `next` of the page before.
    pub(crate) before: Option<u64>,
    /// How many to return: 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
}

/// A page of a list of versions, newest first.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct VersionsQuery {
    /// Only versions with a smaller number: the `next` of the page before.
    before: Option<u32>,
    /// How many to return: 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    limit: Option<Limit>,
    /// Whether to list the retired versions instead of the others.
    #[serde(default)]
    pub(crate) retired: bool,
}

impl From<&VersionsQuery> for Page {
    fn from(query: &VersionsQuery) -> Self {
        Self { after: query.before.map(|number| number.to_string()).unwrap_or_default(), limit: Limit::of(query.limit) }
    }
}

/// Since which state, and how long to wait for another one.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ServingQuery {
    /// The tag of the state that is known already.
    pub(crate) after: Option<String>,
    /// How many seconds to wait for a change, 0 to 30; 0 if absent.
    pub(crate) wait: Option<u64>,
    /// The size of the largest checkpoint that the node saw: the answer proves that the log continues it.
    pub(crate) log_size: Option<u64>,
    /// The key of the log that the node goes by: the answer shows the changes since.
    pub(crate) log_key: Option<String>,
}

/// A page of a list of tokens.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct TokensQuery {
    /// Tokens of this service account, for administrators; the caller's tokens if absent.
    #[param(value_type = Option<schema::Name>, inline)]
    pub(crate) service: Option<Name>,
    /// Only items after this: the `next` of the page before.
    pub(crate) after: Option<String>,
    /// How many to return: 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
}

/// Which webhooks to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct WebhooksQuery {
    /// Only the webhooks of this project, for its managers; all of them if absent, for administrators and auditors.
    #[param(value_type = Option<schema::Name>, inline)]
    pub(crate) project: Option<Name>,
    /// Only items after this: the `next` of the page before.
    pub(crate) after: Option<String>,
    /// How many to return: 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
}

/// Which messages or deliveries to list.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct MessagesQuery {
    /// Only messages in this state.
    #[param(inline)]
    pub(crate) state: Option<MessageState>,
    /// Only items after this: the `next` of the page before.
    pub(crate) after: Option<String>,
    /// How many to return: 50 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
}

/// A round of a sign-off.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct RoundQuery {
    /// The round, from 1; the present round if absent.
    pub(crate) round: Option<u32>,
    /// The step that carries the sign-off; `review` where absent.
    #[param(value_type = Option<schema::StepName>, inline)]
    pub(crate) step: Option<StepName>,
}

/// A sign-off of a version.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct StepQuery {
    /// The step that carries the sign-off; `review` where absent.
    #[param(value_type = Option<schema::StepName>, inline)]
    pub(crate) step: Option<StepName>,
}

/// The sign-off of a version's step.
pub(crate) fn sign_off(path: VersionPath, step: Option<StepName>) -> SignOffRef {
    SignOffRef { version: path.into(), step }
}

/// A part of a version's history.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct HistoryQuery {
    /// From this position of the record on: the `next` of the page before.
    pub(crate) from: Option<u64>,
    /// How many to return: 100 if absent.
    #[param(value_type = Option<u32>, minimum = 1, maximum = 200)]
    pub(crate) limit: Option<Limit>,
}

/// A feedback slot.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SlotQuery {
    /// The slot's name.
    #[param(value_type = schema::SlotName, inline)]
    pub(crate) slot: SlotName,
    /// The step that carries the sign-off; `review` where absent.
    #[param(value_type = Option<schema::StepName>, inline)]
    pub(crate) step: Option<StepName>,
}

/// A file to be.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct FileNameQuery {
    /// The file's name in the manifest: a path relative to the version's root, with `/`.
    pub(crate) name: String,
}

/// An event of the record.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct PositionQuery {
    /// The event's position, from 0.
    pub(crate) position: u64,
}

/// An earlier size of the log.
#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct ComparisonQuery {
    /// The number of the version to compare with; without it, the version in production, else the newest approved one.
    pub(crate) with: Option<u32>,
}

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(crate) struct SinceSizeQuery {
    /// The size of a checkpoint that the verifier has: the bundle then shows that its log continues that checkpoint.
    pub(crate) since: Option<u64>,
}
