//! When one is away.

use super::{Text, facts};
use app::views::OwnAbsence;

/// When one is away, and who stands in.
pub fn card(own: &OwnAbsence) -> Text {
    match &own.absence {
        Some(absence) => {
            let nobody = "nobody".to_owned();
            let stand_in = absence.stand_in.as_ref().map_or(nobody, ToString::to_string);
            facts(&[("away from", &absence.from), ("until", &absence.until), ("stands in", &stand_in)])
        }
        None => facts(&[("away", &"no")]),
    }
}
