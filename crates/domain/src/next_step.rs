//! How to go on after a refusal, as a fact and not as words. Each face words it: the API names fields, the command line names
//! flags and commands, a page shows a button.

use crate::{Name, SlotName, UploadId, VersionRef, access::Scope};
use serde::{Deserialize, Serialize};

/// What to do next. A variant carries what a face needs to say it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum NextStep {
    // The sign-off.
    /// Give the reason in a comment.
    AddComment,
    /// Name one of the feedback slots of this round.
    ChooseSlot {
        /// The slots of this round.
        slots: Vec<SlotName>,
    },
    /// Ask somebody who can do it.
    AskOneOf {
        /// Display names of the people who can.
        people: Vec<String>,
    },
    /// Have a project manager change the members or the reviewers: nobody can do it as they are.
    ChangeMembers {
        /// The project.
        project: Name,
    },
    /// Request a review.
    RequestReview {
        /// The version to review.
        version: VersionRef,
    },
    /// Request the final approval.
    RequestFinalApproval {
        /// The version to approve.
        version: VersionRef,
    },
    /// Go back to feedback.
    ReturnToFeedback {
        /// The version under review.
        version: VersionRef,
    },
    /// Have a project manager name reviewers who can act, and reload the reviewers of the open round.
    ReloadReviewers {
        /// The version under review.
        version: VersionRef,
    },
    /// Have a project manager take the retired version back.
    RestoreVersion {
        /// The retired version.
        version: VersionRef,
    },
    /// Abandon the review.
    AbandonInstead {
        /// The version under review.
        version: VersionRef,
    },
    /// Decide; or have a project manager give the project feedback slots, and reload the reviewers of the open round.
    DecideOrReload {
        /// The version under review.
        version: VersionRef,
    },
    /// Request a renewal: the approval goes on until the next round is decided.
    RequestRenewal {
        /// The approved version.
        version: VersionRef,
    },
    /// Request a renewal, and have a final approver decide it who is neither an author nor the requester.
    RenewIndependently {
        /// The approved version.
        version: VersionRef,
    },
    /// Register a new version with what is to be different, and request its review.
    RegisterNewVersion {
        /// The version that is to be different.
        version: VersionRef,
    },
    /// Decide, abandon the review, or have the requester take the request back.
    DecideOrAbandon {
        /// The version under review.
        version: VersionRef,
    },
    /// Revoke the approval, or reset the sign-off for the next round.
    RevokeOrReset {
        /// The approved version.
        version: VersionRef,
    },
    /// Have a project manager cancel the abandon, or reset the sign-off for the next round.
    CancelAbandonOrReset {
        /// The abandoned version.
        version: VersionRef,
    },
    /// Have a project manager reset the sign-off for the next round.
    OpenNextRound {
        /// The version to review again.
        version: VersionRef,
    },
    /// Name a final approver.
    NameApprover {
        /// The project.
        project: Name,
    },
    /// Add somebody to the groups or roles of the final approval, or name another final approver.
    FillApprovers {
        /// The project.
        project: Name,
    },
    /// Let somebody else request the review, name another final approver, or change the duty rules of the project.
    SeparateDuties {
        /// The project.
        project: Name,
    },
    /// Have a project manager switch delegation on.
    AllowDelegation {
        /// The project.
        project: Name,
    },
    /// Delegate to another person.
    ChooseDelegate,
    /// Choose an end that is still to come.
    ChooseLaterEnd,

    // The gate.
    /// Wait for the decision, then ask again.
    WaitForDecision {
        /// The version under review.
        version: VersionRef,
        /// Where the version is to be deployed.
        infrastructure: Name,
    },
    /// Ask an admin of the infrastructure to accept approvals of the project, or deploy elsewhere.
    AskForAcceptance {
        /// The infrastructure.
        infrastructure: Name,
    },
    /// Deploy a version that is approved.
    ChooseApprovedVersion,
    /// Register these files as a version, and request its review.
    RegisterVersion,
    /// Acknowledge the warning with a reason. Both go into the record.
    Acknowledge,
    /// Deploy under another service name.
    ChooseAnotherService,

    // Accounts and tokens.
    /// Sign in.
    SignIn,
    /// Give the password of the account with the request.
    GivePassword,
    /// Check the user name and the password, or ask an administrator for a new invitation.
    CheckPassword,
    /// Ask an administrator for a new invitation.
    AskForInvitation,
    /// Have a second administrator, or the operator at the server's console, confirm the invitation of this account.
    ConfirmInvitation {
        /// The account.
        user: Name,
    },
    /// Use a token with this scope.
    UseTokenWithScope {
        /// The scope.
        scope: Scope,
    },
    /// Create a token for this service account.
    CreateServiceToken {
        /// The service account.
        service: Name,
    },
    /// Ask an administrator to reopen the account.
    ReopenAccount {
        /// The closed account.
        user: Name,
    },
    /// Give somebody else the role first.
    AppointAnother {
        /// The role, as people call it: "manager".
        role: String,
    },

    // Any request.
    /// Check the name, or ask for access.
    CheckName,
    /// Choose another name.
    ChooseAnotherName,
    /// Give another mail address, or take it away from the other account first.
    ChooseAnotherAddress,
    /// Look at the present state, then decide again.
    LookAgain,
    /// Look whether it was done before repeating it.
    LookBeforeRepeating,
    /// Name the state that was looked at, by its entity tag.
    SendIfMatch,
    /// Try again in a moment.
    TryAgain,
    /// Send the request again.
    SendAgain,
    /// Send the request again with the same idempotency key.
    RepeatWithSameKey,
    /// Use a new idempotency key for a new request.
    UseNewKey,
    /// Send less at a time.
    SendLess,
    /// Wait, then try again.
    WaitSeconds {
        /// How long.
        seconds: u64,
    },
    /// Look up the address in the list of addresses.
    CheckAddress,
    /// Use a method that the address takes.
    UseAllowedMethod,

    // Files of a version.
    /// Pack files that belong together into one.
    PackFiles,
    /// Compare the files of the upload with those that were to be sent.
    CompareUpload {
        /// The upload.
        upload: UploadId,
    },
    /// Send at least one file first.
    SendFile,
    /// Name the revision to go back to.
    NameRevision,
    /// Begin a new upload.
    BeginUpload,

    // Nodes.
    /// Give each node one name, and keep it.
    KeepNodeName,
    /// Ask anew what is in service, and fetch that.
    FollowAgain,

    // The operator of the server.
    /// Have the operator make room on the disk.
    MakeRoom,
    /// Try again; then have the operator look into the server's log.
    ReadServerLog,
    /// Have the operator restart the server. The list of jobs says which job is stuck.
    RestartServer,
    /// Set up a mail server.
    SetUpMail,
    /// Have an administrator give the account a mail address.
    GiveMailAddress,
    /// Use a public address, or have the operator allow the network.
    AllowNetwork,
    /// Enable the webhook.
    EnableWebhook {
        /// Which.
        webhook: Name,
    },
    /// Have the operator find out what was altered in the store.
    VerifyStore,
    /// Have the operator verify the store, and record that the log goes on where a restore took its end away.
    ContinueLog,
    /// Have the operator put the key of the log back, or let a new key take over.
    SignLog,
}

