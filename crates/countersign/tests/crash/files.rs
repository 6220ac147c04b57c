//! Versions and their files: an acknowledged version has all of its files, byte for byte; an upload that was cut off can be
//! finished or forgotten, and is never a version by itself.

use crate::{
    Tick,
    common::{
        http::{BrokenOff, Person},
        random::Random,
        scene::People,
    },
};
use futures_util::stream;
use proof::{FileName, Manifest, ManifestEntry, Sha256};
use reqwest::{Body, Method};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedSender;

const MODEL: &str = "/projects/diagnosis/models/tumour";
/// Bytes that are sent at a time.
const CHUNK: usize = 16 << 10;

/// The versions that are there, and the one that is being registered.
#[derive(Default)]
pub struct Files {
    versions: Vec<Version>,
    pending: Option<Pending>,
    new: Vec<String>,
    pub acknowledged: usize,
    pub broken_off: usize,
    pub mid_file: usize,
}

/// A version as it must be.
#[derive(Clone, Debug)]
struct Version {
    path: String,
    manifest: Manifest,
}

/// A version on its way.
#[derive(Clone, Debug)]
struct Pending {
    /// None until the beginning is acknowledged.
    upload: Option<String>,
    files: Vec<(String, Vec<u8>)>,
    acknowledged: usize,
    creating: bool,
}

impl Pending {
    fn new(random: &mut Random) -> Self {
        let files = (0..=random.below(3)).map(|number| {
            // A version has at least one byte.
            let size = *random.pick(&[0, 1, 1 << 10, 60 << 10, 300 << 10][usize::from(number == 0)..]);
            (format!("part-{number}/model.bin"), random.bytes(size))
        });
        Self { upload: None, files: files.collect(), acknowledged: 0, creating: false }
    }

    fn manifest(&self) -> Manifest {
        let entry = |(name, content): &(String, Vec<u8>)| ManifestEntry {
            name: FileName::parse(name).unwrap(),
            sha256: Sha256::of(content),
            size: content.len() as u64,
        };
        Manifest::new(self.files.iter().map(entry).collect()).unwrap()
    }
}

impl Files {
    pub fn versions(&self) -> usize {
        self.versions.len()
    }

    /// Registers version after version until the server is gone; stops in the middle of that file, where there is such a number.
    pub async fn register_versions(
        &mut self,
        people: &People,
        random: &mut Random,
        mid_file: Option<usize>,
        tick: UnboundedSender<Tick>,
    ) {
        let mut until_silent = mid_file;
        loop {
            self.pending = Some(Pending::new(random));
            if self.register(&people.scientist, &mut until_silent, &tick).await.is_err() {
                self.broken_off += 1;
                return;
            }
        }
    }

    async fn register(
        &mut self,
        scientist: &Person,
        until_silent: &mut Option<usize>,
        tick: &UnboundedSender<Tick>,
    ) -> Result<(), BrokenOff> {
        let pending = self.pending.as_mut().unwrap();
        let begun = scientist.try_ask(Method::POST, &format!("{MODEL}/uploads"), Some(&json!({})), None).await?.ok();
        let upload = begun["id"].as_str().unwrap().to_owned();
        pending.upload = Some(upload.clone());
        for (name, content) in &pending.files {
            let silent = match until_silent {
                Some(0) => true,
                Some(left) => {
                    *left -= 1;
                    false
                }
                None => false,
            };
            self.mid_file += usize::from(silent);
            let sent = scientist.try_send_file(&upload, name, body(content, silent.then(|| tick.clone()))).await?.ok();
            assert_eq!(sent["sha256"], json!(Sha256::of(content)));
            pending.acknowledged += 1;
            self.acknowledged += 1;
            // Nobody listens any more when the server is gone.
            let _ = tick.send(Tick::Done);
        }
        pending.creating = true;
        let version = create(scientist, &upload, &pending.manifest()).await?;
        self.keep(&version);
        let _ = tick.send(Tick::Done);
        Ok(())
    }

    /// What was pending is a version now.
    fn keep(&mut self, view: &Value) {
        let pending = self.pending.take().unwrap();
        let path = format!("{MODEL}/versions/{}", self.versions.len() + 1);
        let manifest = pending.manifest();
        assert_eq!(view["name"], json!(format!("diagnosis/tumour:{}", self.versions.len() + 1)));
        assert_eq!(view["model_digest"], json!(manifest.model_digest()));
        self.acknowledged += 1;
        self.new.push(path.clone());
        self.versions.push(Version { path, manifest });
    }

