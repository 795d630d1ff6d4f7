//! A demo as one web page that needs nothing else: no server, no network, no script to be read.

mod escape;
mod item;
mod prose;
mod quiz;
mod terms;

use std::collections::BTreeSet;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use sha2::Digest;
use sha2::Sha256;

use self::escape::escape;
use self::item::Items;
use self::prose::prose;
use self::terms::Terms;
use super::play::Played;
use crate::script::GLOSSARY;
use crate::script::Script;

const STYLE: &str = include_str!("style.css");
const SCRIPT: &str = include_str!("script.js");

/// The page. `notes`: whether the speaker's notes are in it.
pub(crate) fn html(script: &Script, played: &Played, notes: bool) -> String {
    let folder = script.directory();
    let glossary = folder.parent().unwrap_or(folder).join(GLOSSARY);
    let mut items = Items::new(script, played, notes, Terms::load(&glossary));
    let steps: String = (0..script.steps.len()).map(|at| items.step(at)).collect();
    let glossary = self::glossary(items.into_terms());
    let title = escape(&script.title);
    format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"referrer\" content=\"no-referrer\">\n\
         <title>{title}</title>\n<style>{STYLE}</style>\n</head>\n<body>\n\
         <header>\n<h1>{title}</h1>\n{about}</header>\n{contents}\
         <main>\n{variables}{steps}{glossary}</main>\n\
         <script>{SCRIPT}</script>\n</body>\n</html>\n",
        policy = policy(),
        about = about(script, played),
        contents = contents(script),
        variables = variables(script, played),
    )
}

/// Nothing is loaded, and only this style and this script count.
fn policy() -> String {
    let hash = |text: &str| STANDARD.encode(Sha256::digest(text.as_bytes()));
    format!(
        "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; base-uri 'none'; \
         form-action 'none'",
        hash(STYLE),
        hash(SCRIPT)
    )
}

fn about(script: &Script, played: &Played) -> String {
    let steps = script.steps.len();
    let minutes = script.minutes();
    let recorded = match played.recorded {
        Some(time) => format!(
            "The outputs are from a recording of {} on a local AWS.",
            time.strftime("%Y-%m-%d")
        ),
        None => "This page has no outputs: the demo was not recorded.".to_owned(),
    };
    let id = escape(&script.id);
    format!(
        "<p class=\"meta\">{steps} steps, about {minutes} minutes. {recorded} To walk through it \
         yourself: <code>guided-demo run {id}</code></p>\n"
    )
}

fn contents(script: &Script) -> String {
    let steps: String = script
        .steps
        .iter()
        .map(|step| {
            format!(
                "<li><a href=\"#step-{}\">{}</a></li>\n",
                escape(&step.id),
                escape(&step.title)
            )
        })
        .collect();
    format!(
        "<nav aria-labelledby=\"contents\">\n<p id=\"contents\">Steps</p>\n<ol>\n{steps}</ol>\n</nav>\n"
    )
}

/// What has to be set before the commands can be typed.
fn variables(script: &Script, played: &Played) -> String {
    let lines: Vec<String> = script
        .variables
        .iter()
        .map(|variable| {
            let name = &variable.name;
            let value = played.variables.get(name).map_or("", String::as_str);
            format!("export {name}={}", crate::script::bash_literal(value))
        })
        .collect();
    if lines.is_empty() {
        return String::new();
    }
    format!(
        "<details>\n<summary>To type the commands yourself</summary>\n\
         <p>The commands name these variables. Set them as you need them, in the folder of the \
         demo.</p>\n{}</details>\n",
        item::command_box(&lines.join("\n"), "")
    )
}

fn glossary(mut terms: Terms) -> String {
    let mut shown = BTreeSet::new();
    let mut list = String::new();
    // A definition may link further terms.
    while let Some(term) = terms
        .used()
        .into_iter()
        .find(|term| !shown.contains(&term.anchor))
    {
        list.push_str(&format!(
            "<dt id=\"term-{}\">{}</dt>\n<dd>{}</dd>\n",
            escape(&term.anchor),
            escape(&term.name),
            prose(&term.definition, &mut terms)
        ));
        shown.insert(term.anchor);
    }
    if list.is_empty() {
        return String::new();
    }
    format!("<section id=\"glossary\">\n<h2>Glossary</h2>\n<dl>\n{list}</dl>\n</section>\n")
}
