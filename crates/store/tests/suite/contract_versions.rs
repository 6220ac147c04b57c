//! Versions, their files and their rounds.

use crate::{
    database::{Fresh, both},
    world::{World, at, digest, event, id, origin, parse},
};
use domain::{
    StepName, VersionId, VersionRef,
    signoff::{SignOff, Status},
};
use store::*;

both! {
    versions_are_found_and_listed
    files_of_a_version
    more_files_than_one_statement_takes
    rounds_of_a_version
    rounds_that_count
    rounds_on_two_steps
    rounds_by_status
    values_come_back_as_they_went_in
    one_query_gives_a_version_with_what_was_signed_about_its_bytes
    one_query_gives_nothing_where_a_row_was_put_back
}

async fn versions_are_found_and_listed(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, second) = (World::new(1), World::new(2));
    world.write(&store).await;
    second.write(&store).await;
    let numbered =
        |number: u32| Version { id: id(1, 60 + number), number, created_at: at(i64::from(number)), ..world.version.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    for number in [3, 2] {
        tx.insert(&numbered(number)).await.unwrap();
        for round in [2, 1] {
            tx.insert(&Round { version_id: numbered(number).id, number: round, ..world.round.clone() }).await.unwrap();
        }
    }
    tx.record(event("versions"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    let first = world.version.clone();
    assert_eq!(reader.version(first.id).await.unwrap(), Some(first.clone()));
    assert_eq!(reader.version(id(9, 9)).await.unwrap(), None);
    let newest = Round { version_id: numbered(3).id, number: 2, ..world.round.clone() };
    let third = vec![(numbered(3), world.model.clone(), world.project.clone(), newest)];
    assert_eq!(reader.whole_version_by_name(&world.project.name, &world.model.name, 3).await.unwrap(), third);
    let at_size = reader.whole_version_at_size(&world.project.name, &world.model.name, 3).await.unwrap();
    assert_eq!(at_size, (Some(reader.log_size().await.unwrap()), third.clone()));
    assert_eq!(reader.whole_version(numbered(3).id).await.unwrap(), third);
    assert_eq!(reader.whole_version(id(9, 9)).await.unwrap(), []);
    let found = reader.whole_version_by_name(&second.project.name, &world.model.name, 1).await.unwrap();
    assert_eq!(found, []);
    let listed = |rows: Vec<RoundOf>| rows.into_iter().map(|(round, version, _)| (version, round.number)).collect::<Vec<_>>();
    let present = listed(reader.versions(world.model.id, u32::MAX, false, 2).await.unwrap());
    assert_eq!(present, [(numbered(3), 2), (numbered(2), 2)], "each with its newest round");
    assert_eq!(listed(reader.versions(world.model.id, 2, false, 2).await.unwrap()), [(first.clone(), 1)]);
    let name = format!("{}/{}:3", world.project.name, world.model.name);
    assert_eq!(reader.version_name(numbered(3).id).await.unwrap().map(|name| name.to_string()), Some(name));
    assert_eq!(reader.version_name(id(9, 9)).await.unwrap(), None);
    assert_eq!(reader.last_numbers(world.project.id, "", 9).await.unwrap(), [(world.model.id, 3)].into());
    assert_eq!(reader.last_numbers(world.project.id, world.model.name.as_str(), 9).await.unwrap(), [].into());
    let newest = reader.newest_versions([world.model.id]).await.unwrap();
    assert_eq!(newest.iter().map(|(round, version, _)| (version.number, round.number)).collect::<Vec<_>>(), [(3, 2)]);
    assert_eq!(reader.version_count(world.project.id).await.unwrap(), 3);
    let projects = reader.project_ids().await.unwrap();
    let numbered_two = reader.versions_numbered(&projects, "%", 2, 9).await.unwrap();
    assert!(numbered_two.iter().any(|(version, ..)| version.id == numbered(2).id));
    let bytes = reader.versions_of_digests(&projects, first.model_digest, first.model_digest, 9).await.unwrap();
    assert_eq!(bytes.len(), 3);
    assert!(reader.versions_of_digests(&[], first.model_digest, first.model_digest, 9).await.unwrap().is_empty());
    reader.open_versions(world.project.id).await.unwrap();
    // Oldest first: the first version of the world was created at second 6.
    let same = reader.whole_versions_by_digest(first.model_digest).await.unwrap();
    let same: Vec<_> = same.into_iter().map(|(version, .., round)| (version, round.number)).collect();
    assert_eq!(same, [(numbered(2), 2), (numbered(3), 2), (first, 1)], "each once, with its newest round");
    assert_eq!(reader.last_number(world.model.id).await.unwrap(), 3);
    assert_eq!(reader.last_number(id(9, 9)).await.unwrap(), 0);
}

async fn files_of_a_version(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.version_files(world.version.id).await.unwrap(), world.files);
    assert_eq!(reader.version_files(id(9, 9)).await.unwrap(), []);
    let found = reader.version_file(world.version.id, "notes/läs-mig.txt").await.unwrap();
    assert_eq!(found.as_ref(), Some(&world.files[1]));
    assert_eq!(reader.version_file(world.version.id, "none").await.unwrap(), None);
    let mut referenced = reader.referenced_files().await.unwrap();
    referenced.sort();
    let mut expected: Vec<_> = world.files.iter().map(|file| (file.sha256, file.size)).collect();
    expected.sort();
    assert_eq!(referenced, expected);
}

async fn more_files_than_one_statement_takes(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let version = Version { id: id(1, 61), number: 2, ..world.version.clone() };
    let files: Vec<_> = (0..450)
        .map(|number| VersionFile {
            version_id: version.id,
            name: format!("part-{number:03}"),
            sha256: digest("the same"),
            size: 8,
        })
        .collect();
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&version).await.unwrap();
    tx.add_version_files(&files).await.unwrap();
    tx.add_version_files(&[]).await.unwrap();
    tx.record(event("version"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.version_files(version.id).await.unwrap(), files);
    assert_eq!(reader.referenced_files().await.unwrap().len(), 3, "one content, however many files have it");
    let mut tx = store.write(origin()).await.unwrap();
    assert!(matches!(tx.add_version_files(&files[..1]).await, Err(StoreError::Exists)));
}

async fn rounds_of_a_version(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let second = Round { number: 2, status: Status::WaitingForApproval, ..world.round.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&second).await.unwrap();
    tx.record(event("round"), About::default());
    tx.commit().await.unwrap();
    let mut reader = store.read().await.unwrap();
    let version = world.version.id;
    let step = StepName::standard();
    assert_eq!(reader.current_round(version, &step).await.unwrap(), Some(second.clone()));
    assert_eq!(reader.current_round(id(9, 9), &step).await.unwrap(), None);
    assert_eq!(reader.current_round(version, &parse("technical-review")).await.unwrap(), None);
    assert_eq!(reader.round(version, &step, 1).await.unwrap(), Some(world.round.clone()));
    assert_eq!(reader.round(version, &step, 3).await.unwrap(), None);
    assert_eq!(reader.rounds(version, &step).await.unwrap(), [world.round, second]);
}

/// A round counts where every later round is its renewal and not decided.
async fn rounds_that_count(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let version = world.version.id;
    let counting = async || {
        let whole = store.read().await.unwrap().whole_version(version).await.unwrap();
        let numbers: Vec<_> = whole.into_iter().map(|(.., round)| round.number).collect();
        let listed = store.read().await.unwrap().versions(world.model.id, u32::MAX, false, 1).await.unwrap();
        assert_eq!(listed.into_iter().map(|(round, ..)| round.number).collect::<Vec<_>>(), numbers);
        let shares = store.read().await.unwrap().last_shares([world.deployment.id], 0).await.unwrap();
        assert_eq!(shares.into_iter().map(|(.., round)| round.number).collect::<Vec<_>>(), numbers);
        numbers
    };
    let renewal = |number: u32| Round { number, status: Status::WaitingForApproval, renews: Some(1), ..world.round.clone() };
    assert_eq!(counting().await, [1]);
    let given_up = Round { status: Status::Abandoned, ..renewal(2) };
    let decided = Round { status: Status::Approved, renews: None, ..renewal(3) };
    for (round, is_new, expected) in
        [(renewal(2), true, [1, 2]), (given_up, false, [1, 2]), (renewal(3), true, [1, 3]), (decided, false, [3, 3])]
    {
        let mut tx = store.write(origin()).await.unwrap();
        if is_new {
            tx.insert(&round).await.unwrap()
        } else {
            tx.update(&round).await.unwrap()
        }
        tx.record(event("round"), About::default());
        tx.commit().await.unwrap();
        assert_eq!(counting().await, if expected == [3, 3] { vec![3] } else { expected.to_vec() });
    }
}

/// Two sign-offs of one version: each has its own rounds, its own present, its own people and its own end.
async fn rounds_on_two_steps(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let version = world.version.id;
    let (review, technical): (_, StepName) = (StepName::standard(), parse("technical-review"));
    let on = |step: &StepName, number: u32, requester: u32| {
        let mut signoff = SignOff { round: number, ..SignOff::new(version, step.clone()) };
        signoff.requesters.insert(id(requester, 1));
        Round::of(&signoff, 1, at(50))
    };
    let ended = |round: Round, end: i64| Round { status: Status::Approved, not_after: Some(at(end)), ..round };
    let (first, second) = (ended(on(&technical, 1, 71), 200), ended(on(&technical, 2, 71), 300));
    let mut tx = store.write(origin()).await.unwrap();
    for round in [&first, &second, &on(&review, 2, 72)] {
        tx.insert(round).await.unwrap();
    }
    tx.record(event("rounds"), About::default());
    tx.commit().await.unwrap();

    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.rounds(version, &technical).await.unwrap(), [first.clone(), second.clone()]);
    assert_eq!(reader.current_round(version, &review).await.unwrap(), Some(on(&review, 2, 72)));
    assert_eq!(reader.round(version, &technical, 1).await.unwrap(), Some(first));
    let present = [(review.clone(), 2), (technical.clone(), 2)];
    let whole = reader.whole_version(version).await.unwrap();
    assert_eq!(whole.into_iter().map(|(.., round)| (round.step, round.number)).collect::<Vec<_>>(), present);
    let listed = reader.versions(world.model.id, u32::MAX, false, 1).await.unwrap();
    let listed: Vec<_> = listed.into_iter().map(|(round, ..)| (round.step, round.number)).collect();
    assert_eq!(listed, present, "one version, two rounds");
    assert_eq!(reader.due(at(300), 9).await.unwrap(), [(version, technical.clone())], "the present round of each step");
    assert_eq!(reader.due(at(299), 9).await.unwrap(), []);
    drop(reader);

    let report = verify::verify(&mut store.read().await.unwrap(), &[]).await.unwrap();
    assert_eq!(report.findings, []);
    // The step is part of the row's name and digest: another step is another sign-off.
    fresh.raw.execute("UPDATE rounds SET step = 'legal-review' WHERE step = 'technical-review' AND number = 2").await;
    let report = verify::verify(&mut store.read().await.unwrap(), &[]).await.unwrap();
    let found: Vec<_> = report.findings.iter().map(|finding| finding.what.clone()).collect();
    let name = |step: &str| format!("rounds/{version}/{step}/2");
    assert!(found.contains(&name("technical-review")) && found.contains(&name("legal-review")), "{found:?}");
}

