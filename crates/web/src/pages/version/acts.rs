//! What one can do to a review beside answering and deciding: what each act is called, what follows from the act, and what its form asks
//! for. Whether somebody may do it, the review says.

use crate::urls::pages as paths;
use app::views::Review;
use domain::signoff::{CommandName, Status};

/// An act with a page of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Act {
    Delegate,
    Abandon,
    ReloadReviewers,
    CancelAbandon,
    Renew,
    Revoke,
    Reset,
    Retire,
    Restore,
}

/// Whether an act has a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reason {
    None,
    Optional,
    Required,
}

impl Act {
    /// Every act, in the order in which the version's page offers them.
    pub(super) const ALL: [Self; 9] = [
        Self::Delegate,
        Self::ReloadReviewers,
        Self::Abandon,
        Self::CancelAbandon,
        Self::Renew,
        Self::Revoke,
        Self::Reset,
        Self::Retire,
        Self::Restore,
    ];

    pub(super) const fn path(self) -> &'static str {
        match self {
            Self::Delegate => paths::DELEGATE,
            Self::Abandon => paths::ABANDON,
            Self::ReloadReviewers => paths::RELOAD_REVIEWERS,
            Self::CancelAbandon => paths::CANCEL_ABANDON,
            Self::Renew => paths::RENEW,
            Self::Revoke => paths::REVOKE,
            Self::Reset => paths::RESET,
            Self::Retire => paths::RETIRE,
            Self::Restore => paths::RESTORE,
        }
    }

    pub(super) const fn command(self) -> CommandName {
        match self {
            Self::Delegate => CommandName::Delegate,
            Self::Abandon => CommandName::Abandon,
            Self::ReloadReviewers => CommandName::ReloadReviewers,
            Self::CancelAbandon => CommandName::CancelAbandon,
            Self::Renew => CommandName::RequestRenewal,
            Self::Revoke => CommandName::Revoke,
            Self::Reset => CommandName::Reset,
            Self::Retire => CommandName::Retire,
            Self::Restore => CommandName::Restore,
        }
    }

    pub(super) const fn icon(self) -> &'static str {
        match self {
            Self::Delegate => "hand-on",
            Self::Abandon => "abandoned",
            Self::ReloadReviewers => "group",
            Self::CancelAbandon | Self::Reset | Self::Restore => "undo",
            Self::Renew => "sync",
            Self::Revoke => "revoked",
            Self::Retire => "off",
        }
    }

    /// Whether the act ends something, so that its button is red.
    pub(super) const fn is_grave(self) -> bool {
        matches!(self, Self::Abandon | Self::Revoke | Self::Retire)
    }

    pub(super) fn reason(self, review: &Review) -> Reason {
        match self {
            Self::Delegate | Self::CancelAbandon | Self::Renew => Reason::None,
            Self::Reset if review.status == Status::Approved => Reason::Required,
            Self::Reset => Reason::Optional,
            Self::Abandon | Self::ReloadReviewers | Self::Revoke | Self::Retire | Self::Restore => Reason::Required,
        }
    }

    /// The act in words, as title and button: a verb, and on what.
    pub(super) fn words(self, review: &Review) -> String {
        let version = format!("v{}", review.version.number);
        match self {
            Self::Delegate => format!("Delegate your part in the review of {version}"),
            Self::Abandon => format!("Abandon the review of {version}"),
            Self::ReloadReviewers => format!("Reload the reviewers of {version}"),
            Self::CancelAbandon => format!("Cancel the abandon of {version}"),
            Self::Renew => format!("Request a renewal of {version}"),
            Self::Revoke => format!("Revoke the approval of {version}"),
            Self::Reset => format!("Open round {}", review.rounds + 1),
            Self::Retire => format!("Retire {version}"),
            Self::Restore => format!("Take {version} back"),
        }
    }

    /// What was done, after it.
    pub(super) fn says(self, review: &Review) -> String {
        let version = format!("{} v{}", review.version.model, review.version.number);
        match self {
            Self::Delegate => format!("You delegated your part in the review of {version}."),
            Self::Abandon => format!("You abandoned the review of {version}."),
            Self::ReloadReviewers => "The review has the project’s present reviewers.".to_owned(),
            Self::CancelAbandon => format!("The review of {version} goes on where it was."),
            Self::Renew => format!("You requested a renewal of {version}. The approval goes on."),
            Self::Revoke => format!("You revoked the approval of {version}."),
            Self::Reset => format!("You opened round {} of {version}.", review.rounds + 1),
            Self::Retire => format!("You retired {version}."),
            Self::Restore => format!("You took {version} back."),
        }
    }

    /// What follows from the act.
    pub(super) fn effects(self, review: &Review) -> Vec<String> {
        let (round, next) = (review.round, review.rounds + 1);
        let renewed = review.renews.as_ref().map(|renewed| renewed.round);
        match self {
            Self::Delegate => vec![
                "Both of you can act until one of you does. The answer says that it was given for you.".to_owned(),
                "Nobody can act for you whom the rules of the project bar.".to_owned(),
            ],
            Self::Abandon => match renewed {
                Some(renewed) => vec![format!("Round {round} ends without a decision. The approval of round {renewed} goes on.")],
                None => vec![
                    "The version is locked without a verdict: nothing of it changes, and every infrastructure that prevents denies it."
                        .to_owned(),
                    "A project manager can cancel this; all answers are kept.".to_owned(),
                ],
            },
            Self::ReloadReviewers => vec![
                "The project’s present reviewers take the place of this round’s.".to_owned(),
                "Answers and delegations in slots that remain are kept.".to_owned(),
            ],
            Self::CancelAbandon => vec!["The review goes on where it was, with all answers.".to_owned()],
            Self::Renew => vec![
                format!("Round {next} opens, and the approval of round {round} goes on until round {next} is decided."),
                "If it is approved, the new approval takes the place of the present one, and what runs goes on running.".to_owned(),
                "If it is rejected, the present approval ends with it. If it is abandoned, nothing changes.".to_owned(),
            ],
            Self::Revoke => vec![
                format!("The approval of round {} ends at once, and every infrastructure that prevents denies the version.", renewed.unwrap_or(round)),
                "The approval stays in the record with your reason beside it. It cannot be brought back; a manager can open the next round."
                    .to_owned(),
            ],
            Self::Reset => {
                let mut effects = vec![format!("Round {next} opens, not started. Round {round} stays readable for ever.")];
                if review.status == Status::Approved {
                    effects.insert(0, format!("The approval of round {round} ends at once."));
                }
                effects
            }
            Self::Retire => vec![
                "The version is in no inbox and no default list, and it is not in force: gates take it for not approved.".to_owned(),
                "Its files and its record stay. A project manager can take it back.".to_owned(),
            ],
            Self::Restore => vec!["The version counts again as its sign-off says.".to_owned()],
        }
    }
}
