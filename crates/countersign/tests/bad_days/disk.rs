//! A full disk: whatever does not fit is refused and says why; nothing is half done; and it goes on when there is room again.

use crate::common::scene::Place;
use serde_json::{Value, json};
use std::{
    fs::{self, File},
    io::Write,
    path::{Path, PathBuf},
    process::Command,
};

/// A small disk, mounted as long as this lives.
struct SmallDisk(PathBuf);

impl SmallDisk {
    /// None when mounting is not permitted, which only root is.
    fn mount(at: &Path) -> Option<Self> {
        fs::create_dir_all(at).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", "size=16m,mode=700", "small"]).arg(at).output().unwrap();
        mounted.status.success().then(|| Self(at.to_owned()))
    }

    /// Fills all of it.
    fn fill(&self) -> PathBuf {
        let path = self.0.join("filler");
        let mut file = File::create(&path).unwrap();
        while file.write_all(&[7; 4096]).is_ok() {}
        path
    }
}

impl Drop for SmallDisk {
    fn drop(&mut self) {
        // Lazily: a server that a failed test leaves behind may still hold files in it.
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_full_disk_refuses_says_so_and_never_allows_wrongly() {
    let place = Place::sqlite();
    let Some(disk) = SmallDisk::mount(&place.data()) else {
        println!("not tested: a small disk can only be mounted as root");
        return;
    };
    let server = place.serve();
    let people = place.set(&server).await;
    let [scientist, approver, operator] =
        [&people.scientist, &people.approver, &people.operator].map(|person| place.terminal(person));
    fs::write(place.desk().join("small.bin"), "small").unwrap();
    fs::write(place.desk().join("large.bin"), vec![7; 24 << 20]).unwrap();
    scientist.run(&["version", "create", "diagnosis/tumour", "small.bin"]).done();

    let run = scientist.run(&["version", "create", "diagnosis/tumour", "large.bin"]);
    assert!(run.code != 0 && run.stderr.contains("full"), "{run:#?}");
    assert_eq!(fs::read_dir(place.data().join("files/staging")).unwrap().count(), 0, "what arrived of it still takes room");
    assert_eq!(place.findings(), [] as [Value; 0]);
    scientist.run(&["review", "request", "diagnosis/tumour:1", "--skip-feedback"]).done();

    let filler = disk.fill();
    let gate = ["gate", "--infra", "production", "diagnosis/tumour:1"];
    let deploy = ["deploy", "production/tumour", "diagnosis/tumour:1"];
    // The database may still have some pages to itself: it is full when it says so.
    let mut number = 0;
    let full = loop {
        number += 1;
        let reply = people.root.post("/groups", json!({"name": format!("group-{number}")})).await;
        if reply.status != 201 {
            break reply;
        }
        assert!(number < 5000, "the disk is never full");
    };
    assert_eq!((full.status, full.json["code"].as_str()), (507, Some("storage_full")), "{}", full.text());
    assert_eq!(people.root.get(&format!("/groups/group-{number}")).await.status, 404, "it said that nothing was changed");
    let run = approver.decide(&["approve", "diagnosis/tumour:1", "--comment", "Good."]);
    assert!(run.code != 0 && run.stderr.contains("full"), "{run:#?}\n{}", server.log());
    assert_eq!(
        people.root.get("/projects/diagnosis/models/tumour/versions/1/review").await.ok()["status"],
        "waiting_for_approval"
    );
    for line in [&gate[..], &deploy] {
        let run = operator.run(line);
        assert_ne!(run.code, 0, "allowed without an approval: {run:#?}");
    }

    fs::remove_file(filler).unwrap();
    approver.decide(&["approve", "diagnosis/tumour:1", "--comment", "Good."]).done();
    operator.run(&gate).done();
    operator.run(&deploy).done();
    server.stop();
    assert_eq!(place.findings(), [] as [Value; 0]);
}
