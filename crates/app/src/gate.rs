//! Asking the gate. Loads what the domain's one function needs, and shows its answer; the deployer uses the same.

use crate::{
    Error, OpContext,
    find::{self, Found, Surroundings},
    governance,
    memory::GateKey,
    views::{GateAnswer, GateRequest, StatementView},
};
use domain::{
    Digest, Name, Timestamp, VersionId, VersionRef,
    access::{Access, Action, Scope, Standing},
    deployment::{self, Admission},
    event::Event,
    gate::{self, Candidate, Governed, Verdict},
    infrastructure::Policy,
    people::ProjectRole,
    signoff::{State, Status},
    turn,
};
use std::sync::Arc;
use store::{About, Infrastructure, Reader};

/// The longest reason for going on over a warning, in characters.
const LONGEST_REASON: usize = 10_000;

/// How many people an answer names: enough to ask one of them.
const MOST_PEOPLE: usize = 20;

/// What the gate knows about one version and one infrastructure; the clock is asked anew for each answer.
#[derive(Debug)]
pub(crate) struct Known {
    infrastructure: Name,
    policy: Policy,
    candidate: Candidate,
    version: Option<VersionRef>,
    version_id: Option<VersionId>,
    about: About,
    permit: Option<StatementView>,
    /// When the first delegation ends, and with it perhaps the caller's view of the version, or who can act on it; or the approval
    /// of the version that was chosen for its bytes.
    until: Option<Timestamp>,
}

impl Known {
    /// Whether the time alone has changed nothing of it. The end of an approval is looked at for each answer anew.
    pub(crate) fn holds(&self, now: Timestamp) -> bool {
        self.until.is_none_or(|until| now < until)
    }

    /// The version that it is about, where one was found.
    pub(crate) fn version_id(&self) -> Option<VersionId> {
        self.version_id
    }
}

/// Answers whether a version, or the bytes of a digest, may be deployed to an infrastructure. Changes and records nothing, unless
/// a reason for going on over a warning is given.
///
/// # Errors
/// No such infrastructure or version; neither a role on the infrastructure nor a view of the project; with a reason, somebody who
/// may not deploy there. Every error is a denial.
pub async fn check(op: &OpContext, request: GateRequest) -> Result<GateAnswer, Error> {
    op.needs(Scope::Gate)?;
    let name = named(&request)?;
    if let Some(reason) = request.acknowledge.as_deref().map(str::trim).filter(|reason| !reason.is_empty()) {
        return acknowledge(op, &request, name, reason).await;
    }
    let key = GateKey {
        user: op.user()?.id,
        infrastructure: request.infrastructure.clone(),
        version: name.as_ref().map(VersionRef::to_string).unwrap_or_default(),
        digest: request.digest,
    };
    let size = match op.seen {
        Some(size) => size,
        None => op.memory.log_size(&op.store).await?,
    };
    let known = match op.memory.gate(size, &key, op.now) {
        Some(known) => known,
        None => {
            let mut reader = op.read().await?;
            let size = reader.log_size().await?;
            let known = Arc::new(load(op, &mut reader, &request, name).await?);
            // Digests that nobody governs can be made up without end, and would push out what is asked for.
            if known.version_id.is_some() {
                op.memory.keep_gate(size, key, known.clone());
            }
            known
        }
    };
    Ok(answer(op, &known))
}

