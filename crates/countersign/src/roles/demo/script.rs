//! The script: a hospital's tumour model, from nothing to predictions that were denied, approved, served and
//! taken back, by commands that a person would type.

mod step;

use super::stage::Stage;
use crate::exit::Exit;
use step::{Step, by, console};

/// Plays it from the beginning to the end.
///
/// # Errors
/// The first step that differs.
pub async fn play(stage: &mut Stage) -> anyhow::Result<()> {
    stage.lay_out_models()?;
    stage.start_server(&[], &[]).await?;
    let acts: [(&str, Vec<Step>); 10] = [
        ("An administrator, and the people", people()),
        ("A project, its reviewers, and three infrastructures", set_up()),
        ("Two nodes that serve production, and trust nothing but the server's key", nodes()),
        ("A version, and what each policy makes of it unapproved", unapproved()),
        ("The review", review()),
        ("Approved: the gate opens", deployed()),
        ("A second version takes a tenth of the requests, and goes back", second_version()),
        ("A third version is rejected", rejected()),
        ("The approval is revoked", revoked()),
        ("Who did what, and whether it is true", audit()),
    ];
    for (title, steps) in acts {
        println!("# {title}\n");
        for step in steps {
            step.play(stage).await?;
        }
    }
    Ok(())
}

/// When the server is gone, a pipeline that cannot ask the gate is denied.
///
/// # Errors
/// When that differs.
pub async fn after_the_end(stage: &mut Stage) -> anyhow::Result<()> {
    println!("# The server is gone: a gate that cannot ask is a denial\n");
    by("operator", "gate --infra staging diagnosis/tumour:2").ends(Exit::Unreachable).play(stage).await
}

fn people() -> Vec<Step> {
    let mut steps = vec![
        console("admin create-administrator root --data {data} --database {database}").keeping_invitation(),
        console("login {url} --profile root --invitation {invitation}").typing_password(),
    ];
    let accounts = [
        (
            r#"user create scientist --name "Data scientist" --email scientist@example.org"#,
            "login {url} --profile scientist --invitation {invitation}",
        ),
        (
            r#"user create itops --name "IT operations" --email itops@example.org"#,
            "login {url} --profile itops --invitation {invitation}",
        ),
        (
            r#"user create riskofficer --name "Risk officer" --email riskofficer@example.org"#,
            "login {url} --profile riskofficer --invitation {invitation}",
        ),
        (
            r#"user create business --name "Business owner" --email business@example.org"#,
            "login {url} --profile business --invitation {invitation}",
        ),
        (
            r#"user create approver --name "Final approver" --email approver@example.org"#,
            "login {url} --profile approver --invitation {invitation}",
        ),
        (
            r#"user create operator --name "Operator" --email operator@example.org"#,
            "login {url} --profile operator --invitation {invitation}",
        ),
        (
            r#"user create auditor --name "Auditor" --email auditor@example.org --role auditor"#,
            "login {url} --profile auditor --invitation {invitation}",
        ),
    ];
    for (create, login) in accounts {
        steps.push(by("root", create).keeping_invitation());
        steps.push(console(login).typing_password());
    }
    // An invitation is good for one person, once.
    steps.push(console("login {url} --profile thief --invitation {invitation}").typing_password().ends(Exit::NotPermitted));
    steps
}

