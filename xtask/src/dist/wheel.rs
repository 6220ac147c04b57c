//! The wheel for Python's package manager: it brings the program, and with the extra `node` the library that runs models.

use anyhow::{Context, Result};
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use sha2::{Digest, Sha256};
use std::{
    fmt::Write,
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Release, copy, debian::newest_glibc, emptied, root, try_program, write};
use crate::{
    command::{output, run},
    python,
};

/// The package of ONNX Runtime whose library the node knows.
const LIBRARY: &str = "onnxruntime==1.31.1";

/// Makes the wheel, installs it into an environment of its own without a network, and runs the program there.
pub(super) fn wheel(release: &Release) -> Result<PathBuf> {
    let bytes = fs::read(&release.program).context("the program cannot be read")?;
    let glibc = newest_glibc(&bytes).context("the program names no version of glibc")?.replace('.', "_");
    let tag = format!("py3-none-manylinux_{glibc}_{}", std::env::consts::ARCH);
    let name = format!("countersign-{}", release.version);
    let tree = emptied(&release.folder.join("wheel"))?;
    let (data, information) = (format!("{name}.data"), format!("{name}.dist-info"));
    copy(&release.program, &tree.join(&data).join("scripts/countersign"))?;
    copy(&root().join("LICENSE"), &tree.join(&information).join("licenses/LICENSE"))?;
    write(&tree.join(&information).join("METADATA"), metadata(release)?)?;
    let wheel = format!("Wheel-Version: 1.0\nGenerator: countersign xtask\nRoot-Is-Purelib: false\nTag: {tag}\n");
    write(&tree.join(&information).join("WHEEL"), wheel)?;
    let record = record(&tree, &tree)? + &format!("{information}/RECORD,,\n");
    write(&tree.join(&information).join("RECORD"), record)?;

    let file = release.folder.join(format!("{name}-{tag}.whl"));
    let mut zip = Command::new("python3");
    run(zip.args(["-m", "zipfile", "-c"]).arg(&file).args([&data, &information].map(|part| tree.join(part))))?;

    let environment = emptied(&release.folder.join("tried"))?.join("venv");
    python::create(&environment)?;
    let mut install = Command::new(environment.join("bin/python"));
    output(install.args(["-m", "pip", "install", "--quiet", "--no-index", "--no-deps"]).arg(&file))?;
    try_program(release, &environment.join("bin/countersign"))?;
    Ok(file)
}

/// What package managers show, and what the extra needs.
fn metadata(release: &Release) -> Result<String> {
    let readme = fs::read_to_string(root().join("README.md")).context("README.md cannot be read")?;
    Ok(format!(
        "Metadata-Version: 2.4\nName: countersign\nVersion: {}\nSummary: Sign-off for machine-learning models that deployment obeys\n\
         License-Expression: Apache-2.0\nLicense-File: LICENSE\nRequires-Python: >=3.8\nProvides-Extra: node\n\
         Requires-Dist: {LIBRARY} ; extra == 'node'\nDescription-Content-Type: text/markdown\n\n{readme}",
        release.version
    ))
}

/// A line for each file: its name, its digest, its size.
fn record(tree: &Path, folder: &Path) -> Result<String> {
    let mut lines = String::new();
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))? {
        let path = entry?.path();
        if path.is_dir() {
            lines += &record(tree, &path)?;
            continue;
        }
        let bytes = fs::read(&path).with_context(|| format!("{} cannot be read", path.display()))?;
        let digest = BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(&bytes));
        let name = path.strip_prefix(tree).context("a file outside of the folder")?;
        writeln!(lines, "{},sha256={digest},{}", name.display(), bytes.len())?;
    }
    Ok(lines)
}
