//! Takes into an upload what the server has already: most files of a version are often those of the version before, and an upload that broke
//! off left files behind. A digest alone gives nobody a file that they could not read, or did not send.

use super::{own, own_for_change, within};
use crate::{
    Error, OpContext,
    base::find,
    views::{AnnouncedFile, KnownFiles, KnownFilesRequest},
};
use domain::{
    Digest, Duration, NextStep, UploadId,
    access::{Action, Scope},
};
use futures_util::{StreamExt, TryStreamExt, stream};
use proof::FileName;
use std::collections::{BTreeMap, BTreeSet};
use store::{Reader, Upload, UploadedFile};

/// How many files one request may name.
const MOST: usize = 1000;

/// How many files the storage is asked about at once.
const ASKED_AT_ONCE: usize = 16;

/// For how long another upload must still go on, so that no clean-up takes its files away meanwhile.
const GOES_ON: Duration = Duration::from_seconds(3600);

/// Takes the files whose content is part of a version of the upload's project, or of another upload of the caller.
///
/// # Errors
/// No such upload of the caller; names that cannot be in a manifest; too many files or bytes: nothing is taken then.
pub async fn take(op: &OpContext, id: UploadId, request: KnownFilesRequest) -> Result<KnownFiles, Error> {
    op.needs(Scope::Register)?;
    if request.files.len() > MOST {
        return Err(Error::invalid("/files", format!("one request names at most {MOST} files")).next(NextStep::SendAgain));
    }
    let names = request.files.iter().map(|file| FileName::parse(&file.name));
    let names: Vec<_> = names.collect::<Result<_, _>>().map_err(|error| Error::invalid("/files", error.to_string()))?;
    let mut reader = op.read().await?;
    let upload = own(op, &mut reader, id).await?;
    let known = known(op, &mut reader, &upload, &request.files).await?;
    drop(reader);
    let stored = stored(op, known.keys().copied()).await?;
    let (ref op, mut tx) = op.write_outside().await?;
    let upload = own_for_change(op, &mut tx, id).await?;
    let known = self::known(op, &mut tx, &upload, &request.files).await?;
    let (mut taken, mut last) = (Vec::new(), None);
    for (name, file) in names.iter().zip(request.files) {
        if stored.contains(&file.sha256) && known.get(&file.sha256) == Some(&file.size) {
            let AnnouncedFile { name: text, sha256, size } = file;
            tx.add_uploaded_file(&UploadedFile { upload_id: id, name: text.clone(), sha256, size }, op.now).await?;
            taken.push(text);
            last = Some(name);
        }
    }
    if let Some(last) = last {
        within(&op.settings.limits, &mut tx, id, last).await?;
    }
    tx.commit().await?;
    Ok(KnownFiles { files: taken })
}

/// What of these files the caller could read, or sent.
async fn known(
    op: &OpContext,
    reader: &mut Reader,
    upload: &Upload,
    files: &[AnnouncedFile],
) -> Result<BTreeMap<Digest, u64>, Error> {
    let project = find::project_of(op, reader, upload.model_id, Action::Contribute).await?;
    let digests = files.iter().map(|file| file.sha256);
    Ok(reader.known_files(digests, project.id, op.user()?.id, op.now.plus(GOES_ON)).await?)
}

/// Those that the storage really holds: one that it lost is sent again.
async fn stored(op: &OpContext, digests: impl Iterator<Item = Digest>) -> Result<BTreeSet<Digest>, Error> {
    let asked = digests.map(async |digest| op.files.has(digest).await.map(|has| has.then_some(digest)));
    let found: Vec<_> = stream::iter(asked).buffer_unordered(ASKED_AT_ONCE).try_collect().await?;
    Ok(found.into_iter().flatten().collect())
}
