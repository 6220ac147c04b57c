//! The hospital: a tumour model in its eighth version, a segmentation whose approval ended while it serves, and a first version.

use super::{
    material::{IMAGE, NETWORK, TUMOUR_BOOSTED, TUMOUR_FOREST, TUMOUR_LINEAR, TUMOUR_SIGNATURE, signature},
    setting::{BUSINESS_SLOT, CLINICAL_SAFETY, IT_OPERATIONS, RISK_COMPLIANCE},
    story::{Deed, Material, Place, Story},
};
use crate::roles::demo::people::{APPROVER, BUSINESS, DEPUTY, DEPUTY_RISK, IT, MANAGER, OPERATOR, RISK, SAFETY, SCIENTIST};
use app::views::ChangeFieldsRequest;
use domain::signoff::Verdict::{Approve, MajorIssue, MinorIssue};

const TUMOUR: &str = "diagnosis/tumour";
const TISSUE: &str = "diagnosis/tissue-segmentation";
const TRIAGE: &str = "diagnosis/triage-priority";

const PRODUCTION: Place = ("hospital-prod", "tumour");
const TEST: Place = ("hospital-test", "tumour");
const LAB_SEGMENTATION: Place = ("lab", "tissue-segmentation");
const SEGMENTATION: Place = ("hospital-prod", "tissue-segmentation");

/// Adds what happens to the hospital's models.
pub fn tell(story: &mut Story) {
    first_half(story);
    second_half(story);
    under_review(story);
    segmentation(story);
    triage(story);
}

/// Versions 1 to 4 of the tumour model: each served in its time.
fn first_half(story: &mut Story) {
    let on = story.calendar;
    story
        .version(TUMOUR, 1)
        .registered(on.day(362, 10, 5), SCIENTIST, tumour(1))
        .review_requested(on.day(361, 9, 0), SCIENTIST)
        .answered(
            on.day(359, 14, 20),
            IT,
            IT_OPERATIONS,
            MinorIssue,
            "Answers within 52 ms, which is the limit. Leave room in the next version.",
        )
        .answered(
            on.day(357, 11, 10),
            RISK,
            RISK_COMPLIANCE,
            Approve,
            "Intended use and limits are stated. The data protection check is on file.",
        )
        .answered(
            on.day(356, 16, 45),
            SAFETY,
            CLINICAL_SAFETY,
            MinorIssue,
            "Use as a second reader only, until sensitivity under 40 is above 0.88.",
        )
        .answered(on.day(354, 9, 30), BUSINESS, BUSINESS_SLOT, Approve, "")
        .approval_requested(on.day(353, 10, 0), SCIENTIST)
        .approved(on.day(350, 15, 30), APPROVER, "As a second reader, for one quarter.", 90)
        .deployed(on.day(349, 8, 40), OPERATOR, PRODUCTION)
        .retired(on.day(200, 9, 20), MANAGER, "Two versions have followed it, and nothing runs on it.");
    story
        .version(TUMOUR, 2)
        .registered(on.day(318, 11, 25), SCIENTIST, tumour(2))
        .review_requested(on.day(317, 9, 10), SCIENTIST)
        .answered(on.day(314, 13, 0), IT, IT_OPERATIONS, Approve, "Nothing changes for operation.")
        .abandoned(
            on.day(308, 10, 15),
            SCIENTIST,
            "The label export was found to be truncated. A new version follows with the whole of it.",
        );
    story
        .version(TUMOUR, 3)
        .registered(on.day(290, 15, 40), SCIENTIST, tumour(3))
        .review_requested(on.day(289, 9, 5), SCIENTIST)
        .answered(on.day(286, 10, 30), IT, IT_OPERATIONS, Approve, "Loads in 0.9 s. Memory as before.")
        .answered(on.day(284, 15, 15), DEPUTY_RISK, RISK_COMPLIANCE, Approve, "")
        .answered(on.day(283, 9, 50), SAFETY, CLINICAL_SAFETY, Approve, "Sensitivity under 40 is now above the agreed 0.88.")
        .answered(on.day(281, 17, 5), BUSINESS, BUSINESS_SLOT, Approve, "One in nine callbacks fewer.")
        .approval_requested(on.day(280, 8, 55), SCIENTIST)
        .approved(on.day(270, 14, 0), APPROVER, "", 180)
        .deployed(on.day(269, 7, 30), OPERATOR, PRODUCTION)
        .revoked(
            on.day(215, 16, 50),
            APPROVER,
            "The scanner in clinic B was calibrated wrongly for eleven weeks, and a third of the training images come from it.",
        );
    story
        .version(TUMOUR, 4)
        .registered(on.day(228, 10, 0), SCIENTIST, tumour(4))
        .review_requested(on.day(227, 9, 0), SCIENTIST)
        .answered(on.day(224, 11, 20), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(222, 14, 10), RISK, RISK_COMPLIANCE, MinorIssue, "Name the clinics whose images were left out.")
        .answered(on.day(221, 10, 40), SAFETY, CLINICAL_SAFETY, Approve, "Clinic B is out of the data. Agreed.")
        .approval_requested(on.day(216, 9, 0), SCIENTIST)
        .approved(on.day(214, 9, 10), DEPUTY, "Takes the place of v3. For four months, then with the new extract.", 120)
        .deployed(on.day(214, 10, 20), OPERATOR, PRODUCTION);
}

