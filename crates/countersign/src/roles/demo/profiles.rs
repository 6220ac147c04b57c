//! A profile of the command line for each person of the demo.

use super::stage::Stage;
use crate::client::{Profile, Profiles};
use std::collections::BTreeMap;

/// Keeps a profile with the token of each person.
///
/// # Errors
/// When a profile cannot be written.
pub fn keep(stage: &Stage, people: &BTreeMap<&'static str, String>) -> anyhow::Result<()> {
    let profiles = Profiles::in_folder(&stage.config());
    for (account, token) in people {
        let profile = Profile { url: stage.words["url"].clone(), user: (*account).to_owned(), token: token.clone() };
        let kept = profiles.save(&account.parse()?, &profile);
        kept.map_err(|failure| anyhow::anyhow!(failure.in_one_line()))?;
    }
    Ok(())
}
