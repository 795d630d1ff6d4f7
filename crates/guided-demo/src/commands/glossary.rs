//! `guided-demo glossary`: what the terms of the demos mean.

use serde_json::json;

use crate::cli::GlossaryArgs;
use crate::command_error::CommandError;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::script::GLOSSARY;
use crate::script::Glossary;
use crate::script::Term;
use crate::script::did_you_mean;
use crate::ui::Ui;

/// Shows the terms that are asked for; all of them without a word.
pub(crate) fn glossary(ui: &Ui, args: &GlossaryArgs) -> Result<ExitCode, CommandError> {
    let path = Repository::find()?.root().join("demos").join(GLOSSARY);
    let glossary = Glossary::load(&path).map_err(|error| {
        CommandError::prerequisite(format!("{} cannot be read: {error}", path.display()))
    })?;
    let wanted = args.term.join(" ");
    let terms: Vec<&Term> = glossary
        .terms()
        .iter()
        .filter(|term| is_wanted(term, &wanted))
        .collect();
    if terms.is_empty() {
        return Err(unknown(&glossary, &wanted));
    }
    if args.json {
        let terms: Vec<_> = terms
            .iter()
            .map(|term| json!({ "term": term.name, "definition": term.definition }))
            .collect();
        ui.line(&serde_json::Value::Array(terms).to_string());
        return Ok(ExitCode::DONE);
    }
    let screen = ui.screen();
    for term in terms {
        ui.line(&screen.paint.strong(&term.name));
        ui.out(&screen.prose(&term.definition));
    }
    Ok(ExitCode::DONE)
}

/// Whether the name or the anchor holds the words, whatever the case.
fn is_wanted(term: &Term, wanted: &str) -> bool {
    let wanted = wanted.to_lowercase();
    term.name.to_lowercase().contains(&wanted) || term.anchor.contains(&wanted.replace(' ', "-"))
}

fn unknown(glossary: &Glossary, wanted: &str) -> CommandError {
    let names = glossary.terms().iter().map(|term| term.anchor.as_str());
    let error = CommandError::usage(format!("the glossary has no term `{wanted}`"));
    match did_you_mean(&wanted.to_lowercase(), names) {
        Some(meant) => error.hinted(format!("Did you mean `{meant}`?")),
        None => error.hinted("`guided-demo glossary` shows all terms."),
    }
}
