//! The search of the pages among many versions, as an administrator asks, who may see everything.

use crate::{
    Size,
    figures::{Table, count, median, millis},
    place::{Backend, Place},
    seed::{acting, seed},
};
use anyhow::Result;
use app::{search::search, versions};
use std::time::Instant;

/// Prints the table.
///
/// # Errors
/// A database that does not answer.
pub async fn measure(backends: &[Backend], size: &Size) -> Result<()> {
    let table = Table::begin("Searching", &[("database", 10), ("versions", 9), ("asked for", 24), ("found", 6), ("each", 9)]);
    for backend in backends {
        for number in size.versions {
            let place = Place::create(backend).await?;
            let server = place.open().await?;
            seed(&server, number, 0).await?;
            let root = acting(&server, "root").await?;
            let middle = format!("diagnosis/tumour:{}", number / 2);
            let digest = versions::show(&root, &middle.parse()?).await?.model_digest.to_string();
            let asked = [
                ("a version by name", middle),
                ("a version by number", format!("tumour v{}", number / 2)),
                ("a digest", digest.clone()),
                ("eight digits of a digest", digest[..8].to_owned()),
                ("a word of a model", "umou".to_owned()),
                ("nothing that is there", "no such thing".to_owned()),
            ];
            for (what, text) in asked {
                let (mut took, mut found) = (Vec::new(), 0);
                for _ in 0..size.rounds {
                    let started = Instant::now();
                    let results = search(&root, &text).await?;
                    took.push(started.elapsed().as_secs_f64() * 1e6);
                    found = results.projects.len() + results.models.len() + results.versions.len();
                }
                let each = millis(median(took));
                table.row([backend.to_string(), count(f64::from(number)), what.to_owned(), count(found as f64), each]);
            }
            server.store.close().await;
            place.remove().await?;
        }
    }
    table.end();
    Ok(())
}
