//! `guided-demo new`: begins a demo script.

use std::path::Path;
use std::path::PathBuf;

use crate::cli::NewArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::invocation::invocation;
use crate::ui::Ui;

/// A script that passes `check` and can be walked through.
const TEMPLATE: &str = include_str!("new/demo.md");

/// Makes a folder with a script.
pub(crate) fn new(ui: &Ui, args: &NewArgs) -> Result<ExitCode, CommandError> {
    let folder = folder(&args.name)?;
    let script = folder.join("demo.md");
    let wrong = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::AlreadyExists => {
            CommandError::usage(format!("{} is there already", script.display()))
                .hinted("Take another name: nothing is overwritten.")
        }
        _ => CommandError::prerequisite(format!("cannot write {}: {error}", script.display())),
    };
    std::fs::create_dir_all(&folder).map_err(wrong)?;
    let mut file = std::fs::File::create_new(&script).map_err(wrong)?;
    let name = folder.file_name().map_or_else(
        || "demo".to_owned(),
        |name| name.to_string_lossy().into_owned(),
    );
    let text = TEMPLATE.replace("demo-name", &name);
    std::io::Write::write_all(&mut file, text.as_bytes()).map_err(wrong)?;
    let argument = match shlex::try_quote(&args.name) {
        Ok(quoted) => quoted.into_owned(),
        Err(_) => args.name.clone(),
    };
    ui.line(&format!("Created {}", script.display()));
    ui.line("");
    ui.line("Next:");
    let next = [
        ("check --watch", "see its mistakes while you write"),
        ("run", "walk through it"),
        ("check --run", "check it as CI does"),
    ];
    let commands = next.map(|(words, _)| invocation(&format!("{words} {argument}")));
    let width = commands.iter().map(String::len).max().unwrap_or_default();
    for (command, (_, what)) in commands.iter().zip(next) {
        ui.line(&format!("  {command:width$}   {what}"));
    }
    ui.line("");
    ui.line("docs/reference/demo-format.md says what a script can hold.");
    Ok(ExitCode::DONE)
}

/// A name is a folder of the repository's demos; what looks like a path is a path.
fn folder(name: &str) -> Result<PathBuf, CommandError> {
    if name.is_empty() {
        return Err(CommandError::usage("the name is empty")
            .hinted("Give a name, such as: guided-demo new my-first-demo"));
    }
    if name.contains(['/', '\\']) || name.starts_with('.') {
        return Ok(Path::new(name).to_owned());
    }
    let fits = |c: char| c.is_ascii_alphanumeric() || ['-', '_'].contains(&c);
    if !name.chars().all(fits) {
        return Err(
            CommandError::usage(format!("`{name}` is not a name for a demo"))
                .hinted("Take letters, digits and `-`, or give a path: ./a-folder"),
        );
    }
    Ok(Repository::find()?.root().join("demos").join(name))
}
