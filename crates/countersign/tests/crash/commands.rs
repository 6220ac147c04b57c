//! The commands of the stream: one that fits the state that was acknowledged last, so that none of them is refused.

use crate::{
    common::{
        http::Person,
        random::Random,
        scene::{IT, People, RISK},
    },
    facts::{Facts, Kind},
};
use reqwest::Method;
use serde_json::{Value, json};

/// The address of the project's reviewers.
pub const REVIEWERS: &str = "/projects/diagnosis/reviewers";

/// Who gives it.
#[derive(Clone, Copy, Debug)]
pub enum Who {
    Root,
    Manager,
    Scientist,
    Itops,
    Riskofficer,
    Approver,
    Operator,
}

impl Who {
    pub fn of(self, people: &People) -> &Person {
        match self {
            Self::Root => &people.root,
            Self::Manager => &people.manager,
            Self::Scientist => &people.scientist,
            Self::Itops => &people.itops,
            Self::Riskofficer => &people.riskofficer,
            Self::Approver => &people.approver,
            Self::Operator => &people.operator,
        }
    }
}

/// A command, and how one sees that it was carried out.
#[derive(Clone, Debug)]
pub struct Command {
    pub who: Who,
    pub method: Method,
    pub path: String,
    pub body: Value,
    pub tag: Option<String>,
    /// The address of what it changes.
    pub at: String,
    pub kind: Kind,
    /// JSON pointers into the state, and what must be there afterwards.
    shows: Vec<(String, Value)>,
}

impl Command {
    fn new(who: Who, method: Method, path: impl Into<String>, body: Value) -> Self {
        let path = path.into();
        Self { who, method, at: path.clone(), path, body, tag: None, kind: Kind::Review, shows: Vec::new() }
    }

    fn changes(mut self, kind: Kind, at: impl Into<String>) -> Self {
        (self.kind, self.at) = (kind, at.into());
        self
    }

    fn shows(mut self, pointer: impl Into<String>, value: Value) -> Self {
        self.shows.push((pointer.into(), value));
        self
    }

    /// Whether this state is one after it. Where a pointer ends in `*`, one of the list must have these fields.
    pub fn is_carried_out(&self, state: &Value) -> bool {
        self.shows.iter().all(|(pointer, value)| match pointer.strip_suffix("/*") {
            Some(list) => {
                state.pointer(list).and_then(Value::as_array).is_some_and(|list| list.iter().any(|item| has(item, value)))
            }
            None => state.pointer(pointer) == Some(value),
        })
    }
}

/// Whether an item has these fields, among others.
fn has(item: &Value, fields: &Value) -> bool {
    fields.as_object().is_some_and(|fields| fields.iter().all(|(name, value)| item.get(name) == Some(value)))
}

/// Any command that fits; `number` makes what it says its own.
pub fn any(facts: &Facts, random: &mut Random, number: usize) -> Command {
    if random.chance(70)
        && let Some((at, review)) = facts.some_review(random)
    {
        return on_review(facts, at, review, random, number);
    }
    match random.below(6) {
        0 => new_model(number),
        1 => new_group(&format!("group-{number}")),
        2 => membership(facts, random),
        3 => project_membership(random),
        4 => reviewers(facts),
        _ => policy(facts, number, random),
    }
}

