//! Model versions and their files.

use crate::{
    Model, Project, Reader, Round, StoreError, Writer,
    guard::{Guard, Seen},
    query::{Rows, listed, queries},
    record::{column, table},
    value::{Column, Json, Kind, Value},
};
use domain::{
    Digest, InfrastructureId, ModelId, Name, ProjectId, Timestamp, UserId, VersionId, VersionRef, fields::Fields,
    people::Signatory, signoff::Act, workflow::Workflow,
};
use std::collections::HashMap;

table! {
    /// A model version. Its files never change; its fields only before an approval.
    Version in "versions" [1] {
        /// The key.
        id: VersionId,
        /// Of this model.
        model_id: ModelId,
        /// Unique in the model, from 1.
        number: u32,
        /// SHA-256 of the manifest.
        model_digest: Digest,
        /// How many files.
        file_count: u64,
        /// Their bytes together.
        size: u64,
        /// The governed fields.
        fields: Json<Fields>,
        /// The digest of the governed fields.
        shown: Digest,
        /// Who uploaded it.
        uploader_id: UserId,
        /// Its steps.
        workflow: Json<Workflow>,
        /// Why no node can serve the version, in sentences.
        warnings: Json<Vec<String>>,
        /// Counts the changes of fields.
        revision: u64,
        /// When it was registered.
        created_at: Timestamp,
        /// Who uploaded it, as they were named then; none where no account did.
        uploader: Option<Json<Signatory>>,
        /// Who retired it; none for a version that is not retired.
        retired: Option<Json<Act>>,
    }
}

table! {
    /// One file of a version. Covered by the version's model digest instead of a digest of its own.
    VersionFile in "version_files" [2] (unsealed) {
        /// The version.
        version_id: VersionId,
        /// Its name in the manifest.
        name: String,
        /// Its content.
        sha256: Digest,
        /// Its bytes.
        size: u64,
    }
}

/// The tail of a [`VersionInLog`] that finds it by the names of project and model, and its number.
macro_rules! named_version {
    () => {
        "JOIN models ON models.id = versions.model_id JOIN projects ON projects.id = models.project_id JOIN rounds ON rounds.version_id = versions.id AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) WHERE projects.name = $1 AND models.name = $2 AND versions.number = $3"
    };
}
pub(super) use named_version;

