//! Matches addresses by hand: there are few, and every prediction passes here.

use percent_encoding::percent_decode_str;
use std::borrow::Cow;

/// What an address stands for.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Route<'a> {
    /// `/v2`
    Server,
    /// `/v2/health/live`
    Live,
    /// `/v2/health/ready`
    Ready,
    /// `/v2/models/{m}[/versions/{v}]…`
    Model(Cow<'a, str>, Option<Cow<'a, str>>, About),
    /// `/v2/models/stats`, unless a service has that name
    AllStatistics,
    /// `/v2/repository/index`
    Index,
    /// `/v2/repository/models/{m}/load` and `…/unload`
    LoadOrUnload,
    /// `/metrics`
    Metrics,
    /// `/health`
    Health,
}

/// What of a model is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum About {
    /// The model's inputs and outputs.
    Metadata,
    /// Whether it answers.
    Ready,
    /// The same as its metadata, in the words of another server's configuration.
    Config,
    /// How often it answered, and how long that took.
    Statistics,
    /// A prediction.
    Infer,
}

/// What this path stands for, if anything.
pub(crate) fn route(path: &str) -> Option<Route<'_>> {
    let mut segments = [""; 7];
    let mut count = 0;
    for segment in path.strip_prefix('/')?.split('/') {
        *segments.get_mut(count)? = segment;
        count += 1;
    }
    let model = |name, version: Option<_>, about| {
        let version = version.map(decoded).map_or(Some(None), |version| version.map(Some))?;
        Some(Route::Model(decoded(name)?, version, about))
    };
    match segments[..count] {
        ["v2", "models", name, what] => model(name, None, about(what)?),
        ["v2", "models", name, "versions", version, what] => model(name, Some(version), about(what)?),
        ["v2", "models", "stats"] => Some(Route::AllStatistics),
        ["v2", "models", name] => model(name, None, About::Metadata),
        ["v2", "models", name, "versions", version] => model(name, Some(version), About::Metadata),
        ["v2"] => Some(Route::Server),
        ["v2", "health", "live"] => Some(Route::Live),
        ["v2", "health", "ready"] => Some(Route::Ready),
        ["v2", "repository", "index"] => Some(Route::Index),
        ["v2", "repository", "models", _, "load" | "unload"] => Some(Route::LoadOrUnload),
        ["metrics"] => Some(Route::Metrics),
        ["health"] => Some(Route::Health),
        _ => None,
    }
}

fn about(word: &str) -> Option<About> {
    match word {
        "infer" => Some(About::Infer),
        "ready" => Some(About::Ready),
        "config" => Some(About::Config),
        "stats" => Some(About::Statistics),
        _ => None,
    }
}

fn decoded(segment: &str) -> Option<Cow<'_, str>> {
    percent_decode_str(segment).decode_utf8().ok().filter(|name| !name.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn models_are_found_with_and_without_version() {
        let infer = |name: &'static str, version: Option<&'static str>| {
            Some(Route::Model(name.into(), version.map(Cow::from), About::Infer))
        };
        assert_eq!(route("/v2/models/tumour/infer"), infer("tumour", None));
        assert_eq!(route("/v2/models/tumour/versions/12/infer"), infer("tumour", Some("12")));
        assert_eq!(route("/v2/models/t%C3%BCr%2Fx/infer"), infer("tür/x", None));
        assert_eq!(route("/v2/models/stats"), Some(Route::AllStatistics));
        assert!(matches!(route("/v2/models/stats/stats"), Some(Route::Model(name, None, About::Statistics)) if name == "stats"));
        assert!(matches!(route("/v2/models/versions/versions/1"), Some(Route::Model(_, Some(_), About::Metadata))));
    }

    #[test]
    fn what_is_no_address_is_none() {
        for path in ["", "v2", "/", "/v2/", "/v3", "/v2/models", "/v2/models/", "/v2/models//infer", "/v2/models/a/b"] {
            assert_eq!(route(path), None, "{path}");
        }
        let long = format!("/v2/models/a/versions/1/infer{}", "/x".repeat(10_000));
        assert_eq!(route(&long), None);
        assert_eq!(route("/v2/models/%ff/infer"), None, "a name is UTF-8");
    }
}
