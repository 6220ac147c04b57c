//! Who hears of which event.

#![expect(clippy::unwrap_used, reason = "a test that panics says where and why")]

use domain::{
    Digest, Name, StepName, UserId,
    event::Event,
    notice::{Audience, Topic, notices},
    people::{Container, ProjectRole},
    reviewers::{Entitlement, Reviewers, Task},
    signoff::{Notify, Status, Verdict},
};
use uuid::Uuid;

fn requested(notify: Notify, status: Status) -> Event {
    let shown = Digest::from_bytes([0; 32]);
    Event::ReviewRequested {
        step: StepName::standard(),
        round: 1,
        status,
        skip_feedback: false,
        notify,
        reviewers: Reviewers::default(),
        shown,
    }
}

fn feedback(verdict: Verdict, replaces: Option<Verdict>) -> Event {
    Event::FeedbackGiven {
        step: StepName::standard(),
        round: 1,
        slot: "Risk".parse().unwrap(),
        verdict,
        comment: None,
        path: Entitlement::Assigned { container: Container::Role(ProjectRole::Manager) },
        considered: Digest::from_bytes([0; 32]),
        replaces,
    }
}

fn heard(event: &Event) -> (Option<Topic>, Vec<Audience>) {
    let notices = notices(event);
    (notices.first().map(|notice| notice.topic), notices.into_iter().map(|notice| notice.to).collect())
}

#[test]
fn a_request_reaches_those_whom_the_requester_chose() {
    let names: Vec<Name> = vec!["riskofficer".parse().unwrap()];
    for (event, to) in [
        (requested(Notify::All, Status::WaitingForFeedback), vec![Audience::Reviewers, Audience::Subscribers]),
        (requested(Notify::All, Status::WaitingForApproval), vec![Audience::NextInTurn, Audience::Subscribers]),
        (requested(Notify::Nobody, Status::WaitingForFeedback), vec![Audience::Subscribers]),
        (
            requested(Notify::Some(names.clone()), Status::WaitingForFeedback),
            vec![Audience::Accounts(names), Audience::Subscribers],
        ),
    ] {
        assert_eq!(heard(&event), (Some(Topic::ReviewRequested), to), "{event:?}");
    }
}

#[test]
fn a_changed_verdict_is_another_topic_than_a_first_answer() {
    use Verdict::{Approve, MajorIssue};
    for (event, topic) in [
        (feedback(Approve, None), Topic::FeedbackGiven),
        (feedback(MajorIssue, Some(Approve)), Topic::VerdictChanged),
        (feedback(Approve, Some(Approve)), Topic::FeedbackGiven),
    ] {
        assert_eq!(heard(&event).0, Some(topic), "{event:?}");
    }
}

#[test]
fn a_delegation_reaches_the_delegate_alone() {
    let to = UserId::from_uuid(Uuid::from_u128(7));
    let event =
        Event::Delegated { step: StepName::standard(), round: 1, task: Task::FinalApproval, to, until: None, absent: None };
    assert_eq!(heard(&event), (Some(Topic::Delegated), vec![Audience::Account(to)]));
}

#[test]
fn nobody_is_told_of_what_concerns_nobody() {
    let group = domain::GroupId::from_uuid(Uuid::nil());
    assert_eq!(heard(&Event::GroupCreated { group, name: "risk".parse().unwrap() }), (None, Vec::new()));
    assert_eq!(heard(&Event::ReturnedToFeedback { step: StepName::standard(), round: 1 }), (None, Vec::new()));
}
