//! Events about deployments, and about what the gate answered to deployers.

/// Adds these events to the list, and hands the list on to `next`.
macro_rules! deployments {
    ($next:ident $($rest:tt)*) => {
        $next! { $($rest)*
            /// A revision went into service, or the service was stopped.
            DeploymentRevised = "deployment.revised" {
                /// The service.
                service: Name,
                /// The revision's number.
                revision: u32,
                /// The command that made the revision.
                kind: RevisionKind,
                /// The versions in service and their weights.
                shares: Vec<RecordedShare>,
                /// The gate's answer; none for a stop.
                answer: Option<gate::Answer>,
                /// The typed reason, if the gate warned.
                acknowledgement: Option<String>,
            }
            /// The gate denied a deployment, or the gate warned and the deployer did not acknowledge the warning.
            DeploymentRefused = "deployment.refused" {
                /// The service.
                service: Name,
                /// The versions and weights that the deployer asked for.
                shares: Vec<RecordedShare>,
                /// The gate's answer.
                answer: gate::Answer,
            }
            /// A deployer who deploys by other means acknowledged the gate's warning, with a reason.
            GateAcknowledged = "gate.acknowledged" {
                /// The infrastructure's name.
                infrastructure: Name,
                /// The version; none if no version has these bytes.
                version: Option<VersionRef>,
                /// The digest of the files.
                model_digest: Digest,
                /// The gate's answer.
                answer: gate::Answer,
                /// The typed reason.
                reason: String,
            }
            /// One version of a revision with several versions. It stands beside the event of the revision, so that the version's history shows the deployment.
            DeploymentShared = "deployment.shared" {
                /// The infrastructure's name.
                infrastructure: Name,
                /// The service.
                service: Name,
                /// The revision's number; none if the gate refused the revision.
                revision: Option<u32>,
                /// The version.
                version: VersionRef,
                /// The digest of the version's files.
                model_digest: Digest,
                /// The version's part of the requests in percent.
                weight: u8,
            }
            /// A version in service went out of policy.
            DeploymentLapsed = "deployment.lapsed" {
                /// The infrastructure's name.
                infrastructure: Name,
                /// The service.
                service: Name,
                /// The version.
                version: VersionRef,
                /// The version's standing after the lapse.
                standing: PolicyStanding,
            }
            /// Somebody said that a service is known to be out of policy, and tolerated for a while.
            LapseAcknowledged = "deployment.lapse_acknowledged" {
                /// The service.
                service: Name,
                /// The revision in service.
                revision: u32,
                /// Why its versions are out of policy, each in a sentence.
                because: Vec<String>,
                /// The end of the toleration.
                until: Timestamp,
                /// The reason, as typed.
                reason: String,
            }
            /// A version in service got a new permit before its old permit ended, because the gate still lets the version through.
            PermitRenewed = "permit.renewed" {
                /// The service.
                service: Name,
                /// The revision in service.
                revision: u32,
                /// The version.
                version: VersionRef,
                /// The digest of the version's files.
                model_digest: Digest,
                /// The new permit.
                permit: StatementId,
                /// The permit that the new permit replaces.
                replaces: StatementId,
                /// The end of the new permit.
                not_after: Timestamp,
            }
        }
    };
}
