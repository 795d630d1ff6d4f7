//! `guided-demo list`: the demos that are there.

use serde_json::json;

use crate::cli::JsonArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::script::Script;
use crate::ui::Ui;

/// Lists the demos with their steps.
pub(crate) fn list(ui: &Ui, args: &JsonArgs) -> Result<ExitCode, CommandError> {
    let repository = Repository::find()?;
    let mut listed = Vec::new();
    let screen = ui.screen();
    // A demo with a mistake is an error here: it would be missing from the list.
    for name in repository.demos() {
        Script::load(&repository.script(&name)?)?;
    }
    for script in repository.scripts() {
        if args.json {
            let steps: Vec<_> = script
                .steps
                .iter()
                .map(|step| json!({ "id": step.id, "title": step.title, "minutes": step.minutes }))
                .collect();
            listed.push(json!({
                "id": script.id,
                "title": script.title,
                "minutes": script.minutes(),
                "steps": steps,
            }));
            continue;
        }
        let facts = format!(
            "{} steps, about {} minutes",
            script.steps.len(),
            script.minutes()
        );
        ui.line(&format!(
            "{}  {} ({facts})",
            screen.paint.strong(&script.id),
            script.title
        ));
        let width = script
            .steps
            .iter()
            .map(|step| step.id.len())
            .max()
            .unwrap_or(0);
        for (at, step) in script.steps.iter().enumerate() {
            let id = format!("{:<width$}", step.id);
            ui.line(&format!(
                "  {:>2}. {}  {}",
                at + 1,
                screen.paint.code(&id),
                step.title
            ));
        }
    }
    if args.json {
        ui.line(&serde_json::Value::Array(listed).to_string());
    }
    Ok(ExitCode::DONE)
}
