//! Compares the index of people with rounds and projects. A row that somebody deleted from the index would keep a review out of
//! an inbox, and the review would wait in silence. A row too many does no harm, because the rules decide what an inbox shows.

use super::{check::Check, lanes::Lanes};
use crate::{
    Reader, RoundKey, StoreError,
    query::queries,
    record::column,
    value::{Json, Kind, Value},
};
use domain::{
    Timestamp, UserId,
    people::{Container, ProjectRole},
    reviewers::Reviewers,
    round_people::RoundPeople,
    signoff::SignOff,
};
use std::collections::{HashMap, HashSet};
use uuid::Uuid;

queries! {
    ;
    // Takes the page first, so that the database does not join the rows before the page.
    ROUNDS = "SELECT rounds.version_id, rounds.step, rounds.number, rounds.signoff, rounds.changed_at, uploader_id, project_id,
        NOT EXISTS (SELECT 1 FROM rounds AS newer WHERE newer.version_id = rounds.version_id AND newer.step = rounds.step AND newer.number > rounds.number)
        FROM (SELECT version_id, step, number, signoff, changed_at FROM rounds WHERE (version_id, step, number) > ($2, $3, $4) ORDER BY version_id, step, number LIMIT $1) AS rounds
        LEFT JOIN versions ON versions.id = rounds.version_id LEFT JOIN models ON models.id = model_id ORDER BY rounds.version_id, rounds.step, rounds.number";
    ROUND_PEOPLE = "SELECT version_id, step, number, who, role, due, changed_at FROM round_people
        WHERE (version_id, step, number) >= ($1, $2, $3) AND (version_id, step, number) <= ($4, $5, $6)";
    PROJECTS = "SELECT id, reviewers FROM projects WHERE id > $2 ORDER BY id LIMIT $1";
    PROJECT_PEOPLE = "SELECT project_id, who FROM project_people WHERE project_id >= $1 AND project_id <= $2";
}

const ROUND_COLUMNS: [Kind; 8] = [Kind::Uuid, Kind::Text, Kind::Int, Kind::Text, Kind::Int, Kind::Uuid, Kind::Uuid, Kind::Bool];
const FOUND_COLUMNS: [Kind; 7] = [Kind::Uuid, Kind::Text, Kind::Int, Kind::Uuid, Kind::Text, Kind::Bool, Kind::Int];
const PAGE: u32 = 1_000;
/// A row of the index of a round.
#[derive(Clone, Copy, PartialEq, Eq)]
struct By {
    role: Option<ProjectRole>,
    due: bool,
    changed_at: Timestamp,
}

impl By {
    /// Whether this row finds the round where `needed` does: a lower role includes the higher roles.
    fn covers(self, needed: Self) -> bool {
        self.role >= needed.role && self.due >= needed.due && self.changed_at == needed.changed_at
    }
}

/// The index rows that a round needs.
struct Needed {
    who: HashSet<Uuid>,
    role: Option<(Uuid, ProjectRole)>,
    due: bool,
    changed_at: Timestamp,
}

impl Needed {
    fn read(row: Vec<Value>) -> Result<(RoundKey, Self), StoreError> {
        let mut row = row.into_iter();
        let key = round_key("rounds", &mut row)?;
        let signoff: Json<SignOff> = column(row.next(), "rounds", "signoff")?;
        let changed_at = column(row.next(), "rounds", "changed_at")?;
        let uploader: UserId = column(row.next(), "versions", "uploader_id")?;
        let project = column(row.next(), "models", "project_id")?;
        let newest: bool = column(row.next(), "rounds", "number")?;
        let people = RoundPeople::of(&signoff.0);
        let users = people.users.into_iter().map(UserId::uuid).chain([uploader.uuid()]);
        let who = users.chain(people.groups.into_iter().map(|group| group.uuid())).collect();
        let role = people.role.map(|role| (project, role));
        // When there is a newer round, this round waits for nobody.
        Ok((key, Self { who, role, due: people.due && newest, changed_at }))
    }

    fn is_met(&self, found: &HashMap<Uuid, By>) -> bool {
        let Self { due, changed_at, .. } = *self;
        let by_name = self.who.iter().map(|who| (*who, None));
        let by_role = self.role.iter().map(|(project, role)| (*project, Some(*role)));
        by_name.chain(by_role).all(|(who, role)| found.get(&who).is_some_and(|found| found.covers(By { role, due, changed_at })))
    }
}

pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    rounds(check, reader).await?;
    projects(check, reader).await
}

async fn rounds(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let mut lanes = Lanes::new();
    let mut last = vec![Value::Uuid(Uuid::nil()), Value::Text(String::new()), Value::Int(i64::MIN)];
    loop {
        let page = reader.rows(ROUNDS, &[&[Value::Int(PAGE.into())], last.as_slice()].concat(), &ROUND_COLUMNS).await?;
        let (Some(from), Some(to)) = (page.first(), page.last()) else {
            break;
        };
        let ends = [&from[..3], &to[..3]].concat();
        last = to[..3].to_vec();
        let index = reader.rows(ROUND_PEOPLE, &ends, &FOUND_COLUMNS).await?;
        if let Some(missing) = lanes.begin(move || not_found(page, index)).await? {
            report(check, &missing);
        }
    }
    while let Some(missing) = lanes.next().await? {
        report(check, &missing);
    }
    Ok(())
}

/// The rounds that a person whom the round concerns does not find by the index.
fn not_found(page: Vec<Vec<Value>>, index: Vec<Vec<Value>>) -> Vec<RoundKey> {
    let mut found = HashMap::<_, HashMap<_, _>>::new();
    // A row that cannot be read finds no round.
    for (round, who, by) in index.into_iter().filter_map(|row| read(row).ok()) {
        found.entry(round).or_default().insert(who, by);
    }
    // The check passes over a round that cannot be read: it has found the changed row already.
    let needed = page.into_iter().filter_map(|row| Needed::read(row).ok());
    needed.filter(|(key, needed)| !needed.is_met(&found.remove(key).unwrap_or_default())).map(|(key, _)| key).collect()
}

fn report(check: &mut Check<'_>, missing: &[RoundKey]) {
    for key in missing {
        check.found(
            key.to_string().replacen("rounds/", "round_people/", 1),
            "the index of people was altered: a person whom the round concerns does not find the round",
        );
    }
}
fn round_key(table: &'static str, row: &mut impl Iterator<Item = Value>) -> Result<RoundKey, StoreError> {
    Ok(RoundKey {
        version: column(row.next(), table, "version_id")?,
        step: column(row.next(), table, "step")?,
        number: column(row.next(), table, "number")?,
    })
}

fn read(row: Vec<Value>) -> Result<(RoundKey, Uuid, By), StoreError> {
    const TABLE: &str = "round_people";
    let mut row = row.into_iter();
    let round = round_key(TABLE, &mut row)?;
    let who = column(row.next(), TABLE, "who")?;
    let role = column(row.next(), TABLE, "role")?;
    let by = By { role, due: column(row.next(), TABLE, "due")?, changed_at: column(row.next(), TABLE, "changed_at")? };
    Ok((round, who, by))
}

async fn projects(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let mut after = Value::Uuid(Uuid::nil());
    loop {
        let page = reader.rows(PROJECTS, &[Value::Int(PAGE.into()), after], &[Kind::Uuid, Kind::Text]).await?;
        let (Some(first), Some(last)) = (page.first(), page.last()) else {
            return Ok(());
        };
        let ends = [first[0].clone(), last[0].clone()];
        after = last[0].clone();
        let mut found: HashSet<(Uuid, Uuid)> = HashSet::new();
        for row in reader.rows(PROJECT_PEOPLE, &ends, &[Kind::Uuid, Kind::Uuid]).await? {
            if let [Value::Uuid(project), Value::Uuid(who)] = row.as_slice() {
                found.insert((*project, *who));
            }
        }
        for (project, reviewers) in page.into_iter().filter_map(|row| reviewers(row).ok()) {
            let containers = reviewers.slots.iter().flat_map(|slot| &slot.assigned).chain(&reviewers.approvers);
            let mut named = containers.filter_map(|container| match container {
                Container::User(user) => Some(user.uuid()),
                Container::Group(group) => Some(group.uuid()),
                Container::Role(_) => None,
            });
            if !named.all(|who| found.contains(&(project, who))) {
                check.found(
                    format!("project_people/{project}"),
                    "the index of people was altered: a reviewer of the project does not find the project",
                );
            }
        }
    }
}

fn reviewers(row: Vec<Value>) -> Result<(Uuid, Reviewers), StoreError> {
    let mut row = row.into_iter();
    let project = column(row.next(), "projects", "id")?;
    let reviewers: Json<Reviewers> = column(row.next(), "projects", "reviewers")?;
    Ok((project, reviewers.0))
}