fn set_up() -> Vec<Step> {
    vec![
        by("root", "group create risk"),
        by("root", "group add risk riskofficer"),
        by("root", r#"project create diagnosis --name "Tumour diagnosis""#),
        by("root", "project member add diagnosis scientist --role contributor"),
        by(
            "root",
            r#"reviewers set diagnosis --slot "IT & Operations=user:itops" --slot "Risk & Compliance=group:risk" --slot "Business=user:business" --approver user:approver"#,
        ),
        by("root", "infra create sandbox --stage test").ends(Exit::Usage),
        by("root", "infra create production --stage production --policy prevent --on-lapse disable"),
        by("root", "infra create staging --stage test --policy warn"),
        by("root", "infra create sandbox --stage test --policy allow"),
        by("root", "infra member add production operator --role deployer"),
        by("root", "infra member add staging operator --role deployer"),
        by("root", "infra member add sandbox operator --role deployer"),
    ]
}

fn nodes() -> Vec<Step> {
    vec![
        console("admin public-key --data {data} --database {database}").says("BEGIN PUBLIC KEY").keeping_as("countersign.pem"),
        by("root", "token create --service node-1 --scope node --save {folder}/node-1.token"),
        by("root", "infra member add production node-1 --role node"),
        by("root", "token create --service node-2 --scope node --save {folder}/node-2.token"),
        by("root", "infra member add production node-2 --role node"),
        console("node --server {url} --infra production --token-file {folder}/node-1.token --trust {folder}/countersign.pem --listen {node-1} --cache {folder}/node-1 --name node-1")
            .staying_up_at("node-1"),
        console("node --server {url} --infra production --token-file {folder}/node-2.token --trust {folder}/countersign.pem --listen {node-2} --cache {folder}/node-2 --name node-2")
            .staying_up_at("node-2"),
        by("operator", "infra nodes production").says("node-1").says("ONNX Runtime 1.31.1").soon(),
    ]
}

fn unapproved() -> Vec<Step> {
    vec![
        by("scientist", "model create diagnosis/tumour"),
        by(
            "scientist",
            "version create diagnosis/tumour {folder}/logistic-regression --metric auc=0.9985 --metric accuracy=0.9883 --param C=1.0 --tag data=wdbc --notes {folder}/logistic-regression/notes.md",
        )
        .says("diagnosis/tumour:1"),
        by("scientist", "version show diagnosis/tumour:1").says("development"),
        by("operator", "gate --infra production diagnosis/tumour:1").ends(Exit::Denied).says("deny"),
        by("operator", "deploy production/tumour diagnosis/tumour:1").ends(Exit::Denied).says("not_started"),
        by("operator", "deploy staging/tumour diagnosis/tumour:1").ends(Exit::NotAcknowledged),
        by("operator", r#"deploy staging/tumour diagnosis/tumour:1 --acknowledge "Load test over the weekend""#).says("acknowledged"),
        by("operator", "deploy sandbox/tumour diagnosis/tumour:1").says("unapproved"),
    ]
}

fn review() -> Vec<Step> {
    vec![
        by("scientist", "review request diagnosis/tumour:1 --notify all").says("waiting_for_feedback"),
        by("itops", "inbox").says("diagnosis/tumour:1"),
        by(
            "itops",
            r#"feedback give diagnosis/tumour:1 --slot "IT & Operations" --verdict approve --comment "Loads in a second.""#,
        ),
        by("riskofficer", r#"feedback give diagnosis/tumour:1 --slot "Risk & Compliance" --verdict minor-issue"#)
            .ends(Exit::Usage),
        by(
            "riskofficer",
            r#"feedback give diagnosis/tumour:1 --slot "Risk & Compliance" --verdict minor-issue --comment "Say in the notes which patients it was not tested on.""#,
        ),
        by("business", r#"feedback give diagnosis/tumour:1 --slot "Business" --verdict approve"#),
        by("scientist", "review show diagnosis/tumour:1"),
        by("scientist", r#"approve diagnosis/tumour:1 --comment "Looks good to me.""#).ends(Exit::NotPermitted),
        by("scientist", "review final diagnosis/tumour:1").says("waiting_for_approval"),
        by("approver", "inbox").says("diagnosis/tumour:1"),
        by("approver", "review show diagnosis/tumour:1").says("Risk & Compliance"),
        by("approver", r#"approve diagnosis/tumour:1 --comment "The issue is minor and is in the next notes." --valid-for 180d"#)
            .says("approved"),
        by("approver", r#"reject diagnosis/tumour:1 --comment "Second thoughts.""#).ends(Exit::Conflict),
    ]
}

fn deployed() -> Vec<Step> {
    vec![
        by("operator", "gate --infra production diagnosis/tumour:1").says("allow"),
        by("operator", "predict production/tumour --input {folder}/patients.json").ends(Exit::NotFound),
        by("operator", "deploy production/tumour diagnosis/tumour:1 --wait").says("approved").says("healthy"),
        by("operator", "predict production/tumour --input {folder}/patients.json").says("diagnosis/tumour:1").says("0.91617584"),
        by("operator", "deployment show production/tumour").says("in_policy").says("healthy"),
        by("scientist", "version show diagnosis/tumour:1").says("production"),
        by("scientist", "version download diagnosis/tumour:1 {folder}/downloaded"),
    ]
}

fn second_version() -> Vec<Step> {
    vec![
        by("scientist", "version create diagnosis/tumour {folder}/gradient-boosting --metric auc=0.9898 --metric accuracy=0.9532 --param learning_rate=0.1 --tag data=wdbc --notes {folder}/gradient-boosting/notes.md").says("diagnosis/tumour:2"),
        by("scientist", "review request diagnosis/tumour:2 --skip-feedback").says("waiting_for_approval"),
        by("approver", "review show diagnosis/tumour:2"),
        by("approver", r#"approve diagnosis/tumour:2 --comment "As a trial, on a tenth of the requests.""#),
        by("operator", "deploy production/tumour diagnosis/tumour:1=90 diagnosis/tumour:2=20").ends(Exit::Usage).says("110"),
        by("operator", "deploy production/tumour diagnosis/tumour:1=90 diagnosis/tumour:2=10 --wait").says("90"),
        by("operator", "predict production/tumour --input {folder}/patients.json").says("approved      yes"),
        by("operator", "deployment rollback production/tumour"),
        by("operator", "deployment list production").says("tumour"),
    ]
}

fn rejected() -> Vec<Step> {
    vec![
        by("scientist", "version create diagnosis/tumour {folder}/random-forest --metric auc=0.9928 --metric accuracy=0.9591 --param trees=41 --tag data=wdbc --notes {folder}/random-forest/notes.md").says("diagnosis/tumour:3"),
        by("scientist", "review request diagnosis/tumour:3"),
        by("riskofficer", r#"feedback give diagnosis/tumour:3 --slot "Risk & Compliance" --verdict major-issue --comment "Recall is below what the protocol asks for.""#),
        by("approver", "review show diagnosis/tumour:3"),
        by("approver", "approve diagnosis/tumour:3").ends(Exit::Usage).says("major issue"),
        by("approver", r#"reject diagnosis/tumour:3 --comment "Recall comes first.""#).says("rejected"),
        by("scientist", "review request diagnosis/tumour:3").ends(Exit::Conflict).says("locked"),
        by("operator", "deploy production/tumour diagnosis/tumour:3").ends(Exit::Denied),
        by("root", "review reset diagnosis/tumour:3").says("not_started"),
    ]
}

fn revoked() -> Vec<Step> {
    vec![
        by("approver", r#"revoke diagnosis/tumour:1 --comment "The scanner that its data came from was calibrated wrongly.""#)
            .says("revoked"),
        by("operator", "predict production/tumour --input {folder}/patients.json")
            .ends(Exit::Unreachable)
            .says("calibrated wrongly")
            .soon(),
        by("operator", "deployment show production/tumour").says("disabled").says("out_of_policy"),
        by("operator", "deploy production/tumour diagnosis/tumour:1").ends(Exit::Denied).says("revoked"),
        by("root", "infra policy production warn").ends(Exit::Usage),
        by("root", r#"infra policy production warn --reason "The old scanner is out of use; its images are checked by hand.""#)
            .says("warn"),
        by("root", r#"infra policy production prevent --reason "Back to normal.""#).says("prevent"),
        by("operator", "deployment stop production/tumour").says("stopped"),
    ]
}

fn audit() -> Vec<Step> {
    vec![
        by("scientist", "review history diagnosis/tumour:1").says("review.approved"),
        by("auditor", "audit list --since 1h").says("deployment.refused"),
        by("auditor", "deploy production/tumour diagnosis/tumour:2").ends(Exit::NotPermitted),
        console("admin verify-store --data {data} --database {database}"),
    ]
}
