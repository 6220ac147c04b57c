//! Checks whether a permit lets a version into this node's infrastructure: signature, server, infrastructure, service, revision,
//! version, digest and time. The server's word without a signature lets nothing in.

use crate::server::{PlannedService, PlannedShare};
use proof::{Basis, Envelope, ExpectedPermit, PermitPredicate, PublicKey, Statement, verify_permit};

/// How far the clocks of server and node may differ before a fresh permit is not yet valid, in microseconds: one minute.
/// The end of a permit has no leeway.
const LEEWAY: i64 = 60_000_000;

/// Whose permits count, and which.
#[derive(Clone, Debug)]
pub struct Trust {
    /// The server's public key.
    pub key: PublicKey,
    /// The server's name, where the file with the key says it.
    pub server: Option<String>,
    /// Whether the node serves only approved versions, whatever the infrastructure's policy is.
    pub require_approved: bool,
}

/// A permit that was verified, but for the time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permit {
    /// Whether the version was let in as approved.
    pub approved: bool,
    not_before: i64,
    not_after: i64,
}

impl Permit {
    /// Verifies the permit of a share.
    ///
    /// # Errors
    /// The first thing that is wrong with it, in a sentence.
    pub fn verify(trust: &Trust, infrastructure: &str, service: &PlannedService, share: &PlannedShare) -> Result<Self, String> {
        let permit = share.permit.as_ref().ok_or("the server sent no permit for it: deploy it again")?;
        let envelope = Envelope::from_json_bytes(permit.envelope.to_string().as_bytes()).map_err(|error| error.to_string())?;
        let claims = Statement::<PermitPredicate>::verify(&envelope, &trust.key).map_err(|error| error.to_string())?.predicate;
        let expected = ExpectedPermit {
            server: trust.server.as_deref().unwrap_or_else(|| claims.server()),
            audience: infrastructure,
            model_digest: share.model_digest,
            version: Some(&share.version),
            // The time is looked at before each use, not once.
            now: claims.terms().not_before,
        };
        let permit = verify_permit(&envelope, &trust.key, &expected).map_err(|error| error.to_string())?.predicate;
        let terms = permit.terms();
        if terms.service != service.service {
            return Err(format!("the permit is for service `{}`: deploy it again for this one", terms.service));
        }
        if terms.revision != service.revision {
            return Err(format!("the permit is for revision {}, not {}: deploy it again", terms.revision, service.revision));
        }
        let approved = terms.basis == Basis::Approved;
        if trust.require_approved && !approved {
            return Err("it was not let in as approved, and this node serves nothing else (--require-approved): deploy an approved version".to_owned());
        }
        Ok(Self { approved, not_before: terms.not_before.micros(), not_after: terms.not_after.micros() })
    }

    /// When it ends, in microseconds since 1970 in UTC; it has ended at that moment.
    pub const fn not_after(&self) -> i64 {
        self.not_after
    }

    /// Whether it holds at this moment.
    ///
    /// # Errors
    /// Why not, in a sentence.
    pub fn holds(&self, now: i64) -> Result<(), String> {
        if now < self.not_before.saturating_sub(LEEWAY) {
            return Err("its permit is not valid yet: check this machine's clock".to_owned());
        }
        if now >= self.not_after {
            return Err("its permit has ended and was not renewed: check the server, and this machine's clock".to_owned());
        }
        Ok(())
    }
}
