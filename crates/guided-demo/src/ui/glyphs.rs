//! Signs that not every terminal has, and what stands for them where it has not.

use std::borrow::Cow;

/// Which signs can be shown.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub(crate) enum Glyphs {
    /// All of them.
    #[default]
    Unicode,
    /// ASCII alone.
    Ascii,
    /// Words, for those who hear the screen.
    Words,
}

/// A sign, in ASCII, and as it is read aloud.
const TABLE: [(char, &str, &str); 18] = [
    ('✔', "+", "Passed:"),
    ('✘', "x", "Failed:"),
    ('▸', ">", "Here:"),
    ('…', "...", "..."),
    ('·', "|", ","),
    ('⏎', "Enter", "Enter"),
    ('─', "-", ""),
    ('━', "=", ""),
    ('│', "|", ""),
    ('┌', "+", ""),
    ('┐', "+", ""),
    ('└', "+", ""),
    ('┘', "+", ""),
    ('→', "->", "right arrow"),
    ('←', "<-", "left arrow"),
    ('•', "*", "-"),
    ('–', "-", "-"),
    ('█', "#", ""),
];

impl Glyphs {
    /// What the terminal shows, by the locale that these variables name: `LC_ALL` wins over
    /// `LC_CTYPE`, and that over `LANG`; an empty one is as good as none.
    pub(crate) fn of_locale(variable: impl Fn(&str) -> Option<String>) -> Self {
        let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
            .into_iter()
            .filter_map(variable)
            .find(|value| !value.is_empty())
            .unwrap_or_default()
            .to_ascii_uppercase();
        // Windows has no such variables, and terminals that show everything.
        if cfg!(windows) || locale.contains("UTF-8") || locale.contains("UTF8") {
            Self::Unicode
        } else {
            Self::Ascii
        }
    }

    /// The text with signs that can be shown.
    pub(crate) fn shown(self, text: &str) -> Cow<'_, str> {
        if self == Self::Unicode || text.is_ascii() {
            return Cow::Borrowed(text);
        }
        let text = match self {
            // Read aloud, what separates on a screen is a pause.
            Self::Words => Cow::Owned(text.replace(" · ", ", ")),
            _ => Cow::Borrowed(text),
        };
        let mut shown = String::with_capacity(text.len());
        for c in text.chars() {
            match TABLE.iter().find(|(sign, ..)| *sign == c) {
                Some((_, ascii, _)) if self == Self::Ascii => shown.push_str(ascii),
                Some((_, _, word)) => shown.push_str(word),
                None => shown.push(c),
            }
        }
        Cow::Owned(shown)
    }

    /// The frames of a spinner, the last one for when it is done.
    pub(crate) const fn spinner(self) -> &'static str {
        match self {
            Self::Unicode => "⠁⠂⠄⡀⢀⠠⠐⠈ ",
            Self::Ascii | Self::Words => "|/-\\ ",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Glyphs;

    fn of(variables: &[(&str, &str)]) -> Glyphs {
        Glyphs::of_locale(|name| {
            variables
                .iter()
                .find(|(known, _)| *known == name)
                .map(|(_, value)| (*value).to_owned())
        })
    }

    #[cfg(unix)]
    #[test]
    fn the_first_locale_that_is_set_decides() {
        assert_eq!(of(&[("LANG", "de_DE.UTF-8")]), Glyphs::Unicode);
        assert_eq!(
            of(&[("LANG", "en_US.utf8"), ("LC_ALL", "")]),
            Glyphs::Unicode
        );
        assert_eq!(of(&[("LANG", "C.UTF-8"), ("LC_ALL", "C")]), Glyphs::Ascii);
        assert_eq!(
            of(&[("LC_CTYPE", "POSIX"), ("LANG", "C.UTF-8")]),
            Glyphs::Ascii
        );
        assert_eq!(of(&[]), Glyphs::Ascii);
    }

    #[test]
    fn ascii_holds_no_sign_that_a_terminal_may_lack() {
        let all: String = super::TABLE.iter().map(|(sign, ..)| *sign).collect();
        assert!(Glyphs::Ascii.shown(&all).is_ascii());
        assert!(Glyphs::Words.shown(&all).is_ascii());
        assert!(Glyphs::Ascii.spinner().is_ascii());
        assert_eq!(Glyphs::Ascii.shown("⏎ run · naïve"), "Enter run | naïve");
        assert_eq!(Glyphs::Words.shown("✔ There · x"), "Passed: There, x");
    }
}
