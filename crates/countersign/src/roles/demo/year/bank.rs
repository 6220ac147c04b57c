//! The bank: a credit model whose fifth version waits for its decision, and a limit model that was renewed once.

use super::{
    material::{BOOSTED, FOREST, LINEAR, LINEAR_WITH_MAP, NETWORK, signature},
    setting::{BUSINESS_SLOT, IT_OPERATIONS, MODEL_RISK},
    story::{Deed, Material, Place, Story},
};
use crate::roles::demo::people::{APPROVER, BUSINESS, DEPUTY, DEPUTY_RISK, IT, MANAGER, OPERATOR, RISK, SCIENTIST};
use app::views::ChangeFieldsRequest;
use domain::signoff::Verdict::{Approve, MajorIssue, MinorIssue};

const CREDIT: &str = "lending/credit-risk";
const LIMITS: &str = "lending/limit-setting";

const SCORING: Place = ("bank-prod", "scoring");
const LIMIT_SERVICE: Place = ("bank-prod", "limits");

/// Adds what happens to the bank's models.
pub fn tell(story: &mut Story) {
    earlier_credit(story);
    present_credit(story);
    limits(story);
}

fn earlier_credit(story: &mut Story) {
    let on = story.calendar;
    story
        .version(CREDIT, 1)
        .registered(on.day(346, 10, 15), SCIENTIST, credit(1))
        .review_requested(on.day(345, 9, 0), SCIENTIST)
        .answered(
            on.day(341, 14, 0),
            RISK,
            MODEL_RISK,
            MinorIssue,
            "Stable over eight quarters. Document the treatment of thin files.",
        )
        .answered(on.day(340, 10, 30), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(338, 16, 10), BUSINESS, BUSINESS_SLOT, Approve, "Same approval rate as the scorecard, fewer losses.")
        .approval_requested(on.day(337, 9, 0), SCIENTIST)
        .approved(on.day(330, 13, 45), APPROVER, "Takes the place of the scorecard.", 180)
        .deployed(on.day(329, 7, 30), OPERATOR, SCORING)
        .retired(on.day(120, 10, 5), MANAGER, "Out of service since v3.");
    story
        .version(CREDIT, 2)
        .registered(on.day(262, 11, 40), SCIENTIST, credit(2))
        .review_requested(on.day(261, 9, 10), SCIENTIST)
        .answered(
            on.day(257, 15, 30),
            RISK,
            MODEL_RISK,
            MajorIssue,
            "The population has shifted: psi 0.19 against a limit of 0.10. Postcode stands in for income.",
        )
        .answered(on.day(255, 10, 0), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(254, 13, 20), BUSINESS, BUSINESS_SLOT, Approve, "Three points more approvals.")
        .approval_requested(on.day(252, 9, 0), SCIENTIST)
        .rejected(on.day(248, 11, 50), APPROVER, "Not with the postcode. Model risk is right that it decides by neighbourhood.");
    story
        .version(CREDIT, 3)
        .registered(on.day(190, 14, 30), SCIENTIST, credit(3))
        .review_requested(on.day(189, 9, 0), SCIENTIST)
        .answered(on.day(185, 11, 0), DEPUTY_RISK, MODEL_RISK, Approve, "The postcode is gone. psi 0.07.")
        .answered(on.day(184, 9, 40), IT, IT_OPERATIONS, Approve, "")
        .answered(
            on.day(182, 15, 25),
            BUSINESS,
            BUSINESS_SLOT,
            MinorIssue,
            "Slower for joint applications. Acceptable until the next version.",
        )
        .approval_requested(on.day(180, 9, 0), SCIENTIST)
        .approved(on.day(176, 10, 20), DEPUTY, "For four months.", 120)
        .deployed(on.day(175, 7, 30), OPERATOR, SCORING);
}

fn present_credit(story: &mut Story) {
    let on = story.calendar;
    story
        .version(CREDIT, 4)
        .registered(on.day(82, 10, 50), SCIENTIST, credit(4))
        .review_requested(on.day(81, 9, 0), SCIENTIST)
        .answered(
            on.day(76, 14, 15),
            RISK,
            MODEL_RISK,
            Approve,
            "Gini up four points, psi 0.06. Reasons for a refusal can be given.",
        )
        .answered(on.day(75, 11, 30), IT, IT_OPERATIONS, Approve, "Joint applications are as fast as single ones now.")
        .answered(on.day(73, 9, 55), BUSINESS, BUSINESS_SLOT, Approve, "")
        .approval_requested(on.day(72, 8, 45), SCIENTIST)
        .approved(
            on.day(66, 15, 10),
            APPROVER,
            "A tenth of the applications first, all of them after a week without complaints.",
            180,
        );
    let shared = Deed::Deploy { place: SCORING, shares: vec![((CREDIT, 3), 90), ((CREDIT, 4), 10)], acknowledge: None };
    story.add(on.day(65, 7, 30), OPERATOR, shared);
    story.version(CREDIT, 4).deployed(on.day(58, 7, 35), OPERATOR, SCORING);
    story
        .version(CREDIT, 5)
        .registered(on.day(8, 10, 5), SCIENTIST, credit(5))
        .review_requested(on.day(7, 9, 0), SCIENTIST)
        .answered(
            on.day(6, 11, 20),
            IT,
            IT_OPERATIONS,
            MinorIssue,
            "An output has another name. The booking system reads the old one, so both change on the same day.",
        )
        .answered(on.day(6, 15, 40), BUSINESS, BUSINESS_SLOT, Approve, "Three points more approvals at the same loss.")
        .answered(on.day(5, 10, 10), RISK, MODEL_RISK, Approve, "psi is at 0.09, just under the limit. Watch it monthly.")
        .approval_requested(on.hours(76, 15), SCIENTIST);
}