// `CROSS JOIN` is a join whose left table SQLite reads first: by digest or by status, of which there are few, instead of a project's versions.
queries! {
    VERSION: Version = "WHERE id = $1";
    VERSIONS_AMONG: Version = "WHERE id IN (LISTED)";
    WHOLE: WholeVersion = "JOIN models ON models.id = versions.model_id JOIN projects ON projects.id = models.project_id JOIN rounds ON rounds.version_id = versions.id AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) WHERE versions.id = $1 ORDER BY rounds.step, rounds.number";
    WHOLE_BY_NAME: VersionInLog = concat!(named_version!(), " ORDER BY rounds.step, rounds.number");
    WHOLE_BY_DIGEST: WholeVersion = "JOIN models ON models.id = versions.model_id JOIN projects ON projects.id = models.project_id JOIN rounds ON rounds.version_id = versions.id AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) WHERE model_digest = $1 ORDER BY CASE WHEN rounds.status = 'approved' THEN 0 ELSE 1 END, CASE WHEN rounds.status = 'approved' THEN -rounds.changed_at ELSE versions.created_at END, versions.id, rounds.step, rounds.number LIMIT 200";
    VERSIONS: RoundOf = "JOIN (SELECT * FROM versions WHERE model_id = $1 AND number < $2 AND (retired IS NOT NULL) = $3 ORDER BY number DESC LIMIT $4) AS versions ON versions.id = rounds.version_id
        JOIN models ON models.id = model_id
        WHERE NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number)
        ORDER BY versions.number DESC, rounds.step, rounds.number";
    FILES: VersionFile = "WHERE version_id = $1 ORDER BY name";
    FILE: VersionFile = "WHERE version_id = $1 AND name = $2";
    SERVED_VERSION: Version = "JOIN shares ON shares.version_id = versions.id JOIN deployments ON deployments.id = shares.deployment_id AND deployments.current_revision = shares.revision WHERE deployments.infrastructure_id = $1 AND versions.model_digest = $2 LIMIT 1";
    SERVED_FILE: VersionFile = "JOIN shares ON shares.version_id = version_files.version_id JOIN deployments ON deployments.id = shares.deployment_id AND deployments.current_revision = shares.revision WHERE deployments.infrastructure_id = $1 AND version_files.sha256 = $2 LIMIT 1";
    NEWEST: RoundOf = "JOIN versions ON versions.id = rounds.version_id JOIN models ON models.id = versions.model_id \
        WHERE models.id IN (LISTED) AND versions.number = (SELECT MAX(newest.number) FROM versions AS newest WHERE newest.model_id = models.id) \
        AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number) \
        ORDER BY models.id, rounds.step, rounds.number";
    NUMBERED: (Version, Model, Project) = "JOIN models ON models.id = versions.model_id JOIN projects ON projects.id = models.project_id \
        WHERE models.project_id IN (LISTED) AND models.name LIKE $2 ESCAPE '!' AND versions.number = $3 ORDER BY projects.name, models.name LIMIT $4";
    OF_DIGESTS: (Version, Model, Project) = "CROSS JOIN models CROSS JOIN projects WHERE models.id = versions.model_id AND projects.id = models.project_id \
        AND models.project_id IN (LISTED) AND versions.model_digest >= $2 AND versions.model_digest <= $3 ORDER BY versions.model_digest, versions.id LIMIT $4";
    ;
    OPEN_VERSIONS = "SELECT DISTINCT versions.model_id, versions.number FROM rounds CROSS JOIN versions CROSS JOIN models \
        WHERE versions.id = rounds.version_id AND models.id = versions.model_id AND models.project_id = $1 AND rounds.status IN ('waiting_for_feedback', 'waiting_for_approval') AND versions.retired IS NULL ORDER BY versions.number DESC LIMIT 1000";
    VERSION_COUNT = "SELECT COUNT(*) FROM versions JOIN models ON models.id = model_id WHERE project_id = $1";
    LAST_NUMBER = "SELECT COALESCE(MAX(number), 0) FROM versions WHERE model_id = $1";
    LAST_NUMBERS = "SELECT model_id, MAX(number) FROM versions JOIN models ON models.id = model_id WHERE project_id = $1 AND models.name > $2 GROUP BY model_id, models.name ORDER BY models.name LIMIT $3";
    NAME = "SELECT projects.name, models.name, versions.number FROM versions JOIN models ON models.id = model_id JOIN projects ON projects.id = project_id WHERE versions.id = $1";
    IN_STAGE = "SELECT versions.number, infrastructures.name FROM deployments JOIN infrastructures ON infrastructures.id = deployments.infrastructure_id \
        JOIN shares ON shares.deployment_id = deployments.id AND shares.revision = deployments.current_revision JOIN versions ON versions.id = shares.version_id \
        WHERE deployments.model_id = $1 AND infrastructures.stage = $2 AND versions.number <> $3 ORDER BY infrastructures.name, shares.weight DESC, versions.number DESC LIMIT 1";
    NEWEST_APPROVED = "SELECT MAX(versions.number) FROM versions JOIN rounds ON rounds.version_id = versions.id AND rounds.status = 'approved' WHERE versions.model_id = $1 AND versions.number <> $2 AND versions.retired IS NULL \
        AND NOT EXISTS (SELECT 1 FROM rounds AS later WHERE later.version_id = rounds.version_id AND later.step = rounds.step AND later.number > rounds.number AND COALESCE(later.renews, 0) <> rounds.number)";
    REFERENCED_FILES = "SELECT DISTINCT sha256, size FROM version_files ORDER BY sha256";
}

/// A round with the version and model that it is of.
pub type RoundOf = (Round, Version, Model);

/// A version with its model, its project and a round that counts of one of its sign-offs.
pub type WholeVersion = (Version, Model, Project, Round);

/// One of these rows with what the log says in the same view, so that neither takes a statement of its own.
pub(super) struct VersionInLog {
    pub size: u64,
    pub last_position: Option<u64>,
    pub whole: WholeVersion,
}

impl Rows for VersionInLog {
    fn select(tail: &str) -> String {
        let log = "(SELECT size FROM log_head WHERE id = 1), (SELECT COALESCE(MAX(position), -1) FROM events WHERE version_id = versions.id)";
        WholeVersion::select(tail).replacen("SELECT", &format!("SELECT {log},"), 1)
    }

    fn kinds() -> Vec<Kind> {
        [vec![Kind::Int, Kind::Int], WholeVersion::kinds()].concat()
    }

    fn read(mut values: Vec<Value>, guard: &Guard, seen: &mut Seen) -> Result<Self, StoreError> {
        let whole = WholeVersion::read(values.split_off(2), guard, seen)?;
        let last: i64 = column(values.pop(), "events", "position")?;
        Ok(Self { size: column(values.pop(), "log_head", "size")?, last_position: u64::try_from(last).ok(), whole })
    }
}

/// Rows added by one statement: far below the number of parameters that either database takes.
const FILES_AT_ONCE: usize = 200;

/// The last round of each sign-off among these rows.
pub(super) fn newest_rounds(whole: &[WholeVersion]) -> impl Iterator<Item = &Round> {
    let rounds = || whole.iter().map(|(.., round)| round);
    rounds().filter(move |round| {
        let mut of_sign_off = rounds().filter(|other| (other.version_id, &other.step) == (round.version_id, &round.step));
        of_sign_off.all(|other| other.number <= round.number)
    })
}

