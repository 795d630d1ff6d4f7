//! `phases`.

use super::Reader;
use crate::error::BuildspecError;
use crate::error::Warning;
use crate::keys;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::on_failure::OnFailure;
use crate::spec::Command;
use crate::spec::PhaseSpec;
use crate::spec::Phases;

impl Reader<'_> {
    pub(super) fn phases(&mut self, node: &Node) -> Result<Phases, BuildspecError> {
        let mut phases = Phases::default();
        let mut meant = None;
        for entry in self.mapping(node, "phases")? {
            let slot = match entry.key.as_str() {
                "install" => &mut phases.install,
                "pre_build" => &mut phases.pre_build,
                "build" => &mut phases.build,
                "post_build" => &mut phases.post_build,
                _ => {
                    meant = Some(keys::PHASES.meant(&entry.key));
                    self.unknown_in(
                        entry,
                        &keys::PHASES,
                        "phases (install, pre_build, build and post_build)",
                    );
                    continue;
                }
            };
            *slot = Some(self.phase(entry)?);
        }
        if phases.is_empty() {
            let error = node.error(
                self.text,
                "phases names none of install, pre_build, build and post_build",
            );
            return Err(match meant {
                Some(meant) => error.with_help(&meant),
                None => error,
            });
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
                _ => {
                    let section = if is_install {
                        &keys::INSTALL
                    } else {
                        &keys::PHASE
                    };
                    self.unknown_in(entry, section, &format!("the {} phase", phase.key));
                }
            }
        }
        let has_commands = commands.as_ref().is_some_and(|list| !list.is_empty());
        if !has_commands && (!is_install || !spec.finally.is_empty()) {
            self.warnings.push(Warning {
                message: format!("the {} phase has no commands", phase.key),
                line: phase.line,
                column: phase.column,
                help: Some(match spec.finally.is_empty() {
                    true => "Give the phase `commands`, or remove it.".to_owned(),
                    false => {
                        "`finally` runs after `commands`; without them, write its lines as `commands`."
                            .to_owned()
                    }
                }),
                code: "no-commands",
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
                    is_literal: self.is_literal(text, node.line),
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
            Value::Null => error.with_help("write a command after `- `, or remove the line"),
            _ => error,
        })
    }

    /// Whether the lines of a text are those of the buildspec from a line on.
    fn is_literal(&self, text: &str, line: usize) -> bool {
        let mut written = self.text.lines().skip(line.saturating_sub(1));
        let mut lines = text.lines().skip_while(|line| line.trim().is_empty());
        text.contains('\n') && lines.all(|line| written.next().map(str::trim) == Some(line.trim()))
    }
}
