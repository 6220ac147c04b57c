//! Follows the server: asks for the state again and again, as long as the node runs. The server answers when the state changes,
//! so a change arrives at once.

use crate::{
    plan::Plan,
    server::{Server, ServerError},
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

/// What came of a question.
pub enum News {
    /// Another plan than before, with the bytes that it was read from.
    Plan(Box<Plan>, Vec<u8>),
    /// The server answers, and nothing changed; when it said so, by its clock, in microseconds since 1970 in UTC.
    Same(i64),
    /// The server gave no plan, and why.
    Silent(String),
}

/// Asks until nobody listens any more.
pub async fn follow(server: Arc<Server>, news: mpsc::Sender<News>) {
    let mut tag: Option<String> = None;
    let mut pause = FIRST_PAUSE;
    loop {
        let asked = Instant::now();
        let answer = server.plan(tag.as_deref()).await;
        let plan = answer.and_then(|bytes| Ok((Plan::parse(&bytes).map_err(ServerError::Wrong)?, bytes)));
        let (said, wait) = match plan {
            Ok((plan, bytes)) if tag.as_ref() != Some(&plan.tag) => {
                tag = Some(plan.tag.clone());
                (News::Plan(Box::new(plan), bytes), Duration::ZERO)
            }
            // A server, or something in front of it, that does not keep the question must not be asked without end.
            Ok((plan, _)) => (News::Same(plan.at.micros()), FIRST_PAUSE.saturating_sub(asked.elapsed())),
            Err(error) => (News::Silent(error.to_string()), pause),
        };
        pause = if matches!(said, News::Silent(_)) { (pause * 2).min(LAST_PAUSE) } else { FIRST_PAUSE };
        if news.send(said).await.is_err() {
            return;
        }
        tokio::time::sleep(wait).await;
    }
}