async fn rounds_by_status(fresh: Fresh) {
    let store = fresh.store().await;
    let statuses = [
        Status::NotStarted,
        Status::WaitingForFeedback,
        Status::WaitingForApproval,
        Status::Approved,
        Status::Rejected,
        Status::Abandoned,
        Status::Revoked,
        Status::Expired,
    ];
    // World n has a round of status n - 1, changed at second 100 + n; its approval, if any, ends at second 200 + n.
    for (n, status) in (1_u32..).zip(statuses) {
        let mut world = World::new(n);
        world.round.status = status;
        world.round.changed_at = at(100 + i64::from(n));
        world.round.not_after = (status == Status::Approved).then(|| at(200 + i64::from(n)));
        world.write(&store).await;
    }
    // A tenth is approved without an end.
    let mut tenth = World::new(10);
    tenth.round.status = Status::Approved;
    tenth.round.changed_at = at(50);
    tenth.write(&store).await;

    let mut reader = store.read().await.unwrap();
    let of = |n: u32| (id(n, 7), StepName::standard());
    assert_eq!(reader.due(at(203), 9).await.unwrap(), []);
    assert_eq!(reader.due(at(204), 9).await.unwrap(), [of(4)], "from its end on, not after it");
    assert_eq!(reader.due(at(204), 0).await.unwrap(), []);
}

