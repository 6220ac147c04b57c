//! Which builds of ONNX Runtime a node may load: the builds listed here, or a build that the operator names by its hash. The node
//! hashes the file before any code of it runs, because a model can crash older versions.

use super::interface::{EngineInfo, LoadError};
use proof::sha256::{Hasher, Sha256};
use std::{
    fs::{self, File},
    io::{self, Read},
    path::Path,
};

/// The libraries in the wheels of `onnxruntime` on PyPI that were tried with this node.
const KNOWN: [(&str, &str); 2] = [
    // x86_64
    ("fc44112fbe06d7d689c57e11d3862031f64711007e4ee020f8eed5185fd2c1d3", "1.31.1"),
    // aarch64
    ("8aa3b76b28c778a2b1dd660d34161adb1d508c9ccd04ff9dc80e26eca5df8467", "1.31.1"),
];
/// The oldest version that may be used.
const OLDEST: (u32, u32) = (1, 31);
/// The name under which the library declares its version to the linker.
const MARK: &[u8] = b"VERS_";

/// Finds out what a library is.
///
/// # Errors
/// `NoEngine` when it is missing, altered or old, with what to do.
pub fn identify(path: &Path, own_build: Option<&str>) -> Result<EngineInfo, LoadError> {
    let sha256 = hash_of(path).map_err(|error| {
        LoadError::NoEngine(format!("the library of ONNX Runtime cannot be read at {}: {error}; {HOW_TO_GET}", path.display()))
    })?;
    let sha256 = sha256.hex();
    let version = judge(&sha256, own_build, || fs::read(path))
        .map_err(|reason| LoadError::NoEngine(format!("{} {reason}", path.display())))?;
    Ok(EngineInfo { name: format!("ONNX Runtime {version}"), sha256 })
}

/// In pieces: the allocator would keep the memory of the whole library for the life of the node.
fn hash_of(path: &Path) -> io::Result<Sha256> {
    let (mut file, mut hasher, mut piece) = (File::open(path)?, Hasher::new(), vec![0; 64 << 10]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(hasher.finish()),
            read => hasher.update(&piece[..read]),
        }
    }
}

const HOW_TO_GET: &str =
    "take libonnxruntime.so.1.31.1 from the wheel onnxruntime 1.31.1 on PyPI (in a checkout: cargo xtask onnxruntime)";

/// Judges a library by its hash; reads the bytes only of a build that is not known.
fn judge(sha256: &str, own_build: Option<&str>, read: impl FnOnce() -> io::Result<Vec<u8>>) -> Result<String, String> {
    let version = match (KNOWN.iter().find(|(known, _)| *known == sha256), own_build) {
        (_, Some(wanted)) if wanted.trim_start_matches("sha256:") != sha256 => {
            return Err(format!("has the SHA-256 {sha256}, not {wanted} as --onnxruntime-sha256 says"));
        }
        (Some((_, version)), _) => return Ok((*version).to_owned()),
        (None, Some(_)) => {
            let bytes = read().map_err(|error| format!("cannot be read: {error}"))?;
            declared_version(&bytes).ok_or("does not say which version of ONNX Runtime it is")?
        }
        (None, None) => {
            return Err(format!(
                "is no known build of ONNX Runtime 1.31.1, or was altered (its SHA-256 is {sha256}); {HOW_TO_GET}, \
                 or name the hash of a build of your own with --onnxruntime-sha256"
            ));
        }
    };
    new_enough(&version)?;
    Ok(version)
}

/// The version that a library's bytes declare. Asking the library itself would mean to run it.
fn declared_version(bytes: &[u8]) -> Option<String> {
    let marks = bytes.windows(MARK.len()).enumerate().filter(|(_, window)| *window == MARK);
    marks.map(|(place, _)| &bytes[place + MARK.len()..]).find_map(|rest| {
        let text: String =
            rest.iter().take(16).map(|byte| char::from(*byte)).take_while(|c| c.is_ascii_digit() || *c == '.').collect();
        numbers(&text).map(|_| text)
    })
}

/// Whether a version may be used.
fn new_enough(version: &str) -> Result<(), String> {
    match numbers(version) {
        Some(found) if found >= OLDEST => Ok(()),
        _ => Err(format!("is ONNX Runtime {version}, and {}.{} or newer is needed; {HOW_TO_GET}", OLDEST.0, OLDEST.1)),
    }
}

fn numbers(version: &str) -> Option<(u32, u32)> {
    let mut parts = version.split('.').map(|part| part.parse().ok());
    Some((parts.next()??, parts.next()??))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_are_compared_as_numbers() {
        for good in ["1.31.0", "1.31.1", "1.100", "2.0"] {
            assert_eq!(new_enough(good), Ok(()));
        }
        for old in ["1.22.1", "1.9.0", "1.30.99", "0.99", "", "1", "one.two"] {
            assert!(new_enough(old).is_err_and(|reason| reason.contains("1.31 or newer is needed")), "{old}");
        }
    }

    #[test]
    fn a_build_of_ones_own_needs_its_hash_and_a_version() {
        let build = |declared: &str| format!("\u{7f}ELF VERS_ OrtGetApiBase\0{declared}\0…").into_bytes();
        let judged = |bytes: &[u8], wanted: Option<&str>| judge(&Sha256::of(bytes).hex(), wanted, || Ok(bytes.to_vec()));
        let new = build("VERS_1.32.0");
        let hash = Sha256::of(&new).hex();
        assert_eq!(judged(&new, Some(&hash)), Ok("1.32.0".to_owned()));
        assert_eq!(judged(&new, Some(&format!("sha256:{hash}"))), Ok("1.32.0".to_owned()));
        assert!(judged(&new, None).is_err_and(|reason| reason.contains("no known build") && reason.contains(&hash)));
        assert!(judged(&new, Some(KNOWN[0].0)).is_err_and(|reason| reason.contains("as --onnxruntime-sha256 says")));
        for (declared, reason) in [("VERS_1.22.1", "is ONNX Runtime 1.22.1"), ("nothing", "does not say which version")] {
            let bytes = build(declared);
            let hash = Sha256::of(&bytes).hex();
            assert!(judged(&bytes, Some(&hash)).is_err_and(|found| found.contains(reason)), "{declared}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_whole_file() {
        let folder = tempfile::tempdir().unwrap();
        for length in [0, 1, 64 << 10, (64 << 10) + 1, 200_000] {
            let (path, bytes) = (folder.path().join("library"), vec![7; length]);
            fs::write(&path, &bytes).unwrap();
            assert_eq!(hash_of(&path).unwrap(), Sha256::of(&bytes), "{length}");
        }
    }
}
