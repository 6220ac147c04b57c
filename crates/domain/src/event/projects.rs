//! Events about projects, their members and reviewers, and their models.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! projects {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// A project was created.
            ProjectCreated = "project.created" {
                /// The project's name.
                name: Name,
                /// The display name.
                display_name: DisplayName,
                /// The project's duty rules.
                rules: ProjectRules,
            }
            /// A project's rules changed.
            ProjectRulesChanged = "project.rules_changed" {
                /// The rules before.
                from: ProjectRules,
                /// The rules now.
                to: ProjectRules,
                /// The reason, as typed.
                reason: String,
            }
            /// A user or group got a role in a project, or another role than before.
            ProjectMemberSet = "project.member_set" {
                /// The user or group.
                member: Container,
                /// The role.
                role: ProjectRole,
            }
            /// A user or group lost its role in a project.
            ProjectMemberRemoved = "project.member_removed" {
                /// The user or group.
                member: Container,
            }
            /// A project's reviewers were set.
            ReviewersSet = "reviewers.set" {
                /// The reviewers from now on; open rounds keep theirs.
                reviewers: Reviewers,
            }
            /// A model was registered.
            ModelCreated = "model.created" {
                /// The model's name.
                name: Name,
                /// A name for people.
                #[serde(skip_serializing_if = "Option::is_none", default)]
                display_name: Option<DisplayName>,
            }
        }
    };
}
