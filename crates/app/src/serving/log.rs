//! What the server shows its nodes of the log, with each plan: a signed checkpoint, the proof that the log continues what the node saw
//! before, and how the present key of the log took over from the key that the node knows. And which nodes refuse the log.

use crate::{
    Error, OpContext, Server,
    base::{
        error::Code,
        signed_checkpoint::{refuse_forked, signed_by_one_of},
    },
    record::{checkpoint_size, logged, sign_checkpoint},
    views::ServedLog,
};
use domain::InfrastructureId;
use proof::{Handover, checkpoint};
use store::{LogKeyRow, Reader};

/// How many changes of the key are shown at once.
const MOST_HANDOVERS: usize = 64;
/// Among how many checkpoints of a key the first one with both signatures is looked for.
const FIRST_CHECKPOINTS: u32 = 10;

/// What a node knows of the log.
#[derive(Clone, Debug, Default)]
pub struct KnownLog {
    /// The size of the largest checkpoint that the node saw.
    pub size: Option<u64>,
    /// The key of the log that the node goes by.
    pub key: Option<String>,
}

/// The newest checkpoint, with what follows from it for a node that knows this much; none while no checkpoint was signed.
///
/// # Errors
/// A log that does not continue what was signed.
pub(super) async fn shown(op: &OpContext, known: &KnownLog) -> Result<Option<ServedLog>, Error> {
    let Some(note) = newest(op).await? else { return Ok(None) };
    let mut reader = op.read().await?;
    let keys = reader.log_keys().await?;
    let (number, seen) = signed_by_one_of(&keys, &note).map_err(Error::internal)?;
    let consistency = match known.size {
        // A larger log than this one cannot be continued, and the beginning of every log needs no proof.
        Some(from) if (1..=seen.size).contains(&from) => reader.consistency_proof_to(from, seen.size).await?.hashes,
        _ => Vec::new(),
    };
    let place = keys.iter().position(|key| Some(&key.vkey) == known.key.as_ref());
    let handovers = match place {
        Some(place) => {
            let later = keys[place..].iter().take_while(|key| key.number <= number).cloned().collect::<Vec<_>>();
            handovers(&mut reader, &later).await?
        }
        None => Vec::new(),
    };
    Ok(Some(ServedLog { checkpoint: note, consistency: consistency.iter().map(proof::Sha256::hex).collect(), handovers }))
}

/// The checkpoint of the present log. A server that cannot sign shows the last one: a full disk must keep no revocation from a node.
async fn newest(op: &OpContext) -> Result<Option<String>, Error> {
    refuse_forked(op).await?;
    let mut reader = op.read().await?;
    let stored = match reader.log_keys().await?.last() {
        Some(key) => reader.newest_checkpoint(key.number).await?,
        None => None,
    };
    let size = reader.log_size().await?;
    drop(reader);
    if let Some(note) = &stored
        && checkpoint_size(note)? >= size
    {
        return Ok(stored);
    }
    match sign_checkpoint(op).await {
        Ok(note) => Ok(Some(note)),
        Err(error) if error.code == Code::LogForked => Err(error),
        Err(error) => {
            tracing::debug!(%error, "a plan goes out with an earlier checkpoint");
            Ok(stored)
        }
    }
}

/// How each of these keys took over from the key before. The chain ends where an operator went on after a restore.
async fn handovers(reader: &mut Reader, keys: &[LogKeyRow]) -> Result<Vec<Handover>, Error> {
    let mut shown = Vec::new();
    for pair in keys.windows(2).take(MOST_HANDOVERS) {
        let [before, key] = pair else { break };
        if key.abandoned.is_some() {
            break;
        }
        let notes = reader.checkpoints((key.number, key.since), FIRST_CHECKPOINTS).await?;
        let both = |(number, note): &(u64, String)| *number == key.number && checkpoint::open(note, &before.vkey).is_ok();
        let (Some((_, note)), Some(event)) = (notes.into_iter().find(both), reader.event_bytes(key.since).await?) else { break };
        let event = String::from_utf8(event.body).map_err(Error::internal)?;
        shown.push(Handover { event, proof: logged(reader, key.since, &note).await?.to_text() });
    }
    Ok(shown)
}

/// The nodes of an infrastructure that refuse the log, for its view.
pub(crate) async fn refusals(
    reader: &mut Reader,
    infrastructure: InfrastructureId,
) -> Result<Vec<crate::views::LogRefusal>, Error> {
    let refusals = reader.log_refusals(infrastructure).await?;
    Ok(refusals.into_iter().map(|(node, reason)| crate::views::LogRefusal { node, reason }).collect())
}

/// Counts the nodes that refuse the log, for the metric.
///
/// # Errors
/// When the database does not answer.
pub async fn count_refusals(server: &Server) -> Result<u64, Error> {
    let count = server.store.read().await?.count_log_refusals().await?;
    metrics::gauge!(REFUSING).set(f64::from(u32::try_from(count).unwrap_or(u32::MAX)));
    Ok(count)
}

/// The metric of the nodes that refuse the log.
const REFUSING: &str = "countersign_nodes_refusing_log";

/// Says what the metric means.
pub(crate) fn describe_metrics() {
    metrics::describe_gauge!(
        REFUSING,
        "Nodes that refuse the log of this server, because it does not continue the log that they saw."
    );
}
