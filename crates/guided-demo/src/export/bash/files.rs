//! The demo's files that its commands read, put into the script.

use std::collections::BTreeSet;
use std::path::Path;

use super::quote::heredoc;
use crate::command_error::CommandError;
use crate::script::Item;
use crate::script::ItemKind;
use crate::script::Script;
use crate::script::ShellLine;
use crate::script::TargetKind;
use crate::script::Variables;
use crate::script::bash_literal;

/// Commands that write the files into the current directory.
///
/// # Errors
///
/// If one cannot be read, or is no text.
pub(super) fn files(script: &Script, target: TargetKind) -> Result<String, CommandError> {
    let names: BTreeSet<String> = script
        .steps
        .iter()
        .flat_map(|step| &step.items)
        .filter(|item| item.is_for(target))
        .flat_map(|item| names(item, script.directory()))
        .filter(|name| script.directory().join(name).is_file())
        .collect();
    names
        .iter()
        .map(|name| {
            let path = script.directory().join(name);
            let content = std::fs::read_to_string(&path).map_err(|error| {
                CommandError::step(format!("{} cannot be read: {error}", path.display()))
                    .hinted("Only text files can go into a bash script.")
            })?;
            Ok(embedded(name, &content))
        })
        .collect()
}

/// What an item reads: `file://` arguments, and a file to show.
fn names(item: &Item, directory: &Path) -> Vec<String> {
    match &item.kind {
        ItemKind::Command(command) => arguments(&command.line),
        ItemKind::Check(check) => arguments(&check.command),
        ItemKind::Show(path) => vec![shown(path, directory)],
        _ => Vec::new(),
    }
}

/// A shown file as it is named in the script's folder.
pub(super) fn shown(path: &Path, directory: &Path) -> String {
    let inside = path.strip_prefix(directory).unwrap_or(path);
    inside.to_string_lossy().into_owned()
}

fn arguments(line: &ShellLine) -> Vec<String> {
    line.words
        .iter()
        .filter(|word| word.variables().next().is_none())
        .filter_map(|word| {
            let word = word.expand(&Variables::new());
            let name = word
                .strip_prefix("file://")
                .or_else(|| word.strip_prefix("fileb://"))?;
            (!name.starts_with('/')).then(|| name.to_owned())
        })
        .collect()
}

fn embedded(name: &str, content: &str) -> String {
    let mut text = String::new();
    let word = bash_literal(name);
    if let Some(folder) = Path::new(name)
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
    {
        let folder = bash_literal(&folder.to_string_lossy());
        text.push_str(&format!("mkdir -p -- {folder}\n"));
    }
    if content.ends_with('\n') && !content.ends_with("\n\n") {
        text.push_str(&heredoc(&format!("cat >{word}"), content));
    } else {
        // A here-document ends with exactly one newline.
        text.push_str(&format!("printf '%s' {} >{word}\n", bash_literal(content)));
    }
    text.push('\n');
    text
}
