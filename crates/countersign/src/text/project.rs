//! Projects, their reviewers and their members.

use super::{Show, Table, Text, cells, facts, review::without_approver, section};
use app::views::{Member, Project, Reviewers};
use domain::work_days::WorkDays;

/// Projects in a list.
pub fn table(projects: &[Project]) -> Text {
    let row = |project: &Project| cells![project.name, project.display_name, project.created_at];
    Table::of(&["NAME", "DISPLAY NAME", "CREATED"], projects, row).text("No projects.")
}

/// One project.
pub fn card(project: &Project) -> Text {
    let rules = &project.rules;
    let head = facts(&[("name", &project.name), ("display name", &project.display_name), ("created", &project.created_at)]);
    let rules = facts(&[
        ("authors may approve", &rules.author_may_approve),
        ("requesters may approve", &rules.requester_may_approve),
        ("reviewers may delegate", &rules.delegation_allowed),
        ("approvals hold at most", &rules.approval_valid_for),
        ("renewals open before the end", &rules.renew_before),
        ("renewals keep reviewers", &rules.renew_before.map(|_| rules.renewal_keeps_reviewers)),
        ("work days for feedback", &rules.feedback_due_after.map(WorkDays::get).map(u64::from)),
        ("work days for the final approval", &rules.approval_due_after.map(WorkDays::get).map(u64::from)),
    ]);
    let metrics: Vec<_> = project.rules.metrics.iter().collect();
    let metrics = match metrics.is_empty() {
        true => Text::none(),
        false => section(
            "Metrics",
            &Table::of(&["METRIC", "BETTER"], &metrics, |(name, direction)| cells![*name, direction.as_str()]).text(""),
        ),
    };
    head + section("Duty rules", &rules)
        + metrics
        + without_approver(&project.without_approver)
        + section("Reviewers", &reviewers(&project.reviewers))
        + section("Members", &members(&project.members))
}

/// A project after a change of its members.
pub fn changed_members(project: &Project) -> Text {
    members(&project.members) + without_approver(&project.without_approver)
}

/// The members of a project or an infrastructure.
pub fn members(members: &[Member]) -> Text {
    let row = |member: &Member| cells![member.member, member.display_name, member.role];
    Table::of(&["MEMBER", "NAME", "ROLE"], members, row).text("No members.")
}

/// The feedback slots and the final approval.
pub fn reviewers(reviewers: &Reviewers) -> Text {
    let mut table = Table::of(&["TASK", "ASSIGNED TO"], &reviewers.slots, |slot| cells![slot.name, slot.assigned]);
    table.row(&[&"final approval" as &dyn Show, &reviewers.approvers]);
    table.text("") + without_approver(&reviewers.without_approver)
}
