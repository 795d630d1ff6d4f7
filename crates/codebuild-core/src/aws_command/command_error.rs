//! Why a line is not a command that can be run.

use std::fmt;

/// A word of a command line.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Place {
    /// Which of the words that follow `aws`, from 0.
    pub word: usize,
    /// Where it begins in the line `aws WORD WORD…` with single spaces, from 1.
    pub column: usize,
}

/// What was probably meant.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct Suggestion(pub Option<String>);

/// Why a line is not a command we can run: names the word, its column and what was meant.
#[derive(Debug, thiserror::Error)]
pub enum CommandError {
    /// The line ends before the service or the operation.
    #[error("the command ends too early: {expected} is missing; these are known: {known}")]
    Incomplete {
        /// `a service`, or `an operation of codebuild`.
        expected: String,
        /// What could come here.
        known: String,
    },
    /// Not a service of this program.
    #[error("column {column}: unknown service `{name}`{suggestion}; these are known: {known}", column = place.column)]
    UnknownService {
        /// What was written.
        name: String,
        /// What was probably meant.
        suggestion: Suggestion,
        /// Every service.
        known: String,
        /// Where.
        place: Place,
    },
    /// Not an operation of the service, or one that is not built.
    #[error("column {column}: unknown operation `{name}` of {service}{suggestion}; these are known: {known}", column = place.column)]
    UnknownOperation {
        /// Such as `codebuild`.
        service: String,
        /// What was written.
        name: String,
        /// What was probably meant.
        suggestion: Suggestion,
        /// Every operation of the service.
        known: String,
        /// Where.
        place: Place,
    },
    /// Not an option of the operation.
    #[error("column {column}: unknown option `{name}` of {command}{suggestion}; these are known: {known}", column = place.column)]
    UnknownOption {
        /// Such as `codebuild create-project`.
        command: String,
        /// What was written, without a value.
        name: String,
        /// What was probably meant.
        suggestion: Suggestion,
        /// Every option of the operation.
        known: String,
        /// Where.
        place: Place,
    },
    /// A shortened option that fits several.
    #[error("column {column}: ambiguous option: `{name}` could match {matches}", column = place.column)]
    AmbiguousOption {
        /// What was written.
        name: String,
        /// The options that it fits.
        matches: String,
        /// Where.
        place: Place,
    },
    /// An option or form of the AWS CLI that is not built here.
    #[error("column {column}: `{name}` of the AWS CLI is not supported here; {instead}", column = place.column)]
    Unsupported {
        /// Such as `--debug`.
        name: String,
        /// What to do.
        instead: String,
        /// Where.
        place: Place,
    },
    /// A word where an option should be.
    #[error("column {column}: unexpected `{word}`: options begin with `--`{hint}", column = place.column)]
    UnexpectedWord {
        /// What was written.
        word: String,
        /// More to say, or empty.
        hint: String,
        /// Where.
        place: Place,
    },
    /// An option without its value.
    #[error("column {column}: argument {option}: expected {expected}", column = place.column)]
    MissingValue {
        /// Such as `--names`.
        option: String,
        /// `one argument` or `at least one argument`.
        expected: &'static str,
        /// Where.
        place: Place,
    },
    /// An option that takes no value has one.
    #[error("column {column}: argument {option}: ignored explicit argument '{value}'; it is a switch and takes no value", column = place.column)]
    UnexpectedValue {
        /// Such as `--privileged-mode-override`.
        option: String,
        /// The value.
        value: String,
        /// Where.
        place: Place,
    },
    /// Options that the operation cannot do without.
    #[error("the following arguments are required: {options}")]
    MissingArguments {
        /// Such as `--name, --source`.
        options: String,
    },
    /// A value that does not fit its option.
    #[error("column {column}: Error parsing parameter '{option}': {reason}", column = place.column)]
    BadValue {
        /// Such as `--timeout-in-minutes-override`.
        option: String,
        /// What does not fit.
        reason: String,
        /// Where.
        place: Place,
    },
    /// A `file://` that cannot be read.
    #[error("column {column}: Error parsing parameter '{option}': Unable to load paramfile {path}: {reason}", column = place.column)]
    File {
        /// Such as `--cli-input-json`.
        option: String,
        /// The path, made absolute.
        path: String,
        /// Why.
        reason: String,
        /// Where.
        place: Place,
    },
    /// The input does not fit the operation's members.
    #[error("Parameter validation failed:\n{}{hint}", problems.join("\n"))]
    Validation {
        /// One line each, as the AWS CLI says it.
        problems: Vec<String>,
        /// A line break and more to say, or empty.
        hint: String,
    },
    /// `--query` is not JMESPath.
    #[error("column {column}: Bad value for --query: {reason}", column = place.column)]
    Query {
        /// Why.
        reason: String,
        /// Where.
        place: Place,
    },
}

impl fmt::Display for Suggestion {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Some(name) => write!(f, ", did you mean `{name}`?"),
            None => Ok(()),
        }
    }
}

impl Suggestion {
    /// The most similar of the known names, if one is similar enough.
    pub(crate) fn for_name<'a>(name: &str, known: impl IntoIterator<Item = &'a str>) -> Self {
        let best = known
            .into_iter()
            .map(|candidate| (strsim::jaro_winkler(name, candidate), candidate))
            .filter(|(similarity, _)| *similarity > 0.8)
            .max_by(|a, b| a.0.total_cmp(&b.0));
        Self(best.map(|(_, candidate)| candidate.to_owned()))
    }
}

impl CommandError {
    /// Where on the line the error is, if it is about one word.
    #[must_use]
    pub fn place(&self) -> Option<&Place> {
        match self {
            Self::UnknownService { place, .. }
            | Self::UnknownOperation { place, .. }
            | Self::UnknownOption { place, .. }
            | Self::AmbiguousOption { place, .. }
            | Self::Unsupported { place, .. }
            | Self::UnexpectedWord { place, .. }
            | Self::MissingValue { place, .. }
            | Self::UnexpectedValue { place, .. }
            | Self::BadValue { place, .. }
            | Self::File { place, .. }
            | Self::Query { place, .. } => Some(place),
            Self::Incomplete { .. } | Self::MissingArguments { .. } | Self::Validation { .. } => {
                None
            }
        }
    }
}
