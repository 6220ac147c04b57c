//! Users, their invitations and tokens, and groups.

use crate::{
    Reader, StoreError, TokenKind,
    conn::Sql,
    query::{listed, listed_texts, queries},
    record::{Exclusion, Written, column, table},
    uncovered::{account_names, mail_addresses},
    value::{Column, Json, Kind, Value},
};
use domain::{
    DisplayName, GroupId, InvitationId, Name, Timestamp, TokenId, UserId,
    absence::Absence,
    invitation::{Inviter, PasswordOrigin},
    people::{AccountKind, InstanceRole, Person},
};
use std::collections::BTreeSet;
use uuid::Uuid;

table! {
    /// An account.
    User in "users" [1] found by found_by, unique by unique_by {
        /// The key.
        id: UserId,
        /// Unique.
        name: Name,
        /// The name to show.
        display_name: DisplayName,
        /// The mail address.
        email: Option<String>,
        /// Display names and mail addresses that the account had before. A version may name its authors by them.
        former_names: Json<BTreeSet<String>>,
        /// Person or service account.
        kind: AccountKind,
        /// Role on the instance.
        role: InstanceRole,
        /// False once closed.
        active: bool,
        /// Argon2id with a secret of the server and the id of the account; none until the invitation is redeemed.
        password_hash: Option<String>,
        /// When it was created.
        created_at: Timestamp,
        /// How it came by its password; none until an invitation is redeemed.
        password_origin: Option<Json<PasswordOrigin>>,
        /// When it first approved, rejected or revoked.
        signed_at: Option<Timestamp>,
        /// Whether the server's console appointed it an administrator.
        appointed_by_console: bool,
        /// When the person is away, and who stands in.
        absence: Option<Json<Absence>>,
    }
}

/// Keeps what the account is found by.
fn found_by(user: &User, written: Written) -> Vec<(Sql, Vec<Value>)> {
    let by_address = mail_addresses::index(user.id, user.email.as_deref(), written);
    [by_address, account_names::index(user.id, user.names(), written)].concat()
}

/// Other accounts with the address.
fn unique_by(user: &User) -> Option<Exclusion> {
    user.email.as_deref().map(|address| mail_addresses::exclusion(user.id, address))
}

table! {
    /// A single-use code by which a user sets a password.
    Invitation in "invitations" [1] {
        /// The key.
        id: InvitationId,
        /// For whom.
        user_id: UserId,
        /// What it is found by: a MAC over the code.
        lookup: Vec<u8>,
        /// A MAC over all that it was made with, and the code.
        mac: Vec<u8>,
        /// When it was issued.
        created_at: Timestamp,
        /// Until when it holds.
        expires_at: Timestamp,
        /// When it was redeemed.
        redeemed_at: Option<Timestamp>,
        /// When a newer one took its place.
        cancelled_at: Option<Timestamp>,
        /// Who gave it out.
        issued_by: Json<Inviter>,
        /// The second administrator, or the console, that confirmed it.
        confirmed_by: Option<Json<Inviter>>,
    }
}

table! {
    /// A personal or service token.
    Token in "tokens" [1] {
        /// The key.
        id: TokenId,
        /// Whose.
        user_id: UserId,
        /// What it is called.
        label: String,
        /// What it is found by: a MAC over the secret.
        lookup: Vec<u8>,
        /// A MAC over all that it was made with, and the secret.
        mac: Vec<u8>,
        /// Scopes, separated by spaces.
        scopes: String,
        /// When it was created.
        created_at: Timestamp,
        /// Until when it holds.
        expires_at: Timestamp,
        /// When it was revoked.
        revoked_at: Option<Timestamp>,
        /// The token that it was made with; none for a token from signing in.
        parent: Option<TokenId>,
        /// What it shows of who acts.
        kind: TokenKind,
    }
}

table! {
    /// A named set of users.
    Group in "user_groups" [1] {
        /// The key.
        id: GroupId,
        /// Unique.
        name: Name,
        /// When it was created.
        created_at: Timestamp,
    }
}

table! {
    /// One user in one group.
    GroupMember in "group_members" [2] {
        /// The group.
        group_id: GroupId,
        /// The user.
        user_id: UserId,
        /// Since when.
        added_at: Timestamp,
    }
}

