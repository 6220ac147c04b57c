//! The paths of the API that this program calls. Each segment is escaped when the call is made, so no name can leave its place.

use crate::args::{Member, ModelRef, ServiceRef};
use domain::{DeliveryId, Name, TokenId, UploadId, VersionRef};

/// The segments of a path below the API's root.
pub type Path = Vec<String>;

macro_rules! path {
    ($($segment:expr),+ $(,)?) => { vec![$($segment.to_string()),+] };
}

fn below(mut path: Path, rest: &[&str]) -> Path {
    path.extend(rest.iter().map(ToString::to_string));
    path
}

/// The caller.
pub fn me() -> Path {
    path!["me"]
}

/// The caller's own password.
pub fn own_password() -> Path {
    path!["me", "password"]
}

/// When the caller is away.
pub fn own_absence() -> Path {
    path!["me", "absence"]
}

/// The background jobs of the server.
pub fn jobs() -> Path {
    path!["jobs"]
}

/// Messages to people.
pub fn messages() -> Path {
    path!["messages"]
}

/// Trying messages again.
pub fn retry_messages() -> Path {
    path!["messages", "retry"]
}

/// A message to oneself, as a test.
pub fn test_messages() -> Path {
    path!["messages", "test"]
}

/// The mail server that takes messages to people.
pub fn mail_server() -> Path {
    path!["mail-server"]
}

/// Webhooks.
pub fn webhooks() -> Path {
    path!["webhooks"]
}

/// One webhook, or what lies below it.
pub fn webhook(name: &Name, rest: &[&str]) -> Path {
    below(path!["webhooks", name], rest)
}

/// Sending a delivery once more.
pub fn redeliver(name: &Name, delivery: DeliveryId) -> Path {
    path!["webhooks", name, "deliveries", delivery, "redeliver"]
}

/// Which messages the caller wants.
pub fn wanted_messages() -> Path {
    path!["me", "messages"]
}

/// To what the caller subscribes.
pub fn subscriptions() -> Path {
    path!["me", "subscriptions"]
}

/// Signing in.
pub fn sessions() -> Path {
    path!["sessions"]
}

/// The token in use.
pub fn session() -> Path {
    path!["sessions", "current"]
}

/// The caller's inbox.
pub fn inbox() -> Path {
    path!["inbox"]
}

/// Accounts.
pub fn users() -> Path {
    path!["users"]
}

/// One account.
pub fn user(name: &Name) -> Path {
    path!["users", name]
}

/// The confirmation of an account's invitation.
pub fn confirm_invitation(name: &Name) -> Path {
    path!["users", name, "invitation", "confirm"]
}

/// A new invitation for an account.
pub fn invitation(name: &Name) -> Path {
    path!["users", name, "invitation"]
}

/// Groups.
pub fn groups() -> Path {
    path!["groups"]
}

/// One group.
pub fn group(name: &Name) -> Path {
    path!["groups", name]
}

/// A member of a group.
pub fn group_member(group: &Name, user: &Name) -> Path {
    path!["groups", group, "members", user]
}

/// Tokens.
pub fn tokens() -> Path {
    path!["tokens"]
}

/// One token.
pub fn token(id: TokenId) -> Path {
    path!["tokens", id]
}

/// Projects.
pub fn projects() -> Path {
    path!["projects"]
}

/// One project.
pub fn project(name: &Name) -> Path {
    path!["projects", name]
}

/// A member of a project.
pub fn project_member(project: &Name, member: &Member) -> Path {
    path!["projects", project, "members", member]
}

/// The reviewers of a project.
pub fn reviewers(project: &Name) -> Path {
    path!["projects", project, "reviewers"]
}

/// The models of a project.
pub fn models(project: &Name) -> Path {
    path!["projects", project, "models"]
}

/// One model.
pub fn model(model: &ModelRef) -> Path {
    path!["projects", model.project, "models", model.model]
}

/// The versions of a model.
pub fn versions(of: &ModelRef) -> Path {
    below(model(of), &["versions"])
}

/// The uploads for a model.
pub fn uploads(of: &ModelRef) -> Path {
    below(model(of), &["uploads"])
}

/// One upload.
pub fn upload(id: UploadId) -> Path {
    path!["uploads", id]
}

/// The files of an upload.
pub fn upload_files(id: UploadId) -> Path {
    path!["uploads", id, "files"]
}

/// Files of an upload that the server may have already.
pub fn known_upload_files(id: UploadId) -> Path {
    path!["uploads", id, "known"]
}

/// A version, or what lies below it.
pub fn version(version: &VersionRef, rest: &[&str]) -> Path {
    below(path!["projects", version.project, "models", version.model, "versions", version.number], rest)
}

/// The review of a version, or what lies below it.
pub fn review(of: &VersionRef, rest: &[&str]) -> Path {
    below(version(of, &["review"]), rest)
}

/// The gate.
pub fn gate() -> Path {
    path!["gate", "check"]
}

/// Infrastructures.
pub fn infrastructures() -> Path {
    path!["infrastructures"]
}

/// One infrastructure.
pub fn infrastructure(name: &Name) -> Path {
    path!["infrastructures", name]
}

/// The policy of an infrastructure.
pub fn policy(infrastructure: &Name) -> Path {
    path!["infrastructures", infrastructure, "policy"]
}

/// What another policy would do to an infrastructure.
pub fn policy_preview(infrastructure: &Name) -> Path {
    path!["infrastructures", infrastructure, "policy", "preview"]
}

/// The policies that an infrastructure had.
pub fn policies(infrastructure: &Name) -> Path {
    path!["infrastructures", infrastructure, "policies"]
}

/// What the gate of an infrastructure answered.
pub fn gate_log(infrastructure: &Name) -> Path {
    path!["infrastructures", infrastructure, "gate-log"]
}

/// The nodes of an infrastructure.
pub fn nodes(infrastructure: &Name) -> Path {
    path!["infrastructures", infrastructure, "nodes"]
}

/// A member of an infrastructure.
pub fn infrastructure_member(infrastructure: &Name, member: &Member) -> Path {
    path!["infrastructures", infrastructure, "members", member]
}

/// The services on an infrastructure.
pub fn deployments(infrastructure: &Name) -> Path {
    path!["infrastructures", infrastructure, "deployments"]
}

/// One service, or what lies below it.
pub fn deployment(service: &ServiceRef, rest: &[&str]) -> Path {
    below(path!["infrastructures", service.infrastructure, "deployments", service.service], rest)
}

/// The events of the record.
pub fn events() -> Path {
    path!["audit"]
}

/// The signed checkpoint of the record.
pub fn checkpoint() -> Path {
    path!["log", "checkpoint"]
}

/// The key of the log.
pub fn log_key() -> Path {
    path!["log", "key"]
}

/// The exact bytes of an event.
pub fn event(position: u64) -> Path {
    path!["log", "events", position]
}

/// A proof over the record: `inclusion` or `consistency`.
pub fn proof(kind: &str) -> Path {
    path!["log", "proof", kind]
}
