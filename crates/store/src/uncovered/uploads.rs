//! Uploads in progress: files that no version has taken yet. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    conn::Sql,
    query::{Query, listed_digests, queries},
    record::{column, table},
    value::{Column, Kind, Value},
};
use domain::{Digest, ModelId, ProjectId, Timestamp, UploadId, UserId};
use std::collections::{BTreeMap, BTreeSet};

table! {
    /// An upload.
    Upload in "uploads" [1] (unsealed) {
        /// The key.
        id: UploadId,
        /// For a version of this model.
        model_id: ModelId,
        /// By this user, and nobody else.
        user_id: UserId,
        /// When it began.
        created_at: Timestamp,
        /// When it is forgotten.
        expires_at: Timestamp,
    }
}

table! {
    /// A file of an upload, received and hashed.
    UploadedFile in "upload_files" [2] (unsealed) {
        /// The upload.
        upload_id: UploadId,
        /// Its name in the manifest.
        name: String,
        /// Its content.
        sha256: Digest,
        /// Its bytes.
        size: u64,
    }
}

queries! {
    UPLOAD: Upload = "WHERE id = $1";
    EXPIRED: Upload = "WHERE expires_at <= $1 LIMIT 100";
    FILES: UploadedFile = "WHERE upload_id = $1 ORDER BY name";
    FILE: UploadedFile = "WHERE upload_id = $1 AND name = $2";
    ;
    TOTALS = "SELECT COUNT(*), CAST(COALESCE(SUM(size), 0) AS BIGINT) FROM upload_files WHERE upload_id = $1";
    ADD_UPLOAD = "INSERT INTO uploads (id, model_id, user_id, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    ADD_FILE = "INSERT INTO upload_files (upload_id, name, sha256, size) VALUES ($1, $2, $3, $4) ON CONFLICT (upload_id, name) DO UPDATE SET sha256 = excluded.sha256, size = excluded.size";
    KEEP_FILE = "INSERT INTO files (sha256, size, stored_at) VALUES ($1, $2, $3) ON CONFLICT (sha256) DO UPDATE SET stored_at = excluded.stored_at";
    END_UPLOAD = "DELETE FROM uploads WHERE id = $1";
    UNUSED_FILES = "SELECT sha256 FROM files WHERE stored_at < $1 AND NOT EXISTS (SELECT 1 FROM version_files WHERE version_files.sha256 = files.sha256) AND NOT EXISTS (SELECT 1 FROM upload_files WHERE upload_files.sha256 = files.sha256) ORDER BY sha256 LIMIT $2";
    STORED = "SELECT sha256 FROM files WHERE sha256 >= $1 AND sha256 <= $2";
    FORGET_UNUSED_FILE = "DELETE FROM files WHERE sha256 = $1 AND stored_at < $2 AND NOT EXISTS (SELECT 1 FROM version_files WHERE version_files.sha256 = files.sha256) AND NOT EXISTS (SELECT 1 FROM upload_files WHERE upload_files.sha256 = files.sha256)";
    HOLD_FILE = "INSERT INTO files (sha256, size, stored_at) VALUES ($1, 0, 0) ON CONFLICT (sha256) DO NOTHING";
    RELEASE_FILE = "DELETE FROM files WHERE sha256 = $1";
}

macro_rules! known_files {
    ($digests:literal) => {
        concat!(
            "SELECT version_files.sha256, version_files.size FROM version_files JOIN versions ON versions.id = version_files.version_id \
             JOIN models ON models.id = versions.model_id WHERE models.project_id = $2 AND version_files.sha256 IN (",
            $digests,
            ") UNION SELECT upload_files.sha256, upload_files.size FROM upload_files JOIN uploads ON uploads.id = upload_files.upload_id \
             WHERE uploads.user_id = $3 AND uploads.expires_at > $4 AND upload_files.sha256 IN (",
            $digests,
            ")"
        )
    };
}

/// The files of these digests that are part of a version of a project, or of an upload of a user that goes on until some time.
const KNOWN_FILES: Sql = Sql {
    sqlite: known_files!("SELECT unhex(value) FROM json_each($1)"),
    postgres: known_files!("SELECT decode(value, 'hex') FROM jsonb_array_elements_text(CAST($1 AS JSONB)) AS found (value)"),
};

/// The upload for a change: on PostgreSQL nobody else takes it for one, or ends it, before the commit.
static UPLOAD_FOR_CHANGE: Query<Upload> = Query::new(Sql { sqlite: "WHERE id = $1", postgres: "WHERE id = $1 FOR UPDATE" });

/// Statements with a text for each database, for the test that prepares them.
#[cfg(test)]
pub(crate) fn of_each() -> Vec<(&'static str, Sql)> {
    vec![("UPLOAD_FOR_CHANGE", UPLOAD_FOR_CHANGE.sql()), ("KNOWN_FILES", KNOWN_FILES)]
}

impl Reader {
    /// An upload.
    pub async fn upload(&mut self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        self.first(&UPLOAD, &[id.to_value()]).await
    }

    /// The files of an upload.
    pub async fn uploaded_files(&mut self, upload: UploadId) -> Result<Vec<UploadedFile>, StoreError> {
        self.all(&FILES, &[upload.to_value()]).await
    }

