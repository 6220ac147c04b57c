//! What happened: one event for each change, written once, never edited.
//!
//! Events hold no floating-point numbers, so that their canonical bytes (RFC 8785) are the same everywhere.

use crate::{
    Digest, DisplayName, Duration, GroupId, InvitationId, Name, SlotName, StatementId, Timestamp, TokenId, UserId, VersionRef,
    access::Scope,
    deployment::{PolicyStanding, RevisionKind},
    duty::ProjectRules,
    gate,
    infrastructure::{InfrastructureRole, OnLapse, Policy},
    people::{AccountKind, Container, InstanceRole, ProjectRole},
    reviewers::{Entitlement, Reviewers, Task},
    signoff::{Act, Answer, Approval, Notify, Status, Verdict},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Who did it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Actor {
    /// Somebody who was signed in.
    User {
        /// The account.
        id: UserId,
        /// Its name at that moment.
        name: Name,
        /// The token that was used; none while an invitation is redeemed.
        token: Option<TokenId>,
    },
    /// The clock: an approval ended.
    Clock,
    /// Somebody with a shell on the server's own machine.
    Console,
}

/// A share of a revision as the record keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RecordedShare {
    /// The version.
    pub version: VersionRef,
    /// The bytes.
    pub model_digest: Digest,
    /// Its part of the requests in percent.
    pub weight: u8,
    /// The permit that was signed for it.
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

            /// The type: what `audit list --type` filters by.
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
        user: UserId, /// Its name.
        name: Name, /// The name to show.
        display_name: DisplayName, /// Its mail address.
        email: Option<String>, /// Person or service.
        kind: AccountKind, /// Role on the instance.
        role: InstanceRole }
    /// An account's display name, address, role or openness changed.
    UserChanged = "user.changed" {
        /// The account.
        user: UserId, /// Its name.
        name: Name, /// The name to show.
        display_name: DisplayName, /// Its mail address.
        email: Option<String>, /// Role on the instance.
        role: InstanceRole, /// Whether it is open.
        active: bool }
    /// An invitation was issued; earlier ones of the same account no longer hold.
    InvitationIssued = "invitation.issued" {
        /// The invitation.
        invitation: InvitationId, /// For whom.
        user: UserId, /// Until when.
        expires_at: Timestamp }
    /// An invitation was redeemed: the account has a password now.
    InvitationRedeemed = "invitation.redeemed" {
        /// The invitation.
        invitation: InvitationId, /// By whom.
        user: UserId }
    /// A token was created.
    TokenCreated = "token.created" {
        /// The token.
        token: TokenId, /// Whose.
        user: UserId, /// What it is called.
        label: String, /// What it may be used for.
        scopes: Vec<Scope>, /// Until when.
        expires_at: Timestamp }
    /// A token was revoked.
    TokenRevoked = "token.revoked" {
        /// The token.
        token: TokenId, /// Whose.
        user: UserId }
    /// A group was created.
    GroupCreated = "group.created" {
        /// The group.
        group: GroupId, /// Its name.
        name: Name }
    /// Somebody joined a group.
    GroupMemberAdded = "group.member_added" {
        /// The group.
        group: GroupId, /// Who.
        user: UserId }
    /// Somebody left a group.
    GroupMemberRemoved = "group.member_removed" {
        /// The group.
        group: GroupId, /// Who.
        user: UserId }
    /// A project was created.
    ProjectCreated = "project.created" {
        /// Its name.
        name: Name, /// The name to show.
        display_name: DisplayName, /// Its duty rules.
        rules: ProjectRules }
    /// A project's rules changed.
    ProjectRulesChanged = "project.rules_changed" {
        /// Before.
        from: ProjectRules, /// Now.
        to: ProjectRules }
    /// A user or group got a role in a project, or another one.
    ProjectMemberSet = "project.member_set" {
        /// Who.
        member: Container, /// The role.
        role: ProjectRole }
    /// A user or group lost its role in a project.
    ProjectMemberRemoved = "project.member_removed" {
        /// Who.
        member: Container }
    /// A project's reviewers were set.
    ReviewersSet = "reviewers.set" {
        /// From now on, for reviews requested later.
        reviewers: Reviewers }
    /// A model was registered.
    ModelCreated = "model.created" {
        /// Its name.
        name: Name }
    /// A version was registered.
    VersionCreated = "version.created" {
        /// Its number.
        number: u32, /// Of its files.
        model_digest: Digest, /// How many files.
        files: u64, /// Their bytes together.
        size: u64, /// The governed fields.
        fields: Value }
    /// The governed fields of a version changed.
    FieldsChanged = "version.fields_changed" {
        /// As they are now.
        fields: Value, /// Their digest.
        shown: Digest }
    /// A review was requested.
    ReviewRequested = "review.requested" {
        /// The round.
        round: u32, /// Where it went.
        status: Status, /// Whether feedback was skipped.
        skip_feedback: bool, /// Whom to tell.
        notify: Notify, /// As copied into the round.
        reviewers: Reviewers, /// The digest of what is shown.
        shown: Digest }
    /// Feedback was given or changed.
    FeedbackGiven = "feedback.given" {
        /// The round.
        round: u32, /// The slot.
        slot: SlotName, /// What the reviewer thinks.
        verdict: Verdict, /// Why.
        comment: Option<String>, /// By which path they were entitled.
        path: Entitlement, /// The digest of what they were shown.
        considered: Digest, /// The reviewer's earlier verdict, where this changes one.
        replaces: Option<Verdict> }
    /// Feedback was withdrawn.
    FeedbackWithdrawn = "feedback.withdrawn" {
        /// The round.
        round: u32, /// The slot.
        slot: SlotName, /// What it said.
        withdrawn: Verdict }
    /// The final approval was requested.
    FinalApprovalRequested = "review.final_approval_requested" {
        /// The round.
        round: u32, /// Slots without feedback.
        missing: Vec<SlotName> }
    /// The review went back to feedback.
    ReturnedToFeedback = "review.returned_to_feedback" {
        /// The round.
        round: u32 }
    /// The version was approved.
    Approved = "review.approved" {
        /// The round.
        round: u32, /// What it covers.
        approval: Approval, /// The digest of what was shown.
        shown: Digest, /// The feedback considered.
        answers: Vec<Answer> }
    /// The version was rejected.
    Rejected = "review.rejected" {
        /// The round.
        round: u32, /// Who and why.
        act: Act, /// The digest of what was shown.
        shown: Digest, /// The feedback considered.
        answers: Vec<Answer> }
    /// The review was abandoned.
    Abandoned = "review.abandoned" {
        /// The round.
        round: u32, /// Who and why.
        act: Act }
    /// An abandon was cancelled.
    AbandonCancelled = "review.abandon_cancelled" {
        /// The round.
        round: u32, /// The status restored.
        status: Status }
    /// An approval was revoked.
    Revoked = "approval.revoked" {
        /// The round.
        round: u32, /// Who and why.
        act: Act }
    /// An approval expired.
    Expired = "approval.expired" {
        /// The round.
        round: u32, /// Its end.
        not_after: Option<Timestamp> }
    /// A sign-off was reset.
    Reset = "review.reset" {
        /// The round that ended.
        round: u32, /// As what it ended.
        from: Status, /// The round that begins.
        next_round: u32, /// Whether the project's reviewers are taken again.
        reload_reviewers: bool }
    /// A task was delegated.
    Delegated = "review.delegated" {
        /// The round.
        round: u32, /// The task.
        task: Task, /// To whom.
        to: UserId, /// Until when.
        until: Option<Timestamp> }
    /// An infrastructure was created.
    InfrastructureCreated = "infrastructure.created" {
        /// Its name.
        name: Name, /// Its stage.
        stage: Name, /// Its policy.
        policy: Policy, /// What a lapse does.
        on_lapse: OnLapse, /// How long a permit lasts.
        permit_valid_for: Duration }
    /// An infrastructure's policy changed.
    PolicyChanged = "infrastructure.policy_changed" {
        /// Before.
        from: Policy, /// Now.
        to: Policy, /// What a lapse did before.
        on_lapse_from: OnLapse, /// And does now.
        on_lapse_to: OnLapse, /// Whether more gets through now.
        weakened: bool, /// Why.
        reason: String }
    /// A user or group got a role on an infrastructure, or another one.
    InfrastructureMemberSet = "infrastructure.member_set" {
        /// Who.
        member: Container, /// The role.
        role: InfrastructureRole }
    /// A user or group lost its role on an infrastructure.
    InfrastructureMemberRemoved = "infrastructure.member_removed" {
        /// Who.
        member: Container }
    /// A revision went into service, or the service was stopped.
    DeploymentRevised = "deployment.revised" {
        /// The service.
        service: Name, /// The revision's number.
        revision: u32, /// What made it.
        kind: RevisionKind, /// What it serves.
        shares: Vec<RecordedShare>, /// The gate's answer; none for a stop.
        answer: Option<gate::Answer>, /// The typed reason, where the gate warned.
        acknowledgement: Option<String> }
    /// The gate denied a deployment, or warned and nobody acknowledged it.
    DeploymentRefused = "deployment.refused" {
        /// The service.
        service: Name, /// What was asked for.
        shares: Vec<RecordedShare>, /// The gate's answer.
        answer: gate::Answer }
    /// The gate was told that its warning is known, and why to go on: by somebody who deploys by other means.
    GateAcknowledged = "gate.acknowledged" {
        /// The infrastructure's name.
        infrastructure: Name, /// The version; none where nobody governs the bytes.
        version: Option<VersionRef>, /// The bytes.
        model_digest: Digest, /// The gate's answer.
        answer: gate::Answer, /// The typed reason.
        reason: String }
    /// One version's part in a revision that serves several, or that was refused with several: beside the event of the whole.
    DeploymentShared = "deployment.shared" {
        /// The infrastructure's name.
        infrastructure: Name, /// The service.
        service: Name, /// The revision's number; none where it was refused.
        revision: Option<u32>, /// The version.
        version: VersionRef, /// The bytes.
        model_digest: Digest, /// Its part of the requests in percent.
        weight: u8 }
    /// A version in service no longer has what it rested on.
    DeploymentLapsed = "deployment.lapsed" {
        /// The infrastructure's name.
        infrastructure: Name, /// The service.
        service: Name, /// The version.
        version: VersionRef, /// What became of it.
        standing: PolicyStanding }
    /// A version in service got a new permit before its old one ended: the gate still lets it through.
    PermitRenewed = "permit.renewed" {
        /// The service.
        service: Name, /// The revision in service.
        revision: u32, /// The version.
        version: VersionRef, /// The bytes.
        model_digest: Digest, /// The permit from now on.
        permit: StatementId, /// The one before.
        replaces: StatementId, /// Until when it holds.
        not_after: Timestamp }
}
