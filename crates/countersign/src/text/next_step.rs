//! The next step in the words of the command line: the command or the flag that leads on.

use domain::NextStep;

/// What to do, as a sentence. Names of people may hold anything: the caller makes the sentence harmless.
pub fn words(step: &NextStep) -> String {
    match step {
        NextStep::AddComment => "Add --comment \"…\".".to_owned(),
        NextStep::ChooseSlot { slots } if slots.is_empty() => {
            "Go on to the decision: this round has no feedback slot.".to_owned()
        }
        NextStep::ChooseSlot { slots } => {
            let flags: Vec<_> = slots.iter().map(|slot| format!("--slot \"{slot}\"")).collect();
            format!("Name a slot of this round: {}.", flags.join(" or "))
        }
        NextStep::AskOneOf { people } => match people.as_slice() {
            [person] => format!("Ask {person}."),
            people => format!("Ask one of: {}.", people.join(", ")),
        },
        NextStep::ChangeMembers { project } => {
            format!("Nobody can do this now. Ask a manager of {project} to look at the members and reviewers.")
        }
        NextStep::RequestReview { version } => format!("Ask for a review: countersign review request {version}."),
        NextStep::RequestFinalApproval { version } => format!("Go on to the final approval: countersign review final {version}."),
        NextStep::ReturnToFeedback { version } => format!("Go back to feedback first: countersign review back {version}."),
        NextStep::ReloadReviewers { version } => format!(
            "A project manager names reviewers who can act: countersign reviewers set {} --help. Then they go into this round: countersign review reload-reviewers {version} --comment \"…\".",
            version.project
        ),
        NextStep::RestoreVersion { version } => {
            format!("A project manager can take it back: countersign version restore {version} --comment \"…\".")
        }
        NextStep::AbandonInstead { version } => {
            format!("Stop the review instead: countersign abandon {version} --comment \"…\".")
        }
        NextStep::DecideOrReload { version } => format!(
            "Decide; or have a project manager name slots, countersign reviewers set {} --help, and take them into this round: countersign review reload-reviewers {version} --comment \"…\".",
            version.project
        ),
        NextStep::RequestRenewal { version } => {
            format!("Review it again while the approval goes on: countersign review renew {version}.")
        }
        NextStep::RenewIndependently { version } => format!(
            "Renew the approval, with a final approver who is neither an author nor the requester: countersign review renew {version}."
        ),
        NextStep::RegisterNewVersion { version } => format!(
            "Register a new version with what is to be different, and ask for its review: countersign version create {}/{} --help.",
            version.project, version.model
        ),
        NextStep::DecideOrAbandon { version } => format!(
            "Decide first; or stop the review: countersign abandon {version} --comment \"…\". While nobody has answered, the requester can take the request back: countersign review take-back {version}."
        ),
        NextStep::RevokeOrReset { version } => format!(
            "A final decision is never edited. Revoke it: countersign revoke {version} --comment \"…\". Or open the next round: countersign review reset {version}."
        ),
        NextStep::CancelAbandonOrReset { version } => format!(
            "A project manager can go on with the review: countersign review cancel-abandon {version}. Or open the next round: countersign review reset {version}."
        ),
        NextStep::OpenNextRound { version } => {
            format!("A project manager can open the next round: countersign review reset {version}.")
        }
        NextStep::NameApprover { project } => {
            format!(
                "Name a final approver: countersign reviewers set {project} --approver user:NAME, with every --slot as it is."
            )
        }
        NextStep::FillApprovers { project } => format!(
            "Add somebody to a group or role among the final approvers, or name another final approver: countersign reviewers show {project}."
        ),
        NextStep::SeparateDuties { project } => format!(
            "Let somebody else ask for the review, name another final approver, or change the duty rules: countersign project set {project} --help."
        ),
        NextStep::AllowDelegation { project } => {
            format!(
                "A project manager can switch it on: countersign project set {project} --delegation-allowed true --reason \"…\"."
            )
        }
        NextStep::ChooseDelegate => "Name another person: --to NAME.".to_owned(),
        NextStep::ChooseLaterEnd => "Choose an end that is still to come.".to_owned(),

        NextStep::WaitForDecision { version, infrastructure } => {
            format!("Wait for the decision: countersign gate {version} --infra {infrastructure} --wait.")
        }
        NextStep::AskForAcceptance { infrastructure } => {
            format!(
                "Ask an admin of {infrastructure} to accept approvals of this project, or deploy elsewhere. Who is an admin: countersign infra show {infrastructure}."
            )
        }
        NextStep::ChooseApprovedVersion => "Name a version that is approved.".to_owned(),
        NextStep::RegisterVersion => {
            "Register these files as a version (countersign version create --help), and ask for its review.".to_owned()
        }
        NextStep::Acknowledge => "Go on with --acknowledge \"reason\". The record keeps the reason.".to_owned(),
        NextStep::ChooseAnotherService => "Deploy it as another service.".to_owned(),

        NextStep::SignIn => "Sign in: countersign login URL --profile NAME.".to_owned(),
        NextStep::GivePassword => {
            "Type the password at a terminal, or give it as one line on standard input with --password-stdin.".to_owned()
        }
        NextStep::CheckPassword => {
            "Try again, or ask an administrator for a new invitation: countersign user invite NAME.".to_owned()
        }
        NextStep::AskForInvitation => "Ask an administrator for a new invitation: countersign user invite NAME.".to_owned(),
        NextStep::ConfirmInvitation { user } => format!(
            "A second administrator confirms it: countersign user confirm-invitation {user}. Or the operator does, on the server's machine: countersign admin confirm-invitation {user}."
        ),
        NextStep::UseTokenWithScope { scope } => {
            format!("Use a token with the scope: countersign token create --scope {scope}.")
        }
        NextStep::CreateServiceToken { service } => {
            format!("Create a token for it: countersign token create --service {service}.")
        }
        NextStep::ReopenAccount { user } => {
            format!("Ask an administrator to reopen it: countersign user change {user} --reopen.")
        }
        NextStep::AppointAnother { role } => format!("Give somebody else the role {role} first."),

        NextStep::CheckName => "Check the name, or ask for access.".to_owned(),
        NextStep::ChooseAnotherAddress => {
            "Give another address, or take it away from the other account first: countersign user change NAME --email \"…\"."
                .to_owned()
        }
        NextStep::ChooseAnotherName => "Choose another name.".to_owned(),
        NextStep::LookAgain => "Look again at what changed, then repeat the command.".to_owned(),
        NextStep::LookBeforeRepeating => "Look whether it was done before you repeat the command.".to_owned(),
        NextStep::SendIfMatch => "Say which state you saw: --if-match TAG.".to_owned(),
        NextStep::TryAgain => "Try again in a moment.".to_owned(),
        NextStep::SendAgain | NextStep::RepeatWithSameKey | NextStep::UseNewKey => "Repeat the command.".to_owned(),
        NextStep::SendLess => "Send less at a time.".to_owned(),
        NextStep::WaitSeconds { seconds } => format!("Wait {seconds} seconds, then repeat the command."),
        NextStep::CheckAddress | NextStep::UseAllowedMethod => "Use a client and a server of the same version.".to_owned(),

        NextStep::PackFiles => "Pack files that belong together into one.".to_owned(),
        NextStep::CompareUpload { .. } => "A file was lost on the way, or came twice. Repeat the command.".to_owned(),
        NextStep::SendFile => "Name a file, or a folder with files in it.".to_owned(),
        NextStep::NameRevision => "Name the revision to go back to with --to NUMBER, or deploy a version.".to_owned(),
        NextStep::BeginUpload => "The upload was finished, was cancelled or is too old. Repeat the command.".to_owned(),

        NextStep::KeepNodeName => {
            "Give each node one name and keep it: --name NAME. A node that has not reported for a day is forgotten.".to_owned()
        }
        NextStep::FollowAgain => "Ask anew what is in service: only that can be fetched.".to_owned(),

        NextStep::MakeRoom => "Ask the server's operator to make room, then repeat the command.".to_owned(),
        NextStep::ReadServerLog => "Repeat the command. The server's log says more, under the id of this request.".to_owned(),
        NextStep::SetUpMail => {
            "Ask an administrator to choose a mail server: countersign mail server set mail.example.org:587 --from sign-off@example.org. Until then people find in the inbox what waits for them.".to_owned()
        }
        NextStep::AllowNetwork => {
            "Use a public address, or ask the server's operator to allow the network: webhooks.allowed_networks.".to_owned()
        }
        NextStep::EnableWebhook { webhook } => format!("Enable the webhook first: countersign webhook change {webhook} --enable."),
        NextStep::GiveMailAddress => {
            "Ask an administrator to give the account a mail address: countersign user change NAME --email ADDRESS.".to_owned()
        }
        NextStep::RestartServer => {
            "Ask the server's operator to restart the server, and to look which job is stuck: countersign doctor.".to_owned()
        }
        NextStep::VerifyStore => {
            "Ask the server's operator to find out what was altered: countersign admin verify-store.".to_owned()
        }
        NextStep::ContinueLog => "Ask the server's operator to find out what is missing: countersign admin verify-store. \
             After a restore, to go on: countersign admin continue-log --reason \"…\"."
            .to_owned(),
        NextStep::SignLog => "Put log-key.pem back on the machine of the server that signs the log. \
             Where the key is lost: countersign admin rotate-log-key --reason \"…\"."
            .to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The command lines in a sentence: each from `countersign` to the next full stop, comma or bracket.
    fn commands(words: &str) -> Vec<String> {
        let starts = words.match_indices("countersign ").map(|(start, _)| &words[start..]);
        let end = |text: &str| [". ", ", ", ")"].iter().filter_map(|end| text.find(end)).min().unwrap_or(text.len());
        starts.map(|text| text[..end(text)].trim_end_matches('.').replace("\"…\"", "why").replace("NAME", "name")).collect()
    }

    #[test]
    fn every_command_that_a_hint_names_is_one_and_takes_these_flags() {
        let mut number = 0;
        for example in NextStep::EXAMPLES {
            let words = words(&serde_json::from_str(example).unwrap());
            assert!(words.starts_with(char::is_uppercase) && words.ends_with('.'), "{words}");
            for command in commands(&words) {
                let parsed = crate::cli::command().try_get_matches_from(command.split_whitespace());
                let is_help = |error: &clap::Error| error.kind() == clap::error::ErrorKind::DisplayHelp;
                assert!(parsed.as_ref().map_or_else(is_help, |_| true), "{command}: {parsed:?}");
                number += 1;
            }
        }
        assert!(number >= 20, "{number} commands");
    }
}
