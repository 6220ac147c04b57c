//! Events about the sign-offs of a version. Each names the step and the round.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! reviews {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
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
                /// The reviewer who is away, for whom the clock handed the task to the stand-in; none where the reviewer did it.
                #[serde(skip_serializing_if = "Option::is_none", default)]
                absent: Option<UserId>,
            }
            /// The clock opened the renewal of an approval, because the project's rules say so.
            RenewalOpened = "review.renewal_opened" {
                /// The step of the sign-off.
                #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
                step: StepName,
                /// The round that opened.
                round: u32,
                /// The round whose approval it renews.
                renews: u32,
                /// For what the round waits.
                status: Status,
                /// Whether the reviewers are those of the round before.
                keeps_reviewers: bool,
                /// The reviewers of the round.
                reviewers: Reviewers,
                /// The digest of what reviewers are shown.
                shown: Digest,
            }
            /// The clock reminded people of feedback or of a final approval that is expected.
            Reminded = "review.reminded" {
                /// The step of the sign-off.
                #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
                step: StepName,
                /// The round.
                round: u32,
                /// For what the round waits.
                status: Status,
                /// How far the wait is.
                stage: DueStage,
                /// By when the answer is expected.
                due: Timestamp,
            }
            /// The clock told people that an approval ends.
            ApprovalEnding = "approval.ending" {
                /// The step of the sign-off.
                #[serde(skip_serializing_if = "StepName::is_standard", default = "StepName::standard")]
                step: StepName,
                /// The round.
                round: u32,
                /// How far the end is.
                stage: EndStage,
                /// The end of the approval.
                not_after: Timestamp,
                /// The services that rest on the approval.
                services: Vec<EndingService>,
            }
        }
    };
}
