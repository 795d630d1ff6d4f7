//! As much of the shell's grammar as the lints need: which simple commands a text has, and how they
//! hang together. Not a parser: what it does not know it skips, so that no text is an error.
//!
//! See the [Shell Command Language](https://pubs.opengroup.org/onlinepubs/9799919799/utilities/V3_chap02.html) of POSIX.

mod scan;

/// How deep a script in a script is looked at.
const DEEPEST: usize = 6;

/// What stands after a simple command.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Separator {
    /// A line's end.
    Newline,
    /// `;`
    Semicolon,
    /// `&&`
    And,
    /// `||`
    Or,
    /// `|`
    Pipe,
    /// `&`
    Background,
}

/// One simple command, such as `docker info`.
#[derive(Clone, Debug)]
pub(crate) struct Simple {
    /// Its words without their quotes.
    pub(crate) words: Vec<String>,
    /// The line of the text where it begins, from 0.
    pub(crate) line: usize,
    /// In how many compound commands and substitutions it is.
    pub(crate) depth: usize,
    /// Whether it decides how long a loop runs.
    pub(crate) is_loop_condition: bool,
    /// Whether the shell goes on without waiting for it.
    pub(crate) is_background: bool,
    /// What stands after it.
    pub(crate) next: Separator,
    /// Whether `bash -c` runs it, whatever the shell of the build is.
    pub(crate) is_in_bash: bool,
}

/// What a text does, as far as it can be seen.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    /// The simple commands in the order of the text, those of substitutions and of `sh -c` among
    /// them.
    pub(crate) commands: Vec<Simple>,
    /// The functions that it defines.
    pub(crate) functions: Vec<String>,
    /// Words that only bash knows, and their lines from 0.
    pub(crate) bash: Vec<(String, usize)>,
}

impl Script {
    /// Looks at a text.
    pub(crate) fn of(text: &str) -> Self {
        scan::scan(text, 0, 0)
    }
}

/// Programs that run another one with the words that follow.
const PREFIXES: [&str; 11] = [
    "nohup", "exec", "command", "builtin", "time", "sudo", "env", "nice", "setsid", "timeout", "!",
];

impl Simple {
    /// The words from the program's name on, without assignments and programs such as `nohup`.
    pub(crate) fn effective(&self) -> &[String] {
        let mut words = self.words.as_slice();
        loop {
            match words {
                [first, rest @ ..] if is_assignment(first) => words = rest,
                [first, rest @ ..] if PREFIXES.contains(&base_name(first)) && !rest.is_empty() => {
                    let is_timeout = base_name(first) == "timeout";
                    let mut rest = rest;
                    while let [option, after @ ..] = rest
                        && option.starts_with('-')
                    {
                        let takes_value = ["-t", "-s", "-k", "-u", "-n"].contains(&option.as_str());
                        rest = after;
                        if takes_value && let [_, after @ ..] = rest {
                            rest = after;
                        }
                    }
                    let duration = |text: &String| text.starts_with(|c: char| c.is_ascii_digit());
                    if is_timeout
                        && let [first, after @ ..] = rest
                        && duration(first)
                    {
                        rest = after;
                    }
                    words = rest;
                }
                _ => return words,
            }
        }
    }

    /// The program's name without its directory; empty if there is none.
    pub(crate) fn program(&self) -> &str {
        self.effective().first().map_or("", |word| base_name(word))
    }

    /// What comes after the program's name.
    pub(crate) fn arguments(&self) -> &[String] {
        self.effective().get(1..).unwrap_or_default()
    }

    /// The script of `sh -c SCRIPT`, and whether it is for bash.
    fn inner_script(&self) -> Option<(&str, bool)> {
        let is_bash = match self.program() {
            "bash" => true,
            "sh" | "ash" | "dash" => false,
            _ => return None,
        };
        let mut words = self.arguments().iter();
        let option = words
            .find(|word| word.starts_with('-') && !word.starts_with("--") && word.ends_with('c'));
        option?;
        words.next().map(|script| (script.as_str(), is_bash))
    }
}

/// A path without its directories.
pub(crate) fn base_name(path: &str) -> &str {
    path.rsplit('/').next().unwrap_or(path)
}

/// Whether a word is `NAME=value`.
pub(crate) fn is_assignment(word: &str) -> bool {
    word.split_once('=').is_some_and(|(name, _)| is_name(name))
}

/// Whether a word can be the name of a variable or function.
fn is_name(word: &str) -> bool {
    !word.is_empty()
        && !word.starts_with(|c: char| c.is_ascii_digit())
        && word.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}
