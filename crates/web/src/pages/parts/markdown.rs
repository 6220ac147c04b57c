//! Notes as people write them: Markdown, of which nothing but text, emphasis, lists, tables, quotations, code and links remains. HTML in it
//! is shown as text, a picture as its description.

use super::Markup;
use pulldown_cmark::{Alignment, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd, html};

/// Markdown as markup. Headings begin below those of the page.
pub(crate) fn markdown(text: &str) -> Markup {
    let mut markup = String::with_capacity(text.len() * 2);
    let options = Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TABLES;
    html::push_html(&mut markup, Parser::new_ext(text, options).filter_map(kept));
    Markup(markup)
}

/// What remains of a part of the text.
fn kept(event: Event<'_>) -> Option<Event<'_>> {
    Some(match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        Event::Start(Tag::HtmlBlock | Tag::Image { .. }) | Event::End(TagEnd::HtmlBlock | TagEnd::Image) => return None,
        Event::Start(Tag::Heading { level, .. }) => {
            Event::Start(Tag::Heading { level: lower(level), id: None, classes: Vec::new(), attrs: Vec::new() })
        }
        Event::End(TagEnd::Heading(level)) => Event::End(TagEnd::Heading(lower(level))),
        // The alignment of columns would come as a style, which the pages allow nowhere.
        Event::Start(Tag::Table(columns)) => Event::Start(Tag::Table(vec![Alignment::None; columns.len()])),
        Event::Start(Tag::Link { link_type, dest_url, id, .. }) => {
            // A link that leads anywhere else than to a page or a mailbox leads nowhere.
            let dest_url = if link_type == LinkType::Email || is_harmless(&dest_url) { dest_url } else { CowStr::Borrowed("#") };
            Event::Start(Tag::Link { link_type, dest_url, title: CowStr::Borrowed(""), id })
        }
        other => other,
    })
}

fn is_harmless(address: &str) -> bool {
    let address = address.trim().to_ascii_lowercase();
    ["https://", "http://", "mailto:"].iter().any(|scheme| address.starts_with(scheme))
}

const fn lower(level: HeadingLevel) -> HeadingLevel {
    match level {
        HeadingLevel::H1 => HeadingLevel::H3,
        HeadingLevel::H2 => HeadingLevel::H4,
        HeadingLevel::H3 => HeadingLevel::H5,
        HeadingLevel::H4 | HeadingLevel::H5 | HeadingLevel::H6 => HeadingLevel::H6,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn html(text: &str) -> String {
        markdown(text).to_string()
    }

    #[test]
    fn notes_read_as_they_were_written() {
        let notes = "# Model\n\nGood for **adults**, not for children.\n\n- fast\n- small\n\n> Ask first.\n\n[Card](https://example.org/card)\n";
        assert_eq!(
            html(notes),
            "<h3>Model</h3>\n<p>Good for <strong>adults</strong>, not for children.</p>\n<ul>\n<li>fast</li>\n<li>small</li>\n</ul>\n\
             <blockquote>\n<p>Ask first.</p>\n</blockquote>\n<p><a href=\"https://example.org/card\">Card</a></p>\n"
        );
        assert_eq!(
            html("| site | AUC |\n| :-- | --: |\n| north | 0.97 |\n"),
            "<table><thead><tr><th>site</th><th>AUC</th></tr></thead><tbody>\n<tr><td>north</td><td>0.97</td></tr>\n</tbody></table>\n"
        );
        assert_eq!(html("two\nlines and a `code`"), "<p>two\nlines and a <code>code</code></p>\n");
    }

    #[test]
    fn nothing_of_the_text_becomes_a_program_a_picture_or_a_style() {
        let hostile = [
            "<script>alert(1)</script>",
            "a <img src=x onerror=alert(1)> b",
            "<div style=\"position:fixed\" onclick='x()'>\n\n<iframe src=//evil.example></iframe>",
            "![the ROC curve](https://evil.example/track.png)",
            "[press](javascript:alert(1)) [here](JaVaScRiPt:alert(1)) [data](data:text/html,x) <javascript:alert(1)>",
            "[a](vbscript:x) [b](//evil.example \"t\" onmouseover=x)",
            "# head {#id .class onclick=x}",
            "```<script>\nx\n```",
            "| a | <b onclick=x> |\n| :-: | --- |\n| <script>alert(1)</script> | [x](javascript:alert(1)) |",
            "<!-- -->\n\n<![CDATA[x]]>\n\n<?php x ?>",
        ];
        for text in hostile {
            let markup = html(text);
            let tags: Vec<_> = markup.split('<').skip(1).map(|rest| rest.split('>').next().unwrap_or_default()).collect();
            for tag in tags {
                let name = tag.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
                assert!(
                    ["p", "h3", "a", "code", "pre", "table", "thead", "tbody", "tr", "th", "td"].contains(&name),
                    "<{tag}> of {text}: {markup}"
                );
                let harmless = !tag.contains(' ') || tag == "a href=\"#\"" || tag.starts_with("code class=\"language-");
                assert!(harmless, "<{tag}> of {text}: {markup}");
            }
        }
        assert!(html(hostile[3]).contains("the ROC curve"), "{}", html(hostile[3]));
        assert!(html(hostile[0]).contains("&lt;script&gt;alert(1)"), "{}", html(hostile[0]));
    }

    #[test]
    fn deep_and_long_texts_end() {
        let rows = |columns| format!("{}\n{}\n{}", "|a".repeat(columns), "|-".repeat(columns), "|\n".repeat(columns));
        for text in
            [">".repeat(10_000), "[".repeat(10_000), "*a ".repeat(10_000), "`".repeat(9_999), "- ".repeat(5_000), rows(5_000)]
        {
            assert!(html(&text).len() < 3_000_000);
        }
    }
}