fn on_review(facts: &Facts, at: &str, review: &Value, random: &mut Random, number: usize) -> Command {
    let comment = format!("Comment {number}.");
    let on_version = |what: &str| {
        let path = format!("{}/{what}", at.trim_end_matches("/review"));
        Command::new(Who::Manager, Method::POST, path, json!({"comment": comment})).changes(Kind::Review, at)
    };
    let is_open = matches!(review["status"].as_str(), Some("waiting_for_feedback" | "waiting_for_approval"));
    // What is open is not retired, and what is retired is taken back before anything else.
    match (review["retired"].is_object(), is_open) {
        (true, _) => return on_version("restore").shows("/retired", Value::Null),
        (false, false) if random.chance(15) => return on_version("retire").shows("/retired/comment", json!(comment)),
        _ => {}
    }
    let act = |who: Who, what: &str, body: Value| {
        let command = Command::new(who, Method::POST, format!("{at}/{what}"), body).changes(Kind::Review, at);
        Command { tag: review["etag"].as_str().map(str::to_owned), ..command }
    };
    let decide = |decision: &str, status: &str| {
        let command = act(Who::Approver, "decision", json!({"decision": decision, "comment": comment}));
        command.shows("/status", json!(status)).shows("/decision/comment", json!(comment))
    };
    let feedback = |who: Who, slot: &str, index: usize, verdict: &str| {
        let body = json!({"slot": slot, "verdict": verdict, "comment": comment});
        let command = Command::new(who, Method::PUT, format!("{at}/feedback"), body).changes(Kind::Review, at);
        command
            .shows(format!("/slots/{index}/answers/0/comment"), json!(comment))
            .shows(format!("/slots/{index}/answers/0/verdict"), json!(verdict))
    };
    let verdict = *random.pick(&["approve", "minor_issue", "major_issue"]);
    if is_open {
        let answered = review["slots"].as_array().unwrap().iter().any(|slot| slot["answers"] != json!([]));
        // A renewal that is given up leaves the approval as it was.
        let (status, round) = match &review["renews"]["round"] {
            Value::Null => ("not_started", &review["round"]),
            renewed => ("approved", renewed),
        };
        let given_up = |command: Command| command.shows("/status", json!(status)).shows("/round", round.clone());
        match random.below(12) {
            0 if !answered => return given_up(act(Who::Scientist, "take-back", json!({}))),
            1 if status == "approved" => return given_up(act(Who::Manager, "abandon", json!({"comment": comment}))),
            2 | 3 => {
                let present = facts.state(REVIEWERS).unwrap()["approvers"].clone();
                return act(Who::Manager, "reload-reviewers", json!({"comment": comment})).shows("/approvers", present);
            }
            _ => {}
        }
    }
    match (review["status"].as_str().unwrap(), random.below(4)) {
        ("not_started", choice) => {
            let status = if choice == 0 { "waiting_for_approval" } else { "waiting_for_feedback" };
            act(Who::Scientist, "request", json!({"skip_feedback": choice == 0})).shows("/status", json!(status))
        }
        ("waiting_for_feedback", 0) => feedback(Who::Itops, IT, 0, verdict),
        ("waiting_for_feedback", 1) => feedback(Who::Riskofficer, RISK, 1, verdict),
        ("waiting_for_feedback", 2) => act(Who::Scientist, "final", json!({})).shows("/status", json!("waiting_for_approval")),
        ("waiting_for_approval", 0) => decide("reject", "rejected"),
        ("waiting_for_approval", 1) => act(Who::Approver, "back", json!({})).shows("/status", json!("waiting_for_feedback")),
        ("waiting_for_feedback" | "waiting_for_approval", 3) if review["renews"].is_null() && random.chance(30) => {
            act(Who::Manager, "abandon", json!({"comment": comment})).shows("/abandonment/comment", json!(comment))
        }
        ("waiting_for_feedback" | "waiting_for_approval", _) => decide("approve", "approved"),
        ("approved", 0) => act(Who::Approver, "revoke", json!({"comment": comment})).shows("/revocation/comment", json!(comment)),
        ("approved", 1) => {
            let skip_feedback = random.chance(50);
            let status = if skip_feedback { "waiting_for_approval" } else { "waiting_for_feedback" };
            act(Who::Scientist, "renew", json!({"skip_feedback": skip_feedback}))
                .shows("/status", json!(status))
                .shows("/round", next_round(review))
                .shows("/renews/round", review["round"].clone())
        }
        ("approved", _) => deploy(at, random),
        ("abandoned", 0) => {
            act(Who::Manager, "cancel-abandon", json!({})).shows("/abandonment", Value::Null).shows("/locked", json!(false))
        }
        _ => act(Who::Manager, "reset", json!({"reload_reviewers": random.chance(50)}))
            .shows("/status", json!("not_started"))
            .shows("/round", next_round(review)),
    }
}