queries! {
    NAMED: User = "WHERE id IN (SELECT user_id FROM account_names WHERE folded IN (TEXTS)) ORDER BY name";
    USER: User = "WHERE id = $1";
    USER_BY_NAME: User = "WHERE name = $1";
    USERS: User = "WHERE name > $1 ORDER BY name LIMIT $2";
    SERVICE_ACCOUNTS: User = "WHERE kind = 'service' AND name > $1 ORDER BY name LIMIT $2";
    USERS_LIKE: User = "WHERE name LIKE $1 ESCAPE '!' OR LOWER(display_name) LIKE $1 ESCAPE '!' ORDER BY name LIMIT $2";
    ABSENT: User = "WHERE absence IS NOT NULL AND active ORDER BY id LIMIT $1";
    ADMINISTRATORS: User = "WHERE role = 'administrator' AND active AND kind = 'person'";
    MEMBERS: (User, GroupMember) = "JOIN group_members ON group_members.user_id = users.id WHERE group_members.group_id = $1 ORDER BY name";
    AMONG: User = "WHERE id IN (LISTED UNION SELECT user_id FROM group_members WHERE group_id IN (LISTED)) ORDER BY name";
    INVITATION_BY_LOOKUP: Invitation = "WHERE lookup = $1";
    OPEN_INVITATIONS: Invitation = "WHERE user_id = $1 AND redeemed_at IS NULL AND cancelled_at IS NULL";
    TOKEN: Token = "WHERE id = $1";
    CALLER: (Token, User) = "JOIN users ON users.id = tokens.user_id WHERE tokens.id = $1";
    CHILDREN: Token = "WHERE parent = $1 ORDER BY id";
    CALLER_BY_LOOKUP: (Token, User) = "JOIN users ON users.id = tokens.user_id WHERE tokens.lookup = $1";
    TOKENS: Token = "WHERE user_id = $1 ORDER BY created_at, id";
    GROUPS_AMONG: Group = "WHERE id IN (LISTED)";
    GROUP_BY_NAME: Group = "WHERE name = $1";
    GROUPS: Group = "WHERE name > $1 ORDER BY name LIMIT $2";
    MEMBER: GroupMember = "WHERE group_id = $1 AND user_id = $2";
    MEMBERSHIPS_AMONG: GroupMember = "WHERE group_id IN (LISTED)";
    MEMBERSHIPS: GroupMember = "WHERE user_id = $1";
    ;
    MEMBERS_OF_GROUPS = "SELECT group_id, users.name FROM group_members JOIN users ON users.id = user_id WHERE group_id IN (SELECT id FROM user_groups WHERE name > $1 ORDER BY name LIMIT $2) ORDER BY users.name";
}

/// The names and mail addresses of an account, now and before, as they are compared.
pub(crate) fn folded_names(name: &str, display_name: &str, email: Option<&str>, former: &BTreeSet<String>) -> BTreeSet<String> {
    let now = [name, display_name].into_iter().chain(email);
    Person::folded(now.chain(former.iter().map(String::as_str)))
}

impl User {
    /// Every name and mail address that the account has or ever had, as they are compared.
    pub fn names(&self) -> BTreeSet<String> {
        folded_names(self.name.as_str(), self.display_name.as_str(), self.email.as_deref(), &self.former_names.0)
    }
}

impl Reader {
    /// Accounts with a name like this pattern, in the order of their names.
    pub async fn users_like(&mut self, pattern: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        self.all(&USERS_LIKE, &[pattern.to_owned().to_value(), limit.to_value()]).await
    }

