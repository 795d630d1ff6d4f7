//! From the tree of a text to declarations: the rules of the language, a file a section.

mod conditions;
mod expressions;
mod mappings;
mod outputs;
mod parameters;
mod resources;
mod sections;
mod substitution;

use crate::error::Position;
use crate::error::TemplateError;
use crate::functions::closest;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;

pub(crate) use self::sections::declarations;

/// Collects mistakes on the way through a tree.
#[derive(Debug, Default)]
pub(crate) struct Reader {
    /// In the order in which AWS looks for them.
    pub(crate) errors: Vec<TemplateError>,
    /// The keys that lead to where the reader is.
    path: Vec<String>,
    /// `AWS::LanguageExtensions` is declared.
    has_extensions: bool,
}

impl Reader {
    fn error(&mut self, message: impl Into<String>, position: Position) {
        self.errors.push(TemplateError::new(message, position));
    }

    fn error_with_help(
        &mut self,
        message: impl Into<String>,
        position: Position,
        help: impl Into<String>,
    ) {
        self.errors
            .push(TemplateError::new(message, position).with_help(help));
    }

    /// Does something one key further in.
    fn within<T>(&mut self, key: &str, act: impl FnOnce(&mut Self) -> T) -> T {
        self.path.push(key.to_owned());
        let result = act(self);
        self.path.pop();
        result
    }

    /// Where the reader is, as messages name it.
    fn place(&self) -> String {
        format!("/{}", self.path.join("/"))
    }

    fn refuse_null(&mut self, position: Position) {
        let message = format!(
            "[{}] 'null' values are not allowed in templates",
            self.place()
        );
        self.error_with_help(message, position, "give it a value, or remove the key");
    }

    /// The members of a section, which has to be an object.
    fn section<'a>(&mut self, name: &str, node: &'a Node) -> &'a [Entry] {
        match &node.value {
            Value::Mapping(entries) => entries,
            Value::Null => {
                self.within(name, |reader| reader.refuse_null(node.position));
                &[]
            }
            _ => {
                self.error_with_help(
                    "Template format error: unsupported structure.",
                    node.position,
                    format!("the section {name} has to be an object"),
                );
                &[]
            }
        }
    }

    /// Refuses keys that are not known. `refusal` makes AWS's message of one.
    fn check_keys(
        &mut self,
        entries: &[Entry],
        known: &[&'static str],
        refusal: impl Fn(&str) -> String,
    ) {
        for entry in entries {
            if !known.contains(&entry.key.as_str()) {
                let help = suggestion(&entry.key, known);
                self.error_with_help(refusal(&entry.key), entry.position, help);
            }
        }
    }

    /// Refuses a name that has other characters than letters and digits.
    fn check_name(&mut self, what: &str, name: &str, position: Position) {
        let is_good = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric());
        if !is_good {
            self.error_with_help(
                format!("Template format error: {what} name {name} is non alphanumeric."),
                position,
                "use the letters A-Z and a-z and the digits only",
            );
        } else if name.len() > 255 {
            self.error_with_help(
                format!("Template format error: {what} name {name} is too long."),
                position,
                "a name has at most 255 characters",
            );
        }
    }

    /// A text, or a scalar that stands for one.
    fn string(&mut self, entry: &Entry) -> Option<String> {
        match entry.value.scalar() {
            Some(text) => Some(text),
            None if entry.value.value == Value::Null => {
                self.within(&entry.key, |reader| {
                    reader.refuse_null(entry.value.position);
                });
                None
            }
            None => {
                self.error(
                    format!(
                        "Template format error: Every {} member must be a string.",
                        entry.key
                    ),
                    entry.value.position,
                );
                None
            }
        }
    }
}

/// A hint for a word that is not known.
pub(crate) fn suggestion(written: &str, known: &[&str]) -> String {
    match closest(written, known.iter().copied()) {
        Some(meant) => format!("did you mean {meant}?"),
        None => format!("known are {}", known.join(", ")),
    }
}
