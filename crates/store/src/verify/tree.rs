//! Compares the stored nodes and the head of the log with the tree that was recomputed from the events.

use super::check::Check;
use crate::{
    Reader, StoreError,
    log_head::LogHead,
    query::queries,
    record::column,
    value::{Kind, Value},
};

queries! {
    ;
    FIRST_NODES = "SELECT level, position, hash FROM log_nodes ORDER BY level, position LIMIT $1";
    NODES = "SELECT level, position, hash FROM log_nodes WHERE (level, position) > ($2, $3) ORDER BY level, position LIMIT $1";
}

const PAGE: u32 = 5_000;

pub(super) async fn check(check: &mut Check<'_>, reader: &mut Reader) -> Result<(), StoreError> {
    let mut last: Option<[Value; 2]> = None;
    loop {
        let limit = Value::Int(PAGE.into());
        let kinds = [Kind::Int, Kind::Int, Kind::Bytes];
        let page = match last.take() {
            None => reader.rows(FIRST_NODES, &[limit], &kinds).await?,
            Some([level, position]) => reader.rows(NODES, &[limit, level, position], &kinds).await?,
        };
        for row in page {
            let mut row = row.into_iter();
            let level: i64 = column(row.next(), "log_nodes", "level")?;
            let position: i64 = column(row.next(), "log_nodes", "position")?;
            let hash: Vec<u8> = column(row.next(), "log_nodes", "hash")?;
            let what = || format!("log_nodes/{level}/{position}");
            match check.subtrees.find(level, position, &hash) {
                None => check.found(what(), "the node was inserted: the log has no complete subtree here"),
                Some(false) => check.found(what(), "the node is not the hash of its events"),
                Some(true) => {}
            }
            last = Some([Value::Int(level), Value::Int(position)]);
        }
        if last.is_none() {
            break;
        }
    }
    let missing: Vec<_> = check.subtrees.left().collect();
    for (level, position) in missing {
        check.found(format!("log_nodes/{level}/{position}"), "the node was deleted");
    }
    head(check, reader).await;
    Ok(())
}

async fn head(check: &mut Check<'_>, reader: &mut Reader) {
    match reader.log_head().await {
        Err(error) => check.found("log_head/1", error.to_string()),
        Ok(LogHead { frontier: head, .. }) if head.size() != check.frontier.size() => {
            let problem = format!("the head says {} events, but the log has {}", head.size(), check.frontier.size());
            check.found("log_head/1", problem);
        }
        Ok(LogHead { frontier: head, .. }) if head.root() != check.frontier.root() => {
            check.found("log_head/1", "the head's root is not the root of the events")
        }
        // Where the last event cannot be read, that is a finding of its own.
        Ok(head) if check.last_event_at.is_some_and(|at| head.last_event_at != Some(at)) => {
            check.found("log_head/1", "the head gives another time of the last event than the event")
        }
        Ok(_) => {}
    }
}
