//! Standing in: the clock hands the task of a reviewer who is away to the person whom the reviewer named for that time.

use super::{
    command::Until,
    facts::SignOffFacts,
    outcome::{Outcome, Transition},
    state::{SignOff, State},
};
use crate::{
    Timestamp, UserId,
    event::Event,
    people::{Credential, Person},
    reviewers::Task,
};

impl SignOff {
    /// The clock's own command: each task that waits for nobody but people who are away, handed on to one's stand-in. Where somebody else
    /// who is there can do the task, nothing is handed on. What the reviewer could not delegate, the clock does not delegate either.
    pub fn stand_ins(&self, s: &SignOffFacts<'_>) -> Vec<Transition> {
        let tasks: Vec<_> = match &self.state {
            _ if s.retired.is_some() => Vec::new(),
            State::WaitingForFeedback { review } => review.unanswered().cloned().map(Task::Feedback).collect(),
            State::WaitingForApproval { .. } => vec![Task::FinalApproval],
            _ => Vec::new(),
        };
        let Some(review) = self.review() else { return Vec::new() };
        let is_away = |user: &UserId| s.directory.person(*user).is_some_and(|person| person.is_away(s.now));
        let mut handed = Vec::new();
        for task in tasks {
            let able = s.able(&task, self, review);
            if able.iter().all(is_away) {
                let people = able.iter().filter_map(|user| s.directory.person(*user));
                handed.extend(people.filter_map(|person| self.hand_on(person, &task, s)));
            }
        }
        handed
    }

    /// The task of one reviewer handed on, if the reviewer has a stand-in and has not handed it on before.
    fn hand_on(&self, absent: &Person, task: &Task, s: &SignOffFacts<'_>) -> Option<Transition> {
        let absence = absent.absence.as_ref()?;
        let to = absence.stand_in?;
        let lasts = |until: Option<Timestamp>| until.is_none_or(|until| s.now < until);
        let mut delegations = self.review()?.delegations.iter();
        if delegations.any(|known| known.from == absent.id && known.task == *task && lasts(known.until)) {
            return None;
        }
        let facts = SignOffFacts { actor: absent, credential: Credential::Clock, password: None, ..s.clone() };
        let until = Some(Until::Moment(absence.until));
        let Ok(Outcome::Changed(mut transition)) = self.clone().delegate(task.clone(), to, until, &facts) else { return None };
        if let Event::Delegated { absent: known, .. } = &mut transition.event {
            *known = Some(absent.id);
        }
        Some(*transition)
    }
}