async fn values_come_back_as_they_went_in(fresh: Fresh) {
    let store = fresh.store().await;
    let mut world = World::new(1);
    world.user.display_name = parse("Ænne ’); DROP TABLE users; -- 名前 🧪");
    world.user.email = Some(String::new());
    world.version.number = u32::MAX;
    world.version.size = i64::MAX as u64;
    world.version.fields.0.metrics = [("tiny".to_owned(), f64::MIN_POSITIVE), ("sum".to_owned(), 0.1 + 0.2)].into();
    world.version.fields.0.notes = "line\nline\u{0}\"'".to_owned();
    world.permit.envelope = (0..=255).collect();
    world.user.created_at = domain::Timestamp::from_micros(-1);
    world.write(&store).await;
    let mut reader = store.read().await.unwrap();
    assert_eq!(reader.user(world.user.id).await.unwrap(), Some(world.user));
    assert_eq!(reader.version(world.version.id).await.unwrap(), Some(world.version));
    assert_eq!(reader.statement(world.permit.id).await.unwrap(), Some(world.permit));
    assert_eq!(reader.users("", 9).await.unwrap().len(), 1);

    // What this program did not write is refused by name, not taken for something else.
    fresh.raw.execute("UPDATE projects SET rules = '{\"no_rule\": true}'").await;
    let error = store.read().await.unwrap().projects("", 9).await.unwrap_err();
    assert!(matches!(&error, StoreError::Altered(row) if *row == format!("projects/{}", world.project.id)), "{error:?}");
}

