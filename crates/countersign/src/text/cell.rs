//! Values in a line of the terminal. The only way to a [`Cell`] removes what a terminal would act on.

use super::plain::plain;
use app::{Tag, views::Outcome};
use domain::{
    DeliveryId, Digest, DisplayName, Duration, MessageId, Name, SlotName, StatementId, Timestamp, TokenId, VersionRef,
    access::Scope, deployment, gate, health, infrastructure, people, signoff, turn::Expected, workflow::StepStatus,
};
use serde::Serialize;
use serde_json::Value;
use std::fmt;

/// Text on one line without anything that a terminal would act on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cell(String);

impl Cell {
    /// This text; `-` where it is empty.
    pub fn new(text: impl AsRef<str>) -> Self {
        match plain(text.as_ref()) {
            empty if empty.is_empty() => Self("-".to_owned()),
            text => Self(text),
        }
    }

    /// A cell that stays empty, where a `-` would say too much.
    pub fn blank() -> Self {
        Self(String::new())
    }

    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// How many characters it has.
    pub fn width(&self) -> usize {
        self.0.chars().count()
    }

    /// The same in at most so many characters; the last of them says that there is more.
    pub fn cut(&self, most: usize) -> Self {
        if self.width() <= most {
            return self.clone();
        }
        Self(self.0.chars().take(most.saturating_sub(1)).chain(['…']).collect())
    }

    /// Whether there is nothing to show.
    pub fn is_empty(&self) -> bool {
        self.0 == "-"
    }
}

impl fmt::Display for Cell {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.0)
    }
}

/// A value that has a form for the terminal.
pub trait Show {
    /// The value as one cell.
    fn cell(&self) -> Cell;
}

/// Values that read in the terminal as they are written everywhere.
macro_rules! as_written {
    ($($type:ty),* $(,)?) => {$(
        impl Show for $type {
            fn cell(&self) -> Cell {
                Cell::new(self.to_string())
            }
        }
    )*};
}

as_written! {
    &str, String, Tag, u8, u32, u64, usize,
    DeliveryId, Digest, DisplayName, Duration, MessageId, Name, SlotName, StatementId, TokenId, VersionRef,
    Scope, deployment::Basis, deployment::PolicyStanding, deployment::RevisionKind, gate::Verdict, health::HealthStatus,
    health::NodeState, infrastructure::OnLapse, infrastructure::Policy, domain::mail::MailSecurity, people::AccountKind, people::InstanceRole,
    signoff::Status, signoff::Verdict,
}

impl Show for Cell {
    fn cell(&self) -> Cell {
        self.clone()
    }
}

impl Show for bool {
    fn cell(&self) -> Cell {
        Cell::new(if *self { "yes" } else { "no" })
    }
}

impl Show for f64 {
    fn cell(&self) -> Cell {
        Cell::new(format!("{self:?}"))
    }
}

impl Show for Timestamp {
    /// To the second.
    fn cell(&self) -> Cell {
        let text = self.to_string();
        match text.rsplit_once('.') {
            Some((second, _)) => Cell::new(format!("{second}Z")),
            None => Cell::new(text),
        }
    }
}

impl Show for Expected {
    fn cell(&self) -> Cell {
        Cell::new(word(self).replace('_', " "))
    }
}

impl Show for Outcome {
    fn cell(&self) -> Cell {
        Cell::new(word(self).replace('_', " "))
    }
}

impl Show for StepStatus {
    fn cell(&self) -> Cell {
        Cell::new(word(self))
    }
}

/// The word of the API.
fn word(value: &impl Serialize) -> String {
    serde_json::to_value(value).ok().as_ref().and_then(Value::as_str).unwrap_or_default().to_owned()
}

impl<T: Show> Show for Option<T> {
    fn cell(&self) -> Cell {
        self.as_ref().map_or_else(|| Cell::new(""), Show::cell)
    }
}

impl<T: Show> Show for Vec<T> {
    fn cell(&self) -> Cell {
        Cell::new(self.iter().map(|item| item.cell().0).collect::<Vec<_>>().join(", "))
    }
}

/// A value whose form only its author knows: an output of a model, a field that this program does not know.
impl Show for Value {
    fn cell(&self) -> Cell {
        match self {
            Self::Null => Cell::new(""),
            Self::Bool(yes) => yes.cell(),
            Self::String(text) => Cell::new(text),
            Self::Array(items) => items.cell(),
            Self::Object(_) => Cell::new(self.to_string()),
            Self::Number(number) => Cell::new(number.to_string()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn no_value_reaches_the_terminal_as_a_command() {
        assert_eq!(Cell::new("a\u{1b}[31mb\nc\u{202e}").as_str(), "a[31mb c");
        assert_eq!(vec!["x\u{8}".to_owned(), "y\u{9b}".to_owned()].cell().as_str(), "x, y");
        assert_eq!(json!(["x\u{8}", {"k\u{1b}": "v\u{9b}"}]).cell().as_str(), "x, {\"k\\u001b\":\"v\"}");
    }

    #[test]
    fn cells_say_what_there_is() {
        for (value, text) in [
            (json!(null), "-"),
            (json!(""), "-"),
            (json!([]), "-"),
            (json!(["a", 1]), "a, 1"),
            (json!(true), "yes"),
            (json!(0.993), "0.993"),
            (json!("2026-11-23T09:30:00.123456Z"), "2026-11-23T09:30:00.123456Z"),
        ] {
            assert_eq!(value.cell().as_str(), text);
        }
        assert_eq!((None::<u32>.cell().as_str(), 1.0.cell().as_str()), ("-", "1.0"));
        assert_eq!(Expected::GiveFeedback.cell().as_str(), "give feedback");
        assert_eq!(StepStatus::NotStarted.cell().as_str(), "not_started");
    }

    #[test]
    fn times_are_shown_to_the_second_and_peoples_text_is_left_alone() {
        let text = "2026-11-23T09:30:00.123456Z";
        assert_eq!(text.parse::<Timestamp>().unwrap().cell().as_str(), "2026-11-23T09:30:00Z");
        assert_eq!(text.to_owned().cell().as_str(), text);
    }
}
