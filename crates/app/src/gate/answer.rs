//! Builds the view of the gate's answer.

use crate::{OpContext, base::cache::gate_facts::GateFacts, views::GateAnswer};
use domain::{
    gate::{self, Verdict},
    signoff::Status,
};

pub(crate) fn answer(op: &OpContext, known: &GateFacts) -> GateAnswer {
    let answer = gate::check(known.policy, std::slice::from_ref(&known.candidate), op.now);
    let governed = known.candidate.governed.as_ref();
    let pending = answer.verdict != Verdict::Allow
        && governed.is_some_and(|governed| governed.status.is_open() || governed.status == Status::NotStarted);
    GateAnswer {
        verdict: answer.verdict,
        policy: answer.policy,
        infrastructure: known.infrastructure.clone(),
        version: known.version.clone(),
        model_digest: known.candidate.model_digest,
        reasons: answer.reasons,
        status: governed.map(|governed| governed.status),
        signoff_url: governed.map(|governed| governed.link.clone()),
        // With a denial no permit is handed out, even while one of earlier times still holds.
        permit: known
            .permit
            .clone()
            .filter(|permit| answer.verdict != Verdict::Deny && permit.not_after.is_none_or(|end| op.now < end)),
        not_after: answer.not_after,
        pending,
        acknowledged: false,
    }
}
