//! Event patterns: which events a rule wants.
//!
//! A pattern has the shape of the events that it matches; in place of each value it has a list of
//! what the value may be.

mod cidr;
mod matching;
mod numeric;
mod parse;

use cidr::Block;
use numeric::Range;
use serde_json::Value;

/// A pattern that was read.
#[derive(Clone, Debug)]
pub(crate) struct Pattern(Fields);

/// The fields of one level. All of them have to match.
#[derive(Clone, Debug, Default)]
struct Fields {
    members: Vec<(String, Node)>,
    /// Of each `$or`, one has to match.
    choices: Vec<Vec<Fields>>,
}

#[derive(Clone, Debug)]
enum Node {
    Object(Fields),
    /// One of them has to match.
    Values(Vec<Matcher>),
}

#[derive(Clone, Debug)]
enum Matcher {
    /// A text, a number, a truth value or null.
    Exact(Value),
    Prefix(String),
    PrefixIgnoreCase(String),
    Suffix(String),
    SuffixIgnoreCase(String),
    EqualsIgnoreCase(String),
    /// What is between the asterisks.
    Wildcard(Vec<String>),
    Numeric(Range),
    Cidr(Block),
    Exists(bool),
    /// None of these.
    AnythingBut(Vec<Matcher>),
}

impl Pattern {
    /// Reads a pattern.
    ///
    /// # Errors
    ///
    /// Why it is none, as EventBridge says after `Event pattern is not valid. Reason: `.
    pub(crate) fn read(text: &str) -> Result<Self, String> {
        parse::pattern(text).map(Self)
    }

    /// Whether it matches an event.
    pub(crate) fn matches(&self, event: &Value) -> bool {
        self.0.match_value(Some(event))
    }
}

#[cfg(test)]
mod tests;