    /// The accounts that have, or ever had, one of these folded names or mail addresses.
    pub async fn users_named<'a>(&mut self, folded: impl IntoIterator<Item = &'a str>) -> Result<Vec<User>, StoreError> {
        self.all(&NAMED, &[listed_texts(folded)]).await
    }

    /// An account.
    pub async fn user(&mut self, id: UserId) -> Result<Option<User>, StoreError> {
        self.first(&USER, &[id.to_value()]).await
    }

    /// The account of this name.
    pub async fn user_by_name(&mut self, name: &Name) -> Result<Option<User>, StoreError> {
        self.first(&USER_BY_NAME, &[name.to_value()]).await
    }

    /// Accounts after a name, in the order of their names.
    pub async fn users(&mut self, after: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        self.all(&USERS, &[after.to_owned().to_value(), limit.to_value()]).await
    }

    /// Accounts of programs after a name, in the order of their names.
    pub async fn service_accounts(&mut self, after: &str, limit: u32) -> Result<Vec<User>, StoreError> {
        self.all(&SERVICE_ACCOUNTS, &[after.to_owned().to_value(), limit.to_value()]).await
    }

    /// Those who said that they are, were or will be away, so many at most.
    pub async fn people_with_absence(&mut self, limit: u32) -> Result<Vec<User>, StoreError> {
        self.all(&ABSENT, &[limit.to_value()]).await
    }

    /// The people who administer the instance.
    pub async fn administrators(&mut self) -> Result<Vec<User>, StoreError> {
        self.all(&ADMINISTRATORS, &[]).await
    }

    /// The users in a group.
    pub async fn group_users(&mut self, group: GroupId) -> Result<Vec<User>, StoreError> {
        Ok(self.all(&MEMBERS, &[group.to_value()]).await?.into_iter().map(|(user, _)| user).collect())
    }

    /// The accounts among these users and groups: the users themselves, and those in the groups.
    pub async fn users_among(&mut self, users_and_groups: impl IntoIterator<Item = Uuid>) -> Result<Vec<User>, StoreError> {
        self.all(&AMONG, &[listed(users_and_groups)]).await
    }

    /// The invitation that is found by this.
    pub async fn invitation_by_lookup(&mut self, lookup: &[u8]) -> Result<Option<Invitation>, StoreError> {
        self.first(&INVITATION_BY_LOOKUP, &[lookup.to_vec().to_value()]).await
    }

    /// A user's invitations that were neither redeemed nor cancelled.
    pub async fn open_invitations(&mut self, user: UserId) -> Result<Vec<Invitation>, StoreError> {
        self.all(&OPEN_INVITATIONS, &[user.to_value()]).await
    }

    /// A token.
    pub async fn token(&mut self, id: TokenId) -> Result<Option<Token>, StoreError> {
        self.first(&TOKEN, &[id.to_value()]).await
    }

    /// A token with its holder.
    pub async fn caller(&mut self, id: TokenId) -> Result<Option<(Token, User)>, StoreError> {
        self.first(&CALLER, &[id.to_value()]).await
    }

    /// The same by what the token is found by.
    pub async fn caller_by_lookup(&mut self, lookup: &[u8]) -> Result<Option<(Token, User)>, StoreError> {
        self.first(&CALLER_BY_LOOKUP, &[lookup.to_vec().to_value()]).await
    }

    /// The tokens that were made with a token.
    pub async fn children(&mut self, token: TokenId) -> Result<Vec<Token>, StoreError> {
        self.all(&CHILDREN, &[token.to_value()]).await
    }

    /// A user's tokens.
    pub async fn tokens(&mut self, user: UserId) -> Result<Vec<Token>, StoreError> {
        self.all(&TOKENS, &[user.to_value()]).await
    }

    /// Those of these groups that there are.
    pub async fn groups_among(&mut self, groups: impl IntoIterator<Item = GroupId>) -> Result<Vec<Group>, StoreError> {
        self.all(&GROUPS_AMONG, &[listed(groups.into_iter().map(|group| group.uuid()))]).await
    }

    /// Who is in which of these groups.
    pub async fn memberships_among(&mut self, groups: impl IntoIterator<Item = GroupId>) -> Result<Vec<GroupMember>, StoreError> {
        self.all(&MEMBERSHIPS_AMONG, &[listed(groups.into_iter().map(|group| group.uuid()))]).await
    }

    /// The group of this name.
    pub async fn group_by_name(&mut self, name: &Name) -> Result<Option<Group>, StoreError> {
        self.first(&GROUP_BY_NAME, &[name.to_value()]).await
    }

    /// Groups after a name, in the order of their names.
    pub async fn groups(&mut self, after: &str, limit: u32) -> Result<Vec<Group>, StoreError> {
        self.all(&GROUPS, &[after.to_owned().to_value(), limit.to_value()]).await
    }

    /// The members of each of the groups after a name, in the order of the members' names.
    pub async fn members_of_groups(&mut self, after: &str, limit: u32) -> Result<Vec<(GroupId, Name)>, StoreError> {
        let args = [after.to_owned().to_value(), limit.to_value()];
        let rows = self.rows(MEMBERS_OF_GROUPS, &args, &[Kind::Uuid, Kind::Text]).await?;
        let read = |row: Vec<Value>| {
            let mut row = row.into_iter();
            Ok((column(row.next(), "group_members", "group_id")?, column(row.next(), "users", "name")?))
        };
        rows.into_iter().map(read).collect()
    }

    /// Whether a user is in a group.
    pub async fn group_member(&mut self, group: GroupId, user: UserId) -> Result<Option<GroupMember>, StoreError> {
        self.first(&MEMBER, &[group.to_value(), user.to_value()]).await
    }

    /// The groups that a user is in.
    pub async fn group_ids(&mut self, user: UserId) -> Result<Vec<GroupId>, StoreError> {
        Ok(self.memberships(user).await?.into_iter().map(|membership| membership.group_id).collect())
    }

    /// A user's memberships.
    pub async fn memberships(&mut self, user: UserId) -> Result<Vec<GroupMember>, StoreError> {
        self.all(&MEMBERSHIPS, &[user.to_value()]).await
    }
}
