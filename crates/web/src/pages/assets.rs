//! Style, script and picture of the pages. The name of each has the digest of its content, so a browser keeps it for ever and still gets
//! the next one. Each is compressed once.

use crate::{
    http::{Failure, FromPath, Routes, StrictPath, gzipped, parameter, takes_gzip},
    urls::pages as paths,
};
use app::Error;
use axum::{
    extract::RawPathParams,
    http::{HeaderMap, HeaderValue, header},
    response::{IntoResponse, Response},
};
use flate2::Compression;
use proof::Sha256;
use std::sync::LazyLock;

/// A file that pages load.
struct Asset {
    name: String,
    kind: &'static str,
    bytes: &'static [u8],
    gzipped: Vec<u8>,
}

pub(super) fn routes() -> Routes {
    Routes::new().get(paths::ASSET, asset).get(paths::FAVICON, favicon)
}

impl Asset {
    fn new(stem: &str, ending: &str, kind: &'static str, bytes: &'static [u8]) -> Self {
        let digest = Sha256::of(bytes).to_string();
        let gzipped = gzipped(bytes, Compression::best()).expect("memory takes what is written to it");
        Self { name: format!("{stem}.{}.{ending}", &digest[..16]), kind, bytes, gzipped }
    }
}

static STYLE: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("countersign", "css", "text/css; charset=utf-8", include_bytes!("../../assets/countersign.css")));
static SCRIPT: LazyLock<Asset> = LazyLock::new(|| {
    Asset::new("countersign", "js", "text/javascript; charset=utf-8", include_bytes!("../../assets/countersign.js"))
});
static ICON: LazyLock<Asset> =
    LazyLock::new(|| Asset::new("favicon", "svg", "image/svg+xml", include_bytes!("../../assets/favicon.svg")));

/// The names under which pages load them.
pub(super) struct Names {
    pub(super) style: &'static str,
    pub(super) script: &'static str,
    pub(super) icon: &'static str,
}

pub(super) fn names() -> Names {
    Names { style: &STYLE.name, script: &SCRIPT.name, icon: &ICON.name }
}

struct AssetPath(String);

impl FromPath for AssetPath {
    fn from_path(parameters: &RawPathParams) -> Result<Self, Error> {
        Ok(Self(parameter(parameters, "name")?))
    }
}

async fn asset(StrictPath(AssetPath(name)): StrictPath<AssetPath>, headers: HeaderMap) -> Result<Response, Failure> {
    let known = [&STYLE, &SCRIPT, &ICON].into_iter().find(|asset| asset.name == name);
    let asset = known.ok_or_else(|| Error::not_found("file", &name))?;
    Ok(give(asset, &headers, "public, max-age=31536000, immutable"))
}

/// Where browsers look by themselves, which is no address of a link.
async fn favicon(headers: HeaderMap) -> Response {
    give(&ICON, &headers, "public, max-age=86400")
}

fn give(asset: &'static Asset, headers: &HeaderMap, keep: &'static str) -> Response {
    let mut answer = match takes_gzip(headers) {
        true => ([(header::CONTENT_ENCODING, "gzip")], asset.gzipped.as_slice()).into_response(),
        false => asset.bytes.into_response(),
    };
    let more = [(header::CONTENT_TYPE, asset.kind), (header::CACHE_CONTROL, keep), (header::VARY, "accept-encoding")];
    for (name, value) in more {
        // In place of the type that the bytes alone would get: with two of them no browser takes a style.
        answer.headers_mut().insert(name, HeaderValue::from_static(value));
    }
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn style_and_script_keep_within_the_budget() {
        let (style, script) = (STYLE.gzipped.len(), SCRIPT.gzipped.len());
        assert!(style <= 15_000, "the style has {style} bytes");
        assert!(script <= 15_000, "the script has {script} bytes");
    }
}
