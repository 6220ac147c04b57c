//! A year of history, written by the use cases of `app` with a clock that moves from a year ago to the present: every event, signature
//! and permit is one that the server makes.

mod bank;
mod calendar;
mod carry_out;
mod hospital;
mod many;
mod material;
mod people;
mod plant;
mod server;
mod setting;
mod story;
mod telling;

use super::people::ADMINISTRATOR;
use anyhow::Context;
use calendar::Calendar;
use domain::{Duration, Timestamp};
use server::Year;
use story::{Deed, Story};

pub use server::{Place, Tokens};
pub use setting::NODES;
pub use telling::Telling;

/// How long ago the story begins.
const DAYS: i64 = 365;

/// For how many days people find mails in the demo's mailbox.
const TOLD: i64 = 4;

/// Writes the accounts of the demo and nothing else. Gives the token of each person.
///
/// # Errors
/// A folder or database that cannot be used.
pub async fn write_people(place: &Place<'_>, now: Timestamp) -> anyhow::Result<Tokens> {
    // Each account takes some seconds, none of them in the future.
    let mut year = Year::open(place, now.minus(Duration::from_seconds(600))).await?;
    year.invite_everybody(place.password).await?;
    year.close().await
}

/// Writes the accounts and the whole year, with so many versions beside the story, and tells the year meanwhile. Gives the token of each
/// person and node.
///
/// # Errors
/// A folder or database that cannot be used, or a step that the rules refuse: then the story is wrong.
pub async fn write_story(place: &Place<'_>, now: Timestamp, many: Option<u32>, telling: Telling) -> anyhow::Result<Tokens> {
    let calendar = Calendar::before(now);
    let mut year = Year::open(place, calendar.day(DAYS, 8, 0)).await?;
    year.invite_everybody(place.password).await?;
    let mut story = Story::new(calendar);
    setting::tell(&mut story);
    hospital::tell(&mut story);
    bank::tell(&mut story);
    plant::tell(&mut story);
    if let Some(versions) = many {
        story.add(calendar.day(320, 9, 0), ADMINISTRATOR, Deed::CreateProject(setting::stores()));
        many::tell(&mut story, versions);
    }
    for month in 1..=11 {
        story.add(calendar.day(DAYS - month * 30, 23, 59), "the clock", Deed::SignLog);
    }
    for beat in story.beats() {
        year.clock.move_to(beat.at);
        if beat.at >= calendar.day(TOLD, 0, 0) {
            year.begin_telling().await?;
        }
        telling.tell(&beat);
        let (at, by) = (beat.at, beat.by);
        let what = format!("{by} at {at}: {:?}", beat.deed);
        year.carry_out(beat).await.with_context(|| what)?;
    }
    year.clock.move_to(now);
    app::deployments::renew_due(&year.server).await?;
    year.close().await
}
