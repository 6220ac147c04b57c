//! The commands of people, and one table of them: what each is called, which scope a token needs for it, and who may give it.
//! Expiry is not among them: only the clock expires an approval.

use super::{state::Notify, status::Verdict};
use crate::{Duration, SlotName, Timestamp, UserId, access::Scope, reviewers::Task, text};
use serde::{Deserialize, Serialize};
use std::fmt;

/// What a person can ask of a sign-off.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Command {
    /// Open the round.
    RequestReview {
        /// Go straight to the final approval.
        skip_feedback: bool,
        /// Whom to mail.
        notify: Notify,
    },
    /// Take the request for the review back.
    TakeBackRequest,
    /// Take the project's present reviewers into the open round.
    ReloadReviewers {
        /// Why.
        comment: Option<String>,
    },
    /// Open the next round while the approval goes on.
    RequestRenewal {
        /// Go straight to the final approval.
        skip_feedback: bool,
        /// Whom to mail.
        notify: Notify,
    },
    /// Give or change one's feedback in a slot.
    GiveFeedback {
        /// The slot.
        slot: SlotName,
        /// What one thinks.
        verdict: Verdict,
        /// Why; required for issues.
        comment: Option<String>,
    },
    /// Take one's feedback back.
    WithdrawFeedback {
        /// The slot.
        slot: SlotName,
    },
    /// Ask for the final approval.
    RequestFinalApproval,
    /// Let feedback in again.
    BackToFeedback,
    /// Approve.
    Approve {
        /// Why; required over an open major issue.
        comment: Option<String>,
        /// How long the approval holds from then on, if the approver sets an end.
        valid_for: Option<Duration>,
    },
    /// Reject.
    Reject {
        /// Why.
        comment: Option<String>,
    },
    /// Stop without a decision.
    Abandon {
        /// Why.
        comment: Option<String>,
    },
    /// Go on as if it had not been abandoned.
    CancelAbandon,
    /// Take an approval back.
    Revoke {
        /// Why.
        comment: Option<String>,
    },
    /// Open the next round.
    Reset {
        /// Take the reviewers from the project again, instead of keeping this round's with their delegations.
        reload_reviewers: bool,
        /// Why; required where the reset ends an approval.
        comment: Option<String>,
    },
    /// Retire the version.
    Retire {
        /// Why.
        comment: Option<String>,
    },
    /// Take a retired version back.
    Restore {
        /// Why.
        comment: Option<String>,
    },
    /// Hand a task to another user.
    Delegate {
        /// The task.
        task: Task,
        /// To whom.
        to: UserId,
        /// Until when.
        until: Option<Until>,
    },
}

/// Who may give a command, by what they are to the project or the round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandRole {
    /// Contributes to the project, or manages it.
    Contributor,
    /// Manages the project.
    Manager,
    /// Requested the review of this round.
    Requester,
    /// Is assigned to the slot, or has it by delegation.
    Reviewer,
    /// Is assigned to the final approval, or has it by delegation.
    FinalApprover,
    /// Is assigned to the task; a delegate does not hand it on.
    Delegator,
}

/// What a command is about, besides the review.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandTarget {
    /// The review as a whole.
    Review,
    /// One feedback slot.
    Slot,
    /// One feedback slot, or the final approval.
    Task,
}

/// What has to show who gives a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum CommandProof {
    /// Any token with one of the scopes.
    AnyToken,
    /// A session, with a password that was typed a short time ago.
    FreshSession,
    /// The same for an approved version, whose approval the command ends or brings back; any token with one of the scopes for every other
    /// version.
    WhereApproved,
}

/// One line of the table of commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CommandRule {
    /// The command as a verb phrase, for messages.
    pub verb: &'static str,
    /// A token with any of these scopes may be used for it.
    pub scopes: &'static [Scope],
    /// Those who may give it.
    pub roles: &'static [CommandRole],
    /// What it is about.
    pub target: CommandTarget,
    /// What has to show who gives it.
    pub proof: CommandProof,
}

macro_rules! commands {
    ($($name:ident = $word:literal, $verb:literal, $target:ident, $proof:ident, [$($scope:ident),+], [$($role:ident),+];)*) => {
        /// A command without its content.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "each is the command of the same name")]
        pub enum CommandName { $($name),* }

        impl CommandName {
            /// Every command, in the order of the table.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The name in the API.
            pub const fn as_str(self) -> &'static str {
                match self { $(Self::$name => $word),* }
            }

            /// The command's line of the table.
            pub const fn rule(self) -> CommandRule {
                match self {
                    $(Self::$name => CommandRule {
                        verb: $verb,
                        scopes: &[$(Scope::$scope),+],
                        roles: &[$(CommandRole::$role),+],
                        target: CommandTarget::$target,
                        proof: CommandProof::$proof,
                    }),*
                }
            }
        }

        impl Command {
            /// The command without its content.
            pub const fn name(&self) -> CommandName {
                match self { $(Self::$name { .. } => CommandName::$name),* }
            }
        }
    };
}

