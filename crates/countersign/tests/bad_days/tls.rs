//! A server that speaks TLS itself: with a certificate that clients can check, and that is renewed while the server runs.

use crate::common::{
    cli::Terminal,
    scene::{PASSWORD, Place},
    serve::Serve,
};
use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::{Duration, Instant},
};

/// An authority with a certificate for this machine, in a folder.
fn authority(folder: &Path) -> PathBuf {
    fs::create_dir_all(folder).unwrap();
    fs::write(folder.join("names"), "subjectAltName=IP:127.0.0.1\nbasicConstraints=CA:FALSE\n").unwrap();
    for step in [
        "req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=authority -keyout authority-key.pem -out authority.pem",
        "req -newkey rsa:2048 -nodes -subj /CN=server -keyout key.pem -out request.pem",
        "x509 -req -in request.pem -CA authority.pem -CAkey authority-key.pem -CAcreateserial -days 2 -extfile names -out cert.pem",
    ] {
        let made = Command::new("openssl").args(step.split(' ')).current_dir(folder).stderr(Stdio::null()).status();
        assert!(made.expect("openssl makes certificates").success(), "{step}");
    }
    folder.join("authority.pem")
}

/// A client that trusts this authority and no other.
fn client(authority: &Path) -> reqwest::Client {
    // A second installation fails, and then the first one is there.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let certificate = reqwest::Certificate::from_pem(&fs::read(authority).unwrap()).unwrap();
    reqwest::Client::builder().no_proxy().tls_certs_only([certificate]).build().unwrap()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_server_speaks_tls_and_takes_a_renewed_certificate() {
    let place = Place::sqlite();
    let (first, second, used) = (place.desk().join("first"), place.desk().join("second"), place.desk().join("used"));
    let (old, new) = (authority(&first), authority(&second));
    let put = |from: &Path| {
        fs::create_dir_all(&used).unwrap();
        for file in ["cert.pem", "key.pem"] {
            fs::copy(from.join(file), used.join(format!("{file}.new"))).unwrap();
            fs::rename(used.join(format!("{file}.new")), used.join(file)).unwrap();
        }
    };
    put(&first);
    let (certificate, key) = (used.join("cert.pem").display().to_string(), used.join("key.pem").display().to_string());
    let settings = [
        ("COUNTERSIGN_TLS_CERTIFICATE_FILE", &*certificate),
        ("COUNTERSIGN_TLS_KEY_FILE", &key),
        ("COUNTERSIGN_BASE_URL", "https://127.0.0.1"),
    ];
    let server = Serve::start_with(&place.data(), place.database.url(), &settings);
    let url = server.url.replace("http://", "https://");
    let health = format!("{url}/health");
    let (trusting, other) = (client(&old), client(&new));
    let answer = trusting.get(&health).send().await.unwrap();
    assert_eq!((answer.status().as_u16(), answer.headers().get("strict-transport-security").is_some()), (200, true));
    assert!(other.get(&health).send().await.is_err(), "another authority vouches for nobody here");
    assert!(trusting.get(format!("{}/health", server.url)).send().await.is_err(), "nothing is answered in the clear");
    // The command line takes the authority from where programs on Unix look for one.
    let invited = place.admin(&["create-administrator", "root"]).done().json();
    let code = invited["invitation"].as_str().unwrap();
    let login = ["login", &url, "--profile", "root", "--invitation", code];
    Terminal::new(place.desk()).run_with(&login, PASSWORD).refused(8, "SSL_CERT_FILE");
    let trusted = Terminal::new(place.desk()).with("SSL_CERT_FILE", &old);
    trusted.run_with(&login, PASSWORD).done();
    assert!(trusted.run(&["whoami"]).done().stdout.contains("root"));

    put(&second);
    let end = Instant::now() + Duration::from_secs(60);
    while client(&new).get(&health).send().await.is_err() {
        assert!(Instant::now() < end, "the renewed certificate is not taken: {}", server.log());
    }
    // A certificate that cannot be used changes nothing.
    fs::write(used.join("cert.pem"), "no certificate").unwrap();
    let end = Instant::now() + Duration::from_secs(60);
    while !server.log().contains("cannot be used; the one from before goes on") {
        assert!(Instant::now() < end, "{}", server.log());
    }
    assert_eq!(client(&new).get(&health).send().await.unwrap().status(), 200);
    server.stop();
}

#[test]
fn what_is_no_certificate_is_refused_at_the_start() {
    let place = Place::sqlite();
    let (one, other) = (place.desk().join("one"), place.desk().join("other"));
    authority(&one);
    authority(&other);
    let serve = |settings: &[(&str, &Path)]| {
        let terminal = settings.iter().fold(Terminal::new(place.desk()), |terminal, (name, path)| terminal.with(name, path));
        terminal.run(&["serve", "--listen", "127.0.0.1:0", "--data", "data"])
    };
    let (certificate, key) = ("COUNTERSIGN_TLS_CERTIFICATE_FILE", "COUNTERSIGN_TLS_KEY_FILE");
    serve(&[(certificate, &one.join("cert.pem"))]).refused(2, "belong together");
    serve(&[(certificate, &one.join("cert.pem")), (key, &other.join("key.pem"))])
        .refused(2, "does not belong to the certificate");
    serve(&[(certificate, &one.join("names")), (key, &one.join("key.pem"))]).refused(2, "no certificate in PEM");
    serve(&[(certificate, &one.join("cert.pem")), (key, &one.join("none.pem"))]).refused(2, "none.pem");
    // The doctor says so before the start.
    let (good, bad) = (one.join("cert.pem"), other.join("key.pem"));
    for (key_file, state, words) in [(&one.join("key.pem"), "ok", "cert.pem"), (&bad, "wrong", "does not belong to")] {
        let doctor = Terminal::new(place.desk()).with(certificate, &good).with(key, key_file).run(&["doctor", "--data", "data"]);
        let line = doctor.stdout.lines().find(|line| line.contains("TLS")).unwrap_or_else(|| panic!("{doctor:?}"));
        assert!(line.starts_with(state) && line.contains(words), "{doctor:?}");
    }
}