impl NextStep {
    /// One of each kind, as JSON: for the documentation, and for the tests of each face's words.
    pub const EXAMPLES: &'static [&'static str] = &[
        r#"{"step":"add_comment"}"#,
        r#"{"step":"choose_slot","slots":["IT & Operations","Business"]}"#,
        r#"{"step":"ask_one_of","people":["The approver","The deputy"]}"#,
        r#"{"step":"change_members","project":"diagnosis"}"#,
        r#"{"step":"request_review","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"request_final_approval","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"return_to_feedback","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"reload_reviewers","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"restore_version","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"abandon_instead","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"decide_or_reload","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"request_renewal","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"renew_independently","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"register_new_version","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"decide_or_abandon","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"revoke_or_reset","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"cancel_abandon_or_reset","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"open_next_round","version":"diagnosis/tumour:1"}"#,
        r#"{"step":"name_approver","project":"diagnosis"}"#,
        r#"{"step":"fill_approvers","project":"diagnosis"}"#,
        r#"{"step":"separate_duties","project":"diagnosis"}"#,
        r#"{"step":"allow_delegation","project":"diagnosis"}"#,
        r#"{"step":"choose_delegate"}"#,
        r#"{"step":"choose_later_end"}"#,
        r#"{"step":"wait_for_decision","version":"diagnosis/tumour:1","infrastructure":"production"}"#,
        r#"{"step":"ask_for_acceptance","infrastructure":"production"}"#,
        r#"{"step":"choose_approved_version"}"#,
        r#"{"step":"register_version"}"#,
        r#"{"step":"acknowledge"}"#,
        r#"{"step":"choose_another_service"}"#,
        r#"{"step":"sign_in"}"#,
        r#"{"step":"give_password"}"#,
        r#"{"step":"check_password"}"#,
        r#"{"step":"ask_for_invitation"}"#,
        r#"{"step":"confirm_invitation","user":"approver"}"#,
        r#"{"step":"use_token_with_scope","scope":"deploy"}"#,
        r#"{"step":"create_service_token","service":"pipeline"}"#,
        r#"{"step":"reopen_account","user":"scientist"}"#,
        r#"{"step":"appoint_another","role":"manager"}"#,
        r#"{"step":"check_name"}"#,
        r#"{"step":"choose_another_name"}"#,
        r#"{"step":"choose_another_address"}"#,
        r#"{"step":"look_again"}"#,
        r#"{"step":"look_before_repeating"}"#,
        r#"{"step":"send_if_match"}"#,
        r#"{"step":"try_again"}"#,
        r#"{"step":"send_again"}"#,
        r#"{"step":"repeat_with_same_key"}"#,
        r#"{"step":"use_new_key"}"#,
        r#"{"step":"send_less"}"#,
        r#"{"step":"wait_seconds","seconds":3}"#,
        r#"{"step":"check_address"}"#,
        r#"{"step":"use_allowed_method"}"#,
        r#"{"step":"pack_files"}"#,
        r#"{"step":"compare_upload","upload":"01890a5d-ac96-774b-bcce-b302099a8057"}"#,
        r#"{"step":"send_file"}"#,
        r#"{"step":"name_revision"}"#,
        r#"{"step":"begin_upload"}"#,
        r#"{"step":"keep_node_name"}"#,
        r#"{"step":"follow_again"}"#,
        r#"{"step":"make_room"}"#,
        r#"{"step":"read_server_log"}"#,
        r#"{"step":"restart_server"}"#,
        r#"{"step":"set_up_mail"}"#,
        r#"{"step":"give_mail_address"}"#,
        r#"{"step":"allow_network"}"#,
        r#"{"step":"enable_webhook","webhook":"ci"}"#,
        r#"{"step":"verify_store"}"#,
        r#"{"step":"continue_log"}"#,
        r#"{"step":"sign_log"}"#,
    ];
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_is_one_example_of_each_step_and_it_reads_back() {
        let mut steps = Vec::new();
        for example in NextStep::EXAMPLES {
            let step: NextStep = serde_json::from_str(example).unwrap();
            assert_eq!(serde_json::to_string(&step).unwrap(), *example);
            let value: serde_json::Value = serde_json::from_str(example).unwrap();
            steps.push(format!("`{}`", value["step"].as_str().unwrap()));
        }
        // The error names every step that there is.
        let error = serde_json::from_str::<NextStep>(r#"{"step":""}"#).unwrap_err().to_string();
        assert!(error.contains(&format!("expected one of {}", steps.join(", "))), "{error}");
    }
}