/// Versions 5 and 6: one is rejected, the other serves today.
fn second_half(story: &mut Story) {
    let on = story.calendar;
    story
        .version(TUMOUR, 5)
        .registered(on.day(150, 13, 30), SCIENTIST, tumour(5))
        .review_requested(on.day(149, 9, 15), SCIENTIST)
        .answered(on.day(146, 10, 10), IT, IT_OPERATIONS, Approve, "")
        .answered(
            on.day(144, 16, 20),
            RISK,
            RISK_COMPLIANCE,
            MajorIssue,
            "Specificity falls from 0.941 to 0.918. That is 23 more healthy patients in a thousand called back.",
        )
        .answered(on.day(143, 9, 25), SAFETY, CLINICAL_SAFETY, MajorIssue, "Under 40 it is worse than what it would replace.")
        .approval_requested(on.day(141, 11, 0), SCIENTIST)
        .denied(on.day(139, 15, 5), OPERATOR, PRODUCTION)
        .rejected(on.day(138, 10, 35), APPROVER, "Worse than v4 where it matters most. Balance the classes, and come back.");
    story
        .version(TUMOUR, 6)
        .registered(on.day(112, 14, 5), SCIENTIST, tumour(6))
        .review_requested(on.day(111, 9, 0), SCIENTIST)
        .answered(on.day(109, 10, 45), IT, IT_OPERATIONS, Approve, "38 to 41 ms in the load test. Good.")
        .answered(on.day(107, 14, 30), RISK, RISK_COMPLIANCE, Approve, "The clinics are named now. No new risk.")
        .answered(
            on.day(106, 11, 55),
            SAFETY,
            CLINICAL_SAFETY,
            Approve,
            "0.913 under 40: the best so far. The hazard log is updated.",
        )
        .answered(on.day(105, 9, 20), BUSINESS, BUSINESS_SLOT, Approve, "The clinics asked for this one.")
        .approval_requested(on.day(104, 8, 50), SCIENTIST)
        .approved(on.day(101, 13, 15), APPROVER, "Better in every figure than v4.", 180)
        .deployed(on.day(100, 7, 45), OPERATOR, PRODUCTION)
        .deployed(on.day(99, 9, 0), OPERATOR, TEST);
    story.version(TUMOUR, 5).deployed_although_warned(
        on.day(84, 22, 41),
        OPERATOR,
        PRODUCTION,
        "The new firmware writes images that v6 cannot read. v5 can; both radiologists on duty know that it is the rejected one.",
    );
    story.add(on.day(83, 7, 25), OPERATOR, Deed::RollBack { place: PRODUCTION, to: 4 });
}

