//! Follows the server: asks for the state again and again, as long as the node runs. The server answers when the state changes,
//! so a change arrives at once. Each answer is held against the log that the node saw.

use super::{
    client::{ServerClient, ServerError},
    plan::Plan,
};
use crate::witness::Witness;
use std::{
    sync::Arc,
    time::{Duration, Instant},
};
use tokio::sync::mpsc;

/// The first pause after a question that failed; each further one is twice as long.
const FIRST_PAUSE: Duration = Duration::from_millis(200);
/// The longest pause.
const LAST_PAUSE: Duration = Duration::from_secs(2);

/// What a question to the server gave.
pub enum PlanUpdate {
    /// Another plan than before, with the bytes that it was read from, and the log that it came with.
    New(Box<Plan>, Vec<u8>, SeenLog),
    /// The server answers, and the plan did not change; when it said so, by its clock, in microseconds since 1970 in UTC.
    Unchanged(i64, SeenLog),
    /// A plan of a log that does not continue what the node saw, and why not.
    Refused(Box<Plan>, String),
    /// The server gave no plan, and why.
    Unavailable(String),
}

/// What the node knows of the log after an answer.
#[derive(Debug, Default)]
pub struct SeenLog {
    /// How many events the largest checkpoint covers.
    pub size: Option<u64>,
    /// That checkpoint.
    pub checkpoint: Option<String>,
    /// The file to keep for the next start, if the answer changed it.
    pub file: Option<Vec<u8>>,
}

impl SeenLog {
    /// What this witness knows.
    pub fn of(witness: &Witness, changed: bool) -> Self {
        let file = changed.then(|| witness.to_file().to_bytes());
        Self { size: witness.size(), checkpoint: witness.checkpoint().map(str::to_owned), file }
    }
}

/// Asks until nobody listens any more.
pub async fn follow(server: Arc<ServerClient>, mut witness: Witness, updates: mpsc::Sender<PlanUpdate>) {
    // The tag of the last answer, and of the last plan that is followed.
    let (mut answered, mut followed): (Option<String>, Option<String>) = (None, None);
    let mut pause = FIRST_PAUSE;
    loop {
        let asked = Instant::now();
        let bytes = server.plan(answered.as_deref(), witness.size(), witness.key()).await;
        let plan = bytes.and_then(|bytes| Ok((Plan::parse(&bytes).map_err(ServerError::Wrong)?, bytes)));
        // A server, or something in front of it, that does not keep the question must not be asked without end.
        let breath = || FIRST_PAUSE.saturating_sub(asked.elapsed());
        let (answer, wait) = match plan {
            Ok((plan, bytes)) => {
                answered = Some(plan.tag.clone());
                match witness.examine(plan.log.as_ref()) {
                    Err(refusal) => {
                        // What the node took of this plan is taken back with the next plan that it follows.
                        followed = None;
                        (PlanUpdate::Refused(Box::new(plan), refusal.with_remedy()), breath())
                    }
                    Ok(changed) if followed.as_ref() == Some(&plan.tag) => {
                        (PlanUpdate::Unchanged(plan.at.micros(), SeenLog::of(&witness, changed)), breath())
                    }
                    Ok(changed) => {
                        followed = Some(plan.tag.clone());
                        (PlanUpdate::New(Box::new(plan), bytes, SeenLog::of(&witness, changed)), Duration::ZERO)
                    }
                }
            }
            Err(error) => (PlanUpdate::Unavailable(error.to_string()), pause),
        };
        pause = if matches!(answer, PlanUpdate::Unavailable(_)) { (pause * 2).min(LAST_PAUSE) } else { FIRST_PAUSE };
        if updates.send(answer).await.is_err() {
            return;
        }
        tokio::time::sleep(wait).await;
    }
}
