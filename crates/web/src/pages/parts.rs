//! The parts of pages that templates cannot draw by themselves: icons, badges, seals, times. Each gives markup; what people typed is
//! escaped on the way in.

pub(crate) mod chart;
pub(crate) mod comparison;
pub(crate) mod events;
pub(crate) mod icons;
pub(crate) mod markdown;
pub(crate) mod seal;
pub(crate) mod status;
pub(crate) mod strip;
pub(crate) mod time;
pub(crate) mod words;

pub(crate) use icons::{icon, mark, sprite};
pub(crate) use markdown::markdown;
pub(crate) use seal::{Force, seal};
pub(crate) use status::{badge, forecast};
pub(crate) use time::{ago, at, due, exact, span};
pub(crate) use words::{clipped, count, escaped, fours, initials, sentence, short, size, thousands, who};

use askama::filters::HtmlSafe;
use std::fmt;

/// Text that is markup already.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Markup(pub(crate) String);

impl fmt::Display for Markup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl HtmlSafe for Markup {}
