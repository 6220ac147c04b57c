//! The next step in the words of the API: fields, headers and addresses, and neither flags nor commands.

use crate::urls::api as paths;
use domain::NextStep;
use utoipa::openapi::{ObjectBuilder, RefOr, Schema, schema::Type};

/// What to do, as a sentence.
pub(super) fn words(step: &NextStep) -> String {
    match step {
        NextStep::AddComment => "Send the reason as `comment`.".to_owned(),
        NextStep::ChooseSlot { slots } if slots.is_empty() => "Ask for the decision: this round has no feedback slot.".to_owned(),
        NextStep::ChooseSlot { slots } => format!("Send one of these as `slot`: {}.", quoted(slots)),
        NextStep::AskOneOf { people } => match people.as_slice() {
            [person] => format!("Ask {person}."),
            people => format!("Ask one of: {}.", people.join(", ")),
        },
        NextStep::ChangeMembers { project } => {
            format!("Ask a manager of {project} to look at its members and reviewers: nobody can do this now.")
        }
        NextStep::RequestReview { version } => format!("Request the review of {version}."),
        NextStep::RequestFinalApproval { version } => format!("Request the final approval of {version}."),
        NextStep::ReturnToFeedback { version } => format!("Take {version} back to feedback first."),
        NextStep::ReloadReviewers { version } => format!(
            "Ask a project manager to name reviewers of {} who can act, and then to reload the reviewers of {version}.",
            version.project
        ),
        NextStep::RestoreVersion { version } => format!("Ask a project manager to take {version} back."),
        NextStep::AbandonInstead { version } => format!("Abandon the review of {version} instead."),
        NextStep::DecideOrReload { version } => format!(
            "Decide on {version}; or ask a project manager to give {} feedback slots, and then to reload the reviewers of {version}.",
            version.project
        ),
        NextStep::RequestRenewal { version } => {
            format!("Request a renewal of {version}: the approval goes on until it is decided.")
        }
        NextStep::RenewIndependently { version } => {
            format!(
                "Request a renewal of {version}, and have a final approver decide it who is neither an author nor the requester."
            )
        }
        NextStep::RegisterNewVersion { version } => {
            format!(
                "Register a new version of {}/{} with what is to be different, and request its review.",
                version.project, version.model
            )
        }
        NextStep::DecideOrAbandon { version } => format!(
            "Decide on {version} first, or abandon its review. While nobody has answered, the requester can take the request back."
        ),
        NextStep::RevokeOrReset { version } => {
            format!("Revoke the approval of {version}, or reset the sign-off: a final decision is never edited.")
        }
        NextStep::CancelAbandonOrReset { version } => {
            format!("Ask a project manager to cancel the abandon of {version}, or to reset the sign-off.")
        }
        NextStep::OpenNextRound { version } => format!("Ask a project manager to reset the sign-off of {version}."),
        NextStep::NameApprover { project } => format!("Name a final approver of {project} in `approvers`."),
        NextStep::FillApprovers { project } => {
            format!("Add somebody to the groups and roles in `approvers` of {project}, or name another final approver.")
        }
        NextStep::SeparateDuties { project } => {
            format!("Let somebody else request the review, name another final approver, or change the duty rules of {project}.")
        }
        NextStep::AllowDelegation { project } => {
            format!("Ask a manager of {project} to set `delegation_allowed`, with a `reason`.")
        }
        NextStep::ChooseDelegate => "Send another person's name as `to`.".to_owned(),
        NextStep::ChooseLaterEnd => "Choose an end that is still to come.".to_owned(),

        NextStep::WaitForDecision { version, .. } => format!("Wait for the decision on {version}, then ask again."),
        NextStep::AskForAcceptance { infrastructure } => {
            format!("Ask an admin of {infrastructure} to accept approvals of this project, or deploy elsewhere.")
        }
        NextStep::ChooseApprovedVersion => "Deploy a version that is approved.".to_owned(),
        NextStep::RegisterVersion => "Register these files as a version, and request its review.".to_owned(),
        NextStep::Acknowledge => "Send the reason for going on as `acknowledge`. The record keeps it.".to_owned(),
        NextStep::ChooseAnotherService => "Deploy the version as another service.".to_owned(),

        NextStep::SignIn => format!("Sign in with POST {}, and send `Authorization: Bearer TOKEN`.", paths::SESSIONS),
        NextStep::GivePassword => "Send your password as `password` with the request, or sign in again.".to_owned(),
        NextStep::CheckPassword => "Check user and password, or ask an administrator for a new invitation.".to_owned(),
        NextStep::AskForInvitation => "Ask an administrator for a new invitation.".to_owned(),
        NextStep::ConfirmInvitation { user } => {
            let path = paths::CONFIRM_INVITATION.replace("{user}", user.as_str());
            format!("Have a second administrator confirm it with POST {path}, or the operator at the server's console.")
        }
        NextStep::UseTokenWithScope { scope } => format!("Use a token with the scope `{scope}`."),
        NextStep::CreateServiceToken { service } => format!("Create a token with `service` set to {service}."),
        NextStep::ReopenAccount { user } => format!("Ask an administrator to reopen the account {user}."),
        NextStep::AppointAnother { role } => format!("Make somebody else {} first.", with_article(role)),

        NextStep::CheckName => "Check the name, or ask for access.".to_owned(),
        NextStep::ChooseAnotherAddress => {
            "Send another `email`, or take the address away from the other account first.".to_owned()
        }
        NextStep::ChooseAnotherName => "Choose another name.".to_owned(),
        NextStep::LookAgain => "Get the object again, look at what changed, and send its new ETag.".to_owned(),
        NextStep::LookBeforeRepeating => "Look whether this was done before you send it again.".to_owned(),
        NextStep::SendIfMatch => "Send the ETag that came with the object as `If-Match`.".to_owned(),
        NextStep::TryAgain => "Try again in a moment.".to_owned(),
        NextStep::SendAgain => "Send the request again.".to_owned(),
        NextStep::RepeatWithSameKey => {
            "Send the request again with the same key: the same request gets the same answer.".to_owned()
        }
        NextStep::UseNewKey => "Use a new idempotency key for a new request.".to_owned(),
        NextStep::SendLess => "Send less at a time.".to_owned(),
        NextStep::WaitSeconds { seconds } => format!("Wait {seconds} seconds, as Retry-After says."),
        NextStep::CheckAddress => format!("Look up the address in {}.", paths::DOCUMENT),
        NextStep::UseAllowedMethod => "Use a method that `Allow` names.".to_owned(),

        NextStep::PackFiles => "Pack files that belong together into one.".to_owned(),
        NextStep::CompareUpload { upload } => {
            let path = paths::UPLOAD.replace("{upload}", &upload.to_string());
            format!("Compare your files with GET {path}: one is missing, or one too many was sent.")
        }
        NextStep::SendFile => "Send at least one file first.".to_owned(),
        NextStep::NameRevision => "Name the revision to go back to as `to`, or deploy a version.".to_owned(),
        NextStep::BeginUpload => "Begin a new upload: this upload was finished, was cancelled or is too old.".to_owned(),

        NextStep::KeepNodeName => {
            "Give each node one name, and keep it: a node that has not reported for a day is forgotten.".to_owned()
        }
        NextStep::FollowAgain => "Ask anew what is in service: only that can be fetched.".to_owned(),

        NextStep::MakeRoom => "Ask the server's operator to make room, then try again.".to_owned(),
        NextStep::ReadServerLog => "Try again. The server's log says more, under the id in `request`.".to_owned(),
        NextStep::SetUpMail => {
            "Ask an administrator to choose a mail server, on the page Mail. Until then people find in the inbox what waits for them.".to_owned()
        }
        NextStep::GiveMailAddress => "Ask an administrator to give the account a mail address.".to_owned(),
        NextStep::AllowNetwork => {
            "Use a public address, or ask the server's operator to allow the network: `webhooks.allowed_networks`.".to_owned()
        }
        NextStep::EnableWebhook { webhook } => format!("Enable the webhook {webhook} first: change its `enabled` to true."),
        NextStep::RestartServer => {
            "Ask the server's operator to restart the server: the list of jobs says which job is stuck, and why.".to_owned()
        }
        NextStep::VerifyStore => "Ask the server's operator to verify the store.".to_owned(),
        NextStep::ContinueLog => {
            "Ask the server's operator to verify the store, and after a restore to record that the log goes on.".to_owned()
        }
        NextStep::SignLog => {
            "Ask the server's operator to put the key of the log back, or to let a new key take over.".to_owned()
        }
    }
}

