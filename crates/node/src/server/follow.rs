//! Follows the server: asks for the state again and again, as long as the node runs. The server answers when the state changes,
//! so a change arrives at once.

use super::{
    client::{ServerClient, ServerError},
    plan::Plan,
};
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
    /// Another plan than before, with the bytes that it was read from.
    New(Box<Plan>, Vec<u8>),
    /// The server answers, and nothing changed; when it said so, by its clock, in microseconds since 1970 in UTC.
    Unchanged(i64),
    /// The server gave no plan, and why.
    Unavailable(String),
}

/// Asks until nobody listens any more.
pub async fn follow(server: Arc<ServerClient>, updates: mpsc::Sender<PlanUpdate>) {
    let mut tag: Option<String> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let asked = Instant::now();
        let bytes = server.plan(tag.as_deref()).await;
        let plan = bytes.and_then(|bytes| Ok((Plan::parse(&bytes).map_err(ServerError::Wrong)?, bytes)));
        let (answer, wait) = match plan {
            Ok((plan, bytes)) if tag.as_ref() != Some(&plan.tag) => {
                tag = Some(plan.tag.clone());
                (PlanUpdate::New(Box::new(plan), bytes), Duration::ZERO)
            }
            // A server, or something in front of it, that does not keep the question must not be asked without end.
            Ok((plan, _)) => (PlanUpdate::Unchanged(plan.at.micros()), FIRST_PAUSE.saturating_sub(asked.elapsed())),
            Err(error) => (PlanUpdate::Unavailable(error.to_string()), pause),
        };
        pause = if matches!(answer, PlanUpdate::Unavailable(_)) { (pause * 2).min(LAST_PAUSE) } else { FIRST_PAUSE };
        if updates.send(answer).await.is_err() {
            return;
        }
        tokio::time::sleep(wait).await;
    }
}
