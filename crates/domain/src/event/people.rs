//! Events about accounts, invitations, tokens and groups.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! people {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// An account was created.
            UserCreated = "user.created" {
                /// The account.
                user: UserId,
                /// The account's name.
                name: Name,
                /// The display name.
                display_name: DisplayName,
                /// The mail address.
                email: Option<String>,
                /// Person or service account.
                kind: AccountKind,
                /// The role on the instance.
                role: InstanceRole,
            }
            /// An account's display name, mail address or role changed, or the account was closed or opened.
            UserChanged = "user.changed" {
                /// The account.
                user: UserId,
                /// The account's name.
                name: Name,
                /// The display name.
                display_name: DisplayName,
                /// The mail address.
                email: Option<String>,
                /// The role on the instance.
                role: InstanceRole,
                /// Whether the account is open.
                active: bool,
            }
            /// A person said when they are away and who stands in, or that they are back.
            AbsenceSet = "absence.set" {
                /// The account.
                user: UserId,
                /// The absence; none once the person is back.
                #[serde(skip_serializing_if = "Option::is_none", default)]
                absence: Option<Absence>,
            }
            /// An invitation was issued. Earlier invitations of that account no longer hold.
            InvitationIssued = "invitation.issued" {
                /// The invitation.
                invitation: InvitationId,
                /// The account that the invitation is for.
                user: UserId,
                /// The invitation can be redeemed until then.
                expires_at: Timestamp,
                /// Whether a second administrator has to confirm the invitation before it can be redeemed.
                #[serde(skip_serializing_if = "std::ops::Not::not", default)]
                needs_confirmation: bool,
            }
            /// A second administrator, or somebody at the server's console, confirmed an invitation.
            InvitationConfirmed = "invitation.confirmed" {
                /// The invitation.
                invitation: InvitationId,
                /// The account that the invitation is for.
                user: UserId,
                /// Who gave the invitation out.
                issued_by: Inviter,
            }
            /// An invitation was redeemed. The account has a password now.
            InvitationRedeemed = "invitation.redeemed" {
                /// The invitation.
                invitation: InvitationId,
                /// The account that redeemed the invitation.
                user: UserId,
                /// Who gave the invitation out.
                issued_by: Inviter,
                /// Who confirmed the invitation, where it was confirmed.
                #[serde(skip_serializing_if = "Option::is_none", default)]
                confirmed_by: Option<Inviter>,
            }
            /// Somebody replaced their own password, with the earlier one in hand.
            PasswordChanged = "password.changed" {
                /// The account.
                user: UserId,
            }
            /// An administrator redeemed an invitation of the server's console, and from then on counts as a second one.
            AdministratorAppointed = "administrator.appointed" {
                /// The account.
                user: UserId,
            }
            /// A token was created.
            TokenCreated = "token.created" {
                /// The token.
                token: TokenId,
                /// The account that the token belongs to.
                user: UserId,
                /// The label that its owner gave the token.
                label: String,
                /// What the token may be used for.
                scopes: Vec<Scope>,
                /// The token can be used until then.
                expires_at: Timestamp,
                /// The token that it was made with; none for a token from signing in.
                #[serde(skip_serializing_if = "Option::is_none", default)]
                parent: Option<TokenId>,
            }
            /// A token was revoked.
            TokenRevoked = "token.revoked" {
                /// The token.
                token: TokenId,
                /// The account that the token belongs to.
                user: UserId,
            }
            /// A group was created.
            GroupCreated = "group.created" {
                /// The group.
                group: GroupId,
                /// The group's name.
                name: Name,
            }
            /// Somebody joined a group.
            GroupMemberAdded = "group.member_added" {
                /// The group.
                group: GroupId,
                /// The account.
                user: UserId,
            }
            /// Somebody left a group.
            GroupMemberRemoved = "group.member_removed" {
                /// The group.
                group: GroupId,
                /// The account.
                user: UserId,
            }
        }
    };
}
