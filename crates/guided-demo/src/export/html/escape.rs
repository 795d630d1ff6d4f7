//! Text in HTML.

/// Text that is only text, between tags and in double quotes alike. Control characters, which HTML
/// cannot hold, are left out.
pub(super) fn escape(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '"' => escaped.push_str("&quot;"),
            '\'' => escaped.push_str("&#39;"),
            '\n' | '\t' => escaped.push(c),
            c if c.is_control() => {}
            c => escaped.push(c),
        }
    }
    escaped
}

/// Plain output of a program: without colours, escaped.
pub(super) fn output(text: &str) -> String {
    escape(&console::strip_ansi_codes(text))
}
