//! The year as sentences: a line for each deed, while the demo begins.

use super::story::{Beat, Deed, Place, Version};
use crate::roles::demo::people::PERSONAS;
use console::{Style, Term, style};
use std::fmt;

/// How wide the column of those who act is.
const WHO: usize = 20;

/// How much of the year is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// Decisions, refusals of the gate, and changes of policy: a page.
    Short,
    /// Every deed.
    Whole,
}

impl Telling {
    /// Prints the line of a deed, where the deed is told.
    pub(super) fn tell(self, beat: &Beat) {
        if self == Self::Whole || beat.deed.is_turning_point() {
            println!("{}", line(beat, terminal_width()));
        }
    }
}

/// How wide the terminal is; none where the output goes elsewhere, which takes everything.
fn terminal_width() -> Option<usize> {
    let terminal = Term::stdout();
    terminal.is_term().then(|| terminal.size_checked()).flatten().map(|(_, columns)| usize::from(columns))
}

/// The date, who acts, and what they do, in so many characters at most.
fn line(beat: &Beat, width: Option<usize>) -> String {
    let at = beat.at.to_string();
    let date = at.split('T').next().unwrap_or_default();
    let who = PERSONAS.iter().find(|persona| persona.account == beat.by).map_or(beat.by, |persona| persona.name);
    let what = beat.deed.to_string();
    let what = match width.map(|width| width.saturating_sub(date.len() + WHO + 4)) {
        Some(room) if what.chars().count() > room => {
            format!("{}…", what.chars().take(room.saturating_sub(1)).collect::<String>())
        }
        _ => what,
    };
    format!("{}  {who:WHO$}  {}", style(date).dim(), beat.deed.colour().apply_to(what))
}

impl Deed {
    fn is_turning_point(&self) -> bool {
        match self {
            Self::ChangePolicy { .. }
            | Self::Approve { .. }
            | Self::Reject { .. }
            | Self::Abandon { .. }
            | Self::Revoke { .. }
            | Self::RequestRenewal(_)
            | Self::MeetTheGate { .. }
            | Self::Deploy { acknowledge: Some(_), .. }
            | Self::RollBack { .. } => true,
            Self::CreateProject(_)
            | Self::CreateInfrastructure(_)
            | Self::AppointNode { .. }
            | Self::Register { .. }
            | Self::CopyVersions { .. }
            | Self::ChangeFields { .. }
            | Self::RequestReview { .. }
            | Self::Answer { .. }
            | Self::Delegate { .. }
            | Self::RequestFinalApproval(_)
            | Self::Retire { .. }
            | Self::Deploy { acknowledge: None, .. }
            | Self::Stop(_)
            | Self::EndApprovals
            | Self::SignLog => false,
        }
    }

    fn colour(&self) -> Style {
        match self {
            Self::Approve { .. } => Style::new().green(),
            Self::Reject { .. } | Self::Revoke { .. } | Self::MeetTheGate { .. } => Style::new().red(),
            Self::Abandon { .. }
            | Self::ChangePolicy { .. }
            | Self::Deploy { acknowledge: Some(_), .. }
            | Self::RollBack { .. } => Style::new().yellow(),
            _ => Style::new(),
        }
    }
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::CreateProject(plan) => write!(f, "creates the project {}", plan.name),
            Self::CreateInfrastructure(plan) => write!(f, "creates the infrastructure {} ({})", plan.name, plan.policy),
            Self::ChangePolicy { infrastructure, policy, reason } => write!(f, "sets {infrastructure} to {policy}: {reason}"),
            Self::AppointNode { node, infrastructure } => write!(f, "lets the node {node} serve {infrastructure}"),
            Self::Register { version, .. } => write!(f, "registers {}", of(version)),
            Self::CopyVersions { model, count } => write!(f, "registers {count} versions of {model}"),
            Self::ChangeFields { version, .. } => write!(f, "changes fields of {}", of(version)),
            Self::RequestReview { version, skip_feedback: false } => write!(f, "requests the review of {}", of(version)),
            Self::RequestReview { version, skip_feedback: true } => {
                write!(f, "requests the final approval of {}, without feedback", of(version))
            }
            Self::RequestRenewal(version) => write!(f, "requests to renew the approval of {}", of(version)),
            Self::Answer { version, slot, verdict, comment } => {
                write!(f, "answers {verdict} in {slot} on {}{}", of(version), said(*comment))
            }
            Self::Delegate { version, slot, to, days } => {
                write!(f, "delegates {slot} of {} to {to} for {days} days", of(version))
            }
            Self::RequestFinalApproval(version) => write!(f, "requests the final approval of {}", of(version)),
            Self::Approve { version, comment, days } => {
                let days = days.map(|days| format!(" for {days} days")).unwrap_or_default();
                write!(f, "approves {}{days}{}", of(version), said(*comment))
            }
            Self::Reject { version, comment } => write!(f, "rejects {}: {comment}", of(version)),
            Self::Abandon { version, comment } => write!(f, "abandons {}: {comment}", of(version)),
            Self::Revoke { version, comment } => write!(f, "revokes the approval of {}: {comment}", of(version)),
            Self::Retire { version, comment } => write!(f, "retires {}: {comment}", of(version)),
            Self::Deploy { place, shares, acknowledge } => {
                let share = |(version, share): &(Version, u8)| match share {
                    100 => of(version),
                    _ => format!("{}={share}", of(version)),
                };
                let shares: Vec<_> = shares.iter().map(share).collect();
                write!(f, "deploys {} to {}", shares.join(" "), at(*place))?;
                acknowledge.map_or(Ok(()), |why| write!(f, ", although warned: {why}"))
            }
            Self::MeetTheGate { place, version } => write!(f, "is denied to deploy {} to {}", of(version), at(*place)),
            Self::RollBack { place, to } => write!(f, "rolls {} back to revision {to}", at(*place)),
            Self::Stop(place) => write!(f, "stops {}", at(*place)),
            Self::EndApprovals => f.write_str("ends the approvals whose time is over"),
            Self::SignLog => f.write_str("signs a checkpoint of the log"),
        }
    }
}

fn of((model, number): &Version) -> String {
    format!("{model}:{number}")
}

fn at((infrastructure, service): Place) -> String {
    format!("{infrastructure}/{service}")
}

fn said(comment: Option<&str>) -> String {
    comment.map(|comment| format!(": {comment}")).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_says_when_who_and_what_and_fits_a_terminal() {
        let deed = Deed::Approve { version: ("bank/scoring", 2), comment: Some("Füllt eine Zeile."), days: Some(90) };
        let beat = Beat { at: "2026-03-12T00:00:05Z".parse().unwrap(), by: "approver", deed };
        let plain = |width| console::strip_ansi_codes(&line(&beat, width)).into_owned();
        assert_eq!(plain(None), "2026-03-12  Final approver        approves bank/scoring:2 for 90 days: Füllt eine Zeile.");
        let narrow = plain(Some(60));
        assert!(narrow.chars().count() == 60 && narrow.ends_with("bank/scoring:2 f…"), "{narrow}");
        let clock = Beat { by: "the clock", deed: Deed::EndApprovals, ..beat };
        assert!(line(&clock, None).contains("the clock             ends the approvals"));
    }
}