/// Version 7 waits for its decision, with an answer from before the last change and a slot without an answer. Version 8 is new.
fn under_review(story: &mut Story) {
    let on = story.calendar;
    let seventh = tumour(7);
    let mut params = seventh.fields.params.clone();
    params.insert("threshold".to_owned(), "0.47".to_owned());
    let notes = format!("{}\n\nThe threshold follows the calibration of extract 12.\n", seventh.fields.notes.trim_end());
    let change = ChangeFieldsRequest { params: Some(params), notes: Some(notes), ..Default::default() };
    story
        .version(TUMOUR, 7)
        .registered(on.day(5, 15, 20), SCIENTIST, seventh)
        .review_requested(on.day(5, 15, 40), SCIENTIST)
        .answered(on.day(3, 9, 12), BUSINESS, BUSINESS_SLOT, Approve, "Fewer false alarms at the same workload. Good for the clinics.")
        .changed(on.hours(31, 5), SCIENTIST, change)
        .answered(
            on.hours(29, 40),
            IT,
            IT_OPERATIONS,
            MinorIssue,
            "Loads in 1.1 s and answers within 38 ms. The health check does not cover the larger input batch: add it before the next version.",
        )
        .answered(
            on.hours(27, 15),
            RISK,
            RISK_COMPLIANCE,
            MajorIssue,
            "Sensitivity for patients under 40 falls from 0.913 to 0.861. The hazard log accepts no loss in that group without a second reader. Restore it, or limit the use to 40 and over.",
        )
        .approval_requested(on.hours(26, 0), SCIENTIST)
        .denied(on.hours(1, 35), OPERATOR, PRODUCTION);
    story.add(
        on.hours(25, 10),
        OPERATOR,
        Deed::Deploy {
            place: TEST,
            shares: vec![((TUMOUR, 6), 80), ((TUMOUR, 7), 20)],
            acknowledge: Some("A fifth of the test traffic, so that the load test of this week covers v7 too."),
        },
    );
    story.version(TUMOUR, 8).registered(on.hours(4, 10), SCIENTIST, tumour(8)).deployed(
        on.hours(3, 30),
        OPERATOR,
        ("lab", "tumour"),
    );
}

/// The approval of the segmentation ended four days ago. Its infrastructure reports a lapse and no more, so its last permit had to end before the nodes stopped.
fn segmentation(story: &mut Story) {
    let on = story.calendar;
    let material = |dice: f64, hausdorff: f64, latency: f64, run: &str, data: &str, notes: &str| {
        Material::of(IMAGE)
            .metrics(&[
                ("dice", dice),
                ("iou", dice / (2.0 - dice)),
                ("hausdorff_error_mm", hausdorff),
                ("latency_p95_ms", latency),
            ])
            .params(&[("architecture", "convolution, 8 × 8"), ("augmentation", "flip, rotate"), ("epochs", "60")])
            .source(data, run, &run.replace("seg-", "5f0c1"))
            .notes(notes)
    };
    story
        .version(TISSUE, 1)
        .registered(
            on.day(322, 10, 30),
            SCIENTIST,
            material(
                0.861,
                4.8,
                118.0,
                "seg-118",
                "slides-04",
                "First segmentation of tissue. Marks regions for the reader; measures nothing.",
            ),
        )
        .review_requested(on.day(321, 9, 0), SCIENTIST)
        .deployed(on.day(320, 11, 30), OPERATOR, LAB_SEGMENTATION)
        .answered(on.day(318, 15, 0), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(315, 10, 10), SAFETY, CLINICAL_SAFETY, Approve, "Marks only. The reader decides.")
        .approved(on.day(306, 11, 30), DEPUTY, "For one quarter.", 90)
        .deployed(on.day(305, 8, 15), OPERATOR, SEGMENTATION)
        .retired(on.day(180, 14, 40), MANAGER, "v2 took its place.");
    story.add(on.day(304, 16, 0), OPERATOR, Deed::Stop(LAB_SEGMENTATION));
    story
        .version(TISSUE, 2)
        .registered(
            on.day(196, 13, 10),
            SCIENTIST,
            material(
                0.893,
                3.9,
                104.0,
                "seg-204",
                "slides-05",
                "Trained on twice as many slides. The thin border of the old version is gone.",
            ),
        )
        .review_requested(on.day(195, 9, 20), SCIENTIST)
        .answered(on.day(192, 10, 0), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(190, 16, 30), RISK, RISK_COMPLIANCE, Approve, "")
        .answered(
            on.day(189, 9, 45),
            SAFETY,
            CLINICAL_SAFETY,
            MinorIssue,
            "Slides with pen marks are still cut wrongly. Say so in the notes.",
        )
        .approval_requested(on.day(187, 8, 30), SCIENTIST)
        .approved(on.day(184, 11, 0), APPROVER, "The pen marks are known to every reader.", 180)
        .deployed(on.day(183, 7, 50), OPERATOR, SEGMENTATION);
}

/// A first version: nothing to compare with, and three of four slots still open.
fn triage(story: &mut Story) {
    let on = story.calendar;
    let inputs = signature(
        &["age", "size_mm", "waiting_days", "referrals"],
        &[("label", "tensor(int64)"), ("probabilities", "tensor(float)")],
    );
    let material = Material::of(NETWORK)
        .metrics(&[("auc", 0.887), ("recall_urgent", 0.934), ("precision_urgent", 0.611), ("latency_p95_ms", 9.0)])
        .params(&[("hidden_layers", "2"), ("learning_rate", "0.001"), ("seed", "20")])
        .signature(inputs)
        .source("referrals-18-months", "tri-7", "c41d9f2")
        .notes(
            "# Triage priority\n\nOrders referrals by urgency. **Nobody is declined by it**: it moves a referral up, never out.\n\n- Trained on 18 months of referrals\n- Precision for *urgent* is low on purpose: a false alarm costs a look, a miss costs weeks\n",
        );
    story
        .version(TRIAGE, 1)
        .registered(on.hours(46, 0), SCIENTIST, material)
        .review_requested(on.hours(22, 20), SCIENTIST)
        .answered(on.hours(20, 45), IT, IT_OPERATIONS, Approve, "Small, and fast enough for the intake.");
}

