//! The plant: a pump model that went into service on a warning and is out of policy since, and a review that nobody finishes.

use super::{
    material::{BOOSTED, FOREST, LINEAR, NETWORK, signature},
    setting::{IT_OPERATIONS, PLANT_OPERATIONS, PLANT_SAFETY},
    story::{Material, Place, Story},
};
use crate::roles::demo::people::{APPROVER, BUSINESS, DEPUTY, IT, MANAGER, OPERATOR, SAFETY, SCIENTIST};
use domain::signoff::Verdict::{Approve, MinorIssue};

const PUMPS: &str = "maintenance/pump-failure";
const BEARINGS: &str = "maintenance/bearing-wear";

const PUMP_SERVICE: Place = ("plant-edge", "pumps");
const BEARING_SERVICE: Place = ("plant-edge", "bearings");

/// Adds what happens to the plant's models.
pub fn tell(story: &mut Story) {
    pumps(story);
    bearings(story);
}

fn pumps(story: &mut Story) {
    let on = story.calendar;
    story
        .version(PUMPS, 1)
        .registered(on.day(310, 9, 30), SCIENTIST, pump(1))
        .review_requested(on.day(309, 9, 0), SCIENTIST)
        .answered(on.day(306, 10, 40), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(304, 14, 0), SAFETY, PLANT_SAFETY, Approve, "A warning stops nothing by itself. No objection.")
        .answered(on.day(303, 8, 20), BUSINESS, PLANT_OPERATIONS, Approve, "Two false alarms a week are fine.")
        .approval_requested(on.day(302, 9, 0), SCIENTIST)
        .approved(on.day(298, 13, 30), DEPUTY, "", 180)
        .deployed(on.day(297, 6, 45), OPERATOR, PUMP_SERVICE)
        .retired(on.day(100, 11, 10), MANAGER, "Its approval ended, and nothing runs on it.");
    story
        .version(PUMPS, 2)
        .registered(on.day(214, 11, 0), SCIENTIST, pump(2))
        .review_requested(on.day(213, 9, 0), SCIENTIST)
        .answered(
            on.day(210, 15, 20),
            BUSINESS,
            PLANT_OPERATIONS,
            MinorIssue,
            "Nine false alarms a week. The crew stops looking.",
        )
        .abandoned(on.day(200, 10, 0), MANAGER, "Too many false alarms. The vibration sensors of line 2 are changed first.");
    // Nobody ever requested its review. The policy was `warn` then, and is `prevent` now.
    story.version(PUMPS, 3).registered(on.day(130, 14, 15), SCIENTIST, pump(3)).deployed_although_warned(
        on.day(117, 6, 50),
        OPERATOR,
        PUMP_SERVICE,
        "The approval of v1 ended in the night and line 2 has new sensors, which v1 cannot read. The review follows this week.",
    );
    story
        .version(PUMPS, 4)
        .registered(on.day(12, 10, 30), SCIENTIST, pump(4))
        .review_requested(on.day(11, 9, 0), SCIENTIST)
        .answered(on.day(9, 13, 50), IT, IT_OPERATIONS, Approve, "Runs on the edge boxes with 40 MB.")
        .answered(
            on.day(8, 10, 5),
            SAFETY,
            PLANT_SAFETY,
            MinorIssue,
            "Line 1 has no temperature sensor. Say what the model does without it.",
        )
        .delegated(on.day(6, 16, 30), BUSINESS, PLANT_OPERATIONS, APPROVER, 21);
}

