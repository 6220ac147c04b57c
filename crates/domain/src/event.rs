//! The events of the record. Every change records one event; nobody edits an event later.
//!
//! Events hold no floating-point numbers, so that every program writes the same canonical bytes (RFC 8785) for an event.
//! Each field has its comment on a line of its own, above the field.

use crate::{
    Digest, DisplayName, Duration, GroupId, InvitationId, Name, SlotName, StatementId, StepName, Timestamp, TokenId, UserId,
    VersionRef,
    access::Scope,
    deployment::{PolicyStanding, RevisionKind},
    duty::ProjectRules,
    gate,
    infrastructure::{Acceptance, InfrastructureRole, OnLapse, Policy},
    invitation::Inviter,
    people::{AccountKind, Container, Credential, InstanceRole, ProjectRole},
    reviewers::{Entitlement, Reviewers, Task},
    signoff::{Act, Answer, Approval, Notify, Status, Verdict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who caused an event.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Actor {
    /// Somebody who was signed in.
    User {
        /// The account.
        id: UserId,
        /// The account's name at that time.
        name: Name,
        /// The display name at that time; none in events from before it was kept.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        display_name: Option<DisplayName>,
        /// The token that the account used; none when the account redeems an invitation.
        token: Option<TokenId>,
        /// What showed who acted; none in events from before it was kept.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        credential: Option<Credential>,
    },
    /// The clock: an approval ended.
    Clock,
    /// Somebody with a shell on the server's own machine.
    Console,
}

/// A version's share of a revision, as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedShare {
    /// The version.
    pub version: VersionRef,
    /// The digest of the version's files.
    pub model_digest: Digest,
    /// The version's part of the requests in percent.
    pub weight: u8,
    /// The permit that the server signed for this version.
    pub permit: Option<StatementId>,
}

macro_rules! events {
    ($($(#[$doc:meta])* $name:ident = $word:literal { $($(#[$field_doc:meta])* $field:ident: $type:ty),* $(,)? })*) => {
        /// What happened.
        #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(tag = "type", content = "data", deny_unknown_fields)]
        pub enum Event {
            $($(#[$doc])* #[serde(rename = $word)] $name { $($(#[$field_doc])* $field: $type),* },)*
        }

        impl Event {
            /// Every type of event, in the order of this file.
            pub const TYPES: &'static [&'static str] = &[$($word),*];

            /// The type of the event, as the record and the API write it.
            pub const fn kind(&self) -> &'static str {
                match self { $(Self::$name { .. } => $word),* }
            }
        }
    };
}

events! {
    /// An account was created.
    UserCreated = "user.created" {
        /// The account.
        user: UserId,
        /// The account's name.
        name: Name,
        /// The display name.
        display_name: DisplayName,
        /// The mail address.
        email: Option<String>,
        /// Person or service account.
        kind: AccountKind,
        /// The role on the instance.
        role: InstanceRole,
    }
    /// An account's display name, mail address or role changed, or the account was closed or opened.
    UserChanged = "user.changed" {
        /// The account.
        user: UserId,
        /// The account's name.
        name: Name,
        /// The display name.
        display_name: DisplayName,
        /// The mail address.
        email: Option<String>,
        /// The role on the instance.
        role: InstanceRole,
        /// Whether the account is open.
        active: bool,
    }
    /// An invitation was issued. Earlier invitations of that account no longer hold.
    InvitationIssued = "invitation.issued" {
        /// The invitation.
        invitation: InvitationId,
        /// The account that the invitation is for.
        user: UserId,
        /// The invitation can be redeemed until then.
        expires_at: Timestamp,
        /// Whether a second administrator has to confirm the invitation before it can be redeemed.
        #[serde(skip_serializing_if = "std::ops::Not::not", default)]
        needs_confirmation: bool,
    }
    /// A second administrator, or somebody at the server's console, confirmed an invitation.
    InvitationConfirmed = "invitation.confirmed" {
        /// The invitation.
        invitation: InvitationId,
        /// The account that the invitation is for.
        user: UserId,
        /// Who gave the invitation out.
        issued_by: Inviter,
    }
    /// An invitation was redeemed. The account has a password now.
    InvitationRedeemed = "invitation.redeemed" {
        /// The invitation.
        invitation: InvitationId,
        /// The account that redeemed the invitation.
        user: UserId,
        /// Who gave the invitation out.
        issued_by: Inviter,
        /// Who confirmed the invitation, where it was confirmed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        confirmed_by: Option<Inviter>,
    }
    /// The server's console appointed an administrator, who from then on counts as a second one.
    AdministratorAppointed = "administrator.appointed" {
        /// The account.
        user: UserId,
    }
    /// A token was created.
    TokenCreated = "token.created" {
        /// The token.
        token: TokenId,
        /// The account that the token belongs to.
        user: UserId,
        /// The label that its owner gave the token.
        label: String,
        /// What the token may be used for.
        scopes: Vec<Scope>,
        /// The token can be used until then.
        expires_at: Timestamp,
        /// The token that it was made with; none for a token from signing in.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        parent: Option<TokenId>,
    }
    /// A token was revoked.
    TokenRevoked = "token.revoked" {
        /// The token.
        token: TokenId,
        /// The account that the token belongs to.
        user: UserId,
    }
    /// A group was created.
    GroupCreated = "group.created" {
        /// The group.
        group: GroupId,
        /// The group's name.
        name: Name,
    }
    /// Somebody joined a group.
    GroupMemberAdded = "group.member_added" {
        /// The group.
        group: GroupId,
        /// The account.
        user: UserId,
    }
    /// Somebody left a group.
    GroupMemberRemoved = "group.member_removed" {
        /// The group.
        group: GroupId,
        /// The account.
        user: UserId,
    }
    /// A project was created.
    ProjectCreated = "project.created" {
        /// The project's name.
        name: Name,
        /// The display name.
        display_name: DisplayName,
        /// The project's duty rules.
        rules: ProjectRules,
    }
    /// A project's rules changed.
    ProjectRulesChanged = "project.rules_changed" {
        /// The rules before.
        from: ProjectRules,
        /// The rules now.
        to: ProjectRules,
        /// The reason, as typed.
        reason: String,
    }
    /// A user or group got a role in a project, or another role than before.
    ProjectMemberSet = "project.member_set" {
        /// The user or group.
        member: Container,
        /// The role.
        role: ProjectRole,
    }
    /// A user or group lost its role in a project.
    ProjectMemberRemoved = "project.member_removed" {
        /// The user or group.
        member: Container,
    }
    /// A project's reviewers were set.
    ReviewersSet = "reviewers.set" {
        /// The reviewers from now on; open rounds keep theirs.
        reviewers: Reviewers,
    }
    /// A model was registered.
    ModelCreated = "model.created" {
        /// The model's name.
        name: Name,
    }
    /// A version was registered.
    VersionCreated = "version.created" {
        /// The version's number.
        number: u32,
        /// The digest of the version's files.
        model_digest: Digest,
        /// The number of files.
        files: u64,
        /// The size of all files together, in bytes.
        size: u64,
        /// The governed fields.
        fields: Value,
    }
    /// The governed fields of a version changed.
    FieldsChanged = "version.fields_changed" {
        /// The governed fields after the change.
        fields: Value,
        /// The digest of those fields.
        shown: Digest,
    }
    /// A review was requested.
    ReviewRequested = "review.requested" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The status that the round got.
        status: Status,
        /// Whether feedback was skipped.
        skip_feedback: bool,
        /// Whom the requester chose to notify.
        notify: Notify,
        /// The reviewers that were copied into the round.
        reviewers: Reviewers,
        /// The digest of the governed fields.
        shown: Digest,
    }
    /// The requester took the review request back.
    RequestTakenBack = "review.request_taken_back" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round, which is not started again.
        round: u32,
        /// The step where the version was when the review was requested.
        back_to: Option<StepName>,
    }
    /// A project manager took the project's present reviewers into the open round.
    ReviewersReloaded = "review.reviewers_reloaded" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// Who did it, when and why.
        act: Act,
        /// The reviewers of the round from now on.
        reviewers: Reviewers,
    }
    /// A renewal was requested: the next round is open, and the approval goes on.
    RenewalRequested = "review.renewal_requested" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round that was opened.
        round: u32,
        /// The round whose approval goes on.
        renews: u32,
        /// The status in which the round begins.
        status: Status,
        /// Whether feedback was skipped.
        skip_feedback: bool,
        /// Whom to notify.
        notify: Notify,
        /// The reviewers of the round.
        reviewers: Reviewers,
        /// The digest of the governed fields.
        shown: Digest,
    }
    /// Feedback was given or changed.
    FeedbackGiven = "feedback.given" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The slot.
        slot: SlotName,
        /// The reviewer's verdict.
        verdict: Verdict,
        /// The reviewer's comment.
        comment: Option<String>,
        /// The path by which the reviewer was entitled.
        path: Entitlement,
        /// The digest of the governed fields that the reviewer saw.
        considered: Digest,
        /// The reviewer's earlier verdict, if this feedback changes one.
        replaces: Option<Verdict>,
    }
    /// Feedback was withdrawn.
    FeedbackWithdrawn = "feedback.withdrawn" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The slot.
        slot: SlotName,
        /// The verdict that was withdrawn.
        withdrawn: Verdict,
    }
    /// The final approval was requested.
    FinalApprovalRequested = "review.final_approval_requested" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The slots without feedback.
        missing: Vec<SlotName>,
    }
    /// The review went back to feedback.
    ReturnedToFeedback = "review.returned_to_feedback" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
    }
    /// The version was approved.
    Approved = "review.approved" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The round whose approval was in force until now: this round was its renewal.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        replaces: Option<u32>,
        /// The approval.
        approval: Approval,
        /// The digest of the governed fields that the approver saw.
        shown: Digest,
        /// The feedback that the approver considered.
        answers: Vec<Answer>,
    }
    /// The version was rejected.
    Rejected = "review.rejected" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The round whose approval ended with the rejection: this round was its renewal.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        ends: Option<u32>,
        /// Who did it, when and why.
        act: Act,
        /// The digest of the governed fields that the approver saw.
        shown: Digest,
        /// The feedback that the approver considered.
        answers: Vec<Answer>,
    }
    /// The review was abandoned.
    Abandoned = "review.abandoned" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// Who did it, when and why.
        act: Act,
    }
    /// An abandon was cancelled.
    AbandonCancelled = "review.abandon_cancelled" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The status that was restored.
        status: Status,
    }
    /// An approval was revoked.
    Revoked = "approval.revoked" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// Who did it, when and why.
        act: Act,
    }
    /// An approval expired.
    Expired = "approval.expired" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The end of the approval.
        not_after: Option<Timestamp>,
    }
    /// A sign-off was reset.
    Reset = "review.reset" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round that ended.
        round: u32,
        /// The status in which the round ended.
        from: Status,
        /// The round that begins.
        next_round: u32,
        /// Whether the next round takes the project's present reviewers.
        reload_reviewers: bool,
        /// Why, as typed.
        #[serde(skip_serializing_if = "Option::is_none", default)]
        comment: Option<String>,
    }
    /// A version was retired. It is not in force any more, whatever the status of its sign-off.
    VersionRetired = "version.retired" {
        /// Who did it, when and why.
        act: Act,
    }
    /// A retired version was taken back.
    VersionRestored = "version.restored" {
        /// Who did it, when and why.
        act: Act,
    }
    /// A task was delegated.
    Delegated = "review.delegated" {
        /// The step of the sign-off.
        #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
        step: StepName,
        /// The round.
        round: u32,
        /// The task that was delegated.
        task: Task,
        /// The account that can act now.
        to: UserId,
        /// The end of the delegation, if it has one.
        until: Option<Timestamp>,
    }
    /// An infrastructure was created.
    InfrastructureCreated = "infrastructure.created" {
        /// The infrastructure's name.
        name: Name,
        /// The infrastructure's stage.
        stage: Name,
        /// The infrastructure's policy.
        policy: Policy,
        /// What happens to a deployment that goes out of policy.
        on_lapse: OnLapse,
        /// Which approvals the infrastructure accepts.
        #[serde(default)]
        accepts: Acceptance,
        /// How long a permit lasts.
        permit_valid_for: Duration,
    }
    /// An infrastructure's policy changed.
    PolicyChanged = "infrastructure.policy_changed" {
        /// The policy before.
        from: Policy,
        /// The policy now.
        to: Policy,
        /// What happened before to a deployment that went out of policy.
        on_lapse_from: OnLapse,
        /// What happens now to a deployment that goes out of policy.
        on_lapse_to: OnLapse,
        /// Which approvals the infrastructure accepted before.
        #[serde(default)]
        accepts_from: Acceptance,
        /// Which approvals the infrastructure accepts now.
        #[serde(default)]
        accepts_to: Acceptance,
        /// Whether the new policy lets through more than the old policy.
        weakened: bool,
        /// The reason, as typed.
        reason: String,
    }
    /// A user or group got a role on an infrastructure, or another role than before.
    InfrastructureMemberSet = "infrastructure.member_set" {
        /// The user or group.
        member: Container,
        /// The role.
        role: InfrastructureRole,
    }
    /// A user or group lost its role on an infrastructure.
    InfrastructureMemberRemoved = "infrastructure.member_removed" {
        /// The user or group.
        member: Container,
    }
    /// A revision went into service, or the service was stopped.
    DeploymentRevised = "deployment.revised" {
        /// The service.
        service: Name,
        /// The revision's number.
        revision: u32,
        /// The command that made the revision.
        kind: RevisionKind,
        /// The versions in service and their weights.
        shares: Vec<RecordedShare>,
        /// The gate's answer; none for a stop.
        answer: Option<gate::Answer>,
        /// The typed reason, if the gate warned.
        acknowledgement: Option<String>,
    }
    /// The gate denied a deployment, or the gate warned and the deployer did not acknowledge the warning.
    DeploymentRefused = "deployment.refused" {
        /// The service.
        service: Name,
        /// The versions and weights that the deployer asked for.
        shares: Vec<RecordedShare>,
        /// The gate's answer.
        answer: gate::Answer,
    }
    /// A deployer who deploys by other means acknowledged the gate's warning, with a reason.
    GateAcknowledged = "gate.acknowledged" {
        /// The infrastructure's name.
        infrastructure: Name,
        /// The version; none if no version has these bytes.
        version: Option<VersionRef>,
        /// The digest of the files.
        model_digest: Digest,
        /// The gate's answer.
        answer: gate::Answer,
        /// The typed reason.
        reason: String,
    }
    /// One version of a revision with several versions. It stands beside the event of the revision, so that the version's history shows the deployment.
    DeploymentShared = "deployment.shared" {
        /// The infrastructure's name.
        infrastructure: Name,
        /// The service.
        service: Name,
        /// The revision's number; none if the gate refused the revision.
        revision: Option<u32>,
        /// The version.
        version: VersionRef,
        /// The digest of the version's files.
        model_digest: Digest,
        /// The version's part of the requests in percent.
        weight: u8,
    }
    /// A version in service went out of policy.
    DeploymentLapsed = "deployment.lapsed" {
        /// The infrastructure's name.
        infrastructure: Name,
        /// The service.
        service: Name,
        /// The version.
        version: VersionRef,
        /// The version's standing after the lapse.
        standing: PolicyStanding,
    }
    /// Another key took over from the key that signs the log.
    LogKeyChanged = "log.key_changed" {
        /// The verifier key before.
        from: String,
        /// The verifier key from now on.
        to: String,
        /// The reason.
        reason: String,
    }
    /// The log went on although it does not continue what was signed: an operator restored a backup.
    LogContinued = "log.continued" {
        /// The verifier key before.
        from: String,
        /// The verifier key from now on.
        to: String,
        /// How many events the restored log has.
        size: u64,
        /// The signed checkpoint that the log does not continue.
        given_up: String,
        /// How many events that checkpoint covers; none where the database names no key that signed it.
        given_up_size: Option<u64>,
        /// The reason.
        reason: String,
    }
    /// A version in service got a new permit before its old permit ended, because the gate still lets the version through.
    PermitRenewed = "permit.renewed" {
        /// The service.
        service: Name,
        /// The revision in service.
        revision: u32,
        /// The version.
        version: VersionRef,
        /// The digest of the version's files.
        model_digest: Digest,
        /// The new permit.
        permit: StatementId,
        /// The permit that the new permit replaces.
        replaces: StatementId,
        /// The end of the new permit.
        not_after: Timestamp,
    }
}
