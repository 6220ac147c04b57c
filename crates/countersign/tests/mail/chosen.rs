//! An administrator chooses the mail server while the server runs: mails go out from then on, by TLS and with a login, and what a restart finds is the same.

use crate::{
    common::{scene::Place, serve::Serve},
    failing, give_addresses, text,
    tls_server::TlsServer,
    until,
};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_mail_server_that_an_administrator_chooses_gets_the_mails() {
    let Some(mail) = TlsServer::start() else {
        println!("COUNTERSIGN_TEST_PYTHON is not set: no mail is sent");
        return;
    };
    let (place, server) = (Place::sqlite(), format!("127.0.0.1:{}", mail.port));
    let serve = Serve::start_with(&place.data(), place.database.url(), &[]);
    let people = place.set(&serve).await;
    give_addresses(&people).await;
    let (root, scientist) = (place.terminal(&people.root), place.terminal(&people.scientist));
    assert!(root.run(&["mail", "server", "show"]).done().stdout.contains("nobody gets a mail"));
    let set = |server: &str| {
        let mut set = vec!["mail", "server", "set", server, "--from", "Countersign <countersign@example.org>"];
        set.extend(["--username", "countersign", "--authority"]);
        set.into_iter().map(str::to_owned).chain([mail.authority()]).collect::<Vec<_>>()
    };
    let chosen = set(&server);
    let chosen: Vec<_> = chosen.iter().map(String::as_str).collect();
    scientist.run_with(&chosen, "a secret\n").refused(6, "administrators");
    root.run_with(&chosen, "\n").refused(2, "give the password");
    // A wrong password, and then the right one, while the server runs.
    let kept = root.run_with(&chosen, "another secret\n").done();
    assert!(kept.stdout.contains("an administrator") && !kept.stdout.contains("secret"), "{kept:?}");
    root.run(&["mail", "test"]).done();
    let failure = text(&failing(&people.root).await["message"]);
    assert!(failure.contains("535") && !failure.contains("secret"), "{failure}");
    root.run_with(&chosen, "a secret\n").done();
    until(&people.root, "sent", 1).await;
    assert!(mail.recipients().starts_with("root@example.org <"), "{}", mail.recipients());
    // Another place needs the password again; the same place does not.
    let elsewhere = set("127.0.0.1:9");
    root.run_with(&elsewhere.iter().map(String::as_str).collect::<Vec<_>>(), "\n").refused(2, "give the password");
    root.run_with(&chosen, "\n").done();
    serve.stop();

    let serve = Serve::start_with(&place.data(), place.database.url(), &[]);
    let people = people.at(&serve.url);
    let root = place.terminal(&people.root);
    root.run(&["mail", "test"]).done();
    until(&people.root, "sent", 2).await;
    root.run(&["mail", "server", "remove"]).done();
    root.run(&["mail", "test"]).refused(7, "no mail server is set up");
    serve.stop();
    for file in ["countersign.db", "countersign.db-wal"] {
        let bytes = std::fs::read(place.data().join(file)).unwrap_or_default();
        assert!(!bytes.windows(8).any(|window| window == b"a secret"), "{file} holds the password");
    }

    // What the configuration says holds.
    let from = [("COUNTERSIGN_MAIL_SERVER", &*server), ("COUNTERSIGN_MAIL_FROM", "a@example.org")];
    let serve = Serve::start_with(&place.data(), place.database.url(), &from);
    let root = place.terminal(&people.at(&serve.url).root);
    assert!(root.run(&["mail", "server", "show"]).done().stdout.contains("configuration"));
    root.run_with(&chosen, "a secret\n").refused(7, "configuration");
    serve.stop();
}