commands! {
    // command              name in the API            verb phrase                   about    who shows it  a token's scopes    who may give it
    RequestReview        = "request_review",         "request a review",           Review, AnyToken,     [Register],         [Contributor];
    TakeBackRequest      = "take_back_request",      "take the request back",      Review, AnyToken,     [Register],         [Requester];
    ReloadReviewers      = "reload_reviewers",       "reload the reviewers",       Review, AnyToken,     [Register],         [Manager];
    RequestRenewal       = "request_renewal",        "request a renewal",          Review, AnyToken,     [Register],         [Contributor];
    GiveFeedback         = "give_feedback",          "give feedback",              Slot,   AnyToken,     [Review],           [Reviewer];
    WithdrawFeedback     = "withdraw_feedback",      "withdraw feedback",          Slot,   AnyToken,     [Review],           [Reviewer];
    RequestFinalApproval = "request_final_approval", "request the final approval", Review, AnyToken,     [Review, Register], [Contributor, FinalApprover];
    BackToFeedback       = "back_to_feedback",       "go back to feedback",        Review, AnyToken,     [Review, Register], [Contributor, FinalApprover];
    Approve              = "approve",                "approve",                    Review, FreshSession, [Review],           [FinalApprover];
    Reject               = "reject",                 "reject",                     Review, FreshSession, [Review],           [FinalApprover];
    Abandon              = "abandon",                "abandon",                    Review, AnyToken,     [Review, Register], [FinalApprover, Manager, Requester];
    CancelAbandon        = "cancel_abandon",         "cancel the abandon",         Review, AnyToken,     [Register],         [Manager];
    Revoke               = "revoke",                 "revoke the approval",        Review, FreshSession, [Review, Register], [FinalApprover, Manager];
    Reset                = "reset",                  "reset the sign-off",         Review, WhereApproved, [Register],        [Manager];
    Retire               = "retire",                 "retire the version",         Review, WhereApproved, [Register],        [Manager];
    Restore              = "restore",                "take the version back",      Review, WhereApproved, [Register],        [Manager];
    Delegate             = "delegate",               "delegate",                   Task,   AnyToken,     [Review],           [Delegator];
}

impl CommandName {
    /// The command as a verb phrase, for messages.
    pub const fn verb(self) -> &'static str {
        self.rule().verb
    }
}

impl fmt::Display for CommandName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl Command {
    /// The command as a verb phrase, for messages.
    pub const fn verb(&self) -> &'static str {
        self.name().verb()
    }
}

impl CommandRole {
    /// Whether the role is a reviewer's.
    pub(super) const fn is_reviewer(self) -> bool {
        matches!(self, Self::Reviewer | Self::FinalApprover | Self::Delegator)
    }

    /// Those with the role, as docs/rules.md names them.
    pub const fn holders(self) -> &'static str {
        match self {
            Self::Contributor => "contributors",
            Self::Manager => "managers",
            Self::Requester => "the requester",
            Self::Reviewer => "reviewers of the slot",
            Self::FinalApprover => "final approvers",
            Self::Delegator => "the reviewer who delegates",
        }
    }

    /// Those with the role, as part of a sentence. The task is the one that the command is about.
    pub(super) fn holders_in_words(self, task: Option<&Task>) -> String {
        match (self, task) {
            (Self::Contributor, _) => "contributors of the project".to_owned(),
            (Self::Manager, _) => "project managers".to_owned(),
            (Self::Requester, _) => "the requester".to_owned(),
            (Self::FinalApprover, _) => "final approvers".to_owned(),
            (Self::Reviewer, Some(Task::Feedback(slot))) => format!("the reviewers of “{slot}”"),
            (Self::Delegator, Some(task)) => format!("those assigned to {task}"),
            (Self::Reviewer | Self::Delegator, _) => "the reviewers".to_owned(),
        }
    }
}

/// The end of something that begins with a command. A length counts from the moment at which the command is carried out: the
/// person who gives the command does not know that moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// At this moment.
    Moment(Timestamp),
    /// This much after its beginning.
    Length(Duration),
}

impl Until {
    /// The end of what begins at this moment.
    pub fn counted_from(self, begin: Timestamp) -> Timestamp {
        match self {
            Self::Moment(end) => end,
            Self::Length(length) => begin.plus(length),
        }
    }
}

/// A comment with something in it that a reader sees.
pub(super) fn non_blank(comment: Option<String>) -> Option<String> {
    comment.as_deref().and_then(text::visible).map(str::to_owned)
}
