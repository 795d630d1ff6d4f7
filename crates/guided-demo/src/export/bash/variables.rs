//! The variables of a demo: from the environment, asked for, or as the demo has them.

use std::collections::BTreeSet;

use crate::drive::bare_pattern;
use crate::export::pattern::Dialect;
use crate::export::pattern::translate;
use crate::script::Script;
use crate::script::TargetKind;
use crate::script::Variable;
use crate::script::bash_literal;

/// One assignment for each variable that something in the script needs.
pub(super) fn variables(script: &Script, target: TargetKind) -> String {
    let needed: BTreeSet<&str> = script
        .steps
        .iter()
        .flat_map(|step| &step.items)
        .filter(|item| item.is_for(target))
        .flat_map(|item| item.variables())
        .collect();
    script
        .variables
        .iter()
        .filter(|variable| needed.contains(variable.name.as_str()))
        .map(|variable| assignment(variable, target))
        .collect()
}

fn assignment(variable: &Variable, target: TargetKind) -> String {
    let name = &variable.name;
    let (default, settled) = variable.default_for(target).unwrap_or(("", false));
    let prompt = match &variable.prompt {
        Some(prompt) if !settled => prompt.as_str(),
        _ => "",
    };
    let pattern = variable
        .pattern
        .as_ref()
        .and_then(|pattern| translate(bare_pattern(pattern), Dialect::Posix))
        .unwrap_or_default();
    let choices: String = variable
        .choices
        .iter()
        .map(|choice| format!(" {}", bash_literal(choice)))
        .collect();
    format!(
        "{name}=$(value_of {name} \"${{{name}:-}}\" {} {} {}{choices})\n",
        bash_literal(prompt),
        bash_literal(default),
        bash_literal(&pattern),
    )
}
