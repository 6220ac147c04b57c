//! Workflows: the steps of a version, and the rules for moving from step to step. A workflow is data: another
//! workflow (more steps, other triggers) needs no new code here.

use crate::{StepName, people::words};
use serde::{Deserialize, Serialize};

/// What can move a version from step to step. All but one are about the sign-off of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Trigger {
    /// A review was requested.
    ReviewRequested,
    /// The sign-off was approved.
    Approved,
    /// A revision with the version went into service on an infrastructure of stage production.
    InProduction,
    /// The approval was revoked or expired.
    Lapsed,
    /// The sign-off was reset for the next round.
    Reset,
}

/// How far a version is with a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StepStatus {
    /// Still to come.
    NotStarted,
    /// Now.
    Ongoing,
    /// Behind it.
    Finished,
    /// Left out on the way.
    Skipped,
}

words! { StepStatus { NotStarted = "not_started", Ongoing = "ongoing", Finished = "finished", Skipped = "skipped" } }

/// One step of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name.
    pub name: StepName,
    /// Whether it carries a sign-off.
    pub sign_off: bool,
    /// How far the version is with it.
    pub status: StepStatus,
}

/// One rule for moving.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    /// What must happen.
    pub on: Trigger,
    /// To the sign-off of this step; of any, where none is named.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub step: Option<StepName>,
    /// The step that must be ongoing; any, where none is named.
    pub from: Option<StepName>,
    /// The step that is ongoing afterwards.
    pub to: StepName,
}

/// A workflow as one version goes through it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Workflow {
    /// The workflow's name.
    pub name: String,
    /// The steps in order.
    pub steps: Vec<Step>,
    /// The rules; the first that fits applies.
    pub rules: Vec<Rule>,
}

const STANDARD: &str = "review";

impl StepName {
    /// The step that carries the sign-off of the standard workflow. Documents, events and addresses that name no step mean this one.
    pub fn standard() -> Self {
        literal(STANDARD)
    }

    /// Whether it is the step of the standard workflow's sign-off.
    pub fn is_standard(&self) -> bool {
        self.as_str() == STANDARD
    }
}

fn literal(name: &str) -> StepName {
    name.parse().expect("the standard workflow names its steps as steps are named")
}

impl Workflow {
    /// `development → review → deployment → production`, with the sign-off on `review` and `development` ongoing.
    pub fn standard() -> Self {
        let step = |name: &str, sign_off, status| Step { name: literal(name), sign_off, status };
        let rule = |on, from: Option<&str>, to: &str| Rule { on, step: None, from: from.map(literal), to: literal(to) };
        Self {
            name: "standard".to_owned(),
            steps: vec![
                step("development", false, StepStatus::Ongoing),
                step(STANDARD, true, StepStatus::NotStarted),
                step("deployment", false, StepStatus::NotStarted),
                step("production", false, StepStatus::NotStarted),
            ],
            rules: vec![
                rule(Trigger::ReviewRequested, Some("development"), STANDARD),
                rule(Trigger::Approved, Some(STANDARD), "deployment"),
                rule(Trigger::InProduction, Some("deployment"), "production"),
                rule(Trigger::Lapsed, None, STANDARD),
                rule(Trigger::Reset, None, STANDARD),
            ],
        }
    }

    /// The step that is ongoing.
    pub fn current(&self) -> Option<&Step> {
        self.steps.get(self.position()?)
    }

    /// The steps that carry a sign-off, in order.
    pub fn sign_offs(&self) -> impl Iterator<Item = &StepName> {
        self.steps.iter().filter(|step| step.sign_off).map(|step| &step.name)
    }

    /// The steps whose sign-offs the gate asks for: those before deployment. Deployment is the last step from which a rule leads into
    /// production; without such a rule the gate asks for every sign-off.
    pub fn sign_offs_before_deployment(&self) -> impl Iterator<Item = &StepName> {
        let into_production = self.rules.iter().filter(|rule| rule.on == Trigger::InProduction);
        let deployment = into_production.filter_map(|rule| self.position_of(rule.from.as_ref()?)).max();
        let before = &self.steps[..deployment.unwrap_or(self.steps.len())];
        before.iter().filter(|step| step.sign_off).map(|step| &step.name)
    }

