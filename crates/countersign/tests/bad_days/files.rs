//! Files that cannot be a version: refused by name, and quickly, and with nothing of them on the server.

use crate::common::{
    cli::Run,
    scene::{People, Place},
    serve::Serve,
};
use std::{
    fs::{self, File, OpenOptions},
    io::Write,
    path::{Path, PathBuf},
    sync::atomic::{AtomicBool, Ordering},
    time::Duration,
};

/// Everything that the server keeps of files.
fn kept(place: &Place) -> Vec<PathBuf> {
    fn below(folder: &Path, paths: &mut Vec<PathBuf>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { below(&path, paths) } else { paths.push(path) }
        }
    }
    let mut paths = Vec::new();
    below(&place.data().join("files"), &mut paths);
    paths
}

fn register(place: &Place, people: &People, path: &Path) -> Run {
    place.terminal(&people.scientist).run(&["version", "create", "diagnosis/tumour", path.to_str().unwrap()])
}

async fn nothing_is_registered(place: &Place, people: &People) {
    let model = people.scientist.get("/projects/diagnosis/models/tumour").await.ok();
    assert!(model["latest_version"].is_null(), "{model}");
    assert_eq!(kept(place), [] as [PathBuf; 0], "files of a version that there is not");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn names_that_could_mean_another_file_and_folders_without_files() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let make = |folder: &str, names: &[&str]| {
        let folder = place.desk().join(folder);
        fs::create_dir(&folder).unwrap();
        for name in names {
            fs::write(folder.join(name), *name).unwrap();
        }
        folder
    };
    let linked = make("linked", &["model.onnx"]);
    std::os::unix::fs::symlink("model.onnx", linked.join("alias.onnx")).unwrap();
    register(&place, &people, &linked).refused(2, "alias.onnx is a symbolic link");
    register(&place, &people, &make("decomposed", &["e\u{301}.onnx"])).refused(2, "e\u{301}.onnx");
    let run = register(&place, &people, &make("colliding", &["Model.onnx", "model.onnx"])).refused(2, "Model.onnx");
    assert!(run.stderr.contains("model.onnx"), "{run:#?}");
    register(&place, &people, &make("empty", &[])).refused(2, "at least one file");
    let nested = make("nested", &[]);
    fs::create_dir_all(nested.join("deep/deeper")).unwrap();
    register(&place, &people, &nested).refused(2, "at least one file");
    register(&place, &people, &place.desk().join("nowhere")).refused(2, "nowhere cannot be read");
    nothing_is_registered(&place, &people).await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn five_gibibytes_over_the_limit_are_refused_without_being_read() {
    let place = Place::sqlite();
    let server = Serve::start_with(&place.data(), place.database.url(), &[("COUNTERSIGN_LIMITS_FILE_BYTES", "1073741824")]);
    let people = place.set(&server).await;
    let sparse = place.desk().join("sparse.bin");
    File::create(&sparse).unwrap().set_len(5 << 30).unwrap();
    let run =
        register(&place, &people, &sparse).refused(2, "sparse.bin has 5368709120 bytes; this server takes at most 1073741824");
    // Only to hash so much takes longer.
    assert!(run.took < Duration::from_secs(5), "{:?}", run.took);
    nothing_is_registered(&place, &people).await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_hundred_thousand_files_are_refused_before_one_is_sent() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    // In memory where there is such a folder: making the files is not what is tested.
    let many = tempfile::tempdir_in("/dev/shm").or_else(|_| tempfile::tempdir()).unwrap();
    for number in 0..100_000 {
        File::create(many.path().join(format!("{number:06}"))).unwrap();
    }
    fs::write(many.path().join("model.onnx"), "model").unwrap();
    let run = register(&place, &people, many.path()).refused(2, "there are 100001 files; this server takes at most ");
    println!("100,000 files: refused in {:?}", run.took);
    assert!(run.took < Duration::from_secs(20), "{:?}", run.took);
    nothing_is_registered(&place, &people).await;
    server.stop();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_file_that_changes_on_the_way_is_noticed() {
    let place = Place::sqlite();
    let server = place.serve();
    let people = place.set(&server).await;
    let path = place.desk().join("growing.bin");
    fs::write(&path, vec![7; 8 << 20]).unwrap();
    let over = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut file = OpenOptions::new().append(true).open(&path).unwrap();
            while !over.load(Ordering::Relaxed) {
                file.write_all(b"more").unwrap();
            }
        });
        let run = register(&place, &people, &path);
        over.store(true, Ordering::Relaxed);
        run.refused(1, "growing.bin changed while it was being read; nothing was registered");
    });
    let model = people.scientist.get("/projects/diagnosis/models/tumour").await.ok();
    assert!(model["latest_version"].is_null(), "{model}");
    // Now that it is quiet, it can be registered.
    register(&place, &people, &path).done();
    server.stop();
    assert_eq!(place.findings(), [] as [serde_json::Value; 0]);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_arrived_before_the_server_died_is_not_sent_again() {
    let place = Place::sqlite();
    let mut server = place.serve();
    let people = place.set(&server).await;
    let folder = place.desk().join("export");
    fs::create_dir(&folder).unwrap();
    for name in ["a.txt", "b.txt"] {
        fs::write(folder.join(name), name).unwrap();
    }
    File::create(folder.join("model.bin")).unwrap().set_len(128 << 20).unwrap();
    std::thread::scope(|scope| {
        let run = scope.spawn(|| register(&place, &people, &folder));
        // Small files go first: when much of the large one is there, the server has acknowledged the others.
        let is_large = |path: &PathBuf| fs::metadata(path).is_ok_and(|found| found.len() > 8 << 20);
        while !kept(&place).iter().any(is_large) {
            assert!(!run.is_finished(), "it ended before anything arrived");
            std::thread::yield_now();
        }
        server.kill();
        let run = run.join().unwrap();
        assert_ne!(run.code, 0, "{run:#?}");
    });
    let server = place.serve();
    let people = people.at(&server.url);
    let run = register(&place, &people, &folder).done();
    assert!(run.stderr.contains("The server has 2 of the files already"), "{run:#?}");
    fs::write(folder.join("a.txt"), "another").unwrap();
    let run = register(&place, &people, &folder).done();
    assert!(run.stderr.contains("The server has 2 of the files already"), "{run:#?}");
    let version = people.scientist.get("/projects/diagnosis/models/tumour/versions/2").await.ok();
    assert_eq!(version["files"], 3);
    server.stop();
    assert_eq!(place.findings(), [] as [serde_json::Value; 0]);
}
