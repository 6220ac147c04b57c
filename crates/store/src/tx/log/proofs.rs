//! Proves what is in the log.

use crate::{
    StoreError,
    conn::Sql,
    record::column,
    tx::Reader,
    value::{Kind, Value},
};
use domain::Digest;
use proof::{
    Sha256,
    merkle::{self, MerkleError, NodeId, ProofNodes},
};
use std::collections::HashMap;

/// Hashes by which a leaf or an earlier size is shown to belong to the log of a size.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LogProof {
    /// The size that the proof is for.
    pub size: u64,
    /// The root at that size.
    pub root: Sha256,
    /// The hashes, in the order of RFC 6962.
    pub hashes: Vec<Sha256>,
}

/// Hashes of nodes of the tree, by an array of pairs of level and index. A leaf's hash stands beside its event.
pub(super) const NODES: Sql = Sql {
    sqlite: "SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), CASE json_extract(value, '$[0]') WHEN 0 THEN (SELECT leaf FROM events WHERE position = json_extract(value, '$[1]')) ELSE (SELECT hash FROM log_nodes WHERE level = json_extract(value, '$[0]') AND position = json_extract(value, '$[1]')) END FROM json_each($1)",
    postgres: "SELECT level, place, CASE level WHEN 0 THEN (SELECT leaf FROM events WHERE position = place) ELSE (SELECT hash FROM log_nodes WHERE log_nodes.level = wanted.level AND position = place) END FROM (SELECT CAST(node ->> 0 AS BIGINT) AS level, CAST(node ->> 1 AS BIGINT) AS place FROM jsonb_array_elements(CAST($1 AS JSONB)) AS found (node)) AS wanted",
};

impl Reader {
    /// Shows that the event at `position` is in the log of the present size.
    pub async fn inclusion_proof(&mut self, position: u64) -> Result<LogProof, StoreError> {
        let size = self.log_size().await?;
        self.inclusion_proof_at(position, size).await
    }

    /// Shows that the event at `position` is in the log of a size that the log has reached.
    pub async fn inclusion_proof_at(&mut self, position: u64, size: u64) -> Result<LogProof, StoreError> {
        self.prove(size, merkle::inclusion_nodes(position, size)).await
    }

    /// Shows that the log of an earlier size is the beginning of the present one.
    pub async fn consistency_proof(&mut self, earlier: u64) -> Result<LogProof, StoreError> {
        let size = self.log_size().await?;
        self.consistency_proof_to(earlier, size).await
    }

    /// Shows that the log of an earlier size is the beginning of the log of a later size that the log has reached.
    pub async fn consistency_proof_to(&mut self, earlier: u64, size: u64) -> Result<LogProof, StoreError> {
        self.prove(size, merkle::consistency_nodes(earlier, size)).await
    }

    async fn prove(&mut self, size: u64, nodes: Result<ProofNodes, MerkleError>) -> Result<LogProof, StoreError> {
        let failed = |error: MerkleError| StoreError::Log(error.to_string());
        let (nodes, root) = (nodes.map_err(failed)?, merkle::root_nodes(size).map_err(failed)?);
        let hashes = self.node_hashes(nodes.needed().chain(root.needed())).await?;
        let assemble = |nodes: &ProofNodes| nodes.assemble(|node| hashes.get(&(node.level, node.index)).copied()).map_err(failed);
        Ok(LogProof {
            size,
            root: assemble(&root)?.first().copied().unwrap_or_else(merkle::empty_root),
            hashes: assemble(&nodes)?,
        })
    }

    /// The hashes of these nodes, by level and index, in one statement: a signer asks for them while it holds the log.
    async fn node_hashes(&mut self, wanted: impl Iterator<Item = NodeId>) -> Result<HashMap<(u8, u64), Sha256>, StoreError> {
        let wanted = serde_json::Value::from_iter(wanted.map(|node| vec![u64::from(node.level), node.index]));
        let rows = self.rows(NODES, &[Value::Text(wanted.to_string())], &[Kind::Int, Kind::Int, Kind::Bytes]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            let level = column(row.next(), "log_nodes", "level")?;
            let index = column(row.next(), "log_nodes", "position")?;
            let hash: Digest = column(row.next(), "log_nodes", "hash")?;
            Ok(((level, index), Sha256::from_bytes(*hash.as_bytes())))
        };
        rows.into_iter().map(read).collect()
    }
}