fn name_of(world: &World) -> VersionRef {
    let number = world.version.number;
    VersionRef { project: world.project.name.clone(), model: world.model.name.clone(), number }
}

async fn one_query_gives_a_version_with_what_was_signed_about_its_bytes(fresh: Fresh) {
    let store = fresh.store().await;
    let (world, other) = (World::new(1), World::new(2));
    world.write(&store).await;
    other.write(&store).await;
    // Decisions on the same bytes under two names, on two steps of one version.
    let decision = |number: u32, version_id: VersionId, day: i64| Statement {
        id: id(3, number),
        kind: StatementKind::Decision,
        version_id,
        infrastructure_id: None,
        issued_at: at(day),
        ..world.permit.clone()
    };
    let again = Version { id: id(1, 70), number: 7, model_id: world.model.id, ..world.version.clone() };
    let mut tx = store.write(origin()).await.unwrap();
    tx.insert(&again).await.unwrap();
    tx.insert(&Round { version_id: again.id, ..world.round.clone() }).await.unwrap();
    let second: StepName = "second".parse().unwrap();
    tx.insert(&Round { step: second.clone(), signoff: Json(SignOff::new(world.version.id, second)), ..world.round.clone() })
        .await
        .unwrap();
    for (number, version, day) in [(1, world.version.id, 105), (2, again.id, 109), (3, world.version.id, 107)] {
        tx.insert(&decision(number, version, day)).await.unwrap();
    }
    tx.record(event("versions"), About::default());
    tx.commit().await.unwrap();

    let (name, place) = (name_of(&world), world.infrastructure.id);
    let asked = store.asked_version(&name, place, 9).await.unwrap().unwrap();
    let mut reader = store.read().await.unwrap();
    let (size, rows) = reader.whole_version_at_size(&name.project, &name.model, name.number).await.unwrap();
    assert_eq!((Some(asked.size), &asked.rows), (size, &rows));
    assert_eq!(rows.len(), 2);
    let (digest, version) = (world.version.model_digest, world.version.id);
    assert_eq!(asked.statements, reader.spoken_of(digest, version, place, 9).await.unwrap());
    let order: Vec<_> = asked.statements.iter().map(|statement| statement.id).collect();
    assert_eq!(order, [id(3, 3), id(3, 1), world.permit.id, id(3, 2)], "the version's own first, the last ones first");
    let elsewhere = store.asked_version(&name, other.infrastructure.id, 2).await.unwrap().unwrap();
    assert_eq!(elsewhere.statements.iter().map(|statement| statement.id).collect::<Vec<_>>(), [id(3, 3), id(3, 1)]);
    assert!(store.asked_version(&VersionRef { number: 99, ..name }, place, 9).await.unwrap().is_none());
}

async fn one_query_gives_nothing_where_a_row_was_put_back(fresh: Fresh) {
    let store = fresh.store().await;
    let world = World::new(1);
    world.write(&store).await;
    let (name, place) = (name_of(&world), world.infrastructure.id);
    let asked = async || store.asked_version(&name, place, 9).await;
    assert!(asked().await.unwrap().is_some());
    fresh.raw.execute("CREATE TABLE older AS SELECT * FROM rounds").await;
    let mut tx = store.write(origin()).await.unwrap();
    tx.update(&Round { revision: 9, ..world.round.clone() }).await.unwrap();
    tx.record(event("rounds"), About::default());
    tx.commit().await.unwrap();
    assert_eq!(asked().await.unwrap().unwrap().rows[0].3.revision, 9);

    fresh.raw.execute("UPDATE rounds SET revision = older.revision, seal = older.seal FROM older WHERE older.version_id = rounds.version_id").await;
    assert!(asked().await.unwrap().is_none(), "only a view of one moment can tell whether it is an older one");
    let read = store.read().await.unwrap().whole_version(world.version.id).await;
    assert!(matches!(read, Err(StoreError::PutBack(_))), "{read:?}");
    fresh.raw.execute("UPDATE rounds SET revision = 7").await;
    assert!(matches!(asked().await, Err(StoreError::Altered(_))));
}
