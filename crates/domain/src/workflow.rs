//! Workflows: the steps of a version, and the rules for moving from step to step. A workflow is data: another
//! workflow (more steps, other triggers) needs no new code here.

use serde::{Deserialize, Serialize};

/// What can move a version from step to step.
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

/// One step of a workflow.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Its name.
    pub name: String,
    /// Whether it carries the sign-off.
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
    /// The step that must be ongoing; any, where none is named.
    pub from: Option<String>,
    /// The step that is ongoing afterwards.
    pub to: String,
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

impl Workflow {
    /// `development → review → deployment → production`, with the sign-off on `review` and `development` ongoing.
    pub fn standard() -> Self {
        let step = |name: &str, sign_off, status| Step { name: name.to_owned(), sign_off, status };
        let rule = |on, from: Option<&str>, to: &str| Rule { on, from: from.map(str::to_owned), to: to.to_owned() };
        Self {
            name: "standard".to_owned(),
            steps: vec![
                step("development", false, StepStatus::Ongoing),
                step("review", true, StepStatus::NotStarted),
                step("deployment", false, StepStatus::NotStarted),
                step("production", false, StepStatus::NotStarted),
            ],
            rules: vec![
                rule(Trigger::ReviewRequested, Some("development"), "review"),
                rule(Trigger::Approved, Some("review"), "deployment"),
                rule(Trigger::InProduction, Some("deployment"), "production"),
                rule(Trigger::Lapsed, None, "review"),
                rule(Trigger::Reset, None, "review"),
            ],
        }
    }

    /// The step that is ongoing.
    pub fn current(&self) -> Option<&Step> {
        self.steps.iter().find(|step| step.status == StepStatus::Ongoing)
    }

    /// Moves by the first rule that fits; stays where it is when none does.
    ///
    /// Going on, the step left behind is finished and steps jumped over are skipped; going back, everything after the step
    /// is to come again.
    pub fn advance(&mut self, trigger: Trigger) {
        let Some(here) = self.steps.iter().position(|step| step.status == StepStatus::Ongoing) else {
            return;
        };
        let fits = |rule: &&Rule| rule.on == trigger && rule.from.as_ref().is_none_or(|from| *from == self.steps[here].name);
        let Some(to) = self.rules.iter().find(fits).map(|rule| rule.to.clone()) else {
            return;
        };
        let Some(there) = self.steps.iter().position(|step| step.name == to) else {
            return;
        };
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
}
