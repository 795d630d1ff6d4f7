//! `guided-demo export`: a demo as a bash script, a page or a terminal recording.

use std::path::Path;

use crate::cli::ExportArgs;
use crate::cli::ExportFormat;
use crate::cli::ExportTarget;
use crate::cli::ExportedArgs;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::export;
use crate::export::Played;
use crate::export::Redaction;
use crate::script::Script;
use crate::script::TargetKind;
use crate::state::StateDirectory;
use crate::ui::Ui;

/// Makes and writes it.
pub(crate) async fn export(
    ui: &Ui,
    args: ExportArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    match &args.format {
        ExportFormat::Bash(args) => {
            let (_, script) = script(&args.exported)?;
            let target = match args.target {
                ExportTarget::Aws => TargetKind::Aws,
                ExportTarget::Local => TargetKind::Local,
            };
            give(ui, &args.exported, &export::bash(&script, target)?)
        }
        ExportFormat::Cast(args) => {
            let (repository, script) = script(&args.exported)?;
            let recording = repository.recording(&script.path);
            if !recording.is_file() {
                return Err(no_recording(&script, &recording));
            }
            let played = export::play(&script, &recording).await?;
            let redaction = Redaction::of_machine(repository.root(), state.root());
            let size = (args.columns, args.rows);
            let cast = export::cast(&script, &played, size, redaction);
            give(ui, &args.exported, &cast)
        }
        ExportFormat::Html(args) => {
            let (repository, script) = script(&args.exported)?;
            let recording = repository.recording(&script.path);
            let played = match recording.is_file() {
                true => export::play(&script, &recording).await?,
                false => {
                    ui.warning("there is no recording of this demo, so the page has no outputs");
                    Played::nothing(&script)
                }
            };
            give(
                ui,
                &args.exported,
                &export::html(&script, &played, args.notes),
            )
        }
    }
}

fn script(args: &ExportedArgs) -> Result<(Repository, Script), CommandError> {
    let demo = args.demo.as_deref().unwrap_or(DEFAULT_DEMO);
    let repository = Repository::find()?;
    let script = Script::load(&repository.script(demo)?)?;
    Ok((repository, script))
}

fn no_recording(script: &Script, file: &Path) -> CommandError {
    CommandError::prerequisite(format!(
        "there is no recording of this demo: {} is missing",
        file.display()
    ))
    .hinted(format!(
        "Make one, which needs a Docker Engine: guided-demo record {}",
        script.id
    ))
}

/// Writes to the file that was asked for, or to standard output.
fn give(ui: &Ui, args: &ExportedArgs, text: &str) -> Result<ExitCode, CommandError> {
    let Some(file) = &args.output else {
        ui.out(text);
        return Ok(ExitCode::DONE);
    };
    export::write(file, text).map_err(|error| {
        CommandError::step(format!("{} cannot be written: {error}", file.display()))
    })?;
    ui.status(&format!("Written: {}", file.display()));
    Ok(ExitCode::DONE)
}
