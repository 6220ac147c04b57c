//! Workflows: the standard one through a version's life, and a longer one that is nothing but data.

use domain::StepName;
use domain::workflow::{Step, StepStatus, Trigger, Workflow};

/// The steps in short: `+` finished, `*` ongoing, `-` still to come, `/` skipped.
fn brief(workflow: &Workflow) -> String {
    let mark = |step: &Step| match step.status {
        StepStatus::Finished => '+',
        StepStatus::Ongoing => '*',
        StepStatus::NotStarted => '-',
        StepStatus::Skipped => '/',
    };
    workflow.steps.iter().map(|step| format!("{}{}", mark(step), step.name)).collect::<Vec<_>>().join(" ")
}

fn step(name: &str) -> StepName {
    name.parse().expect("the name of a step")
}

/// Advances by triggers about the sign-offs of these steps, none of which is in force already.
fn advance(workflow: &mut Workflow, triggers: &[(Trigger, &str)]) {
    for (trigger, name) in triggers {
        workflow.advance(*trigger, Some(&step(name)), |_| false);
    }
}

fn after(mut workflow: Workflow, triggers: &[(Trigger, &str)]) -> String {
    advance(&mut workflow, triggers);
    brief(&workflow)
}

#[test]
fn a_request_taken_back_takes_the_version_back_to_where_it_was() {
    let (development, review) = (step("development"), StepName::standard());
    let mut workflow = Workflow::standard();
    advance(&mut workflow, &[(Trigger::ReviewRequested, "review")]);
    workflow.go_back(&review, &review);
    assert_eq!(brief(&workflow), "+development *review -deployment -production");
    workflow.go_back(&review, &development);
    assert_eq!(brief(&workflow), "*development -review -deployment -production");
    // The version has gone on meanwhile.
    advance(&mut workflow, &[(Trigger::ReviewRequested, "review"), (Trigger::Approved, "review")]);
    workflow.go_back(&review, &development);
    assert_eq!(brief(&workflow), "+development +review *deployment -production");
}

#[test]
fn the_standard_workflow_through_a_life() {
    use Trigger::*;
    let mut workflow = Workflow::standard();
    assert_eq!(brief(&workflow), "*development -review -deployment -production");
    assert_eq!(workflow.sign_offs().collect::<Vec<_>>(), [&StepName::standard()]);
    assert_eq!(workflow.sign_offs_before_deployment().collect::<Vec<_>>(), [&StepName::standard()]);
    assert_eq!(workflow.main_sign_off(), Some(&StepName::standard()));
    let life = [
        (ReviewRequested, "+development *review -deployment -production"),
        (Approved, "+development +review *deployment -production"),
        (InProduction, "+development +review +deployment *production"),
        (InProduction, "+development +review +deployment *production"),
        (Lapsed, "+development *review -deployment -production"),
        (Reset, "+development *review -deployment -production"),
        (ReviewRequested, "+development *review -deployment -production"),
        (Approved, "+development +review *deployment -production"),
        (Reset, "+development *review -deployment -production"),
    ];
    for (trigger, expected) in life {
        advance(&mut workflow, &[(trigger, "review")]);
        assert_eq!(brief(&workflow), expected, "{trigger:?}");
        assert_eq!(workflow.current().map(|step| step.status), Some(StepStatus::Ongoing));
    }
}

#[test]
fn what_no_rule_fits_moves_nothing() {
    use Trigger::*;
    assert_eq!(
        after(Workflow::standard(), &[(Approved, "review"), (InProduction, "review")]),
        "*development -review -deployment -production"
    );
    assert_eq!(
        after(Workflow::standard(), &[(ReviewRequested, "review"), (InProduction, "review")]),
        "+development *review -deployment -production"
    );
}

/// Two sign-offs, a pilot that a small change may skip, and no code for any of it.
const LONGER: &str = r#"{
  "name": "two reviews and a pilot",
  "steps": [
    {"name": "development", "sign_off": false, "status": "ongoing"},
    {"name": "technical-review", "sign_off": true, "status": "not_started"},
    {"name": "pilot", "sign_off": false, "status": "not_started"},
    {"name": "review", "sign_off": true, "status": "not_started"},
    {"name": "deployment", "sign_off": false, "status": "not_started"},
    {"name": "production", "sign_off": false, "status": "not_started"}
  ],
  "rules": [
    {"on": "review_requested", "from": "development", "to": "technical-review"},
    {"on": "review_requested", "from": "pilot", "to": "review"},
    {"on": "approved", "from": "technical-review", "to": "pilot"},
    {"on": "approved", "from": "review", "to": "deployment"},
    {"on": "in_production", "from": "pilot", "to": "production"},
    {"on": "in_production", "from": "deployment", "to": "production"},
    {"on": "lapsed", "step": "technical-review", "from": null, "to": "technical-review"},
    {"on": "lapsed", "step": "review", "from": null, "to": "review"},
    {"on": "reset", "step": "technical-review", "from": null, "to": "technical-review"},
    {"on": "reset", "step": "review", "from": null, "to": "review"}
  ]
}"#;

