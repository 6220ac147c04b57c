//! Serving nodes: the last report of each. Not part of the record.

use crate::{
    OutsideWriter, Reader, StoreError,
    query::queries,
    record::{column, table},
    value::{Column, Kind, Value},
};
use domain::{InfrastructureId, Name, Timestamp, UserId};

table! {
    /// What a serving node reported last.
    Node in "nodes" [2] (unsealed) {
        /// Where it serves.
        infrastructure_id: InfrastructureId,
        /// Its name, unique there.
        name: Name,
        /// The account that reports under this name.
        account_id: UserId,
        /// The report as JSON.
        report: String,
        /// Why it refuses the log of its server, if it does.
        log_refusal: Option<String>,
        /// When it arrived.
        reported_at: Timestamp,
    }
}

queries! {
    NODES: Node = "WHERE infrastructure_id = $1 ORDER BY name";
    NODE: Node = "WHERE infrastructure_id = $1 AND name = $2";
    ;
    COUNT = "SELECT COUNT(*) FROM nodes WHERE infrastructure_id = $1";
    BYTES_BESIDE = "SELECT CAST(COALESCE(SUM(octet_length(report)), 0) AS BIGINT) FROM nodes WHERE infrastructure_id = $1 AND name <> $2";
    KEEP = "INSERT INTO nodes (infrastructure_id, name, account_id, report, log_refusal, reported_at) VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (infrastructure_id, name) DO UPDATE SET report = excluded.report, log_refusal = excluded.log_refusal, reported_at = excluded.reported_at WHERE nodes.account_id = excluded.account_id";
    REFUSALS = "SELECT name, log_refusal FROM nodes WHERE infrastructure_id = $1 AND log_refusal IS NOT NULL ORDER BY name";
    COUNT_REFUSALS = "SELECT COUNT(*) FROM nodes WHERE log_refusal IS NOT NULL";
    REMOVE = "DELETE FROM nodes WHERE infrastructure_id = $1 AND name = $2";
    FORGET = "DELETE FROM nodes WHERE reported_at < $1";
}

impl Reader {
    /// The nodes of an infrastructure, in the order of their names.
    pub async fn nodes(&mut self, infrastructure: InfrastructureId) -> Result<Vec<Node>, StoreError> {
        self.all(&NODES, &[infrastructure.to_value()]).await
    }

    /// One node.
    pub async fn node(&mut self, infrastructure: InfrastructureId, name: &Name) -> Result<Option<Node>, StoreError> {
        self.first(&NODE, &[infrastructure.to_value(), name.to_value()]).await
    }

    /// How many nodes an infrastructure has.
    pub async fn count_nodes(&mut self, infrastructure: InfrastructureId) -> Result<u64, StoreError> {
        self.number(COUNT, &[infrastructure.to_value()]).await
    }

    /// How many bytes the reports of an infrastructure's other nodes have.
    pub async fn bytes_beside(&mut self, infrastructure: InfrastructureId, name: &Name) -> Result<u64, StoreError> {
        self.number(BYTES_BESIDE, &[infrastructure.to_value(), name.to_value()]).await
    }
}

impl Reader {
    /// The nodes of an infrastructure that refuse the log, and why each does.
    pub async fn log_refusals(&mut self, infrastructure: InfrastructureId) -> Result<Vec<(Name, String)>, StoreError> {
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "nodes", "name")?, column(row.next(), "nodes", "log_refusal")?))
        };
        self.rows(REFUSALS, &[infrastructure.to_value()], &[Kind::Text, Kind::Text]).await?.into_iter().map(read).collect()
    }

    /// How many nodes refuse the log, on all infrastructures.
    pub async fn count_log_refusals(&mut self) -> Result<u64, StoreError> {
        self.number(COUNT_REFUSALS, &[]).await
    }
}

impl OutsideWriter {
    /// Keeps a node's report, in place of the one before; not where another account reports under this name. Says whether it did.
    pub async fn keep_node(&mut self, node: &Node) -> Result<bool, StoreError> {
        use crate::record::Record;
        Ok(self.execute(KEEP, &node.values()).await? > 0)
    }

    /// Takes a node off the list; none of this name is no error.
    pub async fn remove_node(&mut self, infrastructure: InfrastructureId, name: &Name) -> Result<(), StoreError> {
        self.execute(REMOVE, &[infrastructure.to_value(), name.to_value()]).await.map(|_| ())
    }

    /// Forgets nodes that reported last before this moment.
    pub async fn forget_nodes(&mut self, before: Timestamp) -> Result<(), StoreError> {
        self.execute(FORGET, &[before.to_value()]).await.map(|_| ())
    }
}
