//! Prints for each role and each action outside of the sign-off whether the role may take the action. Read it beside `docs/rules.md`.

use domain::access::{Access, Action, Standing};
use domain::infrastructure::InfrastructureRole;
use domain::people::{AccountKind, InstanceRole, ProjectRole};
use std::collections::BTreeMap;
use std::fmt::Write as _;

const LEGEND: &str = "\
Columns: who asks; each holds this part and is a plain user otherwise. A service account holds parts like a person.

yes   may        no   sees it, and is refused with the reason below        .   does not see it: answered \"not found\"
";

fn roles() -> Vec<(&'static str, Standing)> {
    let of = |instance| Standing::of(instance, AccountKind::Person);
    let user = of(InstanceRole::User);
    let project = |role| Standing { project: [role].into(), ..user.clone() };
    let infrastructure = |role| Standing { infrastructure: [role].into(), ..user.clone() };
    vec![
        ("user", user.clone()),
        ("administrator", of(InstanceRole::Administrator)),
        ("auditor", of(InstanceRole::Auditor)),
        ("manager", project(ProjectRole::Manager)),
        ("contributor", project(ProjectRole::Contributor)),
        ("reader", project(ProjectRole::Reader)),
        ("reviewer", Standing { reviewer: true, ..user.clone() }),
        ("infra admin", infrastructure(InfrastructureRole::Admin)),
        ("deployer", infrastructure(InfrastructureRole::Deployer)),
        ("viewer", infrastructure(InfrastructureRole::Viewer)),
        ("node", infrastructure(InfrastructureRole::Node)),
    ]
}

#[test]
fn every_role_and_action() {
    let mut text = LEGEND.to_owned();
    let titles: String = roles().iter().map(|(role, _)| format!("{role:<15}")).collect();
    write!(text, "\n{:<28}{}\n", "", titles.trim_end()).unwrap();
    let mut reasons = BTreeMap::new();
    for action in Action::ALL {
        let mut line = format!("{:<28}", action.as_str());
        for (_, standing) in roles() {
            let word = match standing.may(*action) {
                Access::Granted => "yes",
                Access::Hidden => ".",
                Access::Forbidden(whom) => {
                    assert_eq!(reasons.insert(action.as_str(), whom).unwrap_or(whom), whom, "one reason for all");
                    "no"
                }
            };
            write!(line, "{word:<15}").unwrap();
        }
        writeln!(text, "{}", line.trim_end()).unwrap();
    }
    text.push_str("\nWhoever is refused reads that this is for:\n");
    for (action, whom) in &reasons {
        writeln!(text, "{action:<28}{whom}").unwrap();
    }
    insta::assert_snapshot!("access_matrix", text);
}

#[test]
fn a_further_part_never_takes_anything_away() {
    let rank = |access| match access {
        Access::Granted => 2,
        Access::Forbidden(_) => 1,
        Access::Hidden => 0,
    };
    for (first, one) in roles() {
        for (second, other) in roles() {
            let both = Standing {
                instance: one.instance,
                kind: one.kind,
                project: one.project.union(&other.project).copied().collect(),
                reviewer: one.reviewer || other.reviewer,
                infrastructure: one.infrastructure.union(&other.infrastructure).copied().collect(),
            };
            for action in Action::ALL {
                assert!(rank(both.may(*action)) >= rank(one.may(*action)), "{first} and {second}: {action}");
            }
        }
    }
}

#[test]
fn a_greater_role_may_whatever_the_lesser_may() {
    let may = |standing: &Standing| Action::ALL.iter().filter(|action| standing.may(**action) == Access::Granted).count();
    let roles: BTreeMap<_, _> = roles().into_iter().collect();
    let ladder = |names: [&str; 3]| names.map(|name| may(&roles[name]));
    for steps in [ladder(["manager", "contributor", "reader"]), ladder(["infra admin", "deployer", "viewer"])] {
        assert!(steps[0] > steps[1] && steps[1] > steps[2], "{steps:?}");
    }
}
