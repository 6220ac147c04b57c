//! Groups of users.

use super::{Table, Text, cells, facts, review::without_approver};
use app::views::Group;

/// Groups in a list.
pub fn table(groups: &[Group]) -> Text {
    Table::of(&["NAME", "MEMBERS"], groups, |group| cells![group.name, group.members]).text("No groups.")
}

/// One group.
pub fn card(group: &Group) -> Text {
    facts(&[("name", &group.name), ("members", &group.members), ("created", &group.created_at)])
        + without_approver(&group.without_approver)
}
