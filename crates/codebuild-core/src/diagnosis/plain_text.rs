//! A log without the colours that its programs print: they stand between words, and in words.

use std::borrow::Cow;

/// The log as it reads. Most logs have no colours, and are taken as they are.
pub(super) fn lines(log: &[String]) -> Cow<'_, [String]> {
    if log.iter().any(|line| line.contains(ESCAPE)) {
        Cow::Owned(log.iter().map(|line| without_sequences(line)).collect())
    } else {
        Cow::Borrowed(log)
    }
}

const ESCAPE: char = '\u{1b}';

/// The text without control sequences: ESC, `[`, parameters, and a final byte from `@` to `~`
/// (ECMA-48, 5.4).
fn without_sequences(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text.chars();
    while let Some(character) = rest.next() {
        if character != ESCAPE {
            plain.push(character);
        } else if rest.as_str().starts_with('[') {
            rest.next();
            // Up to and with the final byte.
            let _ = rest.find(|c| ('@'..='~').contains(c));
        }
    }
    plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_are_taken_out_of_words() {
        let log = [
            "\u{1b}[91m/bin/sh: 1: \u{1b}[0m\u{1b}[91mapt-get: not found\u{1b}[0m",
            "a\u{1b}",
        ];
        let log = log.map(str::to_owned);
        assert_eq!(*lines(&log), ["/bin/sh: 1: apt-get: not found", "a"]);
        let plain = ["as it is".to_owned()];
        assert!(matches!(lines(&plain), Cow::Borrowed(_)));
    }
}