fn limits(story: &mut Story) {
    let on = story.calendar;
    story
        .version(LIMITS, 1)
        .registered(on.day(200, 10, 0), SCIENTIST, limit(1))
        .review_requested(on.day(199, 9, 0), SCIENTIST)
        .answered(on.day(195, 14, 40), RISK, MODEL_RISK, Approve, "Conservative, as agreed.")
        .answered(on.day(193, 9, 30), IT, IT_OPERATIONS, Approve, "")
        .approval_requested(on.day(191, 9, 0), SCIENTIST)
        .approved(on.day(185, 11, 15), APPROVER, "", 180)
        .deployed(on.day(184, 7, 30), OPERATOR, LIMIT_SERVICE)
        .renewal_requested(on.day(20, 9, 0), SCIENTIST)
        .answered(on.day(15, 13, 10), DEPUTY_RISK, MODEL_RISK, Approve, "No drift in six months. The limits held.")
        .approval_requested(on.day(12, 9, 0), SCIENTIST)
        .approved(on.day(9, 10, 30), APPROVER, "Nothing has changed. For another half year.", 180);
    let second = limit(2);
    let mut params = second.fields.params.clone();
    params.insert("cap_eur".to_owned(), "15000".to_owned());
    params.insert("income_share".to_owned(), "0.25".to_owned());
    let change = ChangeFieldsRequest { params: Some(params), ..Default::default() };
    // Model risk was asked 26 days ago and has not answered. Two answers are from before the change of two parameters.
    story
        .version(LIMITS, 2)
        .registered(on.day(27, 15, 0), SCIENTIST, second)
        .review_requested(on.day(26, 9, 0), SCIENTIST)
        .answered(on.day(24, 10, 25), IT, IT_OPERATIONS, Approve, "")
        .answered(on.day(23, 16, 0), BUSINESS, BUSINESS_SLOT, MinorIssue, "The cap is too low for the premium card.")
        .changed(on.day(17, 11, 30), SCIENTIST, change);
}

fn credit(number: u32) -> Material {
    // auc, ks, brier, psi, approval rate
    let figures: [f64; 5] = match number {
        1 => [0.742, 0.361, 0.171, 0.08, 0.61],
        2 => [0.751, 0.372, 0.168, 0.19, 0.64],
        3 => [0.763, 0.384, 0.162, 0.07, 0.62],
        4 => [0.781, 0.402, 0.151, 0.06, 0.63],
        _ => [0.789, 0.409, 0.149, 0.09, 0.66],
    };
    let gini = (2.0 * figures[0] - 1.0) * 1_000.0;
    let names = ["auc", "ks", "brier", "psi", "approval_rate"];
    let metrics: Vec<_> = names.into_iter().zip(figures).chain([("gini", gini.round() / 1_000.0)]).collect();
    let (onnx, outputs): (_, [(&str, &str); 2]) = match number {
        1 | 2 => (LINEAR, [("label", "tensor(int64)"), ("probabilities", "tensor(float)")]),
        3 => (BOOSTED, [("label", "tensor(int64)"), ("probabilities", "tensor(float)")]),
        4 => (NETWORK, [("label", "tensor(int64)"), ("probabilities", "tensor(float)")]),
        _ => (LINEAR_WITH_MAP, [("output_label", "tensor(int64)"), ("output_probability", "seq(map(int64,tensor(float)))")]),
    };
    let columns = ["income", "debt_ratio", "months_employed", "open_loans"];
    let notes = match number {
        1 => "Takes the place of the old scorecard.",
        2 => "With the postcode as a new feature.",
        3 => "Without the postcode, with the length of employment.",
        4 => {
            "A small network. Reasons for a refusal come from the four inputs, largest first.\n\n**Fairness.** Equal opportunity differs by 0.02 between the age groups."
        }
        _ => {
            "Recalibrated on the last four quarters.\n\n**Fairness.** Equal opportunity differs by 0.03 between the age groups, 0.02 before.\n\n**For callers.** The outputs are named `output_label` and `output_probability` now."
        }
    };
    Material::of(onnx)
        .metrics(&metrics)
        .params(&[
            ("bins", if number < 4 { "12" } else { "20" }),
            ("cut_off", if number < 5 { "0.55" } else { "0.52" }),
            ("sample", &format!("{} quarters", 3 + number)),
            ("reject_inference", "parcelling"),
            ("monotonic", "income, debt_ratio"),
            ("seed", "7"),
        ])
        .signature(signature(&columns, &outputs))
        .source(
            &format!("applications-to-q{}", number.min(4)),
            &format!("cr-{}", 30 + number * 9),
            CREDIT_COMMITS[number.clamp(1, 5) as usize - 1],
        )
        .notes(notes)
}

const CREDIT_COMMITS: [&str; 5] = ["0d4be91", "91f3c08", "2a7710e", "e6605bc", "f9d2a34"];

fn limit(number: u32) -> Material {
    let (mae, r2) = if number == 1 { (412.0, 0.61) } else { (371.0, 0.67) };
    Material::of(FOREST)
        .metrics(&[("mae_eur", mae), ("r2", r2), ("psi", 0.05)])
        .params(&[("trees", "41"), ("cap_eur", "12000"), ("income_share", "0.30"), ("floor_eur", "500")])
        .signature(signature(
            &["income", "debt_ratio", "months_with_us", "open_loans"],
            &[("label", "tensor(int64)"), ("probabilities", "tensor(float)")],
        ))
        .source("accounts-24-months", &format!("lim-{}", 11 + number), "4e88d01")
        .notes("Proposes a limit for a card. A person decides above the cap.")
}
