//! Where the year plays: three projects, five infrastructures with their policies, and the nodes.

use super::story::{Deed, InfrastructurePlan, ProjectPlan, Story};
use crate::roles::demo::people::ADMINISTRATOR;
use domain::infrastructure::{OnLapse, Policy};

pub const IT_OPERATIONS: &str = "IT & Operations";
pub const RISK_COMPLIANCE: &str = "Risk & Compliance";
pub const CLINICAL_SAFETY: &str = "Clinical safety";
pub const BUSINESS_SLOT: &str = "Business";
pub const MODEL_RISK: &str = "Model risk";
pub const PLANT_SAFETY: &str = "Plant safety";
pub const PLANT_OPERATIONS: &str = "Plant operations";

/// The nodes of the demo and their infrastructures.
pub const NODES: [(&str, &str); 4] =
    [("node-1", "hospital-prod"), ("node-2", "hospital-prod"), ("bank-node", "bank-prod"), ("plant-node", "plant-edge")];

/// Adds the setting to the story.
pub fn tell(story: &mut Story) {
    let on = story.calendar;
    let projects = [(on.day(364, 9, 5), hospital()), (on.day(355, 10, 20), bank()), (on.day(330, 13, 40), plant())];
    for (at, plan) in projects {
        story.add(at, ADMINISTRATOR, Deed::CreateProject(plan));
    }
    let infrastructures = [
        (on.day(364, 11, 0), place("hospital-prod", "production", Policy::Prevent, OnLapse::Report, &["diagnosis"])),
        (on.day(364, 11, 20), place("hospital-test", "test", Policy::Warn, OnLapse::Report, &[])),
        (on.day(363, 15, 0), place("lab", "development", Policy::Allow, OnLapse::Report, &[])),
        (
            on.day(354, 9, 30),
            InfrastructurePlan {
                independent_approval: true,
                ..place("bank-prod", "production", Policy::Prevent, OnLapse::Disable, &["lending"])
            },
        ),
        (on.day(329, 14, 10), place("plant-edge", "production", Policy::Warn, OnLapse::Report, &["maintenance"])),
    ];
    for (at, plan) in infrastructures {
        story.add(at, ADMINISTRATOR, Deed::CreateInfrastructure(plan));
    }
    for (node, infrastructure) in NODES {
        story.add(on.day(90, 10, 0), ADMINISTRATOR, Deed::AppointNode { node, infrastructure });
    }
    policies(story);
}

fn place(
    name: &'static str,
    stage: &'static str,
    policy: Policy,
    on_lapse: OnLapse,
    projects: &'static [&'static str],
) -> InfrastructurePlan {
    InfrastructurePlan { name, stage, policy, on_lapse, projects, independent_approval: false }
}

/// The policies that changed in the year.
fn policies(story: &mut Story) {
    let on = story.calendar;
    let mut change = |at, infrastructure, policy, reason| {
        story.add(at, ADMINISTRATOR, Deed::ChangePolicy { infrastructure, policy, reason });
    };
    change(
        on.day(84, 22, 31),
        "hospital-prod",
        Policy::Warn,
        "The scanners got new firmware overnight and v6 fails on their images. The night shift needs a way round it.",
    );
    change(
        on.day(58, 9, 15),
        "hospital-prod",
        Policy::Prevent,
        "The firmware was taken back. Nothing goes round the sign-off any more.",
    );
    change(
        on.day(40, 10, 45),
        "plant-edge",
        Policy::Prevent,
        "The audit of the plant found a model in service that nobody had reviewed. From now on nothing starts without an approval.",
    );
}

fn hospital() -> ProjectPlan {
    ProjectPlan {
        name: "diagnosis",
        display_name: "Tumour diagnosis",
        slots: &[
            (IT_OPERATIONS, &["user:itops"]),
            (RISK_COMPLIANCE, &["group:risk"]),
            (CLINICAL_SAFETY, &["user:safety"]),
            (BUSINESS_SLOT, &["user:business"]),
        ],
        approvers: &["user:approver", "user:deputy"],
        approval_days: 180,
        due_days: Some((5, 3)),
        models: &["tumour", "tissue-segmentation", "triage-priority"],
    }
}

fn bank() -> ProjectPlan {
    ProjectPlan {
        name: "lending",
        display_name: "Consumer lending",
        slots: &[(MODEL_RISK, &["group:risk"]), (IT_OPERATIONS, &["user:itops"]), (BUSINESS_SLOT, &["user:business"])],
        approvers: &["user:approver", "user:deputy"],
        approval_days: 180,
        due_days: Some((5, 2)),
        models: &["credit-risk", "limit-setting"],
    }
}

fn plant() -> ProjectPlan {
    ProjectPlan {
        name: "maintenance",
        display_name: "Plant maintenance",
        slots: &[(IT_OPERATIONS, &["user:itops"]), (PLANT_SAFETY, &["user:safety"]), (PLANT_OPERATIONS, &["user:business"])],
        approvers: &["user:deputy", "user:approver"],
        approval_days: 180,
        due_days: Some((10, 5)),
        models: &["pump-failure", "bearing-wear"],
    }
}

/// The project of the many versions.
pub fn stores() -> ProjectPlan {
    ProjectPlan {
        name: "stores",
        display_name: "Forecasts for the stores",
        slots: &[(IT_OPERATIONS, &["user:itops"]), (BUSINESS_SLOT, &["user:business"])],
        approvers: &["user:approver", "user:deputy"],
        approval_days: 180,
        due_days: None,
        models: &[
            "demand-north",
            "demand-east",
            "demand-south",
            "demand-west",
            "demand-online",
            "returns",
            "prices",
            "staffing",
            "shelf-life",
            "theft",
        ],
    }
}
