//! What every page of a server of the demo shows above its masthead.

use crate::{
    auth::cookie,
    http::{Demo, Persona, TourPage, TourStep, Web},
    urls::pages::At,
};
use axum::http::HeaderMap;
use std::sync::Arc;

/// The cookie with the step of the tour, from 1; [`OFF`] once somebody ended the tour.
pub(super) const TOUR: &str = "countersign-tour";
pub(super) const OFF: &str = "off";

/// What a page shows of the demo.
#[derive(Clone)]
pub(crate) struct DemoBar {
    demo: Arc<Demo>,
    /// The step of the tour, from 0; none once somebody ended the tour.
    step: Option<usize>,
}

impl DemoBar {
    /// The bar of this browser; none where no demo runs.
    pub(crate) fn of(web: &Web, headers: &HeaderMap) -> Option<Self> {
        let demo = web.options.demo.clone()?;
        let step = match cookie(headers, TOUR) {
            Some(OFF) => None,
            kept => kept.and_then(|step| step.parse::<usize>().ok()?.checked_sub(1)).or(Some(0)),
        };
        Some(Self { step: step.filter(|step| *step < demo.tour.len()), demo })
    }

    pub(crate) fn personas(&self) -> &[Persona] {
        &self.demo.personas
    }

    /// The number of the present step and the step itself.
    pub(crate) fn step(&self) -> Option<(usize, &TourStep)> {
        let step = self.step?;
        Some((step + 1, self.demo.tour.get(step)?))
    }

    pub(crate) fn steps(&self) -> usize {
        self.demo.tour.len()
    }

    pub(crate) fn is_first(&self) -> bool {
        self.step == Some(0)
    }

    pub(crate) fn is_last(&self) -> bool {
        self.step.is_some_and(|step| step + 1 == self.steps())
    }

    /// The name of the person who takes a step.
    pub(crate) fn name<'a>(&'a self, step: &'a TourStep) -> &'a str {
        let known = self.demo.personas.iter().find(|persona| persona.account == step.account);
        known.map_or(step.account.as_str(), |persona| &persona.name)
    }

    /// The page to which a step leads.
    pub(crate) fn page(&self, at: &At, step: &TourStep) -> String {
        match &step.page {
            TourPage::Version(version) => at.version(version),
            TourPage::Deploy { infrastructure, service, version } => at.deploy_version(infrastructure, Some(service), version),
            TourPage::Infrastructure(name) => at.infrastructure(name),
            TourPage::Sheet(version, round) => at.sheet(version, round, ""),
        }
    }
}
