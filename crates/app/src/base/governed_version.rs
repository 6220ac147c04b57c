//! A version with its project, its model and the rounds of its sign-offs that count.

use domain::{
    StepName, Timestamp, VersionRef,
    authors::Authors,
    signoff::{SignOff, State},
};
use std::collections::BTreeSet;
use store::{Model, Project, Round, RoundOf, Share, Statement, Version, WholeShare, WholeVersion};

/// A version with all that it belongs to.
#[derive(Clone, Debug)]
pub(crate) struct GovernedVersion {
    pub name: VersionRef,
    pub project: Project,
    pub model: Model,
    pub version: Version,
    /// The present round of the sign-off that is meant.
    pub round: Round,
    /// The present rounds of the version's other sign-offs.
    pub other_rounds: Vec<Round>,
    /// The rounds that count beside the present ones: those whose approval goes on, and renewals that were given up.
    pub rounds_beside: Vec<Round>,
}

impl GovernedVersion {
    /// Of the rows of a version and what it belongs to; none without a row. The sign-off of the step where the version is comes first.
    pub fn of(rows: Vec<WholeVersion>) -> Option<Self> {
        let mut rows = rows.into_iter();
        let (version, model, project, round) = rows.next()?;
        let name = VersionRef { project: project.name.clone(), model: model.name.clone(), number: version.number };
        let rounds = std::iter::once(round).chain(rows.map(|(.., round)| round)).collect();
        let (mut present, mut rounds_beside) = (Vec::new(), Vec::new());
        for of_step in by_step(rounds) {
            let (round, beside) = present_round(of_step)?;
            present.push(round);
            rounds_beside.extend(beside);
        }
        let other_rounds = present.split_off(1);
        let round = present.pop()?;
        let found = Self { name, project, model, version, round, other_rounds, rounds_beside };
        let main = found.version.workflow.0.main_sign_off().cloned();
        Some(match main {
            Some(step) if found.other_rounds.iter().any(|round| round.step == step) => found.with_sign_off_on(&step)?,
            _ => found,
        })
    }

    /// Of the rows of several versions, each version once, in the order of their first rows.
    pub fn many(rows: Vec<WholeVersion>) -> Vec<Self> {
        let mut versions: Vec<Vec<WholeVersion>> = Vec::new();
        for row in rows {
            match versions.iter_mut().find(|rows| rows[0].0.id == row.0.id) {
                Some(rows) => rows.push(row),
                None => versions.push(vec![row]),
            }
        }
        versions.into_iter().filter_map(Self::of).collect()
    }

    /// The version with the sign-off of this step as the one that is meant; none where the step carries no sign-off.
    pub fn with_sign_off_on(mut self, step: &StepName) -> Option<Self> {
        if self.round.step != *step {
            let place = self.other_rounds.iter().position(|round| round.step == *step)?;
            std::mem::swap(&mut self.round, &mut self.other_rounds[place]);
        }
        Some(self)
    }

    /// The sign-off that is meant.
    pub fn signoff(&self) -> &SignOff {
        &self.round.signoff.0
    }

    /// The sign-off of this step.
    pub fn sign_off_on(&self, step: &StepName) -> Option<&SignOff> {
        self.signoffs().find(|signoff| signoff.step == *step)
    }

    /// All sign-offs of the version, the one that is meant first.
    pub fn signoffs(&self) -> impl Iterator<Item = &SignOff> {
        std::iter::once(&self.round).chain(&self.other_rounds).map(|round| &round.signoff.0)
    }

    /// The rows of the rounds of this step that count.
    pub fn rounds_of(&self, step: &StepName) -> impl Iterator<Item = &Round> {
        let all = std::iter::once(&self.round).chain(&self.other_rounds).chain(&self.rounds_beside);
        all.filter(move |round| round.step == *step)
    }

    /// Takes these rounds of the sign-off that is meant for those that count.
    pub fn set_rounds(&mut self, rounds: Vec<Round>) {
        let step = self.round.step.clone();
        self.rounds_beside.retain(|round| round.step != step);
        if let Some((present, beside)) = present_round(rounds) {
            self.round = present;
            self.rounds_beside.extend(beside);
        }
    }

