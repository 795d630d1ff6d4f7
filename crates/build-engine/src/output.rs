//! Cuts what comes out of the build container into lines of the log and words of the runner.

use memchr::memchr;
use memchr::memmem;

/// A line longer than this is delivered in pieces, so that a build that never prints a newline
/// cannot fill the memory. In bytes.
const LONGEST_LINE: usize = 1024 * 1024;

/// The byte before the token in a marker line: ASCII's record separator.
const MARKER_START: u8 = 0x1e;

/// What the stream holds.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Output {
    /// A line of the log, without its newline.
    Line(String),
    /// What came right before a marker without a newline: a line of the log as well.
    Rest(String),
    /// What the runner says, such as `exit 0`.
    Marker(String),
}

/// Collects chunks of output until lines are complete.
///
/// A marker is `\x1e`, the token, a space, words and a newline. It may follow output that did not
/// end with a newline: that output is then a line of its own.
#[derive(Debug)]
pub(crate) struct OutputLines {
    marker: Vec<u8>,
    pending: Vec<u8>,
}

impl OutputLines {
    pub(crate) fn new(token: &str) -> Self {
        let mut marker = vec![MARKER_START];
        marker.extend_from_slice(token.as_bytes());
        marker.push(b' ');
        Self {
            marker,
            pending: Vec::new(),
        }
    }

    /// Takes a chunk, gives what is complete.
    pub(crate) fn push(&mut self, mut chunk: &[u8], found: &mut Vec<Output>) {
        while let Some(end) = memchr(b'\n', chunk) {
            let (line, rest) = chunk.split_at(end);
            chunk = rest.get(1..).unwrap_or_default();
            if self.pending.is_empty() {
                self.line(line, found);
            } else {
                let mut whole = std::mem::take(&mut self.pending);
                whole.extend_from_slice(line);
                self.line(&whole, found);
            }
        }
        self.pending.extend_from_slice(chunk);
        while self.pending.len() > LONGEST_LINE {
            let cut = piece_end(&self.pending);
            let rest = self.pending.split_off(cut);
            let piece = std::mem::replace(&mut self.pending, rest);
            found.push(Output::Line(text(&piece)));
        }
    }

    /// The stream is over: what has no newline is a line too.
    pub(crate) fn finish(&mut self, found: &mut Vec<Output>) {
        let rest = std::mem::take(&mut self.pending);
        if !rest.is_empty() {
            self.line(&rest, found);
        }
    }

    fn line(&self, line: &[u8], found: &mut Vec<Output>) {
        let marker = memchr(MARKER_START, line).and_then(|_| memmem::find(line, &self.marker));
        match marker.map(|at| line.split_at(at)) {
            None => found.push(Output::Line(text(line))),
            Some((before, marker)) => {
                if !before.is_empty() {
                    found.push(Output::Rest(text(before)));
                }
                let words = marker.get(self.marker.len()..).unwrap_or_default();
                found.push(Output::Marker(text(words)));
            }
        }
    }
}

/// Where to cut a line that is too long: not inside a UTF-8 character.
fn piece_end(bytes: &[u8]) -> usize {
    let is_inside = |at: usize| bytes.get(at).is_some_and(|byte| byte & 0xc0 == 0x80);
    (LONGEST_LINE - 3..=LONGEST_LINE)
        .rev()
        .find(|at| !is_inside(*at))
        .unwrap_or(LONGEST_LINE)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(chunks: &[&[u8]]) -> Vec<Output> {
        let mut lines = OutputLines::new("T0K");
        let mut found = Vec::new();
        for chunk in chunks {
            lines.push(chunk, &mut found);
        }
        lines.finish(&mut found);
        found
    }

    fn line(text: &str) -> Output {
        Output::Line(text.to_owned())
    }

    fn marker(text: &str) -> Output {
        Output::Marker(text.to_owned())
    }

    #[test]
    fn a_marker_after_output_without_newline_is_still_a_marker() {
        assert_eq!(
            all(&[b"a\nb", b"\x1eT0K exit 3\nc"]),
            [
                line("a"),
                Output::Rest("b".to_owned()),
                marker("exit 3"),
                line("c")
            ]
        );
    }

    #[test]
    fn a_wrong_token_is_output() {
        assert_eq!(all(&[b"\x1eT1K exit 0\n"]), [line("\u{1e}T1K exit 0")]);
    }

    #[test]
    fn odd_bytes_survive() {
        assert_eq!(
            all(&[b"50%\r100%\r\nnul\0nul\n\xff\n\n"]),
            [
                line("50%\r100%\r"),
                line("nul\0nul"),
                line("\u{fffd}"),
                line("")
            ]
        );
    }

    #[test]
    fn an_endless_line_comes_in_whole_characters_and_bounded_pieces() {
        let long = "é".repeat(LONGEST_LINE);
        let found = all(&[long.as_bytes(), b"\n"]);
        let joined: String = found
            .iter()
            .map(|output| match output {
                Output::Line(text) => {
                    assert!(text.len() <= LONGEST_LINE);
                    text.as_str()
                }
                Output::Rest(_) | Output::Marker(_) => panic!("no marker was sent"),
            })
            .collect();
        assert!(joined == long, "the pieces are not the line");
    }

    proptest::proptest! {
        #[test]
        fn cutting_the_stream_anywhere_changes_nothing(
            bytes in "([a-z]{0,3}\n|\u{1e}T0K exit [0-9]\n|é){0,20}", at in 0_usize..100,
        ) {
            let bytes = bytes.as_bytes();
            let (left, right) = bytes.split_at(at.min(bytes.len()));
            proptest::prop_assert_eq!(all(&[left, right]), all(&[bytes]));
        }
    }
}
