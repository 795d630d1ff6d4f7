//! `guided-demo completions` and `man`.

use clap::CommandFactory;

use crate::cli::Cli;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::ui::Ui;

/// Prints a completion script.
pub(crate) fn completions(ui: &Ui, shell: clap_complete::Shell) -> ExitCode {
    let mut script = Vec::new();
    clap_complete::generate(shell, &mut Cli::command(), "guided-demo", &mut script);
    ui.out(&String::from_utf8_lossy(&script));
    ExitCode::DONE
}

/// Prints the manual page.
pub(crate) fn man(ui: &Ui) -> Result<ExitCode, CommandError> {
    let mut page = Vec::new();
    clap_mangen::Man::new(Cli::command())
        .render(&mut page)
        .map_err(|error| {
            CommandError::step(format!("the manual page cannot be written: {error}"))
        })?;
    ui.out(&String::from_utf8_lossy(&page));
    Ok(ExitCode::DONE)
}
