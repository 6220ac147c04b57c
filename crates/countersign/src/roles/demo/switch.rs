//! The switch to be each person of the demo, and the tour: what a server of the demo shows above every page.

use super::people::{APPROVER, AUDITOR, OPERATOR, PERSONAS, RISK, SCIENTIST};
use crate::{config::Config, failure::Failure, secret_file::read_secret};
use std::path::Path;
use web::{Catcher, Demo, Persona, TourPage, TourStep};

/// The files of a demo's folder.
pub const PASSWORD: &str = "password";
pub const WEBHOOK_SECRET: &str = "webhook-secret";
pub const MAILS: &str = "mails";

/// The people and the tour, for a server that listens on this machine only.
///
/// # Errors
/// A server that others could reach; a folder without the password.
pub fn switch(folder: &Path, has_tour: bool, config: &Config) -> Result<Demo, Failure> {
    if !config.listen.ip().is_loopback() || config.trust_forwarded_for {
        return Err(Failure::usage(format!(
            "a server of the demo listens on its own machine only, and {} can be reached from elsewhere",
            config.listen
        )));
    }
    let password = read_secret(&folder.join(PASSWORD), "--demo")?;
    let secret = read_secret(&folder.join(WEBHOOK_SECRET), "--demo")?;
    let catcher = Catcher::new(Some(secret), worker::is_signed);
    let wrong = |error: String| Failure::failed(format!("the demo names nobody: {error}"));
    let persona = |persona: &super::people::Persona| {
        let account = persona.account.parse().map_err(|error| wrong(format!("{error}")))?;
        Ok(Persona { account, name: persona.name.to_owned(), does: persona.does.to_owned() })
    };
    let personas = PERSONAS.iter().map(persona).collect::<Result<_, Failure>>()?;
    let tour = if has_tour { tour().map_err(|error| wrong(format!("{error:#}")))? } else { Vec::new() };
    Ok(Demo { personas, password, tour, mails: folder.join(MAILS), catcher })
}

/// The six steps.
fn tour() -> anyhow::Result<Vec<TourStep>> {
    let version = |name: &str| name.parse().map_err(|error| anyhow::anyhow!("{name}: {error}"));
    let step = |account: &str, words: &str, page, command: &str| {
        let command = format!("countersign --profile {account} {command}");
        anyhow::Ok(TourStep { words: words.to_owned(), account: account.parse()?, page, command })
    };
    Ok(vec![
        step(
            SCIENTIST,
            "Version 8 of the tumour model is new: the data scientist requests its review.",
            TourPage::Version(version("diagnosis/tumour:8")?),
            "review request diagnosis/tumour:8",
        )?,
        step(
            RISK,
            "A first version waits for feedback: the risk officer answers for Risk & Compliance.",
            TourPage::Version(version("diagnosis/triage-priority:1")?),
            r#"feedback give diagnosis/triage-priority:1 --slot "Risk & Compliance" --verdict minor-issue --comment "Say who checks the referrals that were moved up.""#,
        )?,
        step(
            APPROVER,
            "Version 5 of the credit model has its feedback: the final approver compares it with version 4 in production, and decides.",
            TourPage::Version(version("lending/credit-risk:5")?),
            r#"approve lending/credit-risk:5 --comment "The booking system follows the new output." --valid-for 180d"#,
        )?,
        step(
            OPERATOR,
            "Version 7 of the tumour model is not approved: the platform engineer deploys it to production, and meets the gate.",
            TourPage::Deploy {
                infrastructure: "hospital-prod".parse()?,
                service: "tumour".parse()?,
                version: version("diagnosis/tumour:7")?,
            },
            "deploy hospital-prod/tumour diagnosis/tumour:7",
        )?,
        step(
            OPERATOR,
            "The approval of the tissue segmentation ended while the model served: the platform engineer finds the service first on the page of its infrastructure, with the ways out.",
            TourPage::Infrastructure("hospital-prod".parse()?),
            "deployment list hospital-prod",
        )?,
        step(
            AUDITOR,
            "The sign-off sheet of version 6 says who decided what, when and why: the auditor reads it, and the record behind it.",
            TourPage::Sheet(version("diagnosis/tumour:6")?, 1),
            "audit list --version diagnosis/tumour:6",
        )?,
    ])
}