/// The number of the next round: after the last one, which may be a renewal that was given up.
fn next_round(review: &Value) -> Value {
    json!(review["rounds"].as_u64().unwrap() + 1)
}

fn deploy(review: &str, random: &mut Random) -> Command {
    let number = review.trim_end_matches("/review").rsplit('/').next().unwrap();
    let version = format!("diagnosis/tumour:{number}");
    let at = format!("/infrastructures/production/deployments/service-{}", random.below(3));
    let body = json!({"shares": [{"version": version}]});
    Command::new(Who::Operator, Method::POST, &at, body)
        .changes(Kind::Deployment, &at)
        .shows("/shares/0/version", json!(version))
        .shows("/shares/0/basis", json!("approved"))
}

fn new_model(number: usize) -> Command {
    let name = format!("model-{number}");
    let at = format!("/projects/diagnosis/models/{name}");
    Command::new(Who::Scientist, Method::POST, "/projects/diagnosis/models", json!({"name": name}))
        .changes(Kind::Model, at)
        .shows("/name", json!(name))
}

fn new_group(name: &str) -> Command {
    let at = format!("/groups/{name}");
    Command::new(Who::Root, Method::POST, "/groups", json!({"name": name})).changes(Kind::Group, at).shows("/members", json!([]))
}

/// In a group that reviews nothing, so that nobody's turn changes by it.
fn membership(facts: &Facts, random: &mut Random) -> Command {
    let Some(members) = facts.state("/groups/night") else { return new_group("night") };
    let member = *random.pick(&["itops", "operator", "scientist", "manager"]);
    let mut after: Vec<_> = members["members"].as_array().unwrap().iter().filter_map(Value::as_str).collect();
    let method = if after.contains(&member) { Method::DELETE } else { Method::PUT };
    match method {
        Method::DELETE => after.retain(|name| *name != member),
        _ => after.push(member),
    }
    after.sort_unstable();
    Command::new(Who::Root, method, format!("/groups/night/members/{member}"), json!({}))
        .changes(Kind::Group, "/groups/night")
        .shows("/members", json!(after))
}

fn project_membership(random: &mut Random) -> Command {
    let (member, role) = (*random.pick(&["operator", "itops"]), *random.pick(&["reader", "contributor"]));
    Command::new(Who::Root, Method::PUT, format!("/projects/diagnosis/members/{member}"), json!({"role": role}))
        .changes(Kind::Members, "/projects/diagnosis")
        .shows("/members/*", json!({"member": format!("user:{member}"), "role": role}))
}

/// One approver more or less, so that there is something to reload into open rounds.
fn reviewers(facts: &Facts) -> Command {
    let state = facts.state(REVIEWERS).unwrap();
    let one = json!(["user:approver"]);
    let approvers = if state["approvers"] == one { json!(["user:approver", "user:itops"]) } else { one };
    let body = json!({"slots": state["slots"], "approvers": approvers});
    let command = Command::new(Who::Root, Method::PUT, REVIEWERS, body).changes(Kind::Reviewers, REVIEWERS);
    Command { tag: Some(format!("p{}", state["revision"])), ..command.shows("/approvers", approvers) }
}

fn policy(facts: &Facts, number: usize, random: &mut Random) -> Command {
    let at = "/infrastructures/staging";
    let revision = facts.state(at).unwrap()["revision"].as_u64().unwrap();
    let policy = *random.pick(&["allow", "warn", "prevent"]);
    let body = json!({"policy": policy, "reason": format!("Reason {number}.")});
    let command = Command::new(Who::Root, Method::PUT, format!("{at}/policy"), body).changes(Kind::Infrastructure, at);
    Command { tag: Some(format!("i{revision}")), ..command.shows("/policy", json!(policy)) }
}
