//! Model files: what every storage has to do, shown on a local folder; `files_s3.rs` shows it on a bucket.

use bytes::Bytes;
use domain::Digest;
use futures_util::{Stream, StreamExt, TryStreamExt, stream};
use proof::Sha256;
use std::{convert::Infallible, error::Error, io, path::Path, process::Command};
use store::{Files, FilesConfig, FilesError, StoredFile};
use uuid::Uuid;

/// What a person with access to the storage sees and does.
pub trait Behind {
    /// The names of everything that is stored, unfinished uploads included.
    fn stored(&self) -> Vec<String>;

    /// Puts other content under a name.
    fn overwrite(&self, name: &str, content: &[u8]);
}

const MIB: usize = 1 << 20;
const NO_LIMIT: u64 = u64::MAX;

fn part(number: u128) -> Uuid {
    Uuid::from_u128(number)
}

fn digest(content: &[u8]) -> Digest {
    Digest::from_bytes(*Sha256::of(content).as_bytes())
}

/// Bytes that repeat nowhere near each other, so that parts in the wrong order are noticed.
fn content(length: usize) -> Vec<u8> {
    (0..length.div_ceil(8) as u64).flat_map(|n| n.wrapping_mul(0x9e37_79b9_7f4a_7c15).to_le_bytes()).take(length).collect()
}

fn pieces(content: &[u8], length: usize) -> impl Stream<Item = Result<Bytes, Infallible>> + Unpin + use<> {
    let pieces: Vec<_> = content.chunks(length).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    stream::iter(pieces)
}

async fn read(files: &Files, sha256: Digest) -> Vec<u8> {
    let pieces: Vec<Bytes> = files.content(sha256).await.unwrap().try_collect().await.unwrap();
    pieces.concat()
}

/// Everything that a storage has to do.
pub async fn keeps_files(files: &Files, behind: &impl Behind) {
    assert_eq!(behind.stored(), Vec::<String>::new());
    keeps_what_arrived(files, behind).await;
    keeps_nothing_of_what_did_not_arrive(files, behind).await;
    tells_what_was_altered(files, behind).await;
}

async fn keeps_what_arrived(files: &Files, behind: &impl Behind) {
    // Empty; one piece; several parts, the last one short; exactly one part.
    for (number, length) in (1..).zip([0, 5, 17 * MIB + 3, 8 * MIB]) {
        let content = content(length);
        let sha256 = digest(&content);
        assert!(!files.has(sha256).await.unwrap());
        assert_eq!(files.examine(sha256).await.unwrap(), None);
        let expected = StoredFile { sha256, size: length as u64 };
        let stored = files.receive(part(number), length as u64, pieces(&content, MIB)).await.unwrap();
        assert_eq!(stored, expected);
        assert!(files.has(sha256).await.unwrap());
        assert_eq!(files.examine(sha256).await.unwrap(), Some(expected));
        assert!(read(files, sha256).await == content, "{length} bytes come back as they were");
        let hex = sha256.to_string();
        assert_eq!(behind.stored(), [format!("sha256/{}/{}", &hex[..2], &hex[2..])], "no other place is left over");

        // The same content again is the same file.
        let again = files.receive(part(number + 100), NO_LIMIT, pieces(&content, MIB + 1)).await.unwrap();
        assert_eq!(again, expected);
        assert_eq!(behind.stored().len(), 1);

        files.remove(sha256).await.unwrap();
        files.remove(sha256).await.unwrap();
        assert!(!files.has(sha256).await.unwrap());
        assert!(files.content(sha256).await.is_err());
        assert_eq!(behind.stored(), Vec::<String>::new());
    }
}

async fn keeps_nothing_of_what_did_not_arrive(files: &Files, behind: &impl Behind) {
    for length in [0, 5, 17 * MIB] {
        let content = content(length);
        let good = content.chunks(MIB).map(|piece| Ok(Bytes::copy_from_slice(piece)));
        let broken = stream::iter(good.chain([Err("the line went dead")]).collect::<Vec<_>>());
        let error = files.receive(part(1), NO_LIMIT, broken).await.unwrap_err();
        assert!(matches!(&error, FilesError::BrokenOff(why) if why == "the line went dead"), "{error:?}");
        assert_eq!(behind.stored(), Vec::<String>::new(), "broken off after {length} bytes");
        assert!(!files.has(digest(&content)).await.unwrap());
    }
    for length in [5, 17 * MIB] {
        let content = content(length);
        let most = length as u64 - 1;
        let error = files.receive(part(1), most, pieces(&content, MIB)).await.unwrap_err();
        assert!(matches!(error, FilesError::TooLarge(limit) if limit == most), "{error:?}");
        assert_eq!(behind.stored(), Vec::<String>::new(), "{length} bytes are too many");
    }
    // A stream without an end is not read to its end.
    let endless = stream::repeat_with(|| Ok::<_, Infallible>(Bytes::from(vec![0; MIB])));
    assert!(matches!(files.receive(part(1), 2 * MIB as u64, endless).await, Err(FilesError::TooLarge(_))));
    assert_eq!(behind.stored(), Vec::<String>::new());
}

async fn tells_what_was_altered(files: &Files, behind: &impl Behind) {
    let stored = files.receive(part(1), NO_LIMIT, pieces(b"as it was", 4)).await.unwrap();
    let name = behind.stored().remove(0);
    behind.overwrite(&name, b"as it is now");
    let found = files.examine(stored.sha256).await.unwrap().unwrap();
    assert_eq!((found.sha256, found.size), (digest(b"as it is now"), 12));
    // Received again, it is what its name says.
    files.receive(part(2), NO_LIMIT, pieces(b"as it was", 4)).await.unwrap();
    assert_eq!(files.examine(stored.sha256).await.unwrap(), Some(stored));
    files.remove(stored.sha256).await.unwrap();
}

