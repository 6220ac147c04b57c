//! The icons, drawn by hand: 16 × 16, one stroke, in the colour of the text. A page carries all of them once and refers to each by name.

use super::Markup;
use std::sync::LazyLock;

/// Each icon's name and drawing.
const ICONS: &[(&str, &str)] = &[
    ("tick", r#"<path d="M3 8.6 6.6 12 13 4.4"/>"#),
    ("approved", r#"<path d="M4 6.2 6.9 9 12.2 2.4M2 12h12M2 14.6h12"/>"#),
    ("rejected", r#"<path d="m4.8 2.6 6.4 6.4M11.2 2.6 4.8 9M2 12h12M2 14.6h12"/>"#),
    ("minor", r#"<path d="M8 1.8 14.2 8 8 14.2 1.8 8zM8 5.2v3.2M8 10.7v.05"/>"#),
    (
        "major",
        r#"<path fill="currentColor" stroke="none" fill-rule="evenodd" d="M5.4 1.5h5.2l3.9 3.9v5.2l-3.9 3.9H5.4l-3.9-3.9V5.4zM7.1 4.2v5h1.8v-5zM7.1 10.6v1.7h1.8v-1.7z"/>"#,
    ),
    ("nib", r#"<path d="M5 1.8h6l1.6 5.6L8 14.4 3.4 7.4zM8 14V9"/><circle cx="8" cy="7.6" r="1.2"/>"#),
    ("talk", r#"<path d="M2.2 3h11.6v7.6H7.4l-3 2.9v-2.9H2.2z"/>"#),
    ("dotted", r#"<circle cx="8" cy="8" r="5.6" stroke-dasharray="1.9 2.5"/>"#),
    ("unsigned", r#"<path d="m2.6 6.2 3.6 3.6M6.2 6.2 2.6 9.8M2 13.4h12"/>"#),
    ("abandoned", r#"<circle cx="8" cy="8" r="5.8"/><path d="m4 12 8-8"/>"#),
    ("revoked", r#"<path d="M3.4 8.8 6.6 12 12.6 4.6M1.6 8h12.8"/>"#),
    (
        "expired",
        r#"<path d="M4.4 2.2h7.2M4.4 13.8h7.2M5 2.2C5 5.6 8 5.6 8 8s-3 2.4-3 5.8M11 2.2C11 5.6 8 5.6 8 8s3 2.4 3 5.8"/>"#,
    ),
    ("clock", r#"<circle cx="8" cy="8" r="5.8"/><path d="M8 4.8V8l2.3 1.7"/>"#),
    ("stale", r#"<path d="M13 8.2a5 5 0 1 1-1.5-3.7L13 6M13 2.6V6H9.7"/>"#),
    ("lock", r#"<path d="M3.6 7.4h8.8v6.4H3.6zM5.4 7.4V5a2.6 2.6 0 0 1 5.2 0v2.4"/>"#),
    ("prevent", r#"<path d="M3.4 14.4V4.2M1.8 14.4h3.2M3.4 6.4h11.2M7 6.4v2.2M10.4 6.4v2.2"/>"#),
    ("warn-arm", r#"<path d="M3.4 14.4V6.4M1.8 14.4h3.2M3.4 8l10-5M6.6 6.4l1 2M9.7 4.9l1 2"/>"#),
    (
        "allow",
        r#"<path d="M3.4 14.4V8.4M1.8 14.4h3.2M3.4 9.6 6.6 1.4M4.6 6.6l2 .8M5.8 3.5l2 .8M9.6 12h4.6M12.2 9.8l2 2.2-2 2.2"/>"#,
    ),
    ("flag", r#"<path d="M3.6 14.4V1.8"/><path fill="currentColor" stroke="none" d="M3.6 2.2h9.6l-2.4 3.3 2.4 3.3H3.6z"/>"#),
    ("off", r#"<path d="M8 1.8v5.6M4.9 4a5.4 5.4 0 1 0 6.2 0"/>"#),
    ("node", r#"<path d="M2.2 2.8h11.6v4.2H2.2zM2.2 9h11.6v4.2H2.2zM4.8 4.9v.05M4.8 11.1v.05"/>"#),
    ("box", r#"<path d="m8 1.6 5.8 3.2v6.4L8 14.4l-5.8-3.2V4.8zM2.4 4.9 8 8l5.6-3.1M8 8v6.2"/>"#),
    ("copy", r#"<path d="M5.6 5.6h8v8h-8zM10.4 5.4V2.4h-8v8h3"/>"#),
    ("search", r#"<circle cx="7" cy="7" r="4.6"/><path d="m10.5 10.5 3.4 3.4"/>"#),
    ("up", r#"<path d="M8 13V3.2M4 7.2l4-4 4 4"/>"#),
    ("down", r#"<path d="M8 3v9.8M4 8.8l4 4 4-4"/>"#),
    ("same", r#"<path d="M3 6h10M3 10h10"/>"#),
    ("plus", r#"<path d="M8 3v10M3 8h10"/>"#),
    ("minus", r#"<path d="M3 8h10"/>"#),
    ("mail", r#"<path d="M1.8 3.4h12.4v9.2H1.8zM2 3.8l6 5 6-5"/>"#),
    ("nomail", r#"<path d="M1.8 3.4h12.4v9.2H1.8zM2 3.8l6 5 6-5M2 14.6 14 1.4"/>"#),
    ("load", r#"<path d="M8 2v8.4M4.4 7 8 10.5 11.6 7M2.4 13.6h11.2"/>"#),
    ("print", r#"<path d="M4.6 5V2h6.8v3M4.6 11.4H2.2V5h11.6v6.4h-2.4M4.6 9.2h6.8V14H4.6z"/>"#),
    ("term", r#"<path d="m2.6 4.2 4 3.8-4 3.8M8 12.4h5.6"/>"#),
    (
        "group",
        r#"<circle cx="6" cy="5.4" r="2.4"/><path d="M1.8 13.2c.2-2.6 1.8-4 4.2-4s4 1.4 4.2 4M10.4 3.2a2.3 2.3 0 0 1 0 4.4M12 9.6c1.4.5 2.1 1.8 2.2 3.6"/>"#,
    ),
    ("user", r#"<circle cx="8" cy="5.2" r="2.7"/><path d="M2.9 13.8c.3-3 2.2-4.6 5.1-4.6s4.8 1.6 5.1 4.6"/>"#),
    ("role", r#"<path d="M8 1.8 13.4 4v4c0 3-2.2 5.2-5.4 6.2C4.8 13.2 2.6 11 2.6 8V4z"/>"#),
    ("hand-on", r#"<path d="M2 5.2h9.6M8.8 2.4l2.8 2.8L8.8 8M14 11H4.4"/>"#),
    ("info", r#"<circle cx="8" cy="8" r="6"/><path d="M8 7.4V11M8 4.9v.05"/>"#),
    ("warn", r#"<path d="M8 2 14.6 13.6H1.4zM8 6.4v3.4M8 11.7v.05"/>"#),
    ("cross", r#"<path d="m4 4 8 8M12 4l-8 8"/>"#),
    ("half", r#"<circle cx="8" cy="8" r="5.8"/><path fill="currentColor" stroke="none" d="M8 2.2a5.8 5.8 0 0 1 0 11.6z"/>"#),
    (
        "full",
        r#"<circle cx="8" cy="8" r="5.8"/><path fill="currentColor" stroke="none" d="M8 4.4a3.6 3.6 0 1 1 0 7.2 3.6 3.6 0 0 1 0-7.2z"/>"#,
    ),
    ("sync", r#"<path d="M2.4 6.2h9.8M9.4 3.4l2.8 2.8M13.6 9.8H3.8M6.6 12.6 3.8 9.8"/>"#),
    ("stop", r#"<path d="M3.4 3.4h9.2v9.2H3.4z"/>"#),
    ("what", r#"<circle cx="8" cy="8" r="6"/><path d="M6.2 6.2c.1-2.4 3.7-2.3 3.6 0 0 1.3-1.8 1.4-1.8 2.9M8 11.3v.05"/>"#),
    ("file", r#"<path d="M3.8 1.8h5.6L12.4 5v9.2H3.8zM9.2 2v3.2h3.2"/>"#),
    ("record", r#"<path d="M3 2.4h10v11.2H3zM5.6 5.4h4.8M5.6 8h4.8M5.6 10.6h2.6"/>"#),
    (
        "seal",
        r#"<path d="m8 1.4 1.5 1.3 2-.3.7 1.9 1.9.7-.3 2L15 8l-1.2 1 .3 2-1.9.7-.7 1.9-2-.3L8 14.6l-1.5-1.3-2 .3-.7-1.9-1.9-.7.3-2L1 8l1.2-1-.3-2 1.9-.7.7-1.9 2 .3z"/><path d="m5.6 8.2 1.8 1.7 3.1-3.7"/>"#,
    ),
    ("edit", r#"<path d="m10.6 2.6 2.8 2.8-8 8H2.6v-2.8zM8.8 4.4l2.8 2.8"/>"#),
    ("sort", r#"<path d="m5 6 3-3 3 3M5 10l3 3 3-3"/>"#),
    ("reply", r#"<path d="M6.4 3.4 2.4 7.2l4 3.8M2.6 7.2h6.6c2.8 0 4.4 1.8 4.4 5"/>"#),
    (
        "eye",
        r#"<path d="M1.6 8C3 5.2 5.2 3.8 8 3.8S13 5.2 14.4 8C13 10.8 10.8 12.2 8 12.2S3 10.8 1.6 8z"/><circle cx="8" cy="8" r="1.9"/>"#,
    ),
    ("undo", r#"<path d="M3.6 3v3.8h3.8M3.8 6.6a5 5 0 1 1-.6 3"/>"#),
];

const MARK: &str = concat!(
    r#"<path d="M4.3 13.9c1.4-.9 2.9-.6 4 .7l4.3 5.3-1.8 2.7-6.5-7.6c-.4-.5-.4-.8 0-1.1z"/>"#,
    r#"<path class="mark-2" d="M13 22.3 23.7 6.6c1.1-1.6 2.7-2.8 4.9-3.4-1.6 1.5-2.6 2.7-3.7 4.4L15.4 22.5c-.8 1.2-3.1 1-2.4-.2z"/>"#,
    r#"<path d="M3.5 25.3h25v1.5h-25zM3.5 28.7h25v1.5h-25z"/>"#
);

/// An icon beside a word that says the same.
pub(crate) fn icon(name: &str) -> Markup {
    debug_assert!(ICONS.iter().any(|(known, _)| *known == name), "there is no icon {name}");
    Markup(format!(r##"<svg class="i" aria-hidden="true"><use href="#i-{name}"/></svg>"##))
}

/// The mark of the product.
pub(crate) fn mark() -> Markup {
    Markup(format!(r#"<svg viewBox="0 0 32 32" fill="currentColor" aria-hidden="true">{MARK}</svg>"#))
}

/// All icons, for the uses in a page.
pub(crate) fn sprite() -> &'static Markup {
    static SPRITE: LazyLock<Markup> = LazyLock::new(|| {
        let symbols: String = ICONS
            .iter()
            .map(|(name, drawing)| format!(r#"<symbol id="i-{name}" viewBox="0 0 16 16">{drawing}</symbol>"#))
            .collect();
        Markup(format!(r#"<svg class="sprite" aria-hidden="true">{symbols}</svg>"#))
    });
    &SPRITE
}
