//! Prints the answers of the gate, and what happens to a deployment after each. Read it beside `docs/rules.md`.

mod common;

use common::digest;
use domain::deployment::{self, Admission, Basis};
use domain::gate::{self, Candidate, CandidateSignOff, Lack, SameBytes, Verdict};
use domain::infrastructure::{Acceptance, OnLapse, Policy};
use domain::signoff::Status;
use domain::{StepName, Timestamp};
use proptest::prelude::*;
use std::fmt::Write as _;

const NOW: Timestamp = Timestamp::from_micros(1_795_000_000_000_000);

/// A version whose sign-off stands like this, with an approval of these bytes until then.
fn version(status: Status, approved: Option<u8>, not_after: Option<Timestamp>) -> Candidate {
    let signoff = CandidateSignOff {
        step: StepName::standard(),
        status,
        round: 1,
        signed: approved.is_some(),
        approved_at: approved.map(|_| Timestamp::from_micros(NOW.micros() - 5)),
        independent: true,
        approved_digest: approved.map(digest),
        not_after,
        missing: "the final approval".to_owned(),
        who_can: vec!["The approver".to_owned()],
        link: "/projects/diagnosis/models/tumour/versions/1".to_owned(),
    };
    Candidate {
        name: "diagnosis/tumour:1".to_owned(),
        model_digest: digest(1),
        project: Some("diagnosis".parse().expect("a name")),
        retired: false,
        signoffs: vec![signoff],
        same_bytes: Vec::new(),
        by_digest: false,
    }
}

/// An infrastructure that accepts every approval.
fn anything() -> Acceptance {
    Acceptance::default()
}

/// A word on the same bytes under another name, this many microseconds from now.
fn same_bytes(status: Status, micros: i64) -> SameBytes {
    let version = Some("imaging/tumour:9".to_owned());
    SameBytes { version, status, at: Timestamp::from_micros(NOW.micros() + micros), link: None }
}

fn approved() -> Candidate {
    version(Status::Approved, Some(1), None)
}

fn ungoverned() -> Candidate {
    Candidate { name: "sha256:0101".to_owned(), project: None, signoffs: Vec::new(), ..approved() }
}

fn lack(lack: Lack) -> &'static str {
    match lack {
        Lack::NotGoverned => "not governed",
        Lack::NotApproved => "not approved",
        Lack::NotSigned => "not signed",
        Lack::ProjectNotAccepted => "project not accepted",
        Lack::NotIndependent => "not independent",
        Lack::SameBytesRejected => "same bytes rejected",
        Lack::SameBytesRevoked => "same bytes revoked",
        Lack::PastItsEnd => "past its end",
        Lack::OtherDigest => "other digest",
        Lack::Retired => "retired",
    }
}

/// Everything that can be asked of the gate, with a name.
fn cases() -> Vec<(String, Vec<Candidate>)> {
    let earlier = Timestamp::from_micros(NOW.micros() - 1);
    let later = Timestamp::from_micros(NOW.micros() + 1);
    let mut cases: Vec<(String, Vec<Candidate>)> =
        vec![("no version".to_owned(), vec![]), ("ungoverned".to_owned(), vec![ungoverned()])];
    for status in Status::ALL {
        for (bytes, word) in [(None, "no approval"), (Some(1), "digest equal"), (Some(2), "digest other")] {
            let had_approval = matches!(status, Status::Approved | Status::Revoked | Status::Expired);
            if had_approval == (bytes.is_none()) {
                continue;
            }
            for (end, when) in
                [(None, "no end"), (Some(later), "before its end"), (Some(NOW), "at its end"), (Some(earlier), "after its end")]
            {
                if end.is_none() || *status == Status::Approved {
                    cases.push((format!("{status}, {word}, {when}"), vec![version(*status, bytes, end)]));
                }
            }
        }
    }
    for status in [Status::NotStarted, Status::Approved, Status::Revoked] {
        let approved = (status == Status::Approved).then_some(1);
        cases.push((format!("{status}, retired"), vec![Candidate { retired: true, ..version(status, approved, None) }]));
    }
    let [approval] = &approved().signoffs[..] else { panic!("one sign-off") };
    let unsigned = Candidate { signoffs: vec![CandidateSignOff { signed: false, ..approval.clone() }], ..approved() };
    cases.push(("approved, digest equal, not signed".to_owned(), vec![unsigned]));
    let ends = |micros| version(Status::Approved, Some(1), Some(Timestamp::from_micros(NOW.micros() + micros)));
    cases.push(("two: both in force, in 3 and 9 µs".to_owned(), vec![ends(9), ends(3)]));
    cases.push(("two: in force, rejected".to_owned(), vec![approved(), version(Status::Rejected, None, None)]));
    cases.push((
        "two: ungoverned, past its end".to_owned(),
        vec![ungoverned(), version(Status::Approved, Some(1), Some(earlier))],
    ));
    cases.push(("two: in force 9 µs, past its end".to_owned(), vec![ends(9), version(Status::Approved, Some(1), Some(earlier))]));
    cases
}

