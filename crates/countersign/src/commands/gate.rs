//! The gate, for pipelines: asks whether a version may be deployed, and answers by the exit code. Only an
//! answer that says "allow" ends with 0. Any error on the way is a denial.

use crate::{
    client::{Session, paths},
    exit::Exit,
    failure::Failure,
    text::gate::card,
};
use app::views::{GateAnswer, GateRequest};
use domain::{Digest, Duration, Name, VersionRef, gate::Verdict};
use serde_json::Value;
use tokio::time::{Instant, sleep};

/// How long `--wait` waits when `--timeout` says nothing: ten minutes, as a pipeline's step may.
pub const PATIENCE: &str = "10m";
/// How often the gate is asked meanwhile.
const PAUSE: std::time::Duration = std::time::Duration::from_secs(1);

/// Asks whether a version may be deployed to an infrastructure
#[derive(Debug, clap::Args)]
#[command(before_help = "Examples:
  countersign gate --infra production diagnosis/tumour:1
  countersign gate --infra production diagnosis/tumour:1 --wait --timeout 10m
  countersign gate --infra production --digest 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08
  countersign gate --infra staging diagnosis/tumour:1 --acknowledge \"Smoke test only.\"

Exit codes: 0 allowed, 3 denied, 4 warned without --acknowledge, 8 could not ask, 75 still pending after --timeout.")]
pub struct GateArgs {
    /// The infrastructure
    #[arg(long, value_name = "NAME")]
    infra: Name,
    /// The version, as PROJECT/MODEL:VERSION
    #[arg(required_unless_present = "digest")]
    version: Option<VersionRef>,
    /// The model digest; with a version, the digest that the version must have
    #[arg(long, value_name = "SHA256")]
    digest: Option<Digest>,
    /// Why to go on although the gate warns; the record keeps the reason. Only deployers can do this
    #[arg(long, value_name = "REASON")]
    acknowledge: Option<String>,
    #[command(flatten)]
    waiting: Waiting,
}

/// Whether to wait for a decision.
#[derive(Clone, Debug, clap::Args)]
pub struct Waiting {
    /// Wait while the review is open; `deploy` then waits for the nodes too
    #[arg(long)]
    pub wait: bool,
    /// How long to wait
    #[arg(long, value_name = "DURATION", default_value = PATIENCE, requires = "wait")]
    pub timeout: Duration,
}

impl Waiting {
    /// When the waiting ends; none where nobody waits, or for ever.
    pub fn end(&self) -> Option<Instant> {
        let patience = std::time::Duration::from_micros(self.timeout.micros().unsigned_abs());
        Instant::now().checked_add(patience).filter(|_| self.wait)
    }
}

/// Asks.
///
/// # Errors
/// When no answer was had: never a zero.
pub async fn run(args: GateArgs, session: &Session) -> Result<Exit, Failure> {
    let request = request(args.infra, args.version.as_ref(), args.digest);
    let mut answers = ask(session, std::slice::from_ref(&request), &args.waiting).await?;
    let reason = args.acknowledge.filter(|reason| !domain::text::is_blank(reason));
    if reason.is_some() && answers.iter().any(|(_, answer)| answer.verdict == Verdict::Warn) {
        answers = ask_once(session, &[GateRequest { acknowledge: reason, ..request }]).await?;
    }
    for (value, answer) in &answers {
        session.out.show(value, |_| card(answer))?;
    }
    // Only the server can say that the reason is on record: without that, a warning is a denial.
    let acknowledged = answers.iter().all(|(_, answer)| answer.verdict != Verdict::Warn || answer.acknowledged);
    let exit = exit(answers.iter().map(|(_, answer)| answer), acknowledged, args.waiting.wait);
    match exit {
        Exit::NotAcknowledged => session.out.note("The gate warns: go on with --acknowledge \"reason\"."),
        Exit::Done if answers.iter().any(|(_, answer)| answer.acknowledged) => {
            session.out.note("The gate warns; the reason for going on is recorded.");
        }
        _ => {}
    }
    Ok(exit)
}

/// The question about one version.
pub fn request(infrastructure: Name, version: Option<&VersionRef>, digest: Option<Digest>) -> GateRequest {
    let model = version.map(|version| format!("{}/{}", version.project, version.model));
    GateRequest { infrastructure, model, version: version.map(|version| version.number), digest, acknowledge: None }
}

/// Asks about each, and while one is pending asks again until the time is over. While there is time, a server that cannot be
/// reached is asked again as well: it may only be restarting.
///
/// # Errors
/// When one of the answers cannot be had.
pub async fn ask(session: &Session, requests: &[GateRequest], waiting: &Waiting) -> Result<Vec<(Value, GateAnswer)>, Failure> {
    let end = waiting.end();
    let mut announced = false;
    loop {
        let answers = ask_once(session, requests).await;
        let again = match &answers {
            Ok(answers) => is_pending(answers.iter().map(|(_, answer)| answer)),
            Err(failure) => failure.may_pass(),
        };
        if !again || end.is_none_or(|end| Instant::now() + PAUSE > end) {
            return answers;
        }
        if !announced {
            session.out.note("Waiting for the decision…");
            announced = true;
        }
        sleep(PAUSE).await;
    }
}

