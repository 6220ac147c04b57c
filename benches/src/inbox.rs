//! Inboxes and lists over many open reviews: for the approver of all reviews, for their requester, and for people whom no review
//! concerns.

use crate::{
    Size,
    figures::{Table, count, median, millis},
    place::{Backend, Place},
    seed::{World, acting, seed},
};
use anyhow::Result;
use app::{
    Limit, OpContext, Page, Server, projects, record,
    reviews::{inbox, prepare_inboxes, waiting_count},
    versions,
    views::AuditQuery,
};
use std::{sync::Arc, time::Instant};

/// Prints the table.
///
/// # Errors
/// A database that does not answer.
pub async fn measure(backends: &[Backend], size: &Size) -> Result<()> {
    let columns = [("database", 10), ("open reviews", 12), ("asked for", 48), ("found", 7), ("each", 9)];
    let table = Table::begin("Inboxes and lists over open reviews", &columns);
    for backend in backends {
        for reviews in size.reviews {
            let place = Place::create(backend).await?;
            let server = place.open().await?;
            let world = seed(&server, 0, reviews).await?;
            for (what, found, took) in asked(&server, &world, size.rounds).await? {
                let cells = [backend.to_string(), count(f64::from(reviews)), what.to_owned(), count(found as f64), millis(took)];
                table.row(cells);
            }
            server.store.close().await;
            place.remove().await?;
        }
    }
    table.end();
    Ok(())
}

/// What was asked for, how much was found, and how long it took in microseconds.
async fn asked(server: &Arc<Server>, world: &World, rounds: usize) -> Result<Vec<(&'static str, u64, f64)>> {
    let mut rows = Vec::new();
    let root = acting(server, "root").await?;
    let mut approver = OpContext::new(Arc::clone(server), world.approver.clone(), "bench");
    let scientist = acting(server, "scientist").await?;
    let middle = server.store.log_size().await? / 2;
    let (project, model) = ("diagnosis".parse()?, "tumour".parse()?);
    let mut once = |what, found, started: Instant| rows.push((what, found, started.elapsed().as_secs_f64() * 1e6));
    let started = Instant::now();
    prepare_inboxes(server).await?;
    once("reading what waits, for all inboxes", 0, started);
    let started = Instant::now();
    let found = inbox(&approver, "").await?.counts.decide;
    once("inbox of the approver, first look", found, started);
    macro_rules! measured {
        ($what:literal, $found:expr) => {{
            let (mut took, mut found) = (Vec::new(), 0);
            for _ in 0..rounds {
                let started = Instant::now();
                found = $found;
                took.push(started.elapsed().as_secs_f64() * 1e6);
            }
            rows.push(($what, found, median(took.into_iter())));
        }};
    }
    measured!("inbox of the approver of all", inbox(&approver, "").await?.counts.decide);
    measured!("inbox of the requester of all", inbox(&scientist, "").await?.counts.waiting_on_others);
    measured!("what waits for the approver, as each page counts", waiting_count(&approver).await?);
    measured!("inbox of the approver, by a word", inbox(&approver, "tumour:77").await?.decide.len() as u64);
    measured!("inbox of an administrator", inbox(&root, "").await?.counts.decide);
    approver = acting(server, "itops").await?;
    measured!("inbox of a reviewer who has no turn", inbox(&approver, "").await?.counts.give_feedback);
    let page = || Page { after: String::new(), limit: 200 };
    measured!("versions, first page", versions::list(&root, &project, &model, &page(), false).await?.items.len() as u64);
    let last = Page { after: "201".to_owned(), limit: 200 };
    measured!("versions, last page", versions::list(&root, &project, &model, &last, false).await?.items.len() as u64);
    measured!("projects", projects::list(&root, page()).await?.items.len() as u64);
    let from = || AuditQuery { from: Some(middle), limit: Some(Limit::MOST), ..AuditQuery::default() };
    measured!("audit, from the middle", record::list(&root, from()).await?.items.len() as u64);
    let newest = record::list(&root, AuditQuery { from: Some(2 * middle - 2), ..AuditQuery::default() }).await?;
    let since = newest.items.last().map(|event| event.at);
    let since = || AuditQuery { since, limit: Some(Limit::MOST), ..AuditQuery::default() };
    measured!("audit, since the newest", record::list(&root, since()).await?.items.len() as u64);
    Ok(rows)
}
