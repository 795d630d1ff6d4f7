//! `guided-demo export`: a demo as a bash script, a page or a terminal recording.

use crate::cli::ExportArgs;
use crate::cli::ExportFormat;
use crate::cli::ExportTarget;
use crate::cli::ExportedArgs;
use crate::command_error::CommandError;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::export;
use crate::script::Script;
use crate::script::TargetKind;
use crate::state::StateDirectory;
use crate::ui::Ui;

/// Makes and writes it.
pub(crate) async fn export(
    ui: &Ui,
    args: ExportArgs,
    _state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    match &args.format {
        ExportFormat::Bash(args) => {
            let script = script(&args.exported)?;
            let target = match args.target {
                ExportTarget::Aws => TargetKind::Aws,
                ExportTarget::Local => TargetKind::Local,
            };
            give(ui, &args.exported, &export::bash(&script, target)?)
        }
        ExportFormat::Cast(args) => give(ui, &args.exported, ""),
        ExportFormat::Html(args) => give(ui, &args.exported, ""),
    }
}

fn script(args: &ExportedArgs) -> Result<Script, CommandError> {
    let demo = args.demo.as_deref().unwrap_or(DEFAULT_DEMO);
    Ok(Script::load(&Repository::find()?.script(demo)?)?)
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
