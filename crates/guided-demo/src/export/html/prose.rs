//! Markdown as HTML that can do nothing: no tags of its own, no pictures, no scripts.

use pulldown_cmark::BlockQuoteKind;
use pulldown_cmark::CowStr;
use pulldown_cmark::Event;
use pulldown_cmark::HeadingLevel;
use pulldown_cmark::Options;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;

use super::terms::Terms;

/// Renders Markdown of a script.
pub(super) fn prose(markdown: &str, terms: &mut Terms) -> String {
    let options = Options::ENABLE_TABLES | Options::ENABLE_GFM | Options::ENABLE_STRIKETHROUGH;
    let mut events = Vec::new();
    // Whether each open link is kept.
    let mut links: Vec<bool> = Vec::new();
    for event in Parser::new_ext(markdown, options) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => {
                // A comment is for nobody.
                if !html.trim_start().starts_with("<!--") {
                    events.push(Event::Text(html));
                }
            }
            Event::Start(Tag::HtmlBlock) => events.push(Event::Start(Tag::Paragraph)),
            Event::End(TagEnd::HtmlBlock) => events.push(Event::End(TagEnd::Paragraph)),
            Event::Start(Tag::Image { .. }) | Event::End(TagEnd::Image) => {}
            Event::Start(Tag::Link { dest_url, .. }) => {
                let opening = link(&dest_url, terms);
                links.push(opening.is_some());
                events.extend(opening.map(|html| Event::InlineHtml(html.into())));
            }
            Event::End(TagEnd::Link) => {
                if links.pop() == Some(true) {
                    events.push(Event::InlineHtml(CowStr::Borrowed("</a>")));
                }
            }
            // Alignment would be a style attribute, which the page's policy forbids.
            Event::Start(Tag::Table(_)) => events.push(Event::Start(Tag::Table(Vec::new()))),
            Event::Start(Tag::Heading { level, .. }) => events.push(Event::Start(Tag::Heading {
                level: below_steps(level),
                id: None,
                classes: Vec::new(),
                attrs: Vec::new(),
            })),
            Event::End(TagEnd::Heading(level)) => {
                events.push(Event::End(TagEnd::Heading(below_steps(level))));
            }
            Event::Start(Tag::BlockQuote(Some(kind))) => {
                events.push(Event::Start(Tag::BlockQuote(Some(kind))));
                let title = format!("<p class=\"alert\">{}</p>", alert(kind));
                events.push(Event::InlineHtml(title.into()));
            }
            event => events.push(event),
        }
    }
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, events.into_iter());
    html
}

/// The opening tag of a link that leads somewhere from a page that stands alone.
fn link(destination: &str, terms: &mut Terms) -> Option<String> {
    if let Some(anchor) = terms.use_link(destination) {
        let anchor = super::escape::escape(&anchor);
        return Some(format!("<a class=\"term\" href=\"#term-{anchor}\">"));
    }
    let safe = ["https://", "http://", "mailto:"]
        .iter()
        .any(|scheme| destination.starts_with(scheme));
    let destination = super::escape::escape(destination);
    safe.then(|| format!("<a href=\"{destination}\" rel=\"noreferrer\">"))
}

/// Steps have headings of level 2.
fn below_steps(level: HeadingLevel) -> HeadingLevel {
    level.max(HeadingLevel::H3)
}

fn alert(kind: BlockQuoteKind) -> &'static str {
    match kind {
        BlockQuoteKind::Note => "Note",
        BlockQuoteKind::Tip => "Exam",
        BlockQuoteKind::Important => "Important",
        BlockQuoteKind::Warning => "Warning",
        BlockQuoteKind::Caution => "Caution",
    }
}

#[cfg(test)]
mod tests {
    use super::super::terms::Terms;
    use super::prose;

    #[test]
    fn nothing_in_a_script_becomes_a_tag_or_leads_astray() {
        let html = prose(
            "a <b onclick='x()'>b</b> <!-- c --> [x](javascript:alert(1)) ![p](https://e.com/p.png)\n\n\
             <script>alert(1)</script>\n\n<div>d</div>\n\n[ok](https://e.com/?a=1&b=\"2\")\n\n\
             `<i>`\n\n| a |\n|--:|\n| <u>1</u> |\n",
            &mut Terms::default(),
        );
        for tag in [
            "<b",
            "<script",
            "<div",
            "<img",
            "<i>",
            "<u>",
            "javascript:",
            "style=",
            "<!--",
        ] {
            assert!(!html.contains(tag), "{tag} is in {html}");
        }
        assert!(
            html.contains("&lt;script&gt;alert(1)&lt;/script&gt;"),
            "{html}"
        );
        assert!(
            html.contains("href=\"https://e.com/?a=1&amp;b=%222%22\"")
                || html.contains("&quot;2&quot;"),
            "{html}"
        );
    }
}
