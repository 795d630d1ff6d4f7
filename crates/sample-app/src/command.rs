//! The command line: what the container was asked to do.

/// What `sample-app --help` prints.
pub(crate) const HELP: &str = "\
The sample app of the guided demo.

Usage: sample-app [serve]         serve the greeting page and /healthz
       sample-app echo WORDS...   print the words
       sample-app healthcheck     ask the server in this container for /healthz

Environment: PORT   the port to serve on (default 8080)";

/// The port if `PORT` does not name one.
const DEFAULT_PORT: u16 = 8080;

/// What to do.
#[derive(Debug, Eq, PartialEq)]
pub(crate) enum Command {
    /// Serve until SIGTERM or Ctrl-C.
    Serve,
    /// Print this line.
    Echo(String),
    /// Ask the running server for `/healthz`.
    Healthcheck,
    /// Print [`HELP`].
    Help,
}

impl Command {
    /// Reads the words after the program's name. No words: serve.
    pub(crate) fn parse(mut words: impl Iterator<Item = String>) -> Result<Self, String> {
        let Some(name) = words.next() else {
            return Ok(Self::Serve);
        };
        let command = match name.as_str() {
            "echo" => return Ok(Self::Echo(words.collect::<Vec<_>>().join(" "))),
            "serve" => Self::Serve,
            "healthcheck" => Self::Healthcheck,
            "help" | "-h" | "--help" => Self::Help,
            _ => {
                return Err(format!(
                    "unknown command `{name}`: this image holds no other program than sample-app. \
                     Use `serve`, `echo` or `healthcheck`."
                ));
            }
        };
        match words.next() {
            None => Ok(command),
            Some(word) => Err(format!("`{name}` takes no further words, got `{word}`.")),
        }
    }
}

/// The port that the environment variable `PORT` names.
pub(crate) fn port(value: Option<&str>) -> Result<u16, String> {
    value.map_or(Ok(DEFAULT_PORT), |text| {
        text.parse()
            .map_err(|_| format!("PORT is `{text}`, which is not a port number (0 to 65535)."))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(line: &str) -> Result<Command, String> {
        Command::parse(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn echo_prints_its_words_as_given() {
        let words = ["echo", "Hello, World!"].map(str::to_owned);
        assert_eq!(
            Command::parse(words.into_iter()),
            Ok(Command::Echo("Hello, World!".to_owned()))
        );
        assert_eq!(parse("echo a b"), Ok(Command::Echo("a b".to_owned())));
        assert_eq!(parse("echo"), Ok(Command::Echo(String::new())));
    }

    #[test]
    fn serves_when_asked_for_nothing() {
        assert_eq!(parse(""), Ok(Command::Serve));
        assert_eq!(parse("serve"), Ok(Command::Serve));
    }

    #[test]
    fn names_the_word_it_does_not_know() {
        assert!(parse("sh -c ls").unwrap_err().contains("`sh`"));
        assert!(parse("serve fast").unwrap_err().contains("`fast`"));
        assert!(port(Some("http")).unwrap_err().contains("`http`"));
    }
}
