//! `guided-demo check --run`: walks through demos without questions, each on a local AWS of its own.

use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use crate::command_error::CommandError;
use crate::commands::run::Plan;
use crate::commands::run::exit_code;
use crate::commands::run::walk;
use crate::drive::DriveEnd;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Ui;
use crate::walk::Mode;
use crate::walk::Outcome;

/// Walks through each; says which passed. The exit code is that of the first that did not.
pub(super) async fn run_demos(ui: &Ui, demos: &[PathBuf]) -> Result<ExitCode, CommandError> {
    let mut code = ExitCode::DONE;
    for demo in demos {
        ui.status(&format!("{}: walking …", demo.display()));
        let begin = Instant::now();
        // What a walk says is of interest only if it fails.
        let kept = ui.kept();
        let end = one(&kept, demo).await;
        let seconds = begin.elapsed().as_secs();
        let verdict = match end {
            Ok(DriveEnd::Finished(Outcome::Completed)) => {
                ui.line(&format!("{}: passed ({seconds} s)", demo.display()));
                continue;
            }
            Ok(DriveEnd::Finished(outcome)) => exit_code(outcome),
            Ok(DriveEnd::WatchRecording) => ExitCode::PREREQUISITE,
            Err(error) => {
                kept.error(&error);
                error.kind.exit_code()
            }
        };
        ui.status(kept.what_was_kept().trim_end());
        ui.line(&format!("{}: failed ({seconds} s)", demo.display()));
        if verdict == ExitCode::INTERRUPTED {
            return Ok(verdict);
        }
        if code == ExitCode::DONE {
            code = verdict;
        }
    }
    Ok(code)
}

async fn one(ui: &Ui, demo: &Path) -> Result<DriveEnd, CommandError> {
    let folder = tempfile::tempdir().map_err(|error| {
        CommandError::prerequisite(format!("cannot make a temporary directory: {error}"))
    })?;
    let options = TargetOptions {
        choice: TargetChoice::Local,
        profile: None,
        region: None,
        account: None,
        engine_host: None,
        state: StateDirectory::new(Some(folder.path().to_owned()))?,
    };
    let plan = Plan {
        demo: &demo.to_string_lossy(),
        mode: Mode::Auto,
        from: None,
        set: &[],
        yes: true,
        record: None,
    };
    walk(ui, &plan, &options).await
}
