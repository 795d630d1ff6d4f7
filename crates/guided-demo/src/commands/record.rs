//! `guided-demo record`: a walk without questions, kept for those who have no Docker Engine, and for
//! those who only want to look.

use std::path::Path;
use std::path::PathBuf;
use std::time::Instant;

use super::run;
use crate::cli::RecordArgs;
use crate::cli::Recorded;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::drive::DriveEnd;
use crate::exit_code::ExitCode;
use crate::export::Redaction;
use crate::export::live_cast;
use crate::script::Script;
use crate::state::StateDirectory;
use crate::target::TargetChoice;
use crate::ui::Tee;
use crate::ui::Ui;
use crate::walk::Mode;
use crate::walk::Outcome;

/// The size that terminals are expected to have at least.
const SIZE: (u16, u16) = (80, 24);

/// Walks and saves.
pub(crate) async fn record(
    ui: &Ui,
    args: RecordArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    if args.target.target == TargetChoice::Replay {
        return Err(
            CommandError::usage("a recording of a recording would hold nothing new").hinted(
                "To make a terminal recording of what is recorded: guided-demo export cast",
            ),
        );
    }
    let files = Files::of(&args)?;
    let redaction = Redaction::of_machine(&files.repository, state.root());
    let remote = args.target.target != TargetChoice::Local;
    let options = super::target_options(args.target, state);
    let plan = run::Plan {
        demo: args.demo.as_deref().unwrap_or(DEFAULT_DEMO),
        mode: Mode::Auto,
        from: None,
        set: &args.set,
        yes: !remote || args.yes,
        record: files.recording.as_deref(),
        at_least: None,
        redacts: false,
    };
    let tee = Tee::default();
    let begun = Instant::now();
    let walked = run::walk(&ui.recorded(&tee, SIZE.0, SIZE.1), &plan, &options).await?;
    let DriveEnd::Finished(outcome) = walked else {
        return Ok(ExitCode::PREREQUISITE);
    };
    let code = run::exit_code(outcome);
    if outcome != Outcome::Completed {
        ui.warning("the walk did not come to its end, so nothing was saved");
        return Ok(code);
    }
    if let Some(file) = &files.recording {
        give_away(file, redaction.clone())?;
        ui.line(&format!("Recorded: {}", file.display()));
    }
    if let Some(file) = &files.cast {
        let cast = live_cast(&files.title, SIZE, begun, &tee.drain(), code.0, redaction);
        write(file, &cast)?;
        ui.line(&format!("Recorded: {}", file.display()));
    }
    Ok(code)
}

/// What is saved where.
struct Files {
    repository: PathBuf,
    title: String,
    recording: Option<PathBuf>,
    cast: Option<PathBuf>,
}

impl Files {
    fn of(args: &RecordArgs) -> Result<Self, CommandError> {
        for (named, option, which) in [
            (&args.recording, "--recording", Recorded::Recording),
            (&args.cast, "--cast", Recorded::Cast),
        ] {
            if named.is_some() && args.only.is_some_and(|only| only != which) {
                return Err(CommandError::usage(format!(
                    "{option} names a file that --only leaves out"
                )));
            }
        }
        let demo = args.demo.as_deref().unwrap_or(DEFAULT_DEMO);
        let repository = Repository::find()?;
        let path = repository.script(demo)?;
        let script = Script::load(&path)?;
        let file = |named: &Option<PathBuf>, name: &str, which: Recorded| {
            let wanted = args.only.is_none_or(|only| only == which);
            wanted.then(|| named.clone().unwrap_or_else(|| path.with_file_name(name)))
        };
        Ok(Self {
            repository: repository.root().to_owned(),
            recording: file(&args.recording, "recording.json", Recorded::Recording),
            cast: file(&args.cast, "walk.cast", Recorded::Cast),
            title: script.title,
        })
    }
}

/// Takes out of a recording what nobody else should see.
fn give_away(file: &Path, mut redaction: Redaction) -> Result<(), CommandError> {
    let text = std::fs::read_to_string(file).map_err(|error| {
        CommandError::step(format!("{} cannot be read: {error}", file.display()))
    })?;
    redaction.learn(std::iter::once(text.as_str()));
    let redacted = redaction.apply(&text);
    if redacted != text {
        write(file, &redacted)?;
    }
    Ok(())
}

/// Writes a file, whole or not at all.
fn write(file: &Path, text: &str) -> Result<(), CommandError> {
    crate::export::write(file, text).map_err(|error| {
        CommandError::step(format!("{} cannot be written: {error}", file.display()))
    })
}