async fn ask_once(session: &Session, requests: &[GateRequest]) -> Result<Vec<(Value, GateAnswer)>, Failure> {
    let mut answers = Vec::new();
    for request in requests {
        let answer = session.client.post(&paths::gate(), request).send().await?;
        let read: GateAnswer = answer.read()?;
        if !answers_what_was_asked(request, &read) {
            return Err(Failure::failed("the server answered another question than the one that was asked")
                .hint("Check what lies between here and the server: an answer from a cache must not open the gate."));
        }
        answers.push((answer.value, read));
    }
    Ok(answers)
}

/// Whether an answer is about this infrastructure, this version and these bytes.
fn answers_what_was_asked(request: &GateRequest, answer: &GateAnswer) -> bool {
    let version = request.model.as_ref().zip(request.version).map(|(model, number)| format!("{model}:{number}"));
    request.infrastructure == answer.infrastructure
        && version.is_none_or(|version| answer.version.as_ref().is_some_and(|answered| answered.to_string() == version))
        && request.digest.is_none_or(|digest| digest == answer.model_digest)
}

/// Whether waiting may help: every denial among them is of a review that is still to be decided.
fn is_pending<'a>(answers: impl Iterator<Item = &'a GateAnswer>) -> bool {
    let denied: Vec<_> = answers.filter(|answer| answer.verdict == Verdict::Deny).collect();
    !denied.is_empty() && denied.iter().all(|answer| answer.pending)
}

/// The exit code of these answers together: the strictest of them.
pub fn exit<'a>(answers: impl Iterator<Item = &'a GateAnswer> + Clone, acknowledged: bool, waited: bool) -> Exit {
    let worst = answers.clone().map(|answer| answer.verdict).max();
    match worst {
        Some(Verdict::Allow) => Exit::Done,
        Some(Verdict::Warn) if acknowledged => Exit::Done,
        Some(Verdict::Warn) => Exit::NotAcknowledged,
        Some(Verdict::Deny) if waited && is_pending(answers) => Exit::Pending,
        // No answer at all is a denial too.
        Some(Verdict::Deny) | None => Exit::Denied,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::infrastructure::Policy;

    fn answer(verdict: Verdict, pending: bool) -> GateAnswer {
        GateAnswer {
            verdict,
            policy: Policy::Prevent,
            infrastructure: "production".parse().unwrap(),
            version: None,
            model_digest: Digest::from_bytes([0; 32]),
            reasons: Vec::new(),
            status: None,
            signoff_url: None,
            permit: None,
            not_after: None,
            pending,
            acknowledged: false,
        }
    }

    #[test]
    fn an_answer_to_another_question_is_none() {
        let digest = |byte| Some(Digest::from_bytes([byte; 32]));
        let version: VersionRef = "p/m:1".parse().unwrap();
        let ask = |infrastructure: &str, version, digest| request(infrastructure.parse().unwrap(), version, digest);
        let by_digest = answer(Verdict::Allow, false);
        let by_name = GateAnswer { version: Some(version.clone()), ..by_digest.clone() };
        let other: VersionRef = "p/m:2".parse().unwrap();
        for (request, answer, expected) in [
            (ask("production", None, digest(0)), &by_digest, true),
            (ask("production", None, digest(1)), &by_digest, false),
            (ask("test", None, digest(0)), &by_digest, false),
            (ask("production", Some(&version), None), &by_name, true),
            (ask("production", Some(&version), digest(1)), &by_name, false),
            (ask("production", Some(&version), None), &by_digest, false),
            (ask("production", Some(&other), None), &by_name, false),
        ] {
            assert_eq!(answers_what_was_asked(&request, answer), expected, "{request:?}");
        }
    }

    #[test]
    fn only_an_allow_or_an_acknowledged_warning_is_a_zero() {
        use Verdict::{Allow, Deny, Warn};
        for (answers, acknowledged, waited, expected) in [
            (vec![], true, false, Exit::Denied),
            (vec![answer(Allow, false)], false, false, Exit::Done),
            (vec![answer(Warn, true)], false, false, Exit::NotAcknowledged),
            (vec![answer(Warn, true)], true, false, Exit::Done),
            (vec![answer(Deny, true)], true, false, Exit::Denied),
            (vec![answer(Deny, true)], true, true, Exit::Pending),
            (vec![answer(Deny, false)], true, true, Exit::Denied),
            (vec![answer(Allow, false), answer(Warn, false)], false, false, Exit::NotAcknowledged),
            (vec![answer(Deny, true), answer(Deny, false)], false, true, Exit::Denied),
            (vec![answer(Deny, true), answer(Allow, false)], false, true, Exit::Pending),
        ] {
            assert_eq!(exit(answers.iter(), acknowledged, waited), expected, "{answers:?}");
        }
    }
}
