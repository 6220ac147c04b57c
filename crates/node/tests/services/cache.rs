//! The disk is not trusted: what comes out of the cache is exactly what was asked for, or nothing.

use node::files::{FileCache, PlanWriteError};
use proof::Sha256;
use std::{
    collections::BTreeSet,
    fs,
    sync::atomic::{AtomicBool, Ordering},
};

#[test]
fn what_was_put_comes_back_and_what_was_altered_does_not() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    let sha256 = Sha256::of(b"model");
    cache.put(sha256, b"model").unwrap();
    assert_eq!(cache.get(sha256, 5).as_deref(), Some(&b"model"[..]));
    assert_eq!(cache.get(sha256, 4), None, "longer than it may be");
    let path = folder.path().join("sha256").join(sha256.hex());
    fs::write(&path, b"mode1").unwrap();
    assert_eq!(cache.get(sha256, 5), None);
    assert!(!path.exists(), "what is wrong is removed");
}

#[test]
fn bytes_that_are_swapped_while_they_are_read_never_come_out() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    let right = vec![7_u8; 4096];
    let sha256 = Sha256::of(&right);
    let path = folder.path().join("sha256").join(sha256.hex());
    let wrong = {
        let mut wrong = right.clone();
        wrong[4095] = 8;
        wrong
    };
    let done = AtomicBool::new(false);
    let (mut came, mut refused) = (0_u32, 0_u32);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut draft = 0_u64;
            while !done.load(Ordering::Relaxed) {
                for bytes in [&right, &wrong] {
                    // By renaming and in place: both ways in which a file can change under a reader.
                    let other = folder.path().join(format!("swap{}", draft % 2));
                    draft += 1;
                    let _ = fs::write(&other, bytes).and_then(|()| fs::rename(&other, &path));
                    let _ = fs::write(&path, bytes);
                }
            }
        });
        for _ in 0..100_000 {
            match cache.get(sha256, 4096) {
                Some(bytes) => {
                    assert_eq!(bytes, right);
                    came += 1;
                }
                None => refused += 1,
            }
        }
        done.store(true, Ordering::Relaxed);
    });
    assert!(came > 0 && refused > 0, "both were tried: {came} {refused}");
}

#[test]
fn only_one_node_uses_a_folder_and_what_nobody_wants_goes() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    let error = FileCache::open(folder.path()).unwrap_err();
    assert!(error.to_string().contains("another node"), "{error}");
    for text in ["one", "two"] {
        cache.put(Sha256::of(text.as_bytes()), text.as_bytes()).unwrap();
    }
    cache.keep_only(|| None);
    assert!(cache.get(Sha256::of(b"one"), 3).is_some());
    cache.keep_only(|| Some(BTreeSet::from([Sha256::of(b"two")])));
    assert_eq!(cache.get(Sha256::of(b"one"), 3), None);
    assert!(cache.get(Sha256::of(b"two"), 3).is_some());
    drop(cache);
    assert!(FileCache::open(folder.path()).unwrap().get(Sha256::of(b"two"), 3).is_some());
}

#[test]
fn a_plan_that_cannot_be_kept_takes_the_one_before_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let cache = FileCache::open(folder.path()).unwrap();
    cache.put_plan(b"one").unwrap();
    assert_eq!(cache.plan().as_deref(), Some(&b"one"[..]));
    // Without a place for drafts nothing can be written: as on a full disk.
    fs::remove_dir_all(folder.path().join("drafts")).unwrap();
    assert!(matches!(cache.put_plan(b"two"), Err(PlanWriteError::Removed(_))));
    assert_eq!(cache.plan(), None);
    assert!(matches!(cache.put_plan(b"three"), Err(PlanWriteError::Removed(_))), "there is nothing to remove");
    // What can neither be replaced nor removed.
    fs::create_dir_all(folder.path().join("plan.json/x")).unwrap();
    let outdated = cache.put_plan(b"four").unwrap_err();
    assert!(matches!(outdated, PlanWriteError::Outdated { .. }), "{outdated}");
}
