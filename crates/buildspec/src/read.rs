//! From YAML nodes to a [`Buildspec`]: the rules of the language.

mod artifacts;
mod batch;
mod env;
mod phases;
mod reports;
mod values;

use crate::error::BuildspecError;
use crate::error::Warning;
use crate::keys;
use crate::keys::Section;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::places::Places;
use crate::spec::Buildspec;
use crate::spec::Environment;
use crate::spec::Phases;
use crate::spec::Version;

/// What a text must have to be what it is read for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Needs {
    /// It is the buildspec of one build.
    Phases,
    /// It is the buildspec of a batch build.
    Batch,
    /// It is one of the two.
    PhasesOrBatch,
}

pub(crate) fn buildspec(text: &str, needs: Needs) -> Result<Buildspec, BuildspecError> {
    Reader {
        text,
        warnings: Vec::new(),
    }
    .buildspec(needs)
}

struct Reader<'a> {
    text: &'a str,
    warnings: Vec<Warning>,
}

impl Reader<'_> {
    fn buildspec(mut self, needs: Needs) -> Result<Buildspec, BuildspecError> {
        let root = Node::parse(self.text)?;
        let mut version = None;
        let mut run_as = None;
        let mut env = Environment::default();
        let mut phases = None;
        let mut proxy = None;
        let mut batch = None;
        let mut reports = Vec::new();
        let mut artifacts = None;
        let mut cache = None;
        for entry in self.mapping(&root, "a buildspec")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "version" => version = Some(self.version(value)?),
                "run-as" => run_as = Some(self.text(value, "run-as")?),
                "env" => env = self.environment(value)?,
                "phases" => phases = Some(self.phases(value)?),
                "proxy" => proxy = self.proxy(entry)?,
                "batch" => batch = self.batch(entry)?,
                "reports" => reports = self.reports(entry)?,
                "artifacts" => artifacts = self.artifacts(entry)?,
                "cache" => cache = self.cache(entry)?,
                _ => self.unknown(entry, &keys::BUILDSPEC),
            }
        }
        let version = version.ok_or_else(|| {
            root.error(self.text, "the buildspec has no version")
                .with_help("begin it with `version: 0.2`")
        })?;
        if needs == Needs::Batch && batch.is_none() {
            return Err(root
                .error(self.text, "the buildspec has no batch")
                .with_help(
                    "a batch build needs `batch:` with `build-list`, `build-graph`, `build-matrix` or `build-fanout`",
                ));
        }
        let phases = match phases {
            Some(phases) => phases,
            None if needs != Needs::Phases && batch.is_some() => Phases::default(),
            None => {
                return Err(root
                    .error(self.text, "the buildspec has no phases")
                    .with_help(
                        "write the commands below `phases:`, such as `build:` with `commands:`",
                    ));
            }
        };
        self.warnings
            .sort_by_key(|warning| (warning.line, warning.column));
        Ok(Buildspec {
            version,
            run_as,
            env,
            phases,
            proxy,
            batch,
            reports,
            artifacts,
            cache,
            warnings: self.warnings,
            places: Places::of(&root),
        })
    }

    fn version(&self, node: &Node) -> Result<Version, BuildspecError> {
        match self.text(node, "version")?.as_str() {
            "0.1" => Ok(Version::V0_1),
            "0.2" => Ok(Version::V0_2),
            other => Err(node
                .error(
                    self.text,
                    format!("the buildspec version is {other:?}; there are 0.1 and 0.2"),
                )
                .with_help("write `version: 0.2`")),
        }
    }

    fn unknown(&mut self, entry: &Entry, section: &Section) {
        self.unknown_in(entry, section, section.title);
    }

    fn unknown_in(&mut self, entry: &Entry, section: &Section, place: &str) {
        self.warnings.push(Warning {
            message: format!("`{}` is not a key of {place}; it has no effect", entry.key),
            line: entry.line,
            column: entry.column,
            help: Some(section.meant(&entry.key)),
            code: "unknown-key",
        });
    }

    /// Warns about a value that is not among those which AWS's documents list. It is no error, as
    /// AWS adds to them.
    fn known(&mut self, node: &Node, what: &str, values: &[&str]) {
        let Value::Text(text) = &node.value else {
            return;
        };
        if values.contains(&text.as_str()) {
            return;
        }
        self.warnings.push(Warning {
            message: format!(
                "{what} is {text:?}, which is not among the values of AWS's documents"
            ),
            line: node.line,
            column: node.column,
            help: Some(match keys::nearest(text, values.iter().copied()) {
                Some(near) => format!("Did you mean {near}?"),
                None => format!("Known are {}.", values.join(", ")),
            }),
            code: "unknown-value",
        });
    }

    /// A section that is named but empty: it counts as absent.
    fn empty(&mut self, entry: &Entry) {
        self.warnings.push(Warning {
            message: format!("`{}` is empty; it has no effect", entry.key),
            line: entry.line,
            column: entry.column,
            help: Some(format!("Give `{}` its keys, or remove it.", entry.key)),
            code: "empty-section",
        });
    }
}
