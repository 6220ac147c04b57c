//! Mails into a folder, with templates of one's own, gathered in the morning; and the commands about absence.

use crate::{
    common::{
        scene::Place,
        serve::{Serve, command},
    },
    give_addresses, request, until,
};
use serde_json::json;
use std::{fs, path::Path, time::Instant};

const FROM: (&str, &str) = ("COUNTERSIGN_MAIL_FROM", "countersign@example.org");

/// The mails of a folder, each as it stands in its file.
fn mails(folder: &Path) -> Vec<String> {
    let files = fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
    files.filter(|path| path.extension().is_some_and(|end| end == "eml")).map(|path| fs::read_to_string(path).unwrap()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn mails_go_into_a_folder_in_ones_own_words() {
    let place = Place::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let (templates, out) = (folder.path().join("templates"), folder.path().join("mails"));
    let own = templates.display().to_string();
    let admin = |arguments: &[&str]| command(&[]).args(arguments).output().unwrap();
    assert!(admin(&["admin", "mail-templates", &own]).status.success());
    assert_eq!(fs::read_dir(&templates).unwrap().count(), 7);
    let letter = templates.join("letter.txt");
    fs::write(&letter, "Dear {{ to }},\n{{ ask }}\n{{ link }}\n").unwrap();
    assert!(admin(&["admin", "mail-templates", &own]).status.success());
    assert!(fs::read_to_string(&letter).unwrap().starts_with("Dear"), "a file that is there stays as it is");

    let mails_to = out.display().to_string();
    let settings = [FROM, ("COUNTERSIGN_MAIL_FOLDER", mails_to.as_str()), ("COUNTERSIGN_MAIL_TEMPLATES", own.as_str())];
    let server = Serve::start_with(&place.data(), place.database.url(), &settings);
    let people = place.set(&server).await;
    give_addresses(&people).await;
    let scientist = place.terminal(&people.scientist);
    people.scientist.put("/me/messages", json!({"wanted": "each_morning"})).await.ok();
    request(&people).await;
    let sent = until(&people.root, "sent", 3).await;
    let all = mails(&out);
    assert_eq!(all.len(), sent.len());
    assert!(
        all.iter().all(|mail| mail.contains("Dear ") && mail.contains("/projects/diagnosis/models/tumour/versions/1")),
        "{all:?}"
    );
    assert!(all.iter().all(|mail| mail.contains("Subject: diagnosis/tumour:1: review requested")), "{all:?}");

    // Somebody who is away, in the terminal.
    let itops = place.terminal(&people.itops);
    assert!(itops.run(&["absence", "show"]).done().stdout.contains("no"));
    let until_then =
        itops.run(&["absence", "set", "--from", "2030-01-01", "--until", "2030-01-08", "--stand-in", "operator"]).done();
    assert!(until_then.stdout.contains("2030-01-08") && until_then.stdout.contains("operator"), "{until_then:?}");
    itops.run(&["absence", "set", "--until", "soon"]).refused(2, "write a day like");
    itops.run(&["absence", "set", "--until", "2020-01-01"]).refused(2, "over already");
    itops
        .run(&["absence", "set", "--from", "2030-01-01", "--until", "2030-01-08", "--stand-in", "itops"])
        .refused(2, "themselves");
    assert!(itops.run(&["absence", "end"]).done().stdout.contains("no"));
    assert!(scientist.run(&["mail", "want"]).done().stdout.contains("each_morning"));
    server.stop();
}

#[test]
fn a_server_does_not_start_with_mail_settings_that_cannot_work() {
    let place = Place::sqlite();
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("letter.txt"), "{{ nothing }}").unwrap();
    let (bad, out) = (folder.path().display().to_string(), folder.path().join("out").display().to_string());
    let to = ("COUNTERSIGN_MAIL_FOLDER", out.as_str());
    for (settings, says) in [
        (vec![to], "mail.from"),
        (vec![to, FROM, ("COUNTERSIGN_MAIL_SERVER", "127.0.0.1:25")], "mails take one way"),
        (vec![to, FROM, ("COUNTERSIGN_MAIL_TEMPLATES", &bad)], "letter.txt does not work in line 1"),
        (vec![to, FROM, ("COUNTERSIGN_MAIL_DIGEST_AT", "7 o'clock")], "no time of day"),
        (vec![to, FROM, ("COUNTERSIGN_MAIL_TIME_ZONE", "Europe/Nowhere")], "no time zone"),
        (vec![("COUNTERSIGN_MAIL_TIME_ZONE", "UTC")], "mail.server is not"),
    ] {
        let data = place.data();
        let run = command(&settings).args(["serve", "--listen", "127.0.0.1:0", "--data"]).arg(data).output().unwrap();
        let told = String::from_utf8_lossy(&run.stderr).into_owned();
        assert!(run.status.code() == Some(2) && told.contains(says), "{says}: {:?} {told}", run.status);
    }
}

/// A thousand reviewers and fifty reviews: 50,000 mails. `cargo test -p countersign --test mail -- --ignored fifty` prints what it took.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "takes minutes"]
async fn fifty_thousand_mails_to_a_thousand_reviewers() {
    const REVIEWERS: usize = 1000;
    const REVIEWS: usize = 50;
    let place = Place::sqlite();
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().display().to_string();
    let settings = [FROM, ("COUNTERSIGN_MAIL_FOLDER", out.as_str())];
    let server = Serve::start_with(&place.data(), place.database.url(), &settings);
    let people = place.set(&server).await;
    people.root.post("/groups", json!({"name": "everybody"})).await.ok();
    for number in 0..REVIEWERS {
        let name = format!("reviewer-{number}");
        let user = json!({"name": name, "display_name": name, "email": format!("{name}@example.org")});
        people.root.post("/users", user).await.ok();
        people.root.put(&format!("/groups/everybody/members/{name}"), json!({})).await.ok();
    }
    let reviewers = "/projects/diagnosis/reviewers";
    let slots = json!({"slots": [{"name": "Everybody", "assigned": ["group:everybody"]}], "approvers": ["user:approver"]});
    people.manager.change(reqwest::Method::PUT, reviewers, "/projects/diagnosis", &slots).await.ok();
    let begun = Instant::now();
    let mut slowest = std::time::Duration::ZERO;
    for number in 1..=REVIEWS {
        let upload = people.scientist.post("/projects/diagnosis/models/tumour/uploads", json!({})).await.ok();
        let id = upload["id"].as_str().unwrap();
        people.scientist.try_send_file(id, "model.txt", format!("model {number}").into()).await.unwrap().ok();
        people.scientist.post("/projects/diagnosis/models/tumour/versions", json!({"upload": id})).await.ok();
        let path = format!("/projects/diagnosis/models/tumour/versions/{number}/review");
        let asked = Instant::now();
        people.scientist.change(reqwest::Method::POST, &format!("{path}/request"), &path, &json!({})).await.ok();
        slowest = slowest.max(asked.elapsed());
    }
    println!("{REVIEWS} reviews were requested in {:.1?}; the slowest request took {slowest:.1?}", begun.elapsed());
    let mut last = 0;
    loop {
        let sent = fs::read_dir(folder.path()).unwrap().count();
        if sent >= REVIEWERS * REVIEWS {
            break;
        }
        if sent / 10_000 != last / 10_000 {
            println!("{sent} mails after {:.0?}", begun.elapsed());
        }
        last = sent;
        let looked = Instant::now();
        assert_eq!(people.root.get("/inbox").await.status, 200);
        assert!(looked.elapsed() < std::time::Duration::from_secs(10), "the server answers meanwhile");
    }
    println!("all {} mails after {:.0?}", REVIEWERS * REVIEWS, begun.elapsed());
    assert_eq!(mails(folder.path()).len(), REVIEWERS * REVIEWS, "each once");
    server.stop();
}
