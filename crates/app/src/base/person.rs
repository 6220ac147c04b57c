//! An account as a person of the rules: the one place where a stored user becomes one.

use domain::{
    GroupId,
    people::{Person, ProjectRole},
};
use std::collections::BTreeSet;
use store::User;

/// The account with its groups, and its roles in the project at hand.
pub(crate) fn of(user: &User, groups: BTreeSet<GroupId>, roles: BTreeSet<ProjectRole>) -> Person {
    Person {
        id: user.id,
        name: user.name.clone(),
        display_name: user.display_name.clone(),
        names: user.names(),
        kind: user.kind,
        role: user.role,
        active: user.active,
        groups,
        roles,
        absence: user.absence.as_ref().map(|absence| absence.0.clone()),
    }
}