const TECHNICAL: &str = "technical-review";

fn longer() -> Workflow {
    serde_json::from_str(LONGER).expect("the workflow is written as JSON")
}

#[test]
fn a_longer_workflow_is_data() {
    use Trigger::*;
    let longer = longer();
    assert_eq!(serde_json::from_str::<Workflow>(&serde_json::to_string(&longer).unwrap()).unwrap(), longer);
    assert_eq!(longer.sign_offs().map(StepName::as_str).collect::<Vec<_>>(), [TECHNICAL, "review"]);
    let all = [
        (ReviewRequested, TECHNICAL),
        (Approved, TECHNICAL),
        (ReviewRequested, "review"),
        (Approved, "review"),
        (InProduction, "review"),
    ];
    assert_eq!(after(longer, &all), "+development +technical-review +pilot +review +deployment *production");
}

#[test]
fn a_trigger_moves_a_version_only_from_the_step_that_it_is_about() {
    use Trigger::*;
    let mut longer = longer();
    assert!(longer.leads_to_review(&step(TECHNICAL)) && !longer.leads_to_review(&step("review")));
    assert_eq!(after(longer.clone(), &[(ReviewRequested, "review")]), brief(&longer), "the pilot comes first");
    advance(&mut longer, &[(ReviewRequested, TECHNICAL)]);
    let here = brief(&longer);
    assert_eq!(here, "+development *technical-review -pilot -review -deployment -production");
    assert_eq!(after(longer.clone(), &[(Approved, "review")]), here, "approved elsewhere");
    assert_eq!(after(longer.clone(), &[(Lapsed, "review"), (Reset, "review")]), here, "nothing that ends moves forward");
    advance(&mut longer, &[(Approved, TECHNICAL)]);
    assert!(longer.leads_to_review(&step("review")));
    assert_eq!(longer.main_sign_off(), Some(&step(TECHNICAL)));
}

#[test]
fn a_step_whose_sign_off_is_in_force_is_left_at_once() {
    use Trigger::*;
    let mut longer = longer();
    // Without the pilot between them the two sign-offs follow each other.
    longer.rules.iter_mut().find(|rule| rule.on == Approved).expect("a rule").to = step("review");
    advance(&mut longer, &[(ReviewRequested, TECHNICAL), (Approved, TECHNICAL), (Approved, "review")]);
    let approved = brief(&longer);
    assert_eq!(approved, "+development +technical-review /pilot +review *deployment -production");
    advance(&mut longer, &[(Lapsed, TECHNICAL), (Reset, TECHNICAL), (ReviewRequested, TECHNICAL)]);
    assert_eq!(brief(&longer), "+development *technical-review -pilot -review -deployment -production");
    longer.advance(Approved, Some(&step(TECHNICAL)), |_| true);
    assert_eq!(brief(&longer), approved, "the other sign-off went on all the while");
}

#[test]
fn the_gate_asks_for_every_sign_off_before_deployment() {
    let required = |workflow: &Workflow| workflow.sign_offs_before_deployment().map(ToString::to_string).collect::<Vec<_>>();
    let mut longer = longer();
    assert_eq!(required(&longer), [TECHNICAL, "review"]);
    longer.steps[5].sign_off = true;
    assert_eq!(required(&longer), [TECHNICAL, "review"], "a sign-off in production comes too late to be asked for");
    longer.rules.retain(|rule| rule.on != Trigger::InProduction);
    assert_eq!(required(&longer), [TECHNICAL, "review", "production"], "where nothing leads to production, all count");
}

#[test]
fn steps_that_are_jumped_over_are_skipped_and_come_again_after_going_back() {
    use Trigger::*;
    let mut longer = longer();
    advance(&mut longer, &[(ReviewRequested, TECHNICAL), (Approved, TECHNICAL), (InProduction, TECHNICAL)]);
    assert_eq!(brief(&longer), "+development +technical-review +pilot /review /deployment *production");
    assert_eq!(
        after(longer.clone(), &[(Reset, "review")]),
        "+development +technical-review +pilot *review -deployment -production"
    );
    assert_eq!(after(longer, &[(Lapsed, TECHNICAL)]), "+development *technical-review -pilot -review -deployment -production");
}

#[test]
fn a_workflow_with_unknown_words_is_refused() {
    for (known, unknown) in [("\"reset\"", "\"rest\""), ("\"sign_off\"", "\"signoff\""), ("\"ongoing\"", "\"busy\"")] {
        assert!(serde_json::from_str::<Workflow>(&LONGER.replace(known, unknown)).is_err(), "{unknown}");
    }
}