fn answer(op: &OpContext, known: &Known) -> GateAnswer {
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

/// The answer to somebody who knows that the gate may warn, and goes on for this reason. Where it does warn, that is recorded:
/// whoever deploys by other means than this server leaves no other trace of it.
async fn acknowledge(op: &OpContext, request: &GateRequest, name: Option<VersionRef>, reason: &str) -> Result<GateAnswer, Error> {
    op.needs(Scope::Deploy)?;
    if reason.chars().count() > LONGEST_REASON {
        return Err(Error::invalid("/acknowledge", format!("the reason is too long: at most {LONGEST_REASON} characters")));
    }
    let (ref op, mut tx) = op.write().await?;
    let infrastructure = find::infrastructure(op, &mut tx, &request.infrastructure, Action::Deploy).await?;
    let known = load(op, &mut tx, request, name).await?;
    let shown = answer(op, &known);
    let answer = gate::check(known.policy, std::slice::from_ref(&known.candidate), op.now);
    let Admission::Admitted { acknowledgement: Some(reason) } = deployment::admit(&answer, Some(reason)) else {
        return Ok(shown);
    };
    let event = Event::GateAcknowledged {
        infrastructure: known.infrastructure,
        version: known.version,
        model_digest: known.candidate.model_digest,
        answer,
        reason,
    };
    tx.record(event, About { infrastructure: Some(infrastructure.id), ..known.about });
    tx.commit().await?;
    Ok(GateAnswer { acknowledged: true, ..shown })
}

/// The version that a request names, if it names one.
fn named(request: &GateRequest) -> Result<Option<VersionRef>, Error> {
    match (&request.model, request.version, request.digest) {
        (Some(model), Some(version), _) => {
            let name = format!("{model}:{version}").parse::<VersionRef>();
            name.map(Some).map_err(|error| Error::invalid("/model", error.to_string()))
        }
        (None, None, Some(_)) => Ok(None),
        (None, None, None) => Err(Error::invalid("", "name a version (`model` and `version`) or a `digest`")),
        _ => Err(Error::invalid("/version", "`model` and `version` go together")),
    }
}

async fn load(op: &OpContext, reader: &mut Reader, request: &GateRequest, name: Option<VersionRef>) -> Result<Known, Error> {
    let infrastructure = find::infrastructure(op, reader, &request.infrastructure, Action::SeeInfrastructure).await?;
    let on_infrastructure = find::infrastructure_standing(op, reader, &infrastructure).await?;
    let found = match (&name, request.digest) {
        (Some(name), _) => {
            let found = find::any_version(reader, name).await?;
            if !may_ask(op, reader, &on_infrastructure, &found).await? {
                return Err(Error::not_found("version", name));
            }
            Some(found)
        }
        (None, Some(digest)) => by_digest(op, reader, &on_infrastructure, digest).await?,
        (None, None) => None,
    };
    let Some(found) = found else {
        let digest = request.digest.ok_or_else(|| Error::invalid("/digest", "name a version or a `digest`"))?;
        let candidate = Candidate { name: format!("sha256:{digest}"), model_digest: digest, governed: None };
        return Ok(Known {
            infrastructure: infrastructure.name,
            policy: infrastructure.policy,
            candidate,
            version: None,
            version_id: None,
            about: About::default(),
            permit: None,
            until: None,
        });
    };
    let surroundings = find::surroundings(op, reader, &found, &[]).await?;
    let mut candidate = candidate(op, &found, Some(&surroundings));
    candidate.model_digest = request.digest.unwrap_or(candidate.model_digest);
    let same_bytes = candidate.model_digest == found.version.model_digest;
    let permit = match find::granted(&on_infrastructure, Action::ReadDeployments) && same_bytes {
        true => permit(reader, &found, &infrastructure).await?,
        false => None,
    };
    let delegations = found.signoff().review().map(|review| review.delegations.as_slice()).unwrap_or_default();
    // Asked by digest, another version may speak for the bytes once this one's approval has ended.
    let ends = candidate.governed.as_ref().and_then(|governed| governed.not_after).filter(|_| name.is_none());
    let delegated = delegations.iter().filter_map(|delegation| delegation.until);
    let until = delegated.chain(ends).filter(|until| op.now < *until).min();
    Ok(Known {
        infrastructure: infrastructure.name,
        policy: infrastructure.policy,
        candidate,
        about: found.about(),
        version: Some(found.name),
        version_id: Some(found.version.id),
        permit,
        until,
    })
}

async fn permit(reader: &mut Reader, found: &Found, infrastructure: &Infrastructure) -> Result<Option<StatementView>, Error> {
    let statement = reader.permit_in_service(found.version.id, infrastructure.id).await?;
    statement.as_ref().map(governance::statement_view).transpose()
}

/// A role on the infrastructure is enough, and so is seeing the project.
async fn may_ask(op: &OpContext, reader: &mut Reader, on_infrastructure: &Standing, found: &Found) -> Result<bool, Error> {
    let in_project = find::project_standing(op, reader, &found.project, Some(found.signoff())).await?;
    let standing = Standing { infrastructure: on_infrastructure.infrastructure.clone(), ..in_project };
    Ok(standing.may(Action::AskGate) == Access::Granted)
}

/// The version with these bytes that speaks best for them: the approval covers bytes, so one in force is enough.
async fn by_digest(
    op: &OpContext,
    reader: &mut Reader,
    on_infrastructure: &Standing,
    digest: Digest,
) -> Result<Option<Found>, Error> {
    let mut best: Option<Found> = None;
    for found in reader.whole_versions_by_digest(digest).await?.into_iter().map(Found::of) {
        if !may_ask(op, reader, on_infrastructure, &found).await? {
            continue;
        }
        if gate::lacking(&candidate(op, &found, None), op.now).is_none() {
            return Ok(Some(found));
        }
        if best.as_ref().is_none_or(|best| promise(found.signoff().status()) > promise(best.signoff().status())) {
            best = Some(found);
        }
    }
    Ok(best)
}

/// How near to an approval a version is whose approval is not in force: of several with the same bytes, the nearest one says best
/// what is missing.
fn promise(status: Status) -> u8 {
    match status {
        Status::WaitingForApproval => 4,
        Status::WaitingForFeedback => 3,
        Status::NotStarted => 2,
        Status::Approved | Status::Expired => 1,
        Status::Rejected | Status::Abandoned | Status::Revoked => 0,
    }
}

/// A version as the gate sees it. With its surroundings it also says who can act.
pub(crate) fn candidate(op: &OpContext, found: &Found, surroundings: Option<&Surroundings>) -> Candidate {
    let signoff = found.signoff();
    let approval = match &signoff.state {
        State::Approved { approval, .. } => Some(approval),
        _ => None,
    };
    let who_can = surroundings.map_or_else(Vec::new, |surroundings| who_can(op, found, surroundings));
    let missing = match signoff.status() {
        Status::NotStarted => "a review, and its final approval",
        Status::WaitingForFeedback => "feedback, or the final approval without it",
        Status::WaitingForApproval => "the final approval",
        Status::Approved => "nothing",
        Status::Rejected | Status::Abandoned | Status::Revoked | Status::Expired => {
            "a reset, and the final approval of the next round"
        }
    };
    let governed = Governed {
        status: signoff.status(),
        round: signoff.round,
        approved_digest: approval.map(|approval| approval.model_digest),
        not_after: approval.and_then(|approval| approval.not_after),
        missing: missing.to_owned(),
        who_can,
        link: op.version_link(&found.name),
    };
    Candidate { name: found.name.to_string(), model_digest: found.version.model_digest, governed: Some(governed) }
}

/// Whoever's turn it is; where it is nobody's, those who could set it going: contributors ask for a review, managers reset.
fn who_can(op: &OpContext, found: &Found, surroundings: &Surroundings) -> Vec<String> {
    let signoff = found.signoff();
    let directory = &surroundings.directory;
    let turns = turn::turns(signoff, &surroundings.situation(op, found));
    let mut people: Vec<_> = turns.iter().flat_map(|turn| turn.people.iter().map(|user| directory.show(*user))).collect();
    if turns.is_empty() && signoff.status() != Status::Approved {
        let role = if signoff.status() == Status::NotStarted { ProjectRole::Contributor } else { ProjectRole::Manager };
        people.extend(directory.active().filter(|person| person.has_role(role)).map(|person| person.display_name.to_string()));
    }
    people.sort();
    people.dedup();
    let more = people.len().saturating_sub(MOST_PEOPLE);
    if more > 0 {
        people.truncate(MOST_PEOPLE);
        people.push(format!("and {more} more"));
    }
    people
}
