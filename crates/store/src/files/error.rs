//! What can go wrong with model files, in words that name the cause.

use std::{error::Error as _, path::PathBuf};

/// What can go wrong with model files.
#[derive(Debug, thiserror::Error)]
pub enum FilesError {
    /// The storage did not carry it out.
    #[error("the file storage did not carry this out: {}", in_words(.0))]
    Storage(#[from] object_store::Error),
    /// The folder cannot be used.
    #[error("the folder {0} cannot be used for model files: {1}")]
    Folder(PathBuf, std::io::Error),
    /// The sender stopped or failed.
    #[error("the upload broke off: {0}")]
    BrokenOff(String),
    /// More bytes than allowed.
    #[error("the file is larger than {0} bytes, the most that is taken")]
    TooLarge(u64),
}

/// An error of the storage in one line, with what is at the bottom of it: the library's own words end before "connection refused" and
/// "UnknownIssuer". Of what a bucket's server answers in XML, code and message alone.
fn in_words(error: &object_store::Error) -> String {
    let mut words = error.to_string();
    if let Some((before, answer)) = words.split_once("<?xml") {
        let part = |name: &str| Some(answer.split_once(&format!("<{name}>"))?.1.split_once('<')?.0.to_owned());
        let parts: Vec<String> = ["Code", "Message"].into_iter().filter_map(part).collect();
        words = format!("{before}{}", parts.join(": "));
    }
    let mut cause = error.source();
    while let Some(error) = cause {
        let deeper = error.to_string();
        if !deeper.contains("<?xml") && !words.contains(&deeper) {
            words = format!("{words}: {deeper}");
        }
        cause = error.source();
    }
    words
}
