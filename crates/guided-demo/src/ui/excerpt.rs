//! The first lines of a long text.

/// At most `lines` lines of `text`, and how many were left out.
pub(crate) fn excerpt(text: &str, lines: usize) -> (String, usize) {
    let text = text.trim_end_matches('\n');
    let total = text.lines().count();
    // A text that is only a little too long is shown whole: "1 more line" helps nobody.
    if total <= lines + 2 {
        return (text.to_owned(), 0);
    }
    let kept: Vec<&str> = text.lines().take(lines).collect();
    (kept.join("\n"), total - lines)
}

#[cfg(test)]
mod tests {
    use super::excerpt;

    #[test]
    fn a_long_text_is_cut_and_the_rest_counted() {
        assert_eq!(excerpt("a\nb\nc\nd\ne\n", 2), ("a\nb".to_owned(), 3));
        assert_eq!(excerpt("a\nb\nc\nd\n", 2), ("a\nb\nc\nd".to_owned(), 0));
        assert_eq!(excerpt("", 2), (String::new(), 0));
    }
}
