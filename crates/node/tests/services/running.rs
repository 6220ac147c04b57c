//! The loop of a node: what it does when a disk hangs, a load does not end, or something comes to grief.

use crate::{
    stage::*,
    world::{World, parts, run_until, until},
};
use futures_util::FutureExt;
use node::{
    files::FileCache,
    run::{NodeStatus, run},
};
use proof::Sha256;
use rustix::fs::{FileType, Mode, OFlags, mknodat};
use serde_json::json;
use std::{fs, os::unix::fs::OpenOptionsExt, path::Path, time::Duration};

async fn at_once() -> World {
    World::new(|_| std::future::ready(()).boxed()).await
}

/// Makes every file that is begun from now on wait until somebody reads it.
fn let_it_hang(cache: &Path) -> Vec<std::path::PathBuf> {
    let drafts = (0..50).map(|number| cache.join("drafts").join(number.to_string())).filter(|draft| !draft.exists());
    let drafts: Vec<_> = drafts.collect();
    for draft in &drafts {
        mknodat(rustix::fs::CWD, draft, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    }
    drafts
}

#[tokio::test]
async fn a_disk_that_hangs_holds_up_no_revocation() {
    let world = at_once().await;
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    until("the version serves", || world.serves(&name(1))).await;
    let cached = world.folder.path().join("cache/plan.json");
    until("the plan is kept", || cached.exists()).await;
    let before = fs::read(&cached).unwrap();
    let hanging = let_it_hang(&world.folder.path().join("cache"));
    let mut revoked = share(1, 100, &permit(1, 1));
    revoked["standing"] = json!("disabled");
    revoked["reason"] = json!("revoked");
    world.say(plan_text(1, vec![revoked], vec![]));
    until("the revocation is in force", || world.refusal(&name(1)).is_some_and(|reason| reason.contains("revoked"))).await;
    world.say(plan_text(2, vec![share(2, 100, &permit(2, 2))], vec![]));
    until("the node follows on", || world.refusal(&name(2)).is_some()).await;
    assert_eq!(fs::read(&cached).unwrap(), before, "the disk did hang");
    let report = world.until_report(|report| report.problem.is_some()).await;
    let problem = report.problem.unwrap();
    assert!(problem.contains("cache has not answered for more than") && problem.contains("go on answering"), "{problem}");
    assert_eq!(world.served.ready(), Ok(()), "what is loaded needs no disk");
    // It is let go of, so that everything can end.
    let read = |draft| fs::File::options().read(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(draft);
    let _readers: Vec<_> = hanging.iter().filter_map(|draft| read(draft).ok()).collect();
    hanging.iter().for_each(|draft| fs::remove_file(draft).unwrap_or_default());
    until("a plan that the disk did not take does not stay", || fs::read(&cached).ok().as_ref() != Some(&before)).await;
    world.until_report(|report| report.problem.is_none()).await;
}

#[tokio::test]
async fn a_disk_that_takes_nothing_or_hangs_before_the_first_load_is_said() {
    let world = at_once().await;
    let drafts = world.folder.path().join("cache/drafts");
    fs::remove_dir_all(&drafts).unwrap();
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    let report =
        world.until_report(|report| report.problem.as_ref().is_some_and(|problem| problem.contains("cannot be used"))).await;
    let problem = report.problem.unwrap();
    assert!(
        problem.contains("drafts/check: No such file or directory") && problem.contains("cannot start without the server"),
        "{problem}"
    );
    until("it serves all the same", || world.serves(&name(1))).await;
    // Nothing is loaded yet: a node whose disk hangs meanwhile says so where one asks whether it is ready.
    let world = at_once().await;
    let content = world.folder.path().join("cache/sha256").join("00".repeat(32));
    mknodat(rustix::fs::CWD, &content, FileType::Fifo, Mode::RUSR | Mode::WUSR, 0).unwrap();
    until("it says so", || world.served.ready().is_err_and(|reason| reason.contains("has not answered"))).await;
    // It is let go of, so that everything can end.
    fs::File::options().write(true).custom_flags(OFlags::NONBLOCK.bits() as i32).open(&content).unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_node_whose_loop_stands_still_is_not_ready() {
    let folder = tempfile::tempdir().unwrap();
    let mut nothing = plan_text(1, vec![], vec![]);
    nothing["services"] = json!([]);
    FileCache::open(&folder.path().join("cache")).unwrap().put_plan(nothing.to_string().as_bytes()).unwrap();
    let served = NodeStatus::default();
    // Nobody listens there: it lives on its cache.
    let parts = parts(folder.path(), "http://127.0.0.1:9", |_| std::future::ready(()).boxed());
    let mut node = run(parts, served.clone(), std::future::pending()).boxed();
    assert!(served.ready().is_err_and(|reason| reason.contains("no plan yet")));
    run_until(&mut node, || served.ready().is_ok()).await;
    tokio::time::advance(Duration::from_secs(8)).await;
    assert_eq!(served.ready(), Ok(()));
    tokio::time::advance(Duration::from_secs(4)).await;
    assert!(served.ready().is_err_and(|reason| reason.contains("stands still for 1")), "{:?}", served.ready());
    run_until(&mut node, || served.ready().is_ok()).await;
    assert_eq!(served.news().age, None);
}

#[tokio::test]
async fn a_load_that_nobody_wants_any_more_takes_no_place() {
    let third = name(3);
    let world =
        World::new(move |version| if version == third { std::future::ready(()).boxed() } else { std::future::pending().boxed() });
    let world = world.await;
    world.say(plan_text(1, vec![share(1, 50, &permit(1, 1)), share(2, 50, &permit(2, 1))], vec![]));
    until("both are begun", || world.refusal(&name(2)).is_some_and(|reason| reason.contains("starting"))).await;
    world.say(plan_text(2, vec![share(3, 100, &permit(3, 2))], vec![]));
    until("the third is served", || world.serves(&name(3))).await;
}

#[tokio::test]
async fn slow_downloads_hold_up_no_other_version() {
    let world = at_once().await;
    world.slow_down(2);
    let shares = [(1, 40), (2, 40), (3, 20)].map(|(version, weight)| share(version, weight, &permit(version, 1)));
    world.say(plan_text(1, shares.to_vec(), vec![]));
    until("the third serves", || world.serves(&name(3))).await;
    assert!(!world.serves(&name(1)) && !world.serves(&name(2)));
    world.slow_down(0);
    until("all serve", || world.serves(&name(1)) && world.serves(&name(2))).await;
}

#[tokio::test]
async fn a_load_that_comes_to_grief_is_told_and_tried_again() {
    let tries = std::sync::atomic::AtomicU32::new(0);
    let world = World::new(move |_| {
        assert!(tries.fetch_add(1, std::sync::atomic::Ordering::SeqCst) > 0, "the first comes to grief");
        std::future::ready(()).boxed()
    });
    let world = world.await;
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    until("it is told", || world.refusal(&name(1)).is_some_and(|reason| reason.contains("a mistake of the node"))).await;
}

#[tokio::test]
async fn files_that_are_nowhere_are_told_as_such() {
    let world = at_once().await;
    world.say(plan_text(1, vec![share(4, 100, &permit(4, 1))], vec![]));
    let told = |reason: String| reason.contains("is not in service: its files cannot be fetched: the server refuses: 404");
    until("it is told", || world.refusal(&name(4)).is_some_and(told)).await;
}

#[tokio::test]
async fn reasons_are_reported_as_long_as_the_server_takes_them() {
    let world = at_once().await;
    let mut revoked = share(1, 100, &permit(1, 1));
    revoked["standing"] = json!("disabled");
    revoked["reason"] = json!("ü".repeat(2500));
    world.say(plan_text(1, vec![revoked], vec![]));
    let report = world.until_report(|report| !report.services.is_empty()).await;
    let reason = report.services[0].versions[0].reason.as_ref().unwrap();
    assert_eq!((reason.chars().count(), reason.chars().last()), (2000, Some('…')));
    assert!(world.refusal(&name(1)).unwrap().ends_with(&"ü".repeat(2500)), "clients get all of it");
}

#[tokio::test]
async fn a_clock_that_is_set_right_is_no_problem_any_more() {
    let world = at_once().await;
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    world.until_report(|report| report.problem.is_none()).await;
    world.say_time(NOW + 120_000_000);
    let report = world.until_report(|report| report.problem.is_some()).await;
    let problem = report.problem.unwrap();
    assert!(problem.contains("seconds behind the server's") && problem.contains("restart the node"), "{problem}");
    world.say_time(NOW);
    world.until_report(|report| report.problem.is_none()).await;
    assert!(world.served.news().age.unwrap() < Duration::from_secs(20));
}

#[tokio::test]
async fn a_cache_that_can_keep_no_plan_nor_lose_one_is_reported() {
    let world = at_once().await;
    fs::create_dir_all(world.folder.path().join("cache/plan.json/x")).unwrap();
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    let report = world.until_report(|report| report.problem.is_some()).await;
    let problem = report.problem.unwrap();
    assert!(problem.contains("revoked since; remove") && problem.ends_with("plan.json"), "{problem}");
    until("it serves all the same", || world.serves(&name(1))).await;
}

#[tokio::test]
async fn a_revision_that_goes_back_is_reported() {
    let world = at_once().await;
    world.say(plan_text(2, vec![share(2, 100, &permit(2, 2))], vec![]));
    until("the second serves", || world.serves(&name(2))).await;
    let cached = || fs::read_to_string(world.folder.path().join("cache/plan.json")).unwrap_or_default();
    until("its plan is kept", || cached().contains(r#""revision":2"#)).await;
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    let report = world.until_report(|report| report.problem.is_some()).await;
    assert!(report.problem.unwrap().contains("revision 1 of `tumour` after revision 2"));
    assert!(cached().contains(r#""revision":2"#), "nor is it followed after the next start");
    assert!(world.serves(&name(2)) && !world.serves(&name(1)));
}

#[tokio::test]
async fn the_cache_keeps_what_is_wanted_and_nothing_else() {
    let world = at_once().await;
    let content = world.folder.path().join("cache/sha256");
    let kept = |bytes: &[u8]| content.join(Sha256::of(bytes).hex()).exists();
    let leftover = content.join(Sha256::of(b"leftover").hex());
    fs::write(&leftover, b"leftover").unwrap();
    let mut nothing = plan_text(1, vec![], vec![]);
    nothing["services"] = json!([]);
    world.say(nothing);
    until("what was left is removed, although nothing is wanted", || !leftover.exists()).await;
    world.say(plan_text(1, vec![share(1, 100, &permit(1, 1))], vec![]));
    until("the first is kept", || kept(&onnx(1)) && kept(&manifest(1))).await;
    world.say(plan_text(2, vec![share(2, 100, &permit(2, 2))], vec![]));
    until("the second takes its place", || kept(&onnx(2)) && kept(&manifest(2)) && !kept(&onnx(1))).await;
}
