//! Thousands of versions beside the story, spread over the year. The first of each model come by the use cases; the rest are copies of them
//! with other figures, each with its event, many in one transaction.

#![expect(clippy::disallowed_methods, reason = "rows in bulk are written beside the use cases, each with its event")]

use super::{
    material::{FOREST, LINEAR, NETWORK, signature},
    story::{Deed, Material, Story},
};
use crate::roles::demo::people::SCIENTIST;
use anyhow::Context;
use app::OpContext;
use domain::{Digest, VersionRef, event::Event, signoff::SignOff};
use proof::Sha256;
use store::{About, Json, Round, Version, VersionFile};

/// The models of the many.
const MODELS: [&str; 10] = [
    "stores/demand-north",
    "stores/demand-east",
    "stores/demand-south",
    "stores/demand-west",
    "stores/demand-online",
    "stores/returns",
    "stores/prices",
    "stores/staffing",
    "stores/shelf-life",
    "stores/theft",
];

/// How many versions of each model come by the use cases, for the others to be copies of.
const FIRST: u32 = 3;
/// How many of the newest versions of each model wait for feedback.
const WAITING: u32 = 20;
/// How often models are trained, in days.
const EVERY: i64 = 5;

/// Adds so many versions to the story.
pub fn tell(story: &mut Story, versions: u32) {
    let on = story.calendar;
    let each = versions.div_ceil(MODELS.len() as u32).max(FIRST + WAITING);
    let rounds = (300 / EVERY) as u32;
    for (model, place) in MODELS.into_iter().zip(0..) {
        for (number, onnx) in (1..=FIRST).zip([LINEAR, FOREST, NETWORK]) {
            story.version(model, number).registered(on.day(310, 2, 10 + place), SCIENTIST, material(onnx, number));
        }
        let mut made = FIRST;
        for round in 1..=rounds {
            let until = FIRST + ((each - FIRST) * round).div_ceil(rounds);
            let at = on.day(305 - i64::from(round) * EVERY, 3, 10 + place);
            story.add(at, SCIENTIST, Deed::CopyVersions { model, count: until - made });
            made = until;
        }
        for number in each - WAITING + 1..=each {
            let version = (model, number);
            story.add(
                on.day(4 - i64::from(number % 2), 9, i64::from(number % 50)),
                SCIENTIST,
                Deed::RequestReview { version, skip_feedback: number.is_multiple_of(4) },
            );
        }
    }
}

fn material(onnx: &'static [u8], number: u32) -> Material {
    Material::of(onnx)
        .metrics(&[("wape_error", 0.21), ("bias", 0.02), ("r2", 0.74)])
        .params(&[("horizon_days", "14"), ("holidays", "on")])
        .signature(signature(
            &["weekday", "price", "stock", "promotion"],
            &[("label", "tensor(int64)"), ("probabilities", "tensor(float)")],
        ))
        .source("sales-all-stores", &format!("nightly-{number}"), "90aa31c")
        .notes("Trained every night from all sales.")
}

/// Registers copies of the first versions of a model, in one transaction.
pub async fn copy(op: &OpContext, model: &str, count: u32) -> anyhow::Result<()> {
    let (ref op, mut tx) = op.write().await?;
    let (project, name) = model.split_once('/').context("a model has a project")?;
    let mut templates = Vec::new();
    for number in 1..=FIRST {
        let name = VersionRef { project: project.parse()?, model: name.parse()?, number };
        let whole = tx.whole_version_by_name(&name.project, &name.model, number).await?;
        let (version, _, project, _) = whole.into_iter().next().context("the first versions are there")?;
        let files = tx.version_files(version.id).await?;
        templates.push((version, project, files));
    }
    let last = tx.last_number(templates[0].0.model_id).await?;
    let mut all_files = Vec::new();
    for number in last + 1..=last + count {
        let (template, project, files) = &templates[number as usize % templates.len()];
        let mut fields = template.fields.0.clone();
        let (progress, noise) = (f64::from(number).ln() / 100.0, f64::from(number * 7 % 13) / 1_000.0);
        fields.metrics.insert("wape_error".to_owned(), rounded(0.21 - progress + noise));
        fields.metrics.insert("r2".to_owned(), rounded(0.74 + progress - noise));
        fields.source.run = Some(format!("nightly-{number}"));
        let shown = Sha256::of(&proof::canonical::to_vec(&fields.governed())?);
        let version = Version {
            id: op.id(),
            number,
            shown: Digest::from_bytes(*shown.as_bytes()),
            created_at: op.now,
            fields: Json(fields),
            ..template.clone()
        };
        tx.insert(&version).await?;
        for step in version.workflow.0.sign_offs() {
            tx.insert(&Round::of(&SignOff::new(version.id, step.clone()), 1, op.now)).await?;
        }
        all_files.extend(files.iter().map(|file| VersionFile { version_id: version.id, ..file.clone() }));
        let (model_digest, files, size) = (version.model_digest, version.file_count, version.size);
        let event = Event::VersionCreated { number, model_digest, files, size, fields: version.fields.0.governed() };
        let about =
            About { project: Some(project.id), model: Some(version.model_id), version: Some(version.id), infrastructure: None };
        tx.record(event, about);
    }
    tx.add_version_files(&all_files).await?;
    Ok(tx.commit().await?)
}

fn rounded(figure: f64) -> f64 {
    (figure * 10_000.0).round() / 10_000.0
}
