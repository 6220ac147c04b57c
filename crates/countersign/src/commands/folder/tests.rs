use super::*;
use crate::failure::Failure;
use proof::Sha256;
use std::{
    fs,
    os::unix::{ffi::OsStrExt, fs::symlink, net::UnixListener},
};

fn all(path: &Path) -> Result<Found, Failure> {
    walk(path, &SelectionArgs::default())
}

fn names(found: &Found) -> Vec<&str> {
    found.files.iter().map(|file| file.name.as_str()).collect()
}

fn refusal(make: impl FnOnce(&Path)) -> String {
    let folder = tempfile::tempdir().unwrap();
    make(folder.path());
    let failure = all(folder.path()).unwrap_err();
    assert_eq!(failure.exit, crate::exit::Exit::Usage);
    failure.to_string()
}

#[test]
fn a_folder_gives_all_its_files_by_name() {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("b/empty")).unwrap();
    for name in ["model.onnx", ".hidden", "b/c.txt"] {
        fs::write(folder.path().join(name), name).unwrap();
    }
    let files = all(folder.path()).unwrap().files;
    assert_eq!(
        files.iter().map(|file| (file.name.as_str(), file.size)).collect::<Vec<_>>(),
        [(".hidden", 7), ("b/c.txt", 7), ("model.onnx", 10)]
    );
    assert_eq!(files[2].hash(|_| {}).unwrap(), Sha256::of(b"model.onnx"));
    let one = all(&folder.path().join("model.onnx")).unwrap().files;
    assert_eq!(one[0].name.as_str(), "model.onnx");
}

#[test]
fn whatever_could_be_another_file_to_somebody_is_refused_by_name() {
    assert!(refusal(|_| {}).contains("at least one file"));
    assert!(refusal(|folder| symlink("/etc/hostname", folder.join("link")).unwrap()).contains("link is a symbolic link"));
    assert!(refusal(|folder| symlink("nowhere", folder.join("dangling")).unwrap()).contains("dangling is a symbolic link"));
    assert!(
        refusal(|folder| drop(UnixListener::bind(folder.join("socket")).unwrap()))
            .contains("socket is neither a file nor a folder")
    );
    assert!(refusal(|folder| fs::write(folder.join("e\u{301}"), "").unwrap()).contains("normal form C"));
    assert!(refusal(|folder| fs::write(folder.join("a\\b"), "").unwrap()).contains("backslash"));
    assert!(refusal(|folder| fs::write(folder.join("a\nb"), "").unwrap()).contains("control character"));
    assert!(
        refusal(|folder| {
            fs::write(folder.join("Model"), "1").unwrap();
            fs::write(folder.join("model"), "2").unwrap();
        })
        .contains("have the same name")
    );
}

#[test]
fn a_file_that_changes_is_noticed() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("model.onnx");
    fs::write(&path, "one").unwrap();
    let found = all(&path).unwrap().files.remove(0);
    fs::write(&path, "longer").unwrap();
    assert!(found.has_changed());
    assert!(found.hash(|_| {}).unwrap_err().to_string().contains("changed while it was being read"));
}

#[test]
fn everything_that_is_refused_is_named_at_once_with_what_helps() {
    let shown = refusal(|folder| {
        fs::write(folder.join("model.onnx"), "model").unwrap();
        fs::write(folder.join("gru\u{308}n.txt"), "").unwrap();
        fs::write(folder.join(std::ffi::OsStr::from_bytes(b"gr\xfcn.txt")), "").unwrap();
        fs::create_dir(folder.join("deep")).unwrap();
        symlink("../model.onnx", folder.join("deep/link")).unwrap();
        fs::write(folder.join("A"), "1").unwrap();
        fs::write(folder.join("a"), "2").unwrap();
        fs::write(folder.join("B"), "3").unwrap();
        fs::write(folder.join("b"), "4").unwrap();
    });
    assert!(shown.contains("5 things in"), "{shown}");
    for part in [
        "deep/link is a symbolic link",
        "normal form C",
        "is not UTF-8",
        "`A` and `a`",
        "`B` and `b`",
        "cp -rL",
        "--nfc",
        "-f latin1",
    ] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
}

#[test]
fn what_is_named_is_left_out_and_said() {
    let folder = tempfile::tempdir().unwrap();
    for name in [".git/config", "cache/a.tmp", "model.onnx", "deep/b.tmp", "keep.tmp", "env/pyvenv.cfg", "env/lib/x.py"] {
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), name).unwrap();
    }
    let found = all(folder.path()).unwrap();
    assert_eq!(found.files.len(), 7, "nothing is left out unasked");
    let said = remarks(folder.path(), &found);
    assert_eq!(said.len(), 2, "{said:?}");
    assert!(said[0].contains("1 file of .git") && said[0].contains("--exclude '/.git'"), "{said:?}");
    assert!(said[1].contains("2 files of env"), "{said:?}");

    fs::write(folder.path().join(".countersignignore"), "# what programs leave behind\n.git/\n*.tmp\n").unwrap();
    let selection = SelectionArgs { exclude: vec!["/env".to_owned(), "!keep.tmp".to_owned()], follow_links: false };
    let found = walk(folder.path(), &selection).unwrap();
    assert_eq!(names(&found), ["keep.tmp", "model.onnx"]);
    let said = remarks(folder.path(), &found);
    assert_eq!(said, ["Left out, as asked: .countersignignore, .git, cache/a.tmp, deep/b.tmp, env."]);
    let wrong = walk(folder.path(), &SelectionArgs { exclude: vec!["[b-a]".to_owned()], follow_links: false }).unwrap_err();
    assert!(wrong.to_string().contains("`[b-a]` is no pattern"), "{wrong}");
}

#[test]
fn links_are_followed_where_asked_and_never_in_a_circle() {
    let folder = tempfile::tempdir().unwrap();
    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("blob"), "weights").unwrap();
    fs::create_dir(folder.path().join("snapshot")).unwrap();
    symlink(elsewhere.path().join("blob"), folder.path().join("snapshot/model.onnx")).unwrap();
    symlink(elsewhere.path(), folder.path().join("all")).unwrap();
    let selection = SelectionArgs { exclude: Vec::new(), follow_links: true };
    let found = walk(folder.path(), &selection).unwrap();
    assert_eq!(names(&found), ["all/blob", "snapshot/model.onnx"]);
    assert_eq!(found.files[1].hash(|_| {}).unwrap(), Sha256::of(b"weights"));
    assert!(!found.files[1].has_changed());
    symlink("..", folder.path().join("snapshot/up")).unwrap();
    assert!(walk(folder.path(), &selection).unwrap_err().to_string().contains("to a folder in which it lies"));
}

#[test]
fn files_without_a_byte_are_no_version() {
    assert!(refusal(|folder| fs::write(folder.join("model.onnx"), "").unwrap()).contains("all files are empty"));
}