fn bearings(story: &mut Story) {
    let on = story.calendar;
    story
        .version(BEARINGS, 1)
        .registered(on.day(250, 10, 10), SCIENTIST, bearing(1))
        .review_requested(on.day(249, 9, 0), SCIENTIST)
        .answered(on.day(246, 11, 0), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(244, 9, 15), SAFETY, PLANT_SAFETY, Approve, "")
        .approval_requested(on.day(243, 9, 0), SCIENTIST)
        .approved(on.day(236, 14, 20), DEPUTY, "A trial of three months.", 90)
        .deployed(on.day(235, 6, 40), OPERATOR, BEARING_SERVICE)
        .retired(on.day(121, 10, 30), MANAGER, "The trial is over, and v2 serves.");
    story
        .version(BEARINGS, 2)
        .registered(on.day(170, 13, 45), SCIENTIST, bearing(2))
        .review_requested(on.day(169, 9, 0), SCIENTIST)
        .answered(on.day(166, 10, 20), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(164, 15, 10), SAFETY, PLANT_SAFETY, Approve, "Finds wear eleven days earlier than the trial.")
        .answered(on.day(163, 8, 35), BUSINESS, PLANT_OPERATIONS, Approve, "")
        .approval_requested(on.day(161, 9, 0), SCIENTIST)
        .approved(on.day(156, 9, 50), DEPUTY, "The trial went well.", 180)
        .deployed(on.day(155, 6, 40), OPERATOR, BEARING_SERVICE);
    // Plant safety was asked 43 days ago.
    story
        .version(BEARINGS, 3)
        .registered(on.day(44, 14, 0), SCIENTIST, bearing(3))
        .review_requested(on.day(43, 9, 0), SCIENTIST)
        .answered(on.day(41, 10, 50), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(40, 8, 25), BUSINESS, PLANT_OPERATIONS, Approve, "We need it before the planned stop.");
}

fn pump(number: u32) -> Material {
    // recall, precision, false alarms a week, hours of warning
    let (onnx, figures): (_, [f64; 4]) = match number {
        1 => (LINEAR, [0.71, 0.64, 2.1, 31.0]),
        2 => (LINEAR, [0.86, 0.41, 9.2, 38.0]),
        3 => (FOREST, [0.83, 0.69, 1.9, 44.0]),
        _ => (FOREST, [0.88, 0.74, 1.4, 52.0]),
    };
    let [recall, precision, alarms, warning] = figures;
    let f1 = (2.0 * recall * precision / (recall + precision) * 1_000.0).round() / 1_000.0;
    Material::of(onnx)
        .metrics(&[
            ("recall", recall),
            ("precision", precision),
            ("f1", f1),
            ("false_alarms_per_week", alarms),
            ("warning_hours", warning),
        ])
        .params(&[
            ("window_hours", if number < 3 { "24" } else { "48" }),
            ("horizon_hours", "72"),
            ("resampling", "10 min, median"),
            ("lines", if number < 4 { "2, 3" } else { "1, 2, 3" }),
            ("trees", "41"),
        ])
        .signature(signature(
            &["vibration_mm_s", "bearing_temperature_c", "flow_l_min", "hours_since_service"],
            &[("label", "tensor(int64)"), ("probabilities", "tensor(float)")],
        ))
        .source(
            if number < 3 { "lines-old-sensors" } else { "lines-new-sensors" },
            &format!("pmp-{}", 60 + number * 4),
            PUMP_COMMITS[number.clamp(1, 4) as usize - 1],
        )
        .notes("Warns of a pump that will fail within three days. The warning goes to the crew; no pump is stopped by it.")
}

const PUMP_COMMITS: [&str; 4] = ["8c20d1f", "8c20d1f", "3b9a6e7", "d5e1407"];

fn bearing(number: u32) -> Material {
    let (onnx, [rmse, r2, days]): (_, [f64; 3]) = match number {
        1 => (BOOSTED, [41.0, 0.72, 9.0]),
        2 => (NETWORK, [29.0, 0.81, 20.0]),
        _ => (NETWORK, [26.0, 0.84, 23.0]),
    };
    Material::of(onnx)
        .metrics(&[("rmse_um", rmse), ("r2", r2), ("warning_days", days)])
        .params(&[("spectrum_bands", if number < 3 { "16" } else { "24" }), ("smoothing", "exponential, 0.2"), ("seed", "3")])
        .source("vibration-line-2", &format!("brg-{}", 5 + number * 3), "66f0ab2")
        .notes("Estimates the wear of a bearing in micrometres from its vibration.")
}
