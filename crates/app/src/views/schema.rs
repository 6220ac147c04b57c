//! How the API document shows the types of the domain: patterns of names, words of enumerations. The domain knows nothing of the document, so
//! each type has a stand-in here, by the type's own name. A field of a view names its stand-in as `value_type`.

use domain::{
    access, comparison, deployment, gate, health, infrastructure, mail, notice, people, signoff, turn, webhook, workflow,
};
use utoipa::{
    PartialSchema, ToSchema,
    openapi::{ObjectBuilder, RefOr, Schema, SchemaFormat, Type},
};

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

fn matching(pattern: &str) -> ObjectBuilder {
    text().pattern(Some(pattern))
}

fn of(format: &str) -> ObjectBuilder {
    text().format(Some(SchemaFormat::Custom(format.to_owned())))
}

/// A text on one line.
fn line(most: usize) -> ObjectBuilder {
    text().min_length(Some(1)).max_length(Some(most))
}

macro_rules! schemas {
    ($($name:ident = $schema:expr, $meaning:literal;)*) => {$(
        #[doc = $meaning]
        pub enum $name {}

        impl PartialSchema for $name {
            fn schema() -> RefOr<Schema> {
                $schema.description(Some($meaning)).build().into()
            }
        }

        impl ToSchema for $name {}
    )*};
}

schemas! {
    Name = matching("^[a-z0-9][a-z0-9._-]{0,62}$"), "The name in an address: 1 to 63 lower-case letters, digits, `-`, `_` or `.`, beginning with a letter or digit.";
    StepName = matching("^[a-z0-9][a-z0-9._-]{0,62}$"), "The name of a step of a workflow.";
    SlotName = line(80).pattern(Some("^[^=]*$")), "The name of a feedback slot: 1 to 80 characters on one line, without `=`.";
    DisplayName = line(200), "A name for people: 1 to 200 characters on one line.";
    VersionRef = matching("^[a-z0-9][a-z0-9._-]{0,62}/[a-z0-9][a-z0-9._-]{0,62}:[1-9][0-9]*$"), "A version: `PROJECT/MODEL:VERSION`.";
    Digest = matching("^(sha256:)?[0-9a-f]{64}$"), "A SHA-256 in lower-case hexadecimal digits. Answers have no `sha256:` in front.";
    Timestamp = of("date-time"), "A moment, as RFC 3339 writes it.";
    Duration = matching("^[0-9]+[dhms]$"), "A length of time: a whole number of days, hours, minutes or seconds, like `30d`.";
    Id = of("uuid"), "The id of something that has no name.";
}

/// Enumerations: the words that the domain reads and writes.
macro_rules! words {
    ($($name:ident = $type:ty, $meaning:literal;)*) => {
        schemas! {$(
            $name = text().enum_values(Some(<$type>::ALL.iter().map(|value| value.as_str()))), $meaning;
        )*}

        #[cfg(test)]
        mod tests {
            use super::*;

            #[test]
            fn the_words_are_those_that_answers_bear() {
                $(for value in <$type>::ALL {
                    assert_eq!(serde_json::to_value(value).unwrap(), value.as_str(), stringify!($name));
                })*
            }
        }
    };
}

words! {
    AccountKind = people::AccountKind, "Who has the account: a person or a program.";
    InstanceRole = people::InstanceRole, "What an account may do in the whole instance.";
    ProjectRole = people::ProjectRole, "What somebody may do in a project.";
    Credential = people::Credential, "What showed who acted.";
    Scope = access::Scope, "What a token may be used for.";
    Status = signoff::Status, "Where a sign-off stands.";
    Verdict = signoff::Verdict, "What a reviewer thinks.";
    StepStatus = workflow::StepStatus, "How far a version is with a step.";
    Expected = turn::Expected, "What is expected of somebody.";
    Policy = infrastructure::Policy, "What an infrastructure does with versions that are not approved.";
    OnLapse = infrastructure::OnLapse, "What happens to a service whose approval ends.";
    InfrastructureRole = infrastructure::InfrastructureRole, "What somebody may do in an infrastructure.";
    GateVerdict = gate::Verdict, "The answer of a gate.";
    RevisionKind = deployment::RevisionKind, "How a revision of a service came about.";
    Basis = deployment::Basis, "What a version is in service on.";
    PolicyStanding = deployment::PolicyStanding, "Whether a service is in policy.";
    VersionState = health::VersionState, "How a version does on a node.";
    NodeState = health::NodeState, "How a node does.";
    HealthStatus = health::HealthStatus, "How a service does on all nodes.";
    Direction = comparison::Direction, "Which values of a metric are better.";
    Reading = comparison::Reading, "What became of a metric.";
    Side = comparison::Side, "Whether a field of the signature goes in or comes out.";
    Wanted = notice::Wanted, "Which messages somebody wants.";
    MailSecurity = mail::MailSecurity, "How the connection to a mail server is protected.";
    WebhookKind = webhook::WebhookKind, "What receives the calls of a webhook.";
}