impl Reader {
    /// A version.
    pub async fn version(&mut self, id: VersionId) -> Result<Option<Version>, StoreError> {
        self.first(&VERSION, &[id.to_value()]).await
    }

    /// Those of these versions that there are.
    pub async fn versions_among(&mut self, ids: impl IntoIterator<Item = VersionId>) -> Result<Vec<Version>, StoreError> {
        self.all(&VERSIONS_AMONG, &[listed(ids.into_iter().map(|id| id.uuid()))]).await
    }

    /// A version with all that it belongs to, once for each round that counts of its sign-offs.
    pub async fn whole_version(&mut self, id: VersionId) -> Result<Vec<WholeVersion>, StoreError> {
        let whole = self.all(&WHOLE, &[id.to_value()]).await?;
        self.newest(whole).await
    }

    /// The same by its name.
    pub async fn whole_version_by_name(
        &mut self,
        project: &Name,
        model: &Name,
        number: u32,
    ) -> Result<Vec<WholeVersion>, StoreError> {
        Ok(self.whole_version_at_size(project, model, number).await?.1)
    }

    /// The same with the size of the log in this view; none without a row.
    pub async fn whole_version_at_size(
        &mut self,
        project: &Name,
        model: &Name,
        number: u32,
    ) -> Result<(Option<u64>, Vec<WholeVersion>), StoreError> {
        let rows = self.all(&WHOLE_BY_NAME, &[project.to_value(), model.to_value(), number.to_value()]).await?;
        let size = rows.first().map(|first| first.size);
        self.last_positions.extend(rows.iter().map(|row| (row.whole.0.id, row.last_position)));
        let whole = self.newest(rows.into_iter().map(|row| row.whole).collect()).await?;
        Ok((size, whole))
    }

    /// The rows, if the last round of each sign-off is the newest one.
    async fn newest(&mut self, whole: Vec<WholeVersion>) -> Result<Vec<WholeVersion>, StoreError> {
        for round in newest_rounds(&whole) {
            self.refuse_if_not_newest(round).await?;
        }
        Ok(whole)
    }

    /// A model's versions below a number, the retired ones or the others, newest first, each once for each of its sign-offs, with the rounds that count.
    pub async fn versions(&mut self, model: ModelId, below: u32, retired: bool, limit: u32) -> Result<Vec<RoundOf>, StoreError> {
        self.all(&VERSIONS, &[model.to_value(), below.to_value(), retired.to_value(), limit.to_value()]).await
    }

    /// Which other version of a model is in service on an infrastructure of this stage, and on which one: the first by name, and there the
    /// version with the largest part of the requests. For showing it only.
    pub async fn in_stage(&mut self, model: ModelId, stage: &str, besides: u32) -> Result<Option<(u32, Name)>, StoreError> {
        let arguments = [model.to_value(), stage.to_owned().to_value(), besides.to_value()];
        let Some(row) = self.rows(IN_STAGE, &arguments, &[Kind::Int, Kind::Text]).await?.pop() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        Ok(Some((column(row.next(), "versions", "number")?, column(row.next(), "infrastructures", "name")?)))
    }

    /// The newest other version of a model with an approval that counts, among those that are not retired. For showing it only.
    pub async fn newest_approved(&mut self, model: ModelId, besides: u32) -> Result<Option<u32>, StoreError> {
        let row = self.rows(NEWEST_APPROVED, &[model.to_value(), besides.to_value()], &[Kind::Int]).await?.pop();
        row.map_or(Ok(None), |row| column(row.into_iter().next(), "versions", "number"))
    }

    /// The full name of a version.
    pub async fn version_name(&mut self, version: VersionId) -> Result<Option<VersionRef>, StoreError> {
        let Some(row) = self.rows(NAME, &[version.to_value()], &[Kind::Text, Kind::Text, Kind::Int]).await?.pop() else {
            return Ok(None);
        };
        let mut row = row.into_iter();
        let (project, model) = (column(row.next(), "projects", "name")?, column(row.next(), "models", "name")?);
        Ok(Some(VersionRef { project, model, number: column(row.next(), "versions", "number")? }))
    }

    /// The versions with these bytes, each once for each round that counts, two hundred rows at most: approved ones first, those approved last before the others, then the oldest.
    pub async fn whole_versions_by_digest(&mut self, model_digest: Digest) -> Result<Vec<WholeVersion>, StoreError> {
        let whole = self.all(&WHOLE_BY_DIGEST, &[model_digest.to_value()]).await?;
        self.newest(whole).await
    }

