//! Text in bash: here-documents.

/// A command that reads `text`, as it is, from its standard input.
pub(super) fn heredoc(command: &str, text: &str) -> String {
    let text = text.trim_end_matches('\n');
    let end = unused_line(text);
    format!("{command} <<'{end}'\n{text}\n{end}\n")
}

/// A line that the text does not have.
fn unused_line(text: &str) -> String {
    let mut end = "END".to_owned();
    while text.lines().any(|line| line == end) {
        end.push('_');
    }
    end
}

#[cfg(test)]
mod tests {
    use super::heredoc;

    #[test]
    fn nothing_in_a_text_is_more_than_text() {
        assert_eq!(
            heredoc("say", "a\nEND\nb\n"),
            "say <<'END_'\na\nEND\nb\nEND_\n"
        );
    }
}