impl Behind for &Path {
    fn stored(&self) -> Vec<String> {
        let mut found = Vec::new();
        let mut folders = vec![self.to_path_buf()];
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                match path.is_dir() {
                    true => folders.push(path),
                    false => found.push(path.strip_prefix(self).unwrap().to_str().unwrap().to_owned()),
                }
            }
        }
        found
    }

    fn overwrite(&self, name: &str, content: &[u8]) {
        std::fs::write(self.join(name), content).unwrap();
    }
}

#[tokio::test]
async fn a_folder_keeps_files() {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("made/on/the/way");
    let files = Files::open(&FilesConfig::Folder(place.clone())).unwrap();
    keeps_files(&files, &place.as_path()).await;
    files.receive(part(1), NO_LIMIT, pieces(b"kept", 4)).await.unwrap();
    let again = Files::open(&FilesConfig::Folder(place)).unwrap();
    assert!(again.has(digest(b"kept")).await.unwrap(), "what is there stays when it is opened again");
}

#[test]
fn a_folder_that_cannot_be_made_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let error = Files::open(&FilesConfig::Folder(file.join("below"))).err().unwrap();
    assert!(matches!(&error, FilesError::Folder(path, _) if path.ends_with("a-file/below")), "{error:?}");
    assert!(Files::open(&FilesConfig::Folder(file)).is_err(), "a file is no folder");
}

/// A file system of one mebibyte; gone when dropped.
struct Tiny(tempfile::TempDir);

impl Tiny {
    /// None, with a printed reason, where this user may not mount one.
    fn mount() -> Option<Self> {
        let folder = tempfile::tempdir().unwrap();
        let mount = Command::new("mount").args(["-t", "tmpfs", "-o", "size=1m", "tmpfs"]).arg(folder.path()).output();
        match mount {
            Ok(output) if output.status.success() => Some(Self(folder)),
            other => {
                eprintln!("not run: a full disk takes the right to mount a small one: {other:?}");
                None
            }
        }
    }
}

impl Drop for Tiny {
    fn drop(&mut self) {
        Command::new("umount").arg(self.0.path()).status().ok();
    }
}

#[tokio::test]
async fn a_full_disk_is_told_as_such() {
    let Some(tiny) = Tiny::mount() else {
        return;
    };
    let place = tiny.0.path();
    let files = Files::open(&FilesConfig::Folder(place.to_owned())).unwrap();
    // Less than a part, which is written at the end; and more, which is written while the rest still arrives.
    for length in [2 * MIB, 60 * MIB] {
        let error = files.receive(part(1), NO_LIMIT, pieces(&content(length), MIB)).await.unwrap_err();
        assert!(is_storage_full(&error), "{error:?}");
        assert_eq!(place.stored(), Vec::<String>::new(), "nothing of {length} bytes is left over");
    }
    let small = files.receive(part(1), NO_LIMIT, pieces(b"small", 5)).await.unwrap();
    assert!(files.has(small.sha256).await.unwrap(), "what fits is still taken");
}

fn is_storage_full(error: &FilesError) -> bool {
    let mut cause: Option<&(dyn Error + 'static)> = Some(error);
    while let Some(error) = cause {
        let io = error.downcast_ref::<io::Error>();
        if io.is_some_and(|io| io.kind() == io::ErrorKind::StorageFull) {
            return true;
        }
        cause = error.source();
    }
    false
}

/// A sender that hangs up is a future that is dropped.
#[tokio::test]
async fn a_dropped_upload_keeps_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(&FilesConfig::Folder(folder.path().to_owned())).unwrap();
    let (reached, was_reached) = tokio::sync::oneshot::channel();
    let first = pieces(&content(9 * MIB), MIB);
    let mut reached = Some(reached);
    let hanging = first.chain(stream::poll_fn(move |_| {
        reached.take().map(|reached| reached.send(()));
        std::task::Poll::Pending
    }));
    let upload = tokio::spawn(async move { files.receive(part(1), NO_LIMIT, hanging).await.map(|_| ()) });
    was_reached.await.unwrap();
    assert_eq!(folder.path().stored().len(), 1, "it is under way");
    upload.abort();
    assert!(upload.await.unwrap_err().is_cancelled());
    // The rest is taken away in the background; the runtime is asked until it has.
    while !folder.path().stored().is_empty() {
        tokio::task::yield_now().await;
    }
}

#[tokio::test]
async fn what_a_crash_left_half_received_is_swept_once_it_is_old() {
    let folder = tempfile::tempdir().unwrap();
    let files = Files::open(&FilesConfig::Folder(folder.path().to_owned())).unwrap();
    files.sweep().await.unwrap();
    let staging = folder.path().join("staging");
    std::fs::create_dir(&staging).unwrap();
    for name in ["left-behind#1", "coming-in#1"] {
        std::fs::write(staging.join(name), "half").unwrap();
    }
    let three_days = std::time::Duration::from_secs(3 * 86_400);
    let left_behind = std::fs::File::options().append(true).open(staging.join("left-behind#1")).unwrap();
    let now = left_behind.metadata().unwrap().modified().unwrap();
    left_behind.set_modified(now - three_days).unwrap();
    files.sweep().await.unwrap();
    assert!(!staging.join("left-behind#1").exists());
    assert!(staging.join("coming-in#1").exists());
}