    /// After a start: gives the versions that are new.
    pub async fn settle(&mut self, people: &People, random: &mut Random) -> Vec<String> {
        let model = people.scientist.get(MODEL).await.ok();
        let latest = usize::try_from(model["latest_version"].as_u64().unwrap_or(0)).unwrap();
        let creating = self.pending.as_ref().is_some_and(|pending| pending.creating);
        if creating && latest == self.versions.len() + 1 {
            // Carried out, though nobody was told.
            let view = people.scientist.get(&format!("{MODEL}/versions/{latest}")).await.ok();
            self.keep(&view);
        } else if let Some(pending) = self.pending.clone()
            && let Some(upload) = &pending.upload
        {
            if creating || random.chance(50) {
                let view = finish(&people.scientist, upload, &pending).await;
                self.keep(&view);
            } else {
                forget(&people.scientist, upload).await;
            }
        }
        let model = people.scientist.get(MODEL).await.ok();
        assert_eq!(model["latest_version"].as_u64().unwrap_or(0), self.versions.len() as u64, "versions that nobody registered");
        self.pending = None;
        let new = std::mem::take(&mut self.new);
        for version in &self.versions[self.versions.len() - new.len()..] {
            whole(&people.scientist, version).await;
        }
        new
    }

    pub async fn check_everything(&self, people: &People) {
        for version in &self.versions {
            whole(&people.scientist, version).await;
        }
    }
}

/// Every file that was acknowledged is in the upload; with the rest sent, it becomes a version.
async fn finish(scientist: &Person, upload: &str, pending: &Pending) -> Value {
    let shown = scientist.get(&format!("/uploads/{upload}")).await.ok();
    let received = shown["files"].as_array().unwrap();
    for (name, content) in &pending.files[..pending.acknowledged] {
        let file = json!({"name": name, "sha256": Sha256::of(content), "size": content.len()});
        assert!(received.contains(&file), "{file} was acknowledged: {shown}");
    }
    assert!(received.len() <= pending.acknowledged + 1, "files that nobody sent: {shown}");
    for (name, content) in pending.files.iter().filter(|(name, _)| received.iter().all(|file| file["name"] != json!(name))) {
        scientist.try_send_file(upload, name, Body::from(content.clone())).await.unwrap().ok();
    }
    create(scientist, upload, &pending.manifest()).await.unwrap()
}

async fn forget(scientist: &Person, upload: &str) {
    let path = format!("/uploads/{upload}");
    scientist.try_ask(Method::DELETE, &path, None, None).await.unwrap().ok();
    assert_eq!(scientist.get(&path).await.status, 404);
}

async fn create(scientist: &Person, upload: &str, manifest: &Manifest) -> Result<Value, BrokenOff> {
    let body = json!({"upload": upload, "model_digest": manifest.model_digest(), "fields": {"metrics": {"auc": 0.9}}});
    Ok(scientist.try_ask(Method::POST, &format!("{MODEL}/versions"), Some(&body), None).await?.ok())
}

/// The version is there with its manifest, and each file comes back as it was sent.
async fn whole(scientist: &Person, version: &Version) {
    let Version { path, manifest } = version;
    let view = scientist.get(path).await.ok();
    assert_eq!(view["model_digest"], json!(manifest.model_digest()), "{path}");
    assert_eq!(scientist.get(&format!("{path}/manifest")).await.bytes, manifest.to_bytes(), "{path}");
    for entry in manifest.entries() {
        let reply = scientist.get(&format!("{path}/files/{}", entry.name)).await;
        assert_eq!((reply.status, Sha256::of(&reply.bytes)), (200, entry.sha256), "{path}: {}", entry.name);
    }
}

/// A file's content in pieces; to be silent, it stops half-way and says so.
fn body(content: &[u8], silent: Option<UnboundedSender<Tick>>) -> Body {
    let end = if silent.is_some() { content.len() / 2 } else { content.len() };
    let pieces: Vec<Vec<u8>> = content[..end].chunks(CHUNK).map(<[u8]>::to_vec).collect();
    Body::wrap_stream(stream::unfold((pieces.into_iter(), silent), async |(mut pieces, silent)| {
        if let Some(piece) = pieces.next() {
            return Some((Ok::<_, std::io::Error>(piece), (pieces, silent)));
        }
        if let Some(tick) = &silent {
            // Nobody listens any more when the server is gone already.
            let _ = tick.send(Tick::MidFile);
            std::future::pending::<()>().await;
        }
        None
    }))
}
