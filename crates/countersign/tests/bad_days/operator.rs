//! What an operator reads on the server's machine: commands that work as they are printed, and a word before root takes the folder.

use crate::common::{
    cli::Terminal,
    environment,
    scene::Place,
    serve::{Serve, command},
};
use std::{
    fs,
    os::unix::fs::chown,
    time::{Duration, Instant},
};

const WITHOUT_ROOT: &str = "COUNTERSIGN_TEST_WITHOUT_ROOT";

/// As the Debian package starts it: the file is named by a variable, and no flag is given.
#[test]
fn the_first_start_prints_commands_that_name_its_configuration() {
    let place = Place::sqlite();
    let file = place.desk().join("countersign.toml");
    let settings = format!("data = {:?}\nlisten = \"127.0.0.1:0\"\n", place.data());
    fs::write(&file, settings).unwrap();
    let config = file.display().to_string();
    let server = Serve::spawn(command(&[("COUNTERSIGN_CONFIG", &config)]).arg("serve")).ready();
    let printed = format!("countersign admin create-administrator root --config {config}\n");
    let end = Instant::now() + Duration::from_secs(60);
    while !server.log().contains(&printed) {
        assert!(Instant::now() < end, "{}", server.log());
    }
    let arguments: Vec<&str> = printed.split_whitespace().skip(1).collect();
    let made = Terminal::new(place.desk()).run(&arguments).done();
    assert!(made.stderr.contains("countersign login http://countersign.example --profile root"), "{made:?}");
    server.stop();

    let backup = place.desk().join("backup").display().to_string();
    Terminal::new(place.desk()).run(&["admin", "backup", &backup, "--config", &config]).done();
    fs::remove_dir_all(place.data()).unwrap();
    let restored = Terminal::new(place.desk()).run(&["admin", "restore", &backup, "--config", &config]).done();
    assert!(restored.stderr.contains(&format!("countersign admin verify-store --files --config {config}")), "{restored:?}");
}

/// What root makes in the folder of the service, the service cannot use.
#[test]
fn root_is_told_whose_folder_it_is() {
    let place = Place::sqlite();
    let data = place.data();
    fs::create_dir_all(&data).unwrap();
    if let Err(error) = chown(&data, Some(65_534), Some(65_534)) {
        let asked = environment(WITHOUT_ROOT).is_some_and(|value| value == "1");
        assert!(asked, "only root can give a folder away: {error}; to leave this test out, set {WITHOUT_ROOT}=1");
        println!("not tested: only root can give a folder away");
        return;
    }
    for line in
        [&["serve", "--listen", "127.0.0.1:0"][..], &["admin", "create-administrator", "root"], &["admin", "restore", "."]]
    {
        let run = Terminal::new(place.desk()).run(&[line, &["--data", &data.display().to_string()]].concat());
        let run = run.refused(2, "belongs to the account nobody");
        assert!(run.stderr.contains("sudo -u nobody countersign"), "{run:?}");
        assert_eq!(fs::read_dir(&data).unwrap().count(), 0, "{line:?} made nothing there");
    }
}
