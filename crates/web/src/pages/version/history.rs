//! What happened to a version, the last first, in words.

use crate::pages::parts::{self, events::EventWords};
use app::{Error, Limit, OpContext, reviews, views::AuditEvent};
use domain::{Timestamp, VersionRef};

/// One event in words.
pub(super) struct Line {
    pub(super) at: Timestamp,
    pub(super) icon: &'static str,
    pub(super) class: &'static str,
    pub(super) who: String,
    pub(super) did: String,
    pub(super) comment: String,
    pub(super) position: u64,
}

/// How many pages of events are read at the most.
const MOST_PAGES: usize = 20;

pub(super) async fn load(op: &OpContext, name: &VersionRef) -> Result<Vec<Line>, Error> {
    let (mut lines, mut from) = (Vec::new(), None);
    for _ in 0..MOST_PAGES {
        let page = reviews::history(op, name, from, Some(Limit::MOST)).await?;
        lines.extend(page.items.iter().map(line));
        from = page.next.and_then(|next| next.parse().ok());
        if from.is_none() {
            break;
        }
    }
    lines.reverse();
    Ok(lines)
}

fn line(event: &AuditEvent) -> Line {
    let EventWords { icon, class, did, comment } = parts::events::words(event);
    let who = parts::events::actor(event).to_owned();
    Line { at: event.at, icon, class, who, did, comment, position: event.position }
}

impl Line {
    pub(super) fn short(&self) -> String {
        parts::clipped(&self.comment, 400)
    }
}