    /// The step whose sign-off says most about the version now: that of the ongoing step, of the last one before it, or the first one.
    pub fn main_sign_off(&self) -> Option<&StepName> {
        let here = self.position().unwrap_or(0);
        let so_far = self.steps.iter().take(here + 1).rev().find(|step| step.sign_off).map(|step| &step.name);
        so_far.or_else(|| self.sign_offs().next())
    }

    /// Whether the review of this step can be requested now: the version is at the step, or a rule leads there.
    pub fn leads_to_review(&self, step: &StepName) -> bool {
        self.current().is_some_and(|here| here.name == *step)
            || self.rule(Trigger::ReviewRequested, Some(step)).is_some_and(|rule| rule.to == *step)
    }

    /// Moves by the first rule that fits; stays where it is when none does. `step` is the step whose sign-off the trigger is about.
    /// A step that the version comes to with its sign-off in force already is left at once, as if it had just been approved.
    pub fn advance(&mut self, trigger: Trigger, step: Option<&StepName>, in_force: impl Fn(&StepName) -> bool) {
        let Some(mut here) = self.move_on(trigger, step) else {
            return;
        };
        // A rule that leads backwards cannot make this endless: it goes on only while the version comes nearer to the end.
        while let Some(name) = self.current().filter(|step| step.sign_off && in_force(&step.name)).map(|step| step.name.clone()) {
            match self.move_on(Trigger::Approved, Some(&name)) {
                Some(there) if there > here => here = there,
                _ => break,
            }
        }
    }

    /// Takes the version back from the step of a review to the step where it was when the review was requested.
    pub fn go_back(&mut self, from: &StepName, to: &StepName) {
        if let (Some(here), Some(there)) = (self.position(), self.position_of(to))
            && self.position_of(from) == Some(here)
            && there < here
        {
            self.move_to(here, there);
        }
    }

    /// Moves by the first rule that fits; gives the place of the step afterwards.
    fn move_on(&mut self, trigger: Trigger, step: Option<&StepName>) -> Option<usize> {
        let here = self.position()?;
        let there = self.position_of(&self.rule(trigger, step)?.to)?;
        self.move_to(here, there);
        Some(there)
    }

    /// Going on, the step left behind is finished and steps jumped over are skipped; going back, everything after the step is to
    /// come again.
    fn move_to(&mut self, here: usize, there: usize) {
        for (index, step) in self.steps.iter_mut().enumerate() {
            step.status = match index {
                _ if index == there => StepStatus::Ongoing,
                _ if index > there => StepStatus::NotStarted,
                _ if index == here => StepStatus::Finished,
                _ if index > here => StepStatus::Skipped,
                _ => step.status,
            };
        }
    }

    /// The first rule that fits. An approval moves a version only from the step that was approved, and the end of an approval never
    /// moves it forward: with several sign-offs, the trigger can be about a step where the version is not.
    fn rule(&self, trigger: Trigger, step: Option<&StepName>) -> Option<&Rule> {
        let here = self.position()?;
        let name = &self.steps[here].name;
        self.rules.iter().find(|rule| {
            let may_move = match trigger {
                Trigger::ReviewRequested => step == Some(&rule.to),
                Trigger::Approved => step == Some(name),
                Trigger::Lapsed | Trigger::Reset => self.position_of(&rule.to).is_some_and(|there| there <= here),
                Trigger::InProduction => true,
            };
            rule.on == trigger
                && rule.step.as_ref().is_none_or(|of| step == Some(of))
                && rule.from.as_ref().is_none_or(|from| from == name)
                && may_move
        })
    }

    fn position(&self) -> Option<usize> {
        self.steps.iter().position(|step| step.status == StepStatus::Ongoing)
    }

    fn position_of(&self, name: &StepName) -> Option<usize> {
        self.steps.iter().position(|step| step.name == *name)
    }
}
