//! Workflows: the standard one through a version's life, and a longer one that is nothing but data.

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

fn after(mut workflow: Workflow, triggers: &[Trigger]) -> String {
    for trigger in triggers {
        workflow.advance(*trigger);
    }
    brief(&workflow)
}

#[test]
fn the_standard_workflow_through_a_life() {
    use Trigger::*;
    let mut workflow = Workflow::standard();
    assert_eq!(brief(&workflow), "*development -review -deployment -production");
    assert_eq!(workflow.steps.iter().filter(|step| step.sign_off).map(|step| step.name.as_str()).collect::<Vec<_>>(), ["review"]);
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
        workflow.advance(trigger);
        assert_eq!(brief(&workflow), expected, "{trigger:?}");
        assert_eq!(workflow.current().map(|step| step.status), Some(StepStatus::Ongoing));
    }
}

#[test]
fn what_no_rule_fits_moves_nothing() {
    use Trigger::*;
    assert_eq!(after(Workflow::standard(), &[Approved, InProduction]), "*development -review -deployment -production");
    assert_eq!(after(Workflow::standard(), &[ReviewRequested, InProduction]), "+development *review -deployment -production");
}

/// Two sign-offs, a pilot that a small change may skip, and no code for any of it.
const LONGER: &str = r#"{
  "name": "two reviews and a pilot",
  "steps": [
    {"name": "development", "sign_off": false, "status": "ongoing"},
    {"name": "technical review", "sign_off": true, "status": "not_started"},
    {"name": "pilot", "sign_off": false, "status": "not_started"},
    {"name": "review", "sign_off": true, "status": "not_started"},
    {"name": "deployment", "sign_off": false, "status": "not_started"},
    {"name": "production", "sign_off": false, "status": "not_started"}
  ],
  "rules": [
    {"on": "review_requested", "from": "development", "to": "technical review"},
    {"on": "review_requested", "from": "pilot", "to": "review"},
    {"on": "approved", "from": "technical review", "to": "pilot"},
    {"on": "approved", "from": "review", "to": "deployment"},
    {"on": "in_production", "from": "pilot", "to": "production"},
    {"on": "in_production", "from": "deployment", "to": "production"},
    {"on": "lapsed", "from": null, "to": "technical review"},
    {"on": "reset", "from": null, "to": "review"}
  ]
}"#;

#[test]
fn a_longer_workflow_is_data() {
    use Trigger::*;
    let longer: Workflow = serde_json::from_str(LONGER).unwrap();
    assert_eq!(serde_json::from_str::<Workflow>(&serde_json::to_string(&longer).unwrap()).unwrap(), longer);
    let all = [ReviewRequested, Approved, ReviewRequested, Approved, InProduction];
    assert_eq!(after(longer, &all), "+development +technical review +pilot +review +deployment *production");
}

#[test]
fn steps_that_are_jumped_over_are_skipped_and_come_again_after_going_back() {
    use Trigger::*;
    let mut longer: Workflow = serde_json::from_str(LONGER).unwrap();
    for trigger in [ReviewRequested, Approved, InProduction] {
        longer.advance(trigger);
    }
    assert_eq!(brief(&longer), "+development +technical review +pilot /review /deployment *production");
    assert_eq!(after(longer.clone(), &[Reset]), "+development +technical review +pilot *review -deployment -production");
    assert_eq!(after(longer, &[Lapsed]), "+development *technical review -pilot -review -deployment -production");
}

#[test]
fn a_workflow_with_unknown_words_is_refused() {
    for (known, unknown) in [("\"reset\"", "\"rest\""), ("\"sign_off\"", "\"signoff\""), ("\"ongoing\"", "\"busy\"")] {
        assert!(serde_json::from_str::<Workflow>(&LONGER.replace(known, unknown)).is_err(), "{unknown}");
    }
}
