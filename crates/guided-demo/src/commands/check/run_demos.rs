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
use crate::state::Ledger;
use crate::state::StateDirectory;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Shown;
use crate::ui::Tee;
use crate::ui::Ui;
use crate::walk::Mode;
use crate::walk::Outcome;

/// For how large a screen a walk is shown.
const COLUMNS: u16 = 80;
const ROWS: u16 = 24;

/// Walks through each; says which passed. The exit code is that of the first that did not.
pub(super) async fn run_demos(ui: &Ui, demos: &[PathBuf]) -> Result<ExitCode, CommandError> {
    let mut code = ExitCode::DONE;
    for demo in demos {
        ui.status(&format!("{}: walking …", demo.display()));
        let begin = Instant::now();
        // What a walk says is of interest only if it fails.
        let tee = Tee::default();
        let unseen = Ui::unseen(&tee, COLUMNS, ROWS);
        let end = one(&unseen, demo).await;
        let seconds = begin.elapsed().as_secs();
        let verdict = match end {
            Ok(DriveEnd::Finished(Outcome::Completed)) => {
                ui.line(&format!("{}: passed ({seconds} s)", demo.display()));
                continue;
            }
            Ok(DriveEnd::Finished(outcome)) => exit_code(outcome),
            Ok(DriveEnd::WatchRecording) => ExitCode::PREREQUISITE,
            Err(error) => {
                unseen.error(&error);
                error.kind.exit_code()
            }
        };
        ui.status(console::strip_ansi_codes(&all_text(&tee)).trim_end());
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

fn all_text(tee: &Tee) -> String {
    tee.drain()
        .into_iter()
        .filter_map(|(_, shown)| match shown {
            Shown::Text(text) => Some(text),
            Shown::Mark(_) => None,
        })
        .collect()
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
        at_least: None,
        redacts: false,
        yes: true,
        record: None,
    };
    let end = walk(ui, &plan, &options).await?;
    if matches!(end, DriveEnd::Finished(Outcome::Completed)) {
        nothing_left(&options.state)?;
    }
    Ok(end)
}

/// A demo ends clean: what it has created, it has removed.
fn nothing_left(state: &StateDirectory) -> Result<(), CommandError> {
    let mut left = Vec::new();
    for path in state.all_ledgers() {
        if let Some(ledger) = Ledger::load(&path)? {
            let names = ledger.entries().iter();
            left.extend(names.map(|entry| format!("{} {}", entry.kind, entry.name)));
        }
    }
    if left.is_empty() {
        return Ok(());
    }
    Err(
        CommandError::step(format!("the demo leaves behind: {}", left.join(", ")))
            .hinted("Remove it in the demo's last step."),
    )
}
