//! Builds the view of the gate's answer.

use crate::{OpContext, base::cache::gate_facts::GateFacts, views::GateAnswer};
use domain::gate::{self, Verdict};

pub(crate) fn answer(op: &OpContext, known: &GateFacts) -> GateAnswer {
    let answer = gate::check(known.policy, &known.accepts, std::slice::from_ref(&known.candidate), op.now);
    let signoff = known.candidate.first_lacking(&known.accepts, op.now);
    let pending =
        answer.verdict != Verdict::Allow && !known.candidate.retired && signoff.is_some_and(|signoff| signoff.status.is_open());
    GateAnswer {
        verdict: answer.verdict,
        policy: answer.policy,
        infrastructure: known.infrastructure.clone(),
        version: known.version.clone(),
        model_digest: known.candidate.model_digest,
        reasons: answer.reasons,
        status: signoff.map(|signoff| signoff.status),
        signoff_url: signoff.map(|signoff| signoff.link.clone()),
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
