//! Reviews: the status of a round, its feedback and decision, and what the caller may do.

use super::{Cell, Show, Table, Text, cells, facts, password::origin, section, sentences, version::turns};
use app::views::{ActView, AnswerView, DecisionView, LapsedService, OpenRound, Possible, RenewedRound, Review, SlotView};
use domain::{
    Timestamp,
    deployment::PolicyStanding,
    signoff::{CommandName, Status},
};

/// Where a review stands, in a few lines: what a command shows when it is done.
pub fn brief(review: &Review) -> Text {
    let head = facts(&[
        ("version", &review.version),
        ("status", &review.status),
        ("round", &review.round),
        ("approved until", &review.decision.as_ref().and_then(|decision| decision.not_after)),
        ("page", &review.link),
    ]);
    let renews = review.renews.as_ref().map(|renewed| Text::line(&renewed.note)).unwrap_or_default();
    head + section("Renewal", &renews)
        + section("Services", &services(&review.services))
        + section("Retired", &retired(review.retired.as_ref()))
        + section("Whose turn it is", &turns(&review.turns))
        + section("Warnings", &sentences(&review.warnings))
}

/// What becomes of the services that rest on an approval which ends.
fn services(services: &[LapsedService]) -> Text {
    let line = |service: &LapsedService| {
        let what = match service.standing {
            PolicyStanding::Disabled => "is taken out of service",
            PolicyStanding::OutOfPolicy | PolicyStanding::InPolicy => "goes out of policy, and gets no new permit",
        };
        Text::line(format!("{}/{} {what}", service.infrastructure, service.service))
    };
    services.iter().map(line).collect()
}

/// Who retired a version.
pub fn retired(act: Option<&ActView>) -> Text {
    act.map(|act| line("retired", &act.by, act.at, None, act.comment.as_deref())).unwrap_or_default()
}

/// What a decision was about: which bytes, and which fields had changed since the review was requested.
pub fn decided(review: &Review) -> Text {
    let changed = match review.changed_since_request.join(", ") {
        none if none.is_empty() => "nothing".to_owned(),
        changed => changed,
    };
    brief(review)
        + section("Decided on", &facts(&[("model digest", &review.model_digest), ("changed since the request", &changed)]))
}

/// Everything about one round.
pub fn card(review: &Review) -> Text {
    let requested = review.requested.as_ref();
    let head = facts(&[
        ("version", &review.version),
        ("status", &review.status),
        ("since", &review.since),
        ("round", &review.round),
        ("of rounds", &review.rounds),
        ("locked", &review.locked),
        ("requested by", &requested.map(|act| act.by.as_str())),
        ("requested", &requested.map(|act| act.at)),
        ("feedback skipped", &review.skip_feedback),
        ("changed since the request", &review.changed_since_request),
        ("expired", &review.expired_at),
        ("model digest", &review.model_digest),
        ("tag", &review.etag),
        ("page", &review.link),
    ]);
    let approval = facts(&[("assigned to", &review.approvers), ("can give it now", &review.approver_people)]);
    let delegations = Table::of(&["SLOT", "FROM", "TO", "UNTIL"], &review.delegations, |delegation| {
        cells![delegation.slot, delegation.from, delegation.to, delegation.until]
    });
    head + section("Renewal", &renewal(review))
        + section("Feedback", &slots(&review.slots, review.status))
        + section("Final approval", &approval)
        + section("Delegations", &delegations.text(""))
        + section("What happened", &(decision(review.decision.as_ref()) + acts(review) + retired(review.retired.as_ref())))
        + section("Whose turn it is", &turns(&review.turns))
        + section("What you may do", &may(&review.may))
        + section("Warnings", &sentences(&review.warnings))
}

/// Open rounds that nobody can approve any more, and what a project manager can do.
pub fn without_approver(rounds: &[OpenRound]) -> Text {
    let line = |round: &OpenRound| {
        let OpenRound { version, step, round, status } = round;
        let step = if step.is_standard() { String::new() } else { format!(" --step {step}") };
        let reload = format!("countersign review reload-reviewers {version}{step} --comment \"…\"");
        Text::line(format!("{version} (round {round}, {status}): {reload}"))
    };
    section("Nobody can approve these any more: name a final approver of the project, then", &rounds.iter().map(line).collect())
}

