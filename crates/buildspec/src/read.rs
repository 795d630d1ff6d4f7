//! From YAML nodes to a [`Buildspec`]: the rules of the language.

use crate::error::BuildspecError;
use crate::error::Warning;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::on_failure::OnFailure;
use crate::spec::Buildspec;
use crate::spec::Command;
use crate::spec::Environment;
use crate::spec::PhaseSpec;
use crate::spec::Phases;
use crate::spec::Shell;
use crate::spec::Version;

pub(crate) fn buildspec(text: &str) -> Result<Buildspec, BuildspecError> {
    Reader {
        text,
        warnings: Vec::new(),
    }
    .buildspec()
}

struct Reader<'a> {
    text: &'a str,
    warnings: Vec<Warning>,
}

impl Reader<'_> {
    fn buildspec(mut self) -> Result<Buildspec, BuildspecError> {
        let root = Node::parse(self.text)?;
        let mut version = None;
        let mut run_as = None;
        let mut env = Environment::default();
        let mut phases = None;
        for entry in self.mapping(&root, "a buildspec")? {
            match entry.key.as_str() {
                "version" => version = Some(self.version(&entry.value)?),
                "run-as" => run_as = Some(self.text(&entry.value, "run-as")?),
                "env" => env = self.environment(&entry.value)?,
                "phases" => phases = Some(self.phases(&entry.value)?),
                "proxy" | "batch" | "reports" | "artifacts" | "cache" => {}
                _ => self.unknown(entry, "a buildspec"),
            }
        }
        let version = version.ok_or_else(|| {
            root.error(self.text, "the buildspec has no version")
                .with_help("begin it with `version: 0.2`")
        })?;
        let phases = phases.ok_or_else(|| {
            root.error(self.text, "the buildspec has no phases")
                .with_help("write the commands below `phases:`, such as `build:` with `commands:`")
        })?;
        Ok(Buildspec {
            version,
            run_as,
            env,
            phases,
            proxy: None,
            batch: None,
            reports: Vec::new(),
            artifacts: None,
            cache: None,
            warnings: self.warnings,
        })
    }

    fn version(&self, node: &Node) -> Result<Version, BuildspecError> {
        match self.text(node, "version")?.as_str() {
            "0.1" => Ok(Version::V0_1),
            "0.2" => Ok(Version::V0_2),
            other => Err(node.error(
                self.text,
                format!("the buildspec version is {other:?}; there are 0.1 and 0.2"),
            )),
        }
    }

    fn environment(&mut self, node: &Node) -> Result<Environment, BuildspecError> {
        let mut env = Environment::default();
        for entry in self.section(node, "env")? {
            let value = &entry.value;
            match entry.key.as_str() {
                "shell" => env.shell = Some(self.shell(value)?),
                "variables" => env.variables = self.texts_by_name(value, "env.variables")?,
                "parameter-store" => {
                    env.parameter_store = self.texts_by_name(value, "env.parameter-store")?;
                }
                "secrets-manager" => {
                    env.secrets_manager = self.texts_by_name(value, "env.secrets-manager")?;
                }
                "exported-variables" => {
                    env.exported_variables = self
                        .sequence(value, "env.exported-variables")?
                        .iter()
                        .map(|item| self.text(item, "a name in env.exported-variables"))
                        .collect::<Result<_, _>>()?;
                }
                "git-credential-helper" => {
                    env.git_credential_helper = self.yes_or_no(value, "git-credential-helper")?;
                }
                _ => self.unknown(entry, "env"),
            }
        }
        Ok(env)
    }

    fn shell(&self, node: &Node) -> Result<Shell, BuildspecError> {
        match self.text(node, "env.shell")?.as_str() {
            "bash" => Ok(Shell::Bash),
            "/bin/sh" | "sh" => Ok(Shell::Sh),
            other => Err(node.error(
                self.text,
                format!("env.shell is {other:?}; a Linux build knows bash and /bin/sh"),
            )),
        }
    }

    fn phases(&mut self, node: &Node) -> Result<Phases, BuildspecError> {
        let mut phases = Phases::default();
        for entry in self.mapping(node, "phases")? {
            let slot = match entry.key.as_str() {
                "install" => &mut phases.install,
                "pre_build" => &mut phases.pre_build,
                "build" => &mut phases.build,
                "post_build" => &mut phases.post_build,
                _ => {
                    self.unknown(entry, "phases (install, pre_build, build and post_build)");
                    continue;
                }
            };
            *slot = Some(self.phase(entry)?);
        }
        if phases.iter().next().is_none() {
            return Err(node.error(
                self.text,
                "phases names none of install, pre_build, build and post_build",
            ));
        }
        Ok(phases)
    }

    fn phase(&mut self, phase: &Entry) -> Result<PhaseSpec, BuildspecError> {
        let mut spec = PhaseSpec {
            line: phase.line,
            ..PhaseSpec::default()
        };
        let is_install = phase.key == "install";
        let mut commands = None;
        for entry in self.section(&phase.value, &phase.key)? {
            let value = &entry.value;
            match entry.key.as_str() {
                "run-as" => spec.run_as = Some(self.text(value, "run-as")?),
                "on-failure" => {
                    let text = self.text(value, "on-failure")?;
                    let on_failure = OnFailure::parse(&text)
                        .map_err(|message| value.error(self.text, message))?;
                    spec.on_failure = Some(on_failure);
                }
                "runtime-versions" if is_install => {
                    spec.runtime_versions = self.texts_by_name(value, "runtime-versions")?;
                }
                "commands" => commands = Some(self.commands(value, "Commands")?),
                "finally" => spec.finally = self.commands(value, "Finally")?,
                _ => self.unknown(entry, &format!("the {} phase", phase.key)),
            }
        }
        if commands.is_none() && !is_install {
            self.warnings.push(Warning {
                message: format!("the {} phase has no commands", phase.key),
                line: phase.line,
                column: phase.column,
            });
        }
        spec.commands = commands.unwrap_or_default();
        Ok(spec)
    }

    fn commands(&self, node: &Node, list: &str) -> Result<Vec<Command>, BuildspecError> {
        if matches!(node.value, Value::Null) {
            return Ok(Vec::new());
        }
        self.sequence(node, &list.to_lowercase())?
            .iter()
            .enumerate()
            .map(|(index, item)| self.command(item, list, index))
            .collect()
    }

    fn command(&self, node: &Node, list: &str, index: usize) -> Result<Command, BuildspecError> {
        let found = match &node.value {
            Value::Text(text) => {
                return Ok(Command {
                    text: text.clone(),
                    line: node.line,
                    column: node.column,
                });
            }
            Value::Null => "an empty value",
            Value::Mapping(_) | Value::Sequence(_) => "subkeys",
        };
        let error = node
            .error(
                self.text,
                format!("{list}[{index}] is {}, not a command", node.kind()),
            )
            .with_aws_message(format!(
                "Expected {list}[{index}] to be of string type: found {found} instead at line {}, value of the key tag on line {} might be empty",
                node.line,
                node.line.saturating_sub(1),
            ));
        Err(match node.value {
            Value::Mapping(_) => error.with_help(
                "YAML reads `word: more` as a key and its value. Put the whole command in quotes, or write it as a block after `- |`",
            ),
            _ => error,
        })
    }

    /// A mapping, or nothing for a key without a value.
    fn section<'n>(&self, node: &'n Node, what: &str) -> Result<&'n [Entry], BuildspecError> {
        match node.value {
            Value::Null => Ok(&[]),
            _ => self.mapping(node, what),
        }
    }

    fn mapping<'n>(&self, node: &'n Node, what: &str) -> Result<&'n [Entry], BuildspecError> {
        match &node.value {
            Value::Mapping(entries) => Ok(entries),
            _ => Err(node.error(
                self.text,
                format!(
                    "{what} is a mapping of keys and values, but {} was found",
                    node.kind()
                ),
            )),
        }
    }

    fn sequence<'n>(&self, node: &'n Node, what: &str) -> Result<&'n [Node], BuildspecError> {
        match &node.value {
            Value::Sequence(items) => Ok(items),
            _ => Err(node
                .error(
                    self.text,
                    format!("{what} is a sequence, but {} was found", node.kind()),
                )
                .with_help("begin each item on its own line with `- `")),
        }
    }

    fn text(&self, node: &Node, what: &str) -> Result<String, BuildspecError> {
        match &node.value {
            Value::Text(text) => Ok(text.clone()),
            _ => Err(node.error(
                self.text,
                format!("{what} is a text, but {} was found", node.kind()),
            )),
        }
    }

    fn texts_by_name(
        &self,
        node: &Node,
        what: &str,
    ) -> Result<Vec<(String, String)>, BuildspecError> {
        self.section(node, what)?
            .iter()
            .map(|entry| {
                let value = match entry.value.value {
                    Value::Null => String::new(),
                    _ => self.text(&entry.value, &format!("{what}.{}", entry.key))?,
                };
                Ok((entry.key.clone(), value))
            })
            .collect()
    }

    fn yes_or_no(&self, node: &Node, what: &str) -> Result<bool, BuildspecError> {
        match self.text(node, what)?.to_ascii_lowercase().as_str() {
            "yes" | "true" => Ok(true),
            "no" | "false" => Ok(false),
            other => Err(node.error(self.text, format!("{what} is {other:?}, not yes or no"))),
        }
    }

    fn unknown(&mut self, entry: &Entry, place: &str) {
        self.warnings.push(Warning {
            message: format!("`{}` is not a key of {place}; it has no effect", entry.key),
            line: entry.line,
            column: entry.column,
        });
    }
}
