//! Fetches ONNX Runtime, the library that runs models, from its wheel on PyPI into `target/`. The wheel and the library are
//! pinned by their hashes; the hash is checked at each use.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::command::{root, run};
use crate::python;

/// Tells `countersign` where the library is.
pub const VARIABLE: &str = "COUNTERSIGN_ONNXRUNTIME";
/// Tells the tests where the library is.
pub const TEST_VARIABLE: &str = "COUNTERSIGN_TEST_ONNXRUNTIME";

const VERSION: &str = "1.31.1";
const LIBRARY: &str = "libonnxruntime.so.1.31.1";

/// What there is for an architecture.
struct Build {
    /// As Rust calls it.
    architecture: &'static str,
    /// As Python calls it, with the C library.
    platform: &'static str,
    /// The SHA-256 of the wheel.
    wheel: &'static str,
    /// The SHA-256 of the library; `node::engine` knows the same.
    library: &'static str,
}

const BUILDS: [Build; 2] = [
    Build {
        architecture: "x86_64",
        platform: "manylinux_2_28_x86_64",
        wheel: "5752bd508126ae7c49894d3b9d2e83f0c3d487319246d04c444b393308d7ad7f",
        library: "fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3",
    },
    Build {
        architecture: "aarch64",
        platform: "manylinux_2_28_aarch64",
        wheel: "da05378364c44d4407e463982d2bf8d5e4cfea873283757e48beeb41df97b7f3",
        library: "8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467",
    },
];

/// Takes one file out of a wheel.
const TAKE_OUT: &str = "import sys, zipfile; zipfile.ZipFile(sys.argv[1]).extract(sys.argv[2], sys.argv[3])";

/// `cargo xtask onnxruntime`: prints the library's path.
pub fn fetch_and_print() -> Result<()> {
    println!("{}", library()?.display());
    Ok(())
}

/// The library's file, fetched if it is not there yet.
///
/// # Errors
/// When there is no build for this machine, it cannot be fetched, or it is not the one that was pinned.
pub fn library() -> Result<PathBuf> {
    let here = std::env::consts::ARCH;
    let build = BUILDS.iter().find(|build| build.architecture == here);
    let build = build.with_context(|| format!("there is no pinned build of ONNX Runtime for {here}, only x86_64 and aarch64"))?;
    let folder = root().join("target/onnxruntime");
    let library = folder.join(LIBRARY);
    if library.exists() && sha256(&library)? == build.library {
        return Ok(library);
    }
    fetch(build, &folder).context("ONNX Runtime could not be fetched from PyPI")?;
    let fetched = folder.join("onnxruntime/capi").join(LIBRARY);
    let found = sha256(&fetched)?;
    if found != build.library {
        bail!("{} has the SHA-256 {found}, not {}", fetched.display(), build.library);
    }
    // Last, so that what was cut short or altered never has this name.
    fs::rename(&fetched, &library)?;
    Ok(library)
}

/// Downloads the wheel and takes the library out of it.
fn fetch(build: &Build, folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    // Its own environment, since pip is not everywhere, and this one is gone afterwards.
    let environment = folder.join("venv");
    fs::create_dir_all(folder)?;
    python::create(&environment)?;
    let interpreter = environment.join("bin/python");
    let requirements = folder.join("requirements.txt");
    fs::write(&requirements, format!("onnxruntime=={VERSION} --hash=sha256:{}\n", build.wheel))?;
    let mut download = Command::new(&interpreter);
    // One wheel for all, whichever Python is here: the library in them is the same.
    download.args(["-m", "pip", "download", "--quiet", "--no-deps", "--require-hashes", "--only-binary=:all:"]);
    download.args(["--python-version", "311", "--platform", build.platform, "--dest"]).arg(folder);
    run(download.arg("--requirement").arg(&requirements))?;
    let wheel = folder.join(format!("onnxruntime-{VERSION}-cp311-cp311-{}.whl", build.platform));
    let inside = format!("onnxruntime/capi/{LIBRARY}");
    run(Command::new(&interpreter).args(["-c", TAKE_OUT]).arg(&wheel).arg(inside).arg(folder))?;
    fs::remove_file(wheel)?;
    fs::remove_dir_all(environment)?;
    Ok(())
}

fn sha256(file: &Path) -> Result<String> {
    let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
    Ok(hex::encode(Sha256::digest(bytes)))
}