/// What each version of the tumour model was registered with.
fn tumour(number: u32) -> Material {
    // auc, sensitivity, sensitivity under 40, specificity, brier, latency
    let figures: [f64; 6] = match number {
        1 => [0.944, 0.872, 0.861, 0.921, 0.088, 52.0],
        2 => [0.951, 0.881, 0.858, 0.929, 0.083, 50.0],
        3 => [0.957, 0.908, 0.884, 0.935, 0.076, 49.0],
        4 => [0.958, 0.902, 0.889, 0.941, 0.072, 47.0],
        5 => [0.949, 0.915, 0.871, 0.918, 0.079, 45.0],
        6 => [0.971, 0.921, 0.913, 0.958, 0.064, 41.0],
        7 => [0.974, 0.912, 0.861, 0.967, 0.061, 38.0],
        _ => [0.976, 0.924, 0.909, 0.965, 0.060, 38.0],
    };
    let names = ["auc", "sensitivity", "sensitivity_under_40", "specificity", "brier", "latency_p95_ms"];
    let metrics: Vec<_> = names.into_iter().zip(figures).collect();
    let onnx = match number {
        1 | 2 => TUMOUR_LINEAR,
        3..=6 => TUMOUR_BOOSTED,
        _ => TUMOUR_FOREST,
    };
    let (data, commit) = match number {
        1 | 2 => ("histology-07", "1c9e0b7"),
        3 => ("histology-08", "77ab310"),
        4 | 5 => ("histology-09", "b02f6d4"),
        6 => ("histology-11", "7be01d4"),
        _ => ("histology-12", "a41c9e2"),
    };
    Material::of(onnx)
        .metrics(&metrics)
        .params(&tumour_params(number))
        .signature(serde_json::from_str(TUMOUR_SIGNATURE).unwrap_or_default())
        .source(data, &format!("tum-{}", 1_400 + number * 127), commit)
        .notes(tumour_notes(number))
}

fn tumour_params(number: u32) -> Vec<(&'static str, &'static str)> {
    let (estimator, depth, weight) = match number {
        1 | 2 => ("logistic regression", "–", "none"),
        3..=5 => ("gradient boosting", "4", "none"),
        6 => ("gradient boosting", "6", "balanced"),
        _ => ("random forest", "8", "0: 1.0, 1: 1.8"),
    };
    vec![
        ("estimator", estimator),
        ("max_depth", depth),
        ("class_weight", weight),
        ("threshold", if number < 6 { "0.50" } else { "0.42" }),
        ("calibration", "isotonic, 5 folds"),
        ("features", "30"),
        ("imputation", "median"),
        ("scaler", "standard"),
        ("seed", "20"),
        ("split", "by patient, 70/30"),
        ("stain_normalisation", "on"),
        ("validation", "5 folds"),
    ]
}

fn tumour_notes(number: u32) -> &'static str {
    match number {
        1 => "First version for the clinics. Use it as a second reader.",
        2 => "Retrained with the labels of the second reading.",
        3 => "Gradient boosting in place of the regression. **Clinics A, B and C.**",
        4 => "As version 3, without the images of clinic B.",
        5 => "With the images of the mobile unit. More positives are found, and more healthy patients are called back.",
        6 => {
            "Trained on extract 11. Classes are balanced, and the threshold is set on the validation folds.\n\n**Known limits**\n\n- Patients under 40 are 6 % of the training data\n- Slides from the older scanner were left out\n"
        }
        7 => {
            "Trained on extract 12. Class weights are raised, so that fewer healthy patients are called back.\n\n**Known limits**\n\n- Patients under 40 are 6 % of the training data\n- Slides from the older scanner were left out\n"
        }
        _ => {
            "As version 7, with **patients under 40 weighted up** after the feedback of risk and compliance.\n\n- Under 40: sensitivity 0.909, and 0.861 in version 7\n- 40 and over: 0.926, and 0.918 in version 7\n"
        }
    }
}
