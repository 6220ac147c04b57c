//! Events about infrastructures and their members.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! infrastructures {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// An infrastructure was created.
            InfrastructureCreated = "infrastructure.created" {
                /// The infrastructure's name.
                name: Name,
                /// The infrastructure's stage.
                stage: Name,
                /// The infrastructure's policy.
                policy: Policy,
                /// What happens to a deployment that goes out of policy.
                on_lapse: OnLapse,
                /// Which approvals the infrastructure accepts.
                #[serde(default)]
                accepts: Acceptance,
                /// How long a permit lasts.
                permit_valid_for: Duration,
            }
            /// An infrastructure's policy changed.
            PolicyChanged = "infrastructure.policy_changed" {
                /// The policy before.
                from: Policy,
                /// The policy now.
                to: Policy,
                /// What happened before to a deployment that went out of policy.
                on_lapse_from: OnLapse,
                /// What happens now to a deployment that goes out of policy.
                on_lapse_to: OnLapse,
                /// Which approvals the infrastructure accepted before.
                #[serde(default)]
                accepts_from: Acceptance,
                /// Which approvals the infrastructure accepts now.
                #[serde(default)]
                accepts_to: Acceptance,
                /// Whether the new policy lets through more than the old policy.
                weakened: bool,
                /// The reason, as typed.
                reason: String,
            }
            /// A user or group got a role on an infrastructure, or another role than before.
            InfrastructureMemberSet = "infrastructure.member_set" {
                /// The user or group.
                member: Container,
                /// The role.
                role: InfrastructureRole,
            }
            /// A user or group lost its role on an infrastructure.
            InfrastructureMemberRemoved = "infrastructure.member_removed" {
                /// The user or group.
                member: Container,
            }
        }
    };
}
