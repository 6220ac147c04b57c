//! The states of reviews that a profile has looked at. A decision bears the tag of the state that its person saw, so that nobody decides
//! on something else.

use crate::secret_file::write_private;
use app::Tag;
use domain::SignOffRef;
use serde::{Deserialize, Serialize};
use std::{fs, io, os::unix::fs::DirBuilderExt, path::PathBuf};

/// How many reviews a profile remembers. The one that was looked at longest ago is forgotten first.
const MOST: usize = 500;

/// The reviews that one profile has looked at, in a file that only its owner can read.
pub struct SeenReviews {
    file: PathBuf,
    server: String,
}

/// The file.
#[derive(Default, Serialize, Deserialize)]
struct Reviews {
    /// The last one looked at is the last.
    reviews: Vec<Review>,
}

/// A review, and its state when somebody looked at it.
#[derive(PartialEq, Eq, Serialize, Deserialize)]
struct Review {
    server: String,
    sign_off: String,
    tag: String,
}

impl SeenReviews {
    /// Those in this file, on this server.
    pub fn new(file: PathBuf, server: &str) -> Self {
        Self { file, server: server.to_owned() }
    }

    /// The tag of the state that was looked at last.
    pub fn tag(&self, sign_off: &SignOffRef) -> Option<String> {
        let reviews = self.read().reviews;
        reviews.into_iter().rev().find(|review| self.is_of(review, sign_off)).map(|review| review.tag)
    }

    /// Remembers that somebody looked at this state.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep(&self, sign_off: &SignOffRef, tag: &str) -> io::Result<()> {
        let mut seen = self.read();
        seen.reviews.retain(|review| !self.is_of(review, sign_off));
        let review = Review { server: self.server.clone(), sign_off: sign_off.to_string(), tag: tag.to_owned() };
        seen.reviews.push(review);
        let forgotten = seen.reviews.len().saturating_sub(MOST);
        seen.reviews.drain(..forgotten);
        if let Some(folder) = self.file.parent() {
            fs::DirBuilder::new().recursive(true).mode(0o700).create(folder)?;
        }
        write_private(&self.file, &serde_json::to_string(&seen)?)
    }

    /// Remembers the state after a change of one's own, if the state right before was looked at: what came with the change is known.
    ///
    /// # Errors
    /// A file that cannot be written.
    pub fn keep_own_change(&self, sign_off: &SignOffRef, tag: &str) -> io::Result<()> {
        let follows = self.tag(sign_off).is_some_and(|before| follows(&before, tag));
        if follows { self.keep(sign_off, tag) } else { Ok(()) }
    }

    /// What is remembered. A file that cannot be read is as good as none: nothing was looked at.
    fn read(&self) -> Reviews {
        let text = fs::read(&self.file).unwrap_or_default();
        serde_json::from_slice(&text).unwrap_or_default()
    }

    fn is_of(&self, review: &Review, sign_off: &SignOffRef) -> bool {
        review.server == self.server && review.sign_off == sign_off.to_string()
    }
}

/// Whether a tag is the one right after another, in the same round: `r1.5` after `r1.4`.
fn follows(before: &str, after: &str) -> bool {
    match (before.parse::<Tag>(), after.parse::<Tag>()) {
        (Ok(Tag::Review { step, round, revision }), Ok(after)) => {
            revision.checked_add(1).is_some_and(|revision| after == Tag::Review { step, round, revision })
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::VersionRef;
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn a_profile_remembers_what_it_saw_last_and_no_more_than_it_may() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("seen/approver.json");
        let seen = SeenReviews::new(file.clone(), "https://one.example");
        let version = |number: usize| SignOffRef::from(format!("diagnosis/tumour:{number}").parse::<VersionRef>().unwrap());
        assert_eq!(seen.tag(&version(1)), None);
        for number in 1..=MOST + 10 {
            seen.keep(&version(number), &format!("r1.{number}")).unwrap();
        }
        assert_eq!((seen.tag(&version(10)), seen.tag(&version(11)).as_deref()), (None, Some("r1.11")));
        seen.keep(&version(11), "r2.1").unwrap();
        assert_eq!(seen.tag(&version(11)).as_deref(), Some("r2.1"));
        assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(SeenReviews::new(file.clone(), "https://two.example").tag(&version(11)), None, "another server's");
        fs::write(&file, "{").unwrap();
        assert_eq!(seen.tag(&version(11)), None);
        seen.keep(&version(11), "r2.2").unwrap();
        assert_eq!(seen.tag(&version(11)).as_deref(), Some("r2.2"));
    }

    #[test]
    fn after_a_change_of_ones_own_the_next_state_is_known_and_no_later_one() {
        let folder = tempfile::tempdir().unwrap();
        let seen = SeenReviews::new(folder.path().join("approver.json"), "https://one.example");
        let version = SignOffRef::from("diagnosis/tumour:1".parse::<VersionRef>().unwrap());
        seen.keep_own_change(&version, "r1.2").unwrap();
        assert_eq!(seen.tag(&version), None, "nobody has looked at it");
        seen.keep(&version, "r1.2").unwrap();
        for (after, known) in [("r1.4", "r1.2"), ("r2.3", "r1.2"), ("x", "r1.2"), ("r1.3", "r1.3"), ("r1.4", "r1.4")] {
            seen.keep_own_change(&version, after).unwrap();
            assert_eq!(seen.tag(&version).as_deref(), Some(known), "after {after}");
        }
    }
}
