use super::*;
use crate::Caller;
use domain::{
    Digest, TokenId,
    event::{Actor, Event},
};
use proof::{Sha256, merkle::Frontier};

/// A memory that has gone through the first ten events and remembers a caller.
fn held() -> Entries {
    let mut held = Entries { size: 10, all_since: 3, since: 3, gates_since: 3, ..Entries::default() };
    held.callers.insert(b"hash".to_vec(), (Caller::Anonymous, Timestamp::from_micros(1)));
    held
}

/// An event that changed these rows. What it says happened does not matter: the rows do.
fn event(position: u64, rows: &[&str]) -> LoggedEvent {
    let (user, token) = (UserId::from_uuid(uuid::Uuid::nil()), TokenId::from_uuid(uuid::Uuid::nil()));
    LoggedEvent {
        format: 1,
        position,
        at: Timestamp::from_micros(0),
        actor: Actor::Clock,
        request: String::new(),
        about: About::default(),
        event: Event::TokenRevoked { token, user },
        rows: rows.iter().map(|row| ((*row).to_owned(), None)).collect(),
        previous: None,
        statements: Vec::new(),
        nonce: String::new(),
    }
}

/// Goes through these events, which signed something about no version but the seventh.
fn learn(held: &mut Entries, events: &[LoggedEvent]) {
    held.learn(events, &HashMap::from([(version(7), BYTES)]));
}

/// The bytes of the seventh version.
const BYTES: Digest = Digest::from_bytes([7; 32]);

fn version(last: u8) -> VersionId {
    VersionId::from_uuid(uuid::Uuid::from_u128(last.into()))
}

#[test]
fn a_changed_version_is_read_anew_and_nothing_else_is() {
    let mut held = held();
    learn(
        &mut held,
        &[event(10, &[]), event(11, &[&format!("versions/{}", version(7)), &format!("rounds/{}/1", version(7)), "statements/x"])],
    );
    assert_eq!((held.size, held.since, held.any_changed), (12, 3, 12));
    assert_eq!(held.changed, HashMap::from([(version(7), 12)]));
    assert_eq!(held.callers.len(), 1);
}

#[test]
fn a_changed_token_forgets_every_caller_also_those_who_are_being_read() {
    let mut held = held();
    learn(&mut held, &[event(10, &["tokens/x"])]);
    assert!(held.callers.len() == 0);
    assert_eq!((held.size, held.since, held.any_changed), (11, 11, 0));
}

#[test]
fn a_renewed_permit_is_a_change_of_its_version() {
    let mut held = held();
    let renewed = LoggedEvent {
        about: About { version: Some(version(7)), ..About::default() },
        ..event(10, &["statements/x", "shares/x/1/0"])
    };
    learn(&mut held, &[renewed]);
    assert_eq!((held.since, held.gates_since), (3, 3));
    assert_eq!(held.changed, HashMap::from([(version(7), 11)]));
}

#[test]
fn a_deployment_forgets_what_the_gate_knows_and_no_caller() {
    for row in ["deployments/x", "revisions/x/1", "shares/x/1/0"] {
        let mut held = held();
        learn(&mut held, &[event(10, &[row])]);
        assert_eq!((held.since, held.gates_since, held.callers.len()), (3, 11, 1), "{row}");
    }
}

#[test]
fn what_is_signed_about_a_version_makes_old_what_is_known_of_its_bytes() {
    let signed = |about| LoggedEvent {
        about: About { version: about, ..About::default() },
        statements: vec![Digest::from_bytes([1; 32])],
        ..event(10, &["statements/x"])
    };
    let mut held = held();
    learn(&mut held, &[signed(Some(version(7)))]);
    assert_eq!((held.gates_since, &held.spoken_on), (3, &HashMap::from([(BYTES, 11)])));
    // Of a version that cannot be read, and of none, it is not known which bytes were meant.
    for about in [Some(version(8)), None] {
        let mut held = self::held();
        learn(&mut held, &[signed(about)]);
        assert_eq!((held.gates_since, held.spoken_on.len()), (11, 0));
    }
}

#[test]
fn rights_are_those_of_the_moment_that_is_read_and_old_after_events_about_people() {
    let cache = Cache::default();
    *lock(&cache.held) = held();
    let (user, project) = (UserId::from_uuid(uuid::Uuid::nil()), domain::ProjectId::from_uuid(uuid::Uuid::nil()));
    let keep = |size| cache.keep_right(size, |rights| &mut rights.project_roles, (user, project), Arc::default());
    let known = |size| cache.right(size, |rights| &rights.project_roles, &(user, project)).is_some();
    keep(9);
    assert_eq!([8, 9, 10, 11].map(known), [false, true, true, false], "read later, and of a later log than was gone through");
    learn(
        &mut lock(&cache.held),
        &[event(10, &[&format!("rounds/{}/1", version(7))]), event(11, &["deployments/x", "tokens/x"])],
    );
    assert!(known(12), "neither versions nor tokens nor deployments change rights");
    let away = Event::AbsenceSet { user, absence: None };
    for (position, deed) in
        [(12, event(12, &["project_members/x"])), (13, LoggedEvent { event: away, ..event(13, &["users/x"]) })]
    {
        learn(&mut lock(&cache.held), &[deed]);
        assert!(!known(position + 1));
        keep(position);
        assert!(!known(position + 1), "read before it was changed");
        keep(position + 1);
        assert!(known(position + 1));
    }
}

