//! The people of the demo. Each bears the name of a role, and no real person's.

use domain::people::InstanceRole;

/// An account of the demo.
#[derive(Clone, Copy, Debug)]
pub struct Persona {
    /// The name to sign in with.
    pub account: &'static str,
    /// The name that pages show.
    pub name: &'static str,
    /// What the person does, in a few words.
    pub does: &'static str,
    /// The role on the instance.
    pub role: InstanceRole,
}

pub const ADMINISTRATOR: &str = "root";
pub const SCIENTIST: &str = "scientist";
pub const IT: &str = "itops";
pub const RISK: &str = "riskofficer";
pub const DEPUTY_RISK: &str = "deputyrisk";
pub const SAFETY: &str = "safety";
pub const BUSINESS: &str = "business";
pub const APPROVER: &str = "approver";
pub const DEPUTY: &str = "deputy";
pub const MANAGER: &str = "manager";
pub const OPERATOR: &str = "operator";
pub const AUDITOR: &str = "auditor";

/// Everybody, in the order in which work passes from one to the next.
pub const PERSONAS: [Persona; 12] = [
    user(SCIENTIST, "Data scientist", "registers versions and requests reviews"),
    user(IT, "IT operations", "gives feedback on operation"),
    user(RISK, "Risk officer", "gives feedback on risk"),
    user(DEPUTY_RISK, "Deputy risk officer", "stands in for the risk officer"),
    user(SAFETY, "Safety officer", "gives feedback on safety"),
    user(BUSINESS, "Business owner", "gives feedback on the use"),
    user(APPROVER, "Final approver", "approves or rejects"),
    user(DEPUTY, "Deputy approver", "approves or rejects too"),
    user(OPERATOR, "Platform engineer", "deploys, and meets the gate"),
    user(MANAGER, "Project manager", "keeps reviewers, members and rules"),
    Persona { role: InstanceRole::Auditor, ..user(AUDITOR, "Auditor", "reads everything, changes nothing") },
    Persona { role: InstanceRole::Administrator, ..user(ADMINISTRATOR, "Administrator", "keeps accounts and infrastructures") },
];

const fn user(account: &'static str, name: &'static str, does: &'static str) -> Persona {
    Persona { account, name, does, role: InstanceRole::User }
}