    /// The authors: the people whom the version names, or ever named, and everybody who changed its governed fields.
    pub fn authors(&self) -> Authors {
        authors(&self.version, self.signoffs())
    }

    /// The approvals that are in force now, by their ends; those without an end are left out.
    pub fn approval_ends(&self, now: Timestamp) -> impl Iterator<Item = Timestamp> {
        let end = |signoff: &SignOff| match &signoff.speaking().state {
            State::Approved { approval, .. } => approval.not_after,
            _ => None,
        };
        self.signoffs().filter_map(end).filter(move |end| now < *end)
    }

    /// What the events about it are about.
    pub fn about(&self) -> store::About {
        store::About {
            project: Some(self.project.id),
            model: Some(self.model.id),
            version: Some(self.version.id),
            infrastructure: None,
        }
    }
}

/// Rounds by the step that carries them, in the order of their first rounds.
fn by_step(rounds: Vec<Round>) -> Vec<Vec<Round>> {
    let mut steps: Vec<Vec<Round>> = Vec::new();
    for round in rounds {
        match steps.iter_mut().find(|of_step| of_step[0].step == round.step) {
            Some(of_step) => of_step.push(round),
            None => steps.push(vec![round]),
        }
    }
    steps
}

/// Of the rounds of a step that count: the present one, which carries the other in its sign-off, and the other one.
pub(crate) fn present_round(mut rounds: Vec<Round>) -> Option<(Round, Option<Round>)> {
    rounds.sort_by_key(|round| round.number);
    let mut newest = rounds.pop()?;
    let Some(mut renewed) = rounds.pop().filter(|round| newest.renews == Some(round.number)) else {
        return Some((newest, None));
    };
    let signoff = SignOff::of_rounds(newest.signoff.0.alone(), Some(renewed.signoff.0.alone()));
    if signoff.round == newest.number {
        newest.signoff.0 = signoff;
        Some((newest, Some(renewed)))
    } else {
        renewed.signoff.0 = signoff;
        Some((renewed, Some(newest)))
    }
}

/// Rows of rounds as the versions that they are of, each with the present round of the sign-off that says most about it now, in the
/// order of their first rows.
pub(crate) fn main_rounds(rows: Vec<RoundOf>) -> Vec<(Version, Model, Round)> {
    let main =
        rows.into_iter().filter(|(round, version, _)| version.workflow.0.main_sign_off().is_none_or(|step| *step == round.step));
    let mut grouped: Vec<(Version, Model, Vec<Round>)> = Vec::new();
    for (round, version, model) in main {
        match grouped.last_mut() {
            Some((last, _, rounds)) if last.id == version.id => rounds.push(round),
            _ => grouped.push((version, model, vec![round])),
        }
    }
    let present = |(version, model, rounds)| present_round(rounds).map(|(round, _)| (version, model, round));
    grouped.into_iter().filter_map(present).collect()
}

/// A share of a revision with its permit and its version.
pub(crate) type VersionShare = (Share, Statement, GovernedVersion);

/// Shares with their permits and versions, each share once, in the order of their first rows.
pub(crate) fn shares(rows: Vec<WholeShare>) -> Vec<VersionShare> {
    let mut shares: Vec<(Share, Statement, Vec<WholeVersion>)> = Vec::new();
    for (share, permit, version, model, project, round) in rows {
        let row = (version, model, project, round);
        // The rows of a share follow each other.
        match shares.last_mut() {
            Some((last, _, rows)) if *last == share => rows.push(row),
            _ => shares.push((share, permit, vec![row])),
        }
    }
    shares.into_iter().filter_map(|(share, permit, rows)| Some((share, permit, GovernedVersion::of(rows)?))).collect()
}

/// The authors of a version: the people whom the version names, or ever named, and everybody who changed its governed fields.
pub(crate) fn authors<'a>(version: &Version, signoffs: impl IntoIterator<Item = &'a SignOff>) -> Authors {
    let (mut named, mut editors) = (version.fields.0.named_authors(), BTreeSet::new());
    for signoff in signoffs.into_iter().flat_map(SignOff::rounds) {
        named.extend(signoff.former_authors.iter().cloned());
        editors.extend(signoff.editors.iter().copied());
    }
    Authors::new(version.uploader_id, named).with_editors(editors)
}