/// The round whose approval goes on, and what becomes of it.
fn renewal(review: &Review) -> Text {
    let text = |renewed: &RenewedRound| decision(renewed.decision.as_ref()) + Text::line(&renewed.note);
    review.renews.as_ref().map(text).unwrap_or_default()
}

/// A line for each answer; a slot without one has a line too.
fn slots(slots: &[SlotView], status: Status) -> Text {
    let waits = status.is_open() || status == Status::NotStarted;
    let mut table = Table::new(&["SLOT", "VERDICT", "BY", "WHEN", "", "COMMENT"]);
    for slot in slots {
        if slot.answers.is_empty() {
            let people = match slot.people.join(", ") {
                _ if !waits => "no answer".to_owned(),
                nobody if nobody.is_empty() => "nobody can answer".to_owned(),
                people => format!("waits for {people}"),
            };
            table.row(&[&slot.name, &"", &people]);
        }
        for answer in &slot.answers {
            table.row(&[&slot.name, &answer.verdict, &answer.by, &answer.at, &marks(answer), &answer.comment]);
        }
        for issue in &slot.past_issues {
            table.row(&[&slot.name, &issue.verdict, &issue.by, &issue.at, &"taken back since", &issue.comment]);
        }
    }
    table.text("")
}

/// What bears on the weight of an answer.
fn marks(answer: &AnswerView) -> Cell {
    let marks = [(answer.stale, "before the last change"), (answer.by_author, "by an author")];
    let marks: Vec<_> = marks.into_iter().filter(|(applies, _)| *applies).map(|(_, mark)| mark).collect();
    if marks.is_empty() { Cell::blank() } else { Cell::new(marks.join(", ")) }
}

fn decision(decision: Option<&DecisionView>) -> Text {
    let line = |decision: &DecisionView| {
        let DecisionView { decision, act, not_after } = decision;
        let said = line(decision, &act.by, act.at, *not_after, act.comment.as_deref());
        let password = act.password.as_ref().map(|password| Text::line(format!("  password {}", origin(password))));
        said + password.unwrap_or_default()
    };
    decision.map(line).unwrap_or_default()
}

fn acts(review: &Review) -> Text {
    let acts = [("abandoned", &review.abandonment), ("revoked", &review.revocation)];
    let line = |(what, act): (&str, &Option<ActView>)| {
        act.as_ref().map(|act| line(what, &act.by, act.at, None, act.comment.as_deref())).unwrap_or_default()
    };
    acts.into_iter().map(line).collect()
}

fn line(what: &str, by: &str, at: Timestamp, end: Option<Timestamp>, comment: Option<&str>) -> Text {
    let comment = comment.map(|comment| format!(": {comment}")).unwrap_or_default();
    let end = end.map(|end| format!(", until {}", end.cell())).unwrap_or_default();
    Text::line(format!("{what} by {by} at {}{end}{comment}", at.cell()))
}

/// A command as a verb phrase. A command of a newer server stays as the server writes it.
fn verb(command: &str) -> &str {
    CommandName::ALL.iter().find(|name| name.as_str() == command).map_or(command, |name| name.verb())
}

fn may(commands: &[Possible]) -> Text {
    let (allowed, refused): (Vec<_>, Vec<_>) = commands.iter().partition(|possible| possible.allowed);
    let name = |possible: &Possible| {
        let slot = possible.slot.as_ref().map(|slot| format!(" “{slot}”")).unwrap_or_default();
        format!("{}{slot}", verb(&possible.command))
    };
    let names: Vec<_> = allowed.into_iter().map(name).collect();
    let yes = Text::line(if names.is_empty() { "nothing".to_owned() } else { names.join(", ") });
    let no = refused.into_iter().map(|possible| Text::line(format!("not {}: {}", name(possible), possible.reason.cell())));
    yes + no.collect()
}
