//! `guided-demo check --watch`: checks again whenever a file changes.
//!
//! The files are looked at three times a second. Notifications of the system would come a moment
//! sooner, but not from shared and network folders, not for a file that is not there yet, and for
//! one that an editor replaces only by way of its folder. There are a dozen files to look at.

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;
use std::time::SystemTime;

use super::round;
use crate::cli::CheckArgs;
use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::exit_code::ExitCode;
use crate::ui::Ui;

/// How long to wait between two looks.
const PAUSE: Duration = Duration::from_millis(300);

/// How coarse the times of files are.
const CLOCK: Duration = Duration::from_millis(20);

/// When each file was written and how long it is; `None`: it is not there.
type Seen = BTreeMap<PathBuf, Option<(SystemTime, u64)>>;

/// Checks until Ctrl-C.
pub(super) async fn watch(ui: &Ui, args: &CheckArgs) -> Result<ExitCode, CommandError> {
    let mut signals = Signals::listen()?;
    let mut files = BTreeSet::new();
    loop {
        // Before they are read, so that what is written meanwhile is a change.
        let begin = SystemTime::now();
        let mut seen = look(&files);
        ui.clear();
        let time = jiff::Timestamp::now().strftime("%H:%M:%S UTC");
        ui.line(&format!(
            "Checked at {time}. Waiting for changes; Ctrl-C ends.\n"
        ));
        files = round(ui, args)?.files;
        let now = look(&files);
        seen.retain(|path, _| files.contains(path));
        for (path, state) in now {
            // One that nobody knew of before may be written meanwhile too.
            let state = state.filter(|(written, _)| *written + CLOCK < begin);
            seen.entry(path).or_insert(state);
        }
        while look(&files) == seen {
            let pause = signals.or_interrupt(tokio::time::sleep(PAUSE)).await;
            if pause.is_none() || ui.is_closed() {
                return Ok(ExitCode::INTERRUPTED);
            }
        }
    }
}

fn look(files: &BTreeSet<PathBuf>) -> Seen {
    files
        .iter()
        .map(|path| {
            let state = std::fs::metadata(path)
                .and_then(|file| Ok((file.modified()?, file.len())))
                .ok();
            (path.clone(), state)
        })
        .collect()
}