    /// A version with these bytes that a revision in force on this infrastructure serves.
    pub async fn served_version(
        &mut self,
        infrastructure: InfrastructureId,
        model_digest: Digest,
    ) -> Result<Option<Version>, StoreError> {
        self.first(&SERVED_VERSION, &[infrastructure.to_value(), model_digest.to_value()]).await
    }

    /// A file with this content of a version that a revision in force on this infrastructure serves.
    pub async fn served_file(
        &mut self,
        infrastructure: InfrastructureId,
        sha256: Digest,
    ) -> Result<Option<VersionFile>, StoreError> {
        self.first(&SERVED_FILE, &[infrastructure.to_value(), sha256.to_value()]).await
    }

    /// The newest versions of these models, each once for each round that counts of its sign-offs.
    pub async fn newest_versions(&mut self, models: impl IntoIterator<Item = ModelId>) -> Result<Vec<RoundOf>, StoreError> {
        self.all(&NEWEST, &[listed(models.into_iter().map(|model| model.uuid()))]).await
    }

    /// The versions of a project with an open round, as model and number, the newest first; 1,000 at most. For showing them only.
    pub async fn open_versions(&mut self, project: ProjectId) -> Result<Vec<(ModelId, u32)>, StoreError> {
        let rows = self.rows(OPEN_VERSIONS, &[project.to_value()], &[Kind::Uuid, Kind::Int]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "versions", "model_id")?, column(row.next(), "versions", "number")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// The versions of this number of the models with a name like this pattern, in these projects.
    pub async fn versions_numbered(
        &mut self,
        among: &[ProjectId],
        pattern: &str,
        number: u32,
        limit: u32,
    ) -> Result<Vec<(Version, Model, Project)>, StoreError> {
        let among = listed(among.iter().map(|project| project.uuid()));
        self.all(&NUMBERED, &[among, pattern.to_owned().to_value(), number.to_value(), limit.to_value()]).await
    }

    /// The versions in these projects with a digest from one to another.
    pub async fn versions_of_digests(
        &mut self,
        among: &[ProjectId],
        from: Digest,
        to: Digest,
        limit: u32,
    ) -> Result<Vec<(Version, Model, Project)>, StoreError> {
        let among = listed(among.iter().map(|project| project.uuid()));
        self.all(&OF_DIGESTS, &[among, from.to_value(), to.to_value(), limit.to_value()]).await
    }

    /// How many versions the models of a project have.
    pub async fn version_count(&mut self, project: ProjectId) -> Result<u64, StoreError> {
        self.number(VERSION_COUNT, &[project.to_value()]).await
    }

    /// The number of a model's newest version; 0 when it has none.
    pub async fn last_number(&mut self, model: ModelId) -> Result<u32, StoreError> {
        self.number(LAST_NUMBER, &[model.to_value()]).await
    }

    /// The numbers of the newest versions of a project's models after a name, of those that have one.
    pub async fn last_numbers(
        &mut self,
        project: ProjectId,
        after: &str,
        limit: u32,
    ) -> Result<HashMap<ModelId, u32>, StoreError> {
        let args = [project.to_value(), after.to_owned().to_value(), limit.to_value()];
        let rows = self.rows(LAST_NUMBERS, &args, &[Kind::Uuid, Kind::Int]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "versions", "model_id")?, column(row.next(), "versions", "number")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// A version's files in the order of the database; the manifest has its own.
    pub async fn version_files(&mut self, version: VersionId) -> Result<Vec<VersionFile>, StoreError> {
        self.all(&FILES, &[version.to_value()]).await
    }

    /// The content and size of every file that some version has.
    pub async fn referenced_files(&mut self) -> Result<Vec<(Digest, u64)>, StoreError> {
        let rows = self.rows(REFERENCED_FILES, &[], &[Kind::Bytes, Kind::Int]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "version_files", "sha256")?, column(row.next(), "version_files", "size")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// One file of a version.
    pub async fn version_file(&mut self, version: VersionId, name: &str) -> Result<Option<VersionFile>, StoreError> {
        self.first(&FILE, &[version.to_value(), name.to_owned().to_value()]).await
    }
}

impl Writer {
    /// Adds the files of a new version, whose row carries their digest.
    pub async fn add_version_files(&mut self, files: &[VersionFile]) -> Result<(), StoreError> {
        use crate::record::Record;
        let columns = VersionFile::table().columns.len();
        for some in files.chunks(FILES_AT_ONCE) {
            let rows: Vec<_> = (0..some.len())
                .map(|row| {
                    let holders: Vec<_> = (1..=columns).map(|column| format!("${}", row * columns + column)).collect();
                    format!("({})", holders.join(", "))
                })
                .collect();
            let text = format!("INSERT INTO version_files (version_id, name, sha256, size) VALUES {}", rows.join(", "));
            let args: Vec<_> = some.iter().flat_map(VersionFile::values).collect();
            self.conn.execute_built(text, &args).await?;
        }
        Ok(())
    }
}