#[test]
fn any_other_row_a_gap_and_an_unreadable_name_forget_everything() {
    let forgets = |events: &[LoggedEvent]| {
        let mut held = held();
        held.changed.insert(version(1), 5);
        learn(&mut held, events);
        let last = events.last().map_or(0, |last| last.position + 1);
        assert_eq!((held.size, held.since, held.gates_since, held.any_changed), (last, last, last, last));
        assert!(held.callers.len() == 0 && held.gates.len() == 0 && held.changed.is_empty());
    };
    for row in ["users/x", "group_members/x/y", "projects/x", "project_members/x/user/y", "infrastructures/x", "versions/x", ""] {
        forgets(&[event(10, &[row])]);
    }
    forgets(&[event(11, &[])]);
    forgets(&[event(10, &[]), event(12, &["tokens/x"])]);
}

#[test]
fn the_waiting_rounds_outlive_tokens_and_deployments_and_it_is_known_which_versions_changed() {
    let cache = Cache::default();
    *lock(&cache.held) = held();
    let learn = |events: &[LoggedEvent]| learn(&mut lock(&cache.held), events);
    let known = |size: u64, now: i64| cache.waiting(size, Timestamp::from_micros(now)).map(|(_, changed)| changed);
    let mut rounds = WaitingRounds::default();
    rounds.holds_until(Timestamp::from_micros(100));
    rounds.holds_until(Timestamp::from_micros(50));
    cache.keep_waiting(10, Arc::new(rounds.clone()));
    assert_eq!(known(10, 1), Some(Vec::new()));
    assert_eq!((known(11, 1), known(10, 50)), (None, None), "a later log than was seen, and the end of a delegation");
    learn(&[event(10, &["tokens/x"]), event(11, &["deployments/x"]), event(12, &[&format!("rounds/{}/1", version(7))])]);
    assert_eq!(known(13, 1), Some(vec![version(7)]));
    cache.keep_waiting(13, Arc::new(rounds.clone()));
    assert_eq!(known(13, 1), Some(Vec::new()));
    learn(&[event(13, &["group_members/x/y"])]);
    assert_eq!(known(14, 1), None);
    cache.keep_waiting(13, Arc::new(rounds));
    assert_eq!(known(14, 1), None, "they were read before the group changed");
}

/// The head of a log of this size, of which there may be several.
fn head(size: u64, log: u8) -> LogHead {
    let mut frontier = Frontier::new();
    for _ in 0..size {
        frontier.append(Sha256::of(&[log]));
    }
    LogHead { frontier, last_event_at: Some(Timestamp::from_micros(size as i64)) }
}

/// What this server committed on the first log: these events.
fn committed(events: Vec<LoggedEvent>) -> Committed {
    let from = events[0].position;
    Committed {
        before: head(from, 1),
        after: head(from + events.len() as u64, 1),
        events,
        model_digests: HashMap::from([(version(7), BYTES)]),
    }
}

/// A memory of the first log with ten events, in which rights are remembered; and whether they are at a size.
fn of_first_log() -> (Cache, impl Fn(&Cache, u64) -> bool) {
    let cache = Cache::default();
    cache.check(&head(10, 1));
    let key = (UserId::from_uuid(uuid::Uuid::nil()), domain::ProjectId::from_uuid(uuid::Uuid::nil()));
    cache.keep_right(10, |rights| &mut rights.project_roles, key, Arc::default());
    (cache, move |cache: &Cache, size| cache.right(size, |rights| &rights.project_roles, &key).is_some())
}

#[test]
fn what_this_server_commits_is_known_without_a_question() {
    let (cache, known) = of_first_log();
    let round = format!("rounds/{}/1", version(7));
    cache.learn(&committed(vec![event(10, &[&round]), event(11, &["deployments/x"])]));
    assert!(known(&cache, 12));
    assert_eq!(cache.last_event_at(), Timestamp::from_micros(12));
    assert_eq!(lock(&cache.held).changed, HashMap::from([(version(7), 11)]));
    cache.learn(&committed(vec![event(12, &["project_members/x"])]));
    assert!(!known(&cache, 13), "it rests on the row that changed");
}

#[test]
fn a_commit_behind_events_of_another_server_is_left_to_the_next_question() {
    let (cache, known) = of_first_log();
    cache.learn(&committed(vec![event(11, &[&format!("rounds/{}/1", version(7))])]));
    assert_eq!((known(&cache, 10), known(&cache, 12)), (true, false));
}

#[test]
fn another_log_of_the_size_or_a_smaller_one_makes_forget_everything() {
    for (seen, remembered) in [(head(10, 1), true), (head(11, 1), true), (head(10, 2), false), (head(9, 1), false)] {
        let (cache, known) = of_first_log();
        cache.check(&seen);
        assert_eq!(known(&cache, 10), remembered, "{}", seen.frontier.size());
    }
}

#[test]
fn what_is_out_of_policy_answers_requests_that_saw_a_smaller_log_and_none_that_saw_a_larger_one() {
    let cache = Cache::default();
    *lock(&cache.held) = held();
    let judged = |until: i64| Arc::new(OutOfPolicy { until: Some(Timestamp::from_micros(until)), ..OutOfPolicy::default() });
    let known = |size, now| cache.out_of_policy(size, Timestamp::from_micros(now)).and_then(|known| known.until);
    cache.keep_out_of_policy(12, judged(50));
    assert_eq!([10, 12, 13].map(|size| known(size, 1).is_some()), [true, true, false]);
    assert_eq!(known(12, 50), None, "an approval has ended meanwhile");
    cache.keep_out_of_policy(11, judged(60));
    assert_eq!(known(10, 1), Some(Timestamp::from_micros(50)), "an earlier judgement takes no later one's place");
}