#[test]
fn every_policy_and_version() {
    let mut text = "What the gate answers under each policy, what the versions lack, and when the answer ends.\n\n".to_owned();
    writeln!(text, "{:<48}{:<9}{:<7}{:<7}lacks; ends", "version", "prevent", "warn", "allow").unwrap();
    for (name, candidates) in cases() {
        let answers = Policy::ALL.iter().map(|policy| gate::check(*policy, &anything(), &candidates, NOW)).collect::<Vec<_>>();
        let verdicts: Vec<_> = answers.iter().map(|answer| answer.verdict.as_str()).collect();
        let mut rest: Vec<_> = answers[0].reasons.iter().map(|reason| lack(reason.lack).to_owned()).collect();
        rest.extend(answers[0].not_after.map(|end| format!("ends in {} µs", end.micros() - NOW.micros())));
        for (answer, policy) in answers.iter().zip(Policy::ALL) {
            assert_eq!((&answer.reasons, answer.not_after, answer.policy), (&answers[0].reasons, answers[0].not_after, *policy));
        }
        let line = format!("{name:<48}{:<9}{:<7}{:<7}{}", verdicts[0], verdicts[1], verdicts[2], rest.join("; "));
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    insta::assert_snapshot!("gate_table", text);
}

#[test]
fn words_on_the_same_bytes_count_for_bytes_and_are_named_for_a_version() {
    // The approval was given 5 µs ago.
    for (status, lack) in [(Status::Rejected, Lack::SameBytesRejected), (Status::Revoked, Lack::SameBytesRevoked)] {
        for (at, newer) in [(-6, false), (-5, true), (-1, true)] {
            for by_digest in [false, true] {
                let candidate = Candidate { same_bytes: vec![same_bytes(status, at)], by_digest, ..approved() };
                let answer = gate::check(Policy::Prevent, &anything(), std::slice::from_ref(&candidate), NOW);
                assert_eq!(answer.verdict == Verdict::Deny, newer && by_digest, "{status} {at} {by_digest}");
                assert_eq!(gate::lacking(&candidate, &anything(), NOW).is_some(), newer && by_digest);
                let named: Vec<_> = answer.reasons.iter().map(|reason| (reason.version.as_str(), reason.lack)).collect();
                assert_eq!(named, if newer { vec![("imaging/tumour:9", lack)] } else { Vec::new() });
            }
        }
    }
    let waiting = version(Status::WaitingForApproval, None, None);
    let candidate = Candidate { same_bytes: vec![same_bytes(Status::Rejected, -100)], ..waiting };
    let answer = gate::check(Policy::Prevent, &anything(), &[candidate], NOW);
    let lacks: Vec<_> = answer.reasons.iter().map(|reason| reason.lack).collect();
    assert_eq!(lacks, [Lack::NotApproved, Lack::SameBytesRejected], "without an approval every word is named");
    let hidden = SameBytes { version: None, ..same_bytes(Status::Rejected, 0) };
    let answer = gate::check(Policy::Prevent, &anything(), &[Candidate { same_bytes: vec![hidden], ..approved() }], NOW);
    assert_eq!(answer.reasons[0].version, "a version in another project");
}

#[test]
fn what_an_infrastructure_does_not_accept_counts_as_not_approved() {
    let only = |project: &str| Acceptance { projects: Some([project.parse().unwrap()].into()), ..anything() };
    let independent = Acceptance { independent_approval: true, ..anything() };
    let [approval] = &approved().signoffs[..] else { panic!("one sign-off") };
    let own = Candidate { signoffs: vec![CandidateSignOff { independent: false, ..approval.clone() }], ..approved() };
    for (accepts, candidate, lack) in [
        (anything(), own.clone(), None),
        (only("diagnosis"), own.clone(), None),
        (only("imaging"), approved(), Some(Lack::ProjectNotAccepted)),
        (independent.clone(), approved(), None),
        (independent, own, Some(Lack::NotIndependent)),
    ] {
        for policy in Policy::ALL {
            let answer = gate::check(*policy, &accepts, std::slice::from_ref(&candidate), NOW);
            assert_eq!(answer.reasons.first().map(|reason| reason.lack), lack);
            let expected = gate::check(*policy, &anything(), &[if lack.is_some() { ungoverned() } else { approved() }], NOW);
            assert_eq!(answer.verdict, expected.verdict);
        }
    }
}

#[test]
fn accepting_more_is_a_weakening() {
    let accepts = |projects: &[&str], independent_approval| Acceptance {
        projects: (!projects.is_empty()).then(|| projects.iter().map(|project| project.parse().unwrap()).collect()),
        independent_approval,
    };
    for (before, after, weakened) in [
        (accepts(&[], false), accepts(&["diagnosis"], true), false),
        (accepts(&["diagnosis"], false), accepts(&[], false), true),
        (accepts(&["diagnosis"], false), accepts(&["diagnosis", "imaging"], true), true),
        (accepts(&["diagnosis", "imaging"], false), accepts(&["imaging"], false), false),
        (accepts(&[], true), accepts(&["diagnosis"], false), true),
        (accepts(&[], true), accepts(&[], true), false),
    ] {
        assert_eq!(before.weakens_to(&after), weakened, "{before:?} to {after:?}");
    }
}

#[test]
fn a_denial_names_version_status_what_is_missing_who_can_act_and_the_link() {
    let answer = gate::check(Policy::Prevent, &anything(), &[version(Status::WaitingForApproval, None, None), approved()], NOW);
    let [reason] = &answer.reasons[..] else { panic!("one version lacks something: {answer:?}") };
    assert_eq!(reason.version, "diagnosis/tumour:1");
    assert_eq!((reason.status, reason.lack), (Some(Status::WaitingForApproval), Lack::NotApproved));
    assert_eq!((reason.missing.as_str(), &reason.who_can[..]), ("the final approval", &["The approver".to_owned()][..]));
    assert_eq!(reason.link.as_deref(), Some("/projects/diagnosis/models/tumour/versions/1"));
}

#[test]
fn a_version_with_two_sign_offs_needs_both_and_the_answer_names_each_that_is_missing() {
    let with = |technical: Status, review: Status| {
        let one = |status, step: &str| {
            let approved = (status == Status::Approved).then_some(1);
            let [signoff] = &version(status, approved, None).signoffs[..] else { panic!("one sign-off") };
            CandidateSignOff { step: step.parse().unwrap(), ..signoff.clone() }
        };
        Candidate { signoffs: vec![one(technical, "technical-review"), one(review, "review")], ..approved() }
    };
    for technical in Status::ALL {
        for review in Status::ALL {
            let answer = gate::check(Policy::Prevent, &anything(), &[with(*technical, *review)], NOW);
            let lacking: Vec<_> = answer.reasons.iter().map(|reason| (reason.step.as_str(), reason.status)).collect();
            let expected = [("technical-review", *technical), ("review", *review)];
            let expected: Vec<_> = expected.into_iter().filter(|(_, status)| *status != Status::Approved).collect();
            assert_eq!(lacking, expected.iter().map(|(step, status)| (*step, Some(*status))).collect::<Vec<_>>());
            assert_eq!(answer.verdict == Verdict::Allow, expected.is_empty(), "{technical} and {review}");
        }
    }
}

#[test]
fn a_warning_goes_on_only_with_a_reason() {
    let answer = |policy, candidate| gate::check(policy, &anything(), &[candidate], NOW);
    let waiting = || version(Status::WaitingForApproval, None, None);
    let warned = answer(Policy::Warn, waiting());
    for blank in [None, Some(""), Some(" \t\n")] {
        assert_eq!(deployment::admit(&warned, blank), Admission::NeedsAcknowledgement, "{blank:?}");
    }
    let admitted = |acknowledgement: Option<&str>| Admission::Admitted { acknowledgement: acknowledgement.map(str::to_owned) };
    assert_eq!(deployment::admit(&warned, Some(" pilot ")), admitted(Some("pilot")));
    assert_eq!(deployment::admit(&answer(Policy::Prevent, waiting()), Some("pilot")), Admission::Denied);
    for allowed in [answer(Policy::Prevent, approved()), answer(Policy::Warn, approved()), answer(Policy::Allow, waiting())] {
        assert_eq!(deployment::admit(&allowed, Some("pilot")), admitted(None), "nothing was warned of");
        assert_eq!(deployment::admit(&allowed, None), admitted(None));
    }
    for policy in Policy::ALL {
        assert_eq!(deployment::admit(&gate::check(*policy, &anything(), &[], NOW), Some("pilot")), Admission::Denied);
    }
}

#[test]
fn an_admitted_version_rests_on_its_approval_an_acknowledgement_or_nothing() {
    let basis = |policy, lacking| deployment::basis(&gate::check(policy, &anything(), &[approved(), ungoverned()], NOW), lacking);
    for policy in Policy::ALL {
        assert_eq!(basis(*policy, false), Basis::Approved);
    }
    assert_eq!(basis(Policy::Warn, true), Basis::Acknowledged);
    assert_eq!(basis(Policy::Allow, true), Basis::Unapproved);
}

#[test]
fn every_standing_of_a_version_in_service() {
    let mut text =
        "Whether a version in service may go on: by what it rested on, the policy now, and whether it is in force now.\n\n"
            .to_owned();
    writeln!(
        text,
        "{:<14}{:<10}{:<12}{:<28}lacking, on_lapse = disable",
        "rested on", "policy", "in force", "lacking, on_lapse = report"
    )
    .unwrap();
    let lacking = gate::lacking(&version(Status::Revoked, Some(1), None), &anything(), NOW).unwrap();
    for basis in Basis::ALL {
        for policy in Policy::ALL {
            let standing = |lacks, on_lapse| deployment::standing(*basis, lacks, *policy, on_lapse);
            let in_force = standing(None, OnLapse::Disable);
            assert_eq!(in_force, standing(None, OnLapse::Report));
            let (reported, disabled) = (standing(Some(&lacking), OnLapse::Report), standing(Some(&lacking), OnLapse::Disable));
            let cells = [basis.as_str(), policy.as_str(), in_force.as_str(), reported.as_str()];
            writeln!(text, "{:<14}{:<10}{:<12}{:<28}{}", cells[0], cells[1], cells[2], cells[3], disabled).unwrap();
        }
    }
    insta::assert_snapshot!("standing_table", text);
}

#[test]
fn weakening_is_whatever_lets_more_through() {
    for from in Policy::ALL {
        for to in Policy::ALL {
            let gets_through = |policy: &Policy| gate::check(*policy, &anything(), &[ungoverned()], NOW).verdict;
            assert_eq!(from.weakens_to(*to), gets_through(to) < gets_through(from), "{from} to {to}");
        }
    }
}

/// A version that needs up to three sign-offs.
fn any_version() -> impl Strategy<Value = Candidate> {
    let steps = ["technical-review", "review", "legal-review"];
    prop::collection::vec(any_version_with_one(), 1..4).prop_map(move |versions| {
        let signoffs = versions.iter().zip(steps).flat_map(|(version, step)| {
            version
                .signoffs
                .iter()
                .cloned()
                .map(move |signoff| CandidateSignOff { step: step.parse().expect("it is a step"), ..signoff })
        });
        Candidate { signoffs: signoffs.collect(), ..approved() }
    })
}

fn any_version_with_one() -> impl Strategy<Value = Candidate> {
    let end = prop::option::of((-2_i64..3).prop_map(|micros| Timestamp::from_micros(NOW.micros() + micros)));
    let status = prop_oneof![2 => Just(Status::Approved), 1 => prop::sample::select(Status::ALL)];
    let governed =
        (status, prop::option::weighted(0.9, 1_u8..3), end).prop_map(|(status, approved, end)| version(status, approved, end));
    prop_oneof![8 => governed, 1 => Just(ungoverned())]
}

/// The definition, word by word: status approved, not past its end, digest equal.
fn is_in_force(candidate: &Candidate) -> bool {
    !candidate.signoffs.is_empty()
        && candidate.signoffs.iter().all(|signoff| {
            let past = signoff.not_after.is_some_and(|end| NOW >= end);
            signoff.status == Status::Approved
                && signoff.signed
                && !past
                && signoff.approved_digest == Some(candidate.model_digest)
        })
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn prevent_allows_exactly_when_all_are_in_force(candidates in prop::collection::vec(any_version(), 0..4)) {
        let answer = gate::check(Policy::Prevent, &anything(), &candidates, NOW);
        let all = !candidates.is_empty() && candidates.iter().all(is_in_force);
        prop_assert_eq!(answer.verdict, if all { Verdict::Allow } else { Verdict::Deny });
        for candidate in &candidates {
            prop_assert_eq!(gate::lacking(candidate, &anything(), NOW).is_none(), is_in_force(candidate));
        }
        prop_assert_eq!(answer.reasons.is_empty(), candidates.iter().all(is_in_force));
    }

    #[test]
    fn no_answer_ends_in_the_past(candidates in prop::collection::vec(any_version(), 0..4), policy in prop::sample::select(Policy::ALL)) {
        let answer = gate::check(policy, &anything(), &candidates, NOW);
        prop_assert!(answer.not_after.is_none_or(|end| end > NOW));
        let text = serde_json::to_string(&answer).unwrap();
        prop_assert_eq!(serde_json::from_str::<gate::Answer>(&text).unwrap(), answer);
    }
}
