//! Holds events against patterns.

use serde_json::Value;

use super::Fields;
use super::Matcher;
use super::Node;

impl Fields {
    /// Whether all fields match. In an array of objects it is one object that has to match them all.
    pub(super) fn match_value(&self, value: Option<&Value>) -> bool {
        if let Some(Value::Array(elements)) = value
            && !elements.is_empty()
        {
            return elements.iter().any(|one| self.match_value(Some(one)));
        }
        let object = value.and_then(Value::as_object);
        let members = self.members.iter().all(|(name, node)| {
            let value = object.and_then(|object| object.get(name));
            match node {
                Node::Object(fields) => fields.match_value(value),
                Node::Values(matchers) => match_leaves(matchers, value),
            }
        });
        members
            && self
                .choices
                .iter()
                .all(|choice| choice.iter().any(|fields| fields.match_value(value)))
    }
}

/// A field with an array matches if one of its values does. Without a value, or with an object, it
/// counts as absent.
fn match_leaves(matchers: &[Matcher], value: Option<&Value>) -> bool {
    let mut leaves = Vec::new();
    if let Some(value) = value {
        collect_leaves(value, &mut leaves);
    }
    if leaves.is_empty() {
        return matchers
            .iter()
            .any(|matcher| matches!(matcher, Matcher::Exists(false)));
    }
    leaves
        .iter()
        .any(|leaf| matchers.iter().any(|matcher| matcher.matches(leaf)))
}

fn collect_leaves<'v>(value: &'v Value, leaves: &mut Vec<&'v Value>) {
    match value {
        Value::Array(elements) => {
            for element in elements {
                collect_leaves(element, leaves);
            }
        }
        Value::Object(_) => {}
        leaf => leaves.push(leaf),
    }
}

impl Matcher {
    fn matches(&self, value: &Value) -> bool {
        let text = value.as_str();
        let has = |test: &dyn Fn(&str) -> bool| text.is_some_and(test);
        match self {
            // As EventBridge compares: 300 and 300.0 are not the same.
            Self::Exact(expected) => expected == value,
            Self::Prefix(prefix) => has(&|text| text.starts_with(prefix.as_str())),
            Self::Suffix(suffix) => has(&|text| text.ends_with(suffix.as_str())),
            Self::PrefixIgnoreCase(prefix) => {
                has(&|text| text.to_lowercase().starts_with(&prefix.to_lowercase()))
            }
            Self::SuffixIgnoreCase(suffix) => {
                has(&|text| text.to_lowercase().ends_with(&suffix.to_lowercase()))
            }
            Self::EqualsIgnoreCase(other) => {
                has(&|text| text.to_lowercase() == other.to_lowercase())
            }
            Self::Wildcard(pieces) => has(&|text| fits_wildcard(pieces, text)),
            Self::Numeric(range) => value.as_f64().is_some_and(|number| range.contains(number)),
            Self::Cidr(block) => has(&|text| block.contains(text)),
            Self::Exists(exists) => *exists,
            Self::AnythingBut(others) => !others.iter().any(|other| other.matches(value)),
        }
    }
}

/// The first piece begins the text, the last one ends it, the others come in order between them.
fn fits_wildcard(pieces: &[String], text: &str) -> bool {
    let [first, between @ .., last] = pieces else {
        return pieces.first().is_some_and(|only| only == text);
    };
    let Some(mut rest) = text.strip_prefix(first.as_str()) else {
        return false;
    };
    for piece in between {
        let Some((_, after)) = rest.split_once(piece.as_str()) else {
            return false;
        };
        rest = after;
    }
    rest.ends_with(last.as_str())
}