fn quoted<T: std::fmt::Display>(items: &[T]) -> String {
    items.iter().map(|item| format!("“{item}”")).collect::<Vec<_>>().join(", ")
}

fn with_article(role: &str) -> String {
    let article = if role.starts_with(['a', 'e', 'i', 'o', 'u']) { "an" } else { "a" };
    format!("{article} {role}")
}

/// The schema of `next`: an object whose `step` is one of these words.
pub(super) fn schema() -> RefOr<Schema> {
    let steps = NextStep::EXAMPLES.iter().filter_map(|example| {
        let example: serde_json::Value = serde_json::from_str(example).ok()?;
        example["step"].as_str().map(str::to_owned)
    });
    let step = ObjectBuilder::new().schema_type(Type::String).enum_values(Some(steps));
    let next = ObjectBuilder::new().description(Some("How to go on, for programs: a `step`, and what belongs to the step."));
    Schema::Object(next.property("step", step).required("step").build()).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_step_is_a_sentence_without_flags_and_commands() {
        for example in NextStep::EXAMPLES {
            let step: NextStep = serde_json::from_str(example).unwrap();
            let words = words(&step);
            assert!(words.starts_with(char::is_uppercase) && words.ends_with('.'), "{words}");
            assert!(!words.contains("--") && !words.contains("countersign"), "{words}");
        }
    }
}
