//! Reads every stored checkpoint, and notes the root that the log had at its size. The caller verifies the signatures.

use super::{
    check::Check,
    pages::{Page, PageStart},
};
use crate::{
    Reader, StoreError,
    query::queries,
    record::column,
    value::{Kind, Value},
};

queries! {
    ;
    STORED = "SELECT log_key, size, note FROM checkpoints WHERE (log_key, size) > ($2, $3) ORDER BY log_key, size LIMIT $1";
    SIZES = "SELECT log_key, size FROM checkpoints WHERE (log_key, size) > ($2, $3) ORDER BY log_key, size LIMIT $1";
}

/// A checkpoint as it is stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredCheckpoint {
    /// The number of the key that signed it.
    pub log_key: i64,
    /// The number of events that it covers, as the row says.
    pub size: i64,
    /// The signed note.
    pub note: String,
}

const PAGE: u32 = 5_000;

impl Reader {
    /// A page of all stored checkpoints, in the order of keys and sizes.
    ///
    /// # Errors
    /// When the database does not answer.
    pub async fn stored_checkpoints(&mut self, limit: u32, behind: &PageStart) -> Result<Page<StoredCheckpoint>, StoreError> {
        self.page(STORED, limit, behind, &[Kind::Int, Kind::Int, Kind::Text], stored).await
    }
}

fn stored(row: Vec<Value>) -> Result<StoredCheckpoint, StoreError> {
    const TABLE: &str = "checkpoints";
    let mut row = row.into_iter();
    Ok(StoredCheckpoint {
        log_key: column(row.next(), TABLE, "log_key")?,
        size: column(row.next(), TABLE, "size")?,
        note: column(row.next(), TABLE, "note")?,
    })
}

/// Asks for the root at the size of every stored checkpoint. Comes before the events, because the tree passes each size once.
pub(super) async fn sizes(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let mut behind = PageStart::no_checkpoint();
    loop {
        let page = reader
            .page(SIZES, PAGE, &behind, &[Kind::Int, Kind::Int], |row| column(row.into_iter().nth(1), "checkpoints", "size"))
            .await?;
        if page.rows.is_empty() {
            return Ok(());
        }
        // No log has a size that cannot be read; the caller finds the row.
        check.roots.extend(page.rows.into_iter().filter_map(Result::ok).map(|size: u64| (size, None)));
        behind = page.last;
    }
}
