//! The inbox.

use super::{Table, Text, cells, section};
use app::views::{Inbox, InboxItem};

/// The buckets, in the order in which they matter, each with its own sentence for nothing.
pub fn card(inbox: &Inbox) -> Text {
    let Inbox { decide, give_feedback, answer, waiting_on_others, recently_decided, more: _, counts } = inbox;
    [
        bucket("Decide", decide, counts.decide, "No final approval waits for you."),
        bucket("Give feedback", give_feedback, counts.give_feedback, "No feedback is missing from you."),
        bucket("Answer", answer, counts.answer, "Nobody waits for an answer of yours."),
        bucket("Waiting on others", waiting_on_others, counts.waiting_on_others, "Nothing of yours waits for others."),
        bucket("Recently decided", recently_decided, counts.recently_decided, "Nothing was decided lately."),
    ]
    .into_iter()
    .collect::<Text>()
    .without_gap_above()
}

fn bucket(heading: &str, items: &[InboxItem], count: u64, none: &str) -> Text {
    let row = |item: &InboxItem| cells![item.version, item.status, item.slot, item.since, item.due, item.people, item.why];
    let table = Table::of(&["VERSION", "STATUS", "SLOT", "SINCE", "DUE", "WHO", "WHY"], items, row).text(none);
    let more = match count.saturating_sub(items.len() as u64) {
        0 => Text::none(),
        left => Text::line("") + Text::line(format!("… and {left} more, which follow as these are done.")),
    };
    section(heading, &(table + more))
}

#[cfg(test)]
mod tests {
    use super::*;
    use app::views::InboxCounts;
    use domain::signoff::Status;

    #[test]
    fn every_bucket_says_what_is_in_it_or_that_nothing_is() {
        let item = InboxItem {
            version: "p/m:1".parse().unwrap(),
            step: "review".parse().unwrap(),
            status: Status::WaitingForApproval,
            expected: None,
            slot: None,
            why: "The final approval was asked for.".to_owned(),
            requested_by: Some("Scientist".to_owned()),
            due: None,
            since: None,
            slots: Vec::new(),
            people: Vec::new(),
            link: String::new(),
        };
        let counts = InboxCounts { decide: 1, ..InboxCounts::default() };
        let mut inbox = Inbox { decide: vec![item], counts, ..Inbox::default() };
        assert!(!card(&inbox).as_str().contains("more"));
        inbox.counts.decide = 10_000;
        let shown = card(&inbox);
        let shown = shown.as_str();
        assert!(shown.starts_with("Decide\n  VERSION") && shown.contains("p/m:1"), "{shown}");
        assert!(shown.contains("… and 9999 more") && shown.contains("No feedback is missing from you."), "{shown}");
    }
}
