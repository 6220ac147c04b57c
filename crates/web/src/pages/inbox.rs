//! The inbox: what waits for who looks, by what is expected, the oldest first.

use super::{
    parts,
    shell::{Shell, Visit},
};
use crate::{
    http::{Failure, Routes},
    urls::pages as paths,
};
use app::{
    live::Subject,
    reviews,
    views::{Inbox, InboxItem},
};
use askama::Template;
use axum::{extract::Query, http::StatusCode, response::Response};
use domain::turn::Expected;
use std::collections::HashMap;

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::INBOX, show)
}

/// A part of the inbox.
struct Bucket {
    id: &'static str,
    title: &'static str,
    why: &'static str,
    empty: &'static str,
    count: u64,
    mine: bool,
    items: Vec<InboxItem>,
}

#[derive(Template)]
#[template(path = "inbox.html")]
struct InboxPage<'a> {
    shell: &'a Shell,
    buckets: Vec<Bucket>,
    decided: Vec<InboxItem>,
    decided_count: u64,
    lead: String,
    filter: &'a str,
}

async fn show(Visit { op, shell }: Visit, Query(query): Query<HashMap<String, String>>) -> Result<Response, Failure> {
    let shell = shell.here("inbox").about(&Subject::Inbox);
    let filter = query.get("q").map(|q| q.trim()).unwrap_or_default();
    let inbox = reviews::inbox(&op, filter).await?;
    let lead = lead(&inbox, &shell, filter);
    let (decided, decided_count) = (matching(inbox.recently_decided, filter), inbox.counts.recently_decided);
    let counts = inbox.counts;
    let bucket = |id, title, why, empty, count, items| Bucket { id, title, why, empty, count, mine: id != "others", items };
    let buckets = vec![
        bucket("decide", "Decide", "You are a final approver.", "No decision waits for you.", counts.decide, inbox.decide),
        bucket(
            "feedback",
            "Give feedback",
            "A slot of yours has no answer yet.",
            "Nobody waits for your feedback.",
            counts.give_feedback,
            inbox.give_feedback,
        ),
        bucket(
            "answer",
            "Look again",
            "Something changed after your answer, or the next step is yours.",
            "Nothing to look at again.",
            counts.answer,
            inbox.answer,
        ),
        bucket(
            "others",
            "Waiting on others",
            "You asked for it; somebody else has the turn.",
            "Nothing that you asked for is still open.",
            counts.waiting_on_others,
            inbox.waiting_on_others,
        ),
    ];
    shell.page(StatusCode::OK, &InboxPage { shell: &shell, buckets, decided, decided_count, lead, filter })
}

/// Decisions on versions whose name has every word.
fn matching(items: Vec<InboxItem>, filter: &str) -> Vec<InboxItem> {
    let words: Vec<_> = filter.to_lowercase().split_whitespace().map(str::to_owned).collect();
    let has_all = |item: &InboxItem| {
        let text = item.version.to_string().to_lowercase();
        words.iter().all(|word| text.contains(word))
    };
    items.into_iter().filter(has_all).collect()
}

/// *Four things wait for you. The oldest has waited 3 d 4 h.* A filter may leave the oldest out.
fn lead(inbox: &Inbox, shell: &Shell, filter: &str) -> String {
    let mine = [&inbox.decide, &inbox.give_feedback, &inbox.answer];
    let counts = &inbox.counts;
    let number = counts.decide + counts.give_feedback + counts.answer;
    let oldest = mine.into_iter().flatten().filter_map(|item| item.since).min().filter(|_| filter.is_empty());
    let waits = oldest.map(|since| parts::span(since, shell.now)).unwrap_or_default();
    match number {
        0 => "Nothing waits for you.".to_owned(),
        1 if waits.is_empty() => "One thing waits for you.".to_owned(),
        1 => format!("One thing waits for you, for {waits}."),
        _ if waits.is_empty() => format!("{} wait for you.", parts::count(number, "thing")),
        _ => format!("{} wait for you. The oldest has waited {waits}.", parts::count(number, "thing")),
    }
}

impl InboxPage<'_> {
    /// Whether a part lists as much as an inbox lists at most, so that more may match.
    fn is_full(&self, bucket: &Bucket) -> bool {
        bucket.items.len() >= Inbox::LISTED
    }

    fn icon(&self, item: &InboxItem) -> &'static str {
        match item.expected {
            Some(Expected::Decide) => "nib",
            Some(Expected::GiveFeedback) => "talk",
            Some(Expected::ReconsiderFeedback) => "stale",
            Some(Expected::RequestFinalApproval) => "hand-on",
            Some(Expected::RequestReview) => "nib",
            Some(Expected::Reset) => "undo",
            Some(Expected::ReloadReviewers) => "group",
            None => "clock",
        }
    }
}