    /// The file of this name in an upload.
    pub async fn uploaded_file(&mut self, upload: UploadId, name: &str) -> Result<Option<UploadedFile>, StoreError> {
        self.first(&FILE, &[upload.to_value(), name.to_owned().to_value()]).await
    }

    /// How many files an upload has, and their bytes together.
    pub async fn upload_totals(&mut self, upload: UploadId) -> Result<(u64, u64), StoreError> {
        let row = self.rows(TOTALS, &[upload.to_value()], &[Kind::Int, Kind::Int]).await?.pop();
        let mut row = row.into_iter().flatten();
        Ok((column(row.next(), "upload_files", "count")?, column(row.next(), "upload_files", "sum")?))
    }

    /// Of these contents those that are part of a version of the project, or of an upload of the user that goes on until that time, with their
    /// sizes.
    pub async fn known_files(
        &mut self,
        digests: impl IntoIterator<Item = Digest>,
        project: ProjectId,
        user: UserId,
        until: Timestamp,
    ) -> Result<BTreeMap<Digest, u64>, StoreError> {
        let parameters = [listed_digests(digests), project.to_value(), user.to_value(), until.to_value()];
        let rows = self.rows(KNOWN_FILES, &parameters, &[Kind::Bytes, Kind::Int]).await?;
        let file = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "files", "sha256")?, column(row.next(), "files", "size")?))
        };
        rows.into_iter().map(file).collect()
    }

    /// Uploads whose time is over.
    pub async fn expired_uploads(&mut self, now: Timestamp) -> Result<Vec<Upload>, StoreError> {
        self.all(&EXPIRED, &[now.to_value()]).await
    }

    /// Stored files that nothing refers to and that have not been touched since `before`, at most so many.
    pub async fn unused_files(&mut self, before: Timestamp, limit: u32) -> Result<Vec<Digest>, StoreError> {
        let rows = self.rows(UNUSED_FILES, &[before.to_value(), limit.to_value()], &[Kind::Bytes]).await?;
        rows.into_iter().map(|mut row| column(row.pop(), "files", "sha256")).collect()
    }

    /// The stored files that are known, of those whose digest begins with this byte.
    pub async fn stored_files(&mut self, first_byte: u8) -> Result<BTreeSet<Digest>, StoreError> {
        let end = |rest: u8| {
            let mut bytes = [rest; 32];
            bytes[0] = first_byte;
            Digest::from_bytes(bytes).to_value()
        };
        let rows = self.rows(STORED, &[end(0), end(0xff)], &[Kind::Bytes]).await?;
        rows.into_iter().map(|mut row| column(row.pop(), "files", "sha256")).collect()
    }
}

impl OutsideWriter {
    /// Begins an upload.
    pub async fn add_upload(&mut self, upload: &Upload) -> Result<(), StoreError> {
        use crate::record::Record;
        self.execute(ADD_UPLOAD, &upload.values()).await.map(|_| ())
    }

    /// Notes a received file; a second one of the same name takes its place.
    pub async fn add_uploaded_file(&mut self, file: &UploadedFile, now: Timestamp) -> Result<(), StoreError> {
        use crate::record::Record;
        self.note_stored_file(file.sha256, file.size, now).await?;
        self.execute(ADD_FILE, &file.values()).await.map(|_| ())
    }

    /// Notes a file that is stored, whether or not anything comes to refer to it: clean-up finds it by this.
    pub async fn note_stored_file(&mut self, sha256: Digest, size: u64, now: Timestamp) -> Result<(), StoreError> {
        self.execute(KEEP_FILE, &[sha256.to_value(), size.to_value(), now.to_value()]).await.map(|_| ())
    }

    /// Ends an upload: a version has taken its files, or its time is over.
    pub async fn end_upload(&mut self, upload: UploadId) -> Result<(), StoreError> {
        self.execute(END_UPLOAD, &[upload.to_value()]).await.map(|_| ())
    }

    /// An upload, for a change of it or its files: until the commit no other change of the upload goes on.
    pub async fn upload_for_change(&mut self, id: UploadId) -> Result<Option<Upload>, StoreError> {
        self.first(&UPLOAD_FOR_CHANGE, &[id.to_value()]).await
    }

    /// Forgets a stored file, if still nothing refers to it and nobody touched it since `before`; says whether it was forgotten.
    /// Until the commit nobody begins to refer to it.
    pub async fn forget_unused_file(&mut self, sha256: Digest, before: Timestamp) -> Result<bool, StoreError> {
        Ok(self.execute(FORGET_UNUSED_FILE, &[sha256.to_value(), before.to_value()]).await? == 1)
    }

    /// Keeps everybody from beginning to refer to a file that the database does not know; says whether that is so. To be ended with
    /// [`Self::release_unknown_file`] in the same change.
    pub async fn hold_unknown_file(&mut self, sha256: Digest) -> Result<bool, StoreError> {
        Ok(self.execute(HOLD_FILE, &[sha256.to_value()]).await? == 1)
    }

    /// Ends [`Self::hold_unknown_file`]: the database knows no more of the file than before.
    pub async fn release_unknown_file(&mut self, sha256: Digest) -> Result<(), StoreError> {
        self.execute(RELEASE_FILE, &[sha256.to_value()]).await.map(|_| ())
    }
}
