//! `guided-demo check`: finds the mistakes in demo scripts, all of them in one run.

use std::path::PathBuf;

use crate::cli::CheckArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::script::Script;
use crate::script::lint;
use crate::ui::Ui;

/// Checks the scripts that are named, or all.
pub(crate) fn check(ui: &Ui, args: &CheckArgs) -> Result<ExitCode, CommandError> {
    let scripts: Vec<PathBuf> = if args.paths.is_empty() {
        let repository = Repository::find()?;
        repository
            .demos()
            .iter()
            .map(|demo| repository.script(demo))
            .collect::<Result<_, _>>()?
    } else {
        args.paths
            .iter()
            .map(|path| {
                if path.is_dir() {
                    path.join("demo.md")
                } else {
                    path.clone()
                }
            })
            .collect()
    };
    let mut good = true;
    for path in scripts {
        let result = Script::load(&path).and_then(|script| lint(&script).map(|()| script));
        match result {
            Ok(script) => {
                let facts = format!("{} steps, {} minutes", script.steps.len(), script.minutes());
                ui.line(&format!("{}: no mistakes ({facts})", path.display()));
            }
            Err(errors) => {
                ui.error(&errors.into());
                good = false;
            }
        }
    }
    Ok(if good {
        ExitCode::DONE
    } else {
        ExitCode::BAD_DEMO
    })
}
