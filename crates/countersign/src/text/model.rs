//! Models.

use super::{Table, Text, cells, facts};
use app::views::Model;

/// Models in a list.
pub fn table(models: &[Model]) -> Text {
    let row = |model: &Model| cells![model.name, model.display_name, model.latest_version, model.created_at];
    Table::of(&["MODEL", "DISPLAY NAME", "LATEST VERSION", "CREATED"], models, row).text("No models.")
}

/// One model.
pub fn card(model: &Model) -> Text {
    facts(&[
        ("project", &model.project),
        ("model", &model.name),
        ("display name", &model.display_name),
        ("latest version", &model.latest_version),
        ("created", &model.created_at),
    ])
}
