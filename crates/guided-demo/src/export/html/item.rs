//! What each item of a step becomes.

use codebuild_core::WatchEvent;
use serde_json::Value;

use super::escape::escape;
use super::escape::output;
use super::prose::prose;
use super::quiz;
use super::terms::Terms;
use crate::export::play::Outcome;
use crate::export::play::Played;
use crate::script::Command;
use crate::script::Item;
use crate::script::ItemKind;
use crate::script::Quiz;
use crate::script::Script;
use crate::script::TargetKind;
use crate::walk::Place;

/// Outputs that are longer are folded after this many lines.
const SHOWN_LINES: usize = 12;

/// Writes the steps of a demo.
pub(super) struct Items<'a> {
    script: &'a Script,
    played: &'a Played,
    notes: bool,
    terms: Terms,
    /// Predictions that were not explained yet, with their ids.
    predictions: Vec<(String, &'a Quiz)>,
}

impl<'a> Items<'a> {
    /// Nothing is written yet.
    pub(super) fn new(script: &'a Script, played: &'a Played, notes: bool, terms: Terms) -> Self {
        Self {
            script,
            played,
            notes,
            terms,
            predictions: Vec::new(),
        }
    }

    /// The terms, and which of its terms were used.
    pub(super) fn into_terms(self) -> Terms {
        self.terms
    }

    /// One step.
    pub(super) fn step(&mut self, at: usize) -> String {
        let step = &self.script.steps[at];
        let mut body = String::new();
        let mut item_at = 0;
        while let Some(item) = step.items.get(item_at) {
            // What stands between `demo:only` and `demo:end` is labelled once.
            let count = step.items[item_at..]
                .iter()
                .take_while(|next| next.targets == item.targets)
                .count();
            let mut inner = String::new();
            let end = item_at + count;
            while item_at < end {
                let (html, taken) = self.item(Place {
                    step: at,
                    item: item_at,
                });
                inner.push_str(&html);
                item_at += taken;
            }
            match label(item).filter(|_| !inner.is_empty()) {
                Some(label) => body.push_str(&format!(
                    "<div class=\"only\">\n<p class=\"label\">{label}</p>\n{inner}</div>\n"
                )),
                None => body.push_str(&inner),
            }
        }
        body.push_str(&self.reveal());
        let minutes = match step.minutes {
            1 => "1 minute".to_owned(),
            minutes => format!("{minutes} minutes"),
        };
        format!(
            "<section id=\"step-{}\">\n<h2>{}. {}</h2>\n<p class=\"meta\">About {minutes}</p>\n{body}</section>\n",
            escape(&step.id),
            at + 1,
            escape(&step.title)
        )
    }

    /// An item, and how many items that was: an exercise takes its solution along.
    fn item(&mut self, place: Place) -> (String, usize) {
        let step = &self.script.steps[place.step];
        let html = match &step.items[place.item].kind {
            ItemKind::Prose(text) => prose(text, &mut self.terms),
            ItemKind::Show(path) => file(path),
            ItemKind::Command(command) => self.command(place, command),
            ItemKind::Watch(_) => self.build(place),
            ItemKind::Check(check) => self.check(place, &check.title),
            ItemKind::Quiz(quiz) => {
                let id = format!("q-{}-{}", escape(&step.id), place.item);
                if quiz.reveal_later {
                    self.predictions.push((id.clone(), quiz));
                }
                quiz::question(&id, quiz, &mut self.terms)
            }
            ItemKind::Reveal => self.reveal(),
            ItemKind::Exercise(exercise) => {
                let last = (place.item + exercise.commands).min(step.items.len() - 1);
                let mut solution = String::new();
                for item in place.item + 1..=last {
                    solution.push_str(&self.item(Place { item, ..place }).0);
                }
                solution.push_str(&prose(&exercise.explanation, &mut self.terms));
                let html = format!(
                    "<div class=\"exercise\">\n<p class=\"label\">Exercise: {}</p>\n{}{}</div>\n",
                    escape(&exercise.title),
                    prose(&exercise.task, &mut self.terms),
                    folded("Solution", &solution)
                );
                return (html, 1 + last - place.item);
            }
            ItemKind::Hint(text) => folded("Hint", &prose(text, &mut self.terms)),
            ItemKind::Aside(aside, text) => folded(aside.title(), &prose(text, &mut self.terms)),
            ItemKind::Note(text) if self.notes => format!(
                "<aside class=\"note\">\n<p class=\"label\">Speaker's note</p>\n{}</aside>\n",
                prose(text, &mut self.terms)
            ),
            ItemKind::Note(_) => String::new(),
            ItemKind::Doctor => command_box("guided-demo doctor", "$ "),
        };
        (html, 1)
    }

    fn reveal(&mut self) -> String {
        let predictions = std::mem::take(&mut self.predictions);
        predictions
            .iter()
            .map(|(id, quiz)| quiz::explanation(id, quiz, &mut self.terms))
            .collect()
    }

    fn command(&self, place: Place, command: &Command) -> String {
        let mut html = command_box(&command.text, "$ ");
        let result = match self.played.outcome(place) {
            Some(Outcome::Command(result)) => result,
            _ => return html,
        };
        match (result, &command.line.assign) {
            (Ok(text), Some(name)) => html.push_str(&format!(
                "<p class=\"kept\"><span class=\"faint\">{} is</span> <code>{}</code></p>\n",
                escape(name),
                output(text)
            )),
            (Ok(text), None) if command.line.redirect.is_some() => {
                html.push_str(&folded("What is in the file", &long(text)));
            }
            (Ok(text), None) if text.is_empty() => {
                html.push_str("<p class=\"kept faint\">No output: the call succeeded.</p>\n");
            }
            (Ok(text), None) => html.push_str(&long(text)),
            (Err(error), _) => {
                html.push_str(&format!(
                    "<div class=\"output error\"><pre>{}</pre></div>\n",
                    output(error)
                ));
                html.push_str("<p class=\"kept faint\">This failure is expected.</p>\n");
            }
        }
        html
    }

    fn check(&self, place: Place, title: &str) -> String {
        let title = escape(title);
        match self.played.outcome(place) {
            Some(Outcome::Check { passed: true, .. }) => {
                format!("<p><span class=\"good\">✔</span> {title}</p>\n")
            }
            Some(Outcome::Check { seen, .. }) => format!(
                "<p><span class=\"bad\">✘</span> {title} Seen: <code>{}</code></p>\n",
                output(seen)
            ),
            _ => format!("<p>Check: {title}</p>\n"),
        }
    }

    fn build(&self, place: Place) -> String {
        let Some(Outcome::Build {
            events,
            status,
            build,
        }) = self.played.outcome(place)
        else {
            return String::new();
        };
        let log: Vec<String> = events
            .iter()
            .filter_map(|event| match event {
                WatchEvent::Log { message, .. } => {
                    Some(message.trim_end_matches(['\r', '\n']).to_owned())
                }
                _ => None,
            })
            .collect();
        let class = if status == "SUCCEEDED" { "good" } else { "bad" };
        let mut html = phases(events);
        let title = format!("Build log: {} lines", log.len());
        let text = format!("<pre>{}</pre>\n", output(&log.join("\n")));
        html.push_str(&folded(&title, &text));
        html.push_str(&format!(
            "<p>The build ended: <span class=\"{class}\">{}</span></p>\n",
            escape(status)
        ));
        if status != "SUCCEEDED" {
            html.push_str(&diagnosis(build, &log));
        }
        html
    }
}

/// For whom an item is, if not for everybody.
fn label(item: &Item) -> Option<String> {
    let names: Vec<&str> = item
        .targets
        .iter()
        .filter_map(|target| match target {
            TargetKind::Local => Some("on the local AWS"),
            TargetKind::Aws => Some("in your own AWS account"),
            TargetKind::Replay => None,
        })
        .collect();
    (!names.is_empty()).then(|| format!("If you walk {}", names.join(" or ")))
}

/// A command with a button that copies it.
pub(super) fn command_box(text: &str, prompt: &str) -> String {
    let prompt = match prompt {
        "" => String::new(),
        prompt => format!("<span class=\"prompt\">{prompt}</span>"),
    };
    let text = escape(text);
    // A newline in an attribute is kept when it is written as a character reference.
    let data = text.replace('\n', "&#10;");
    format!(
        "<div class=\"command\"><button type=\"button\" class=\"copy\" hidden>Copy</button>\
         <pre><code data-text=\"{data}\">{prompt}{text}</code></pre></div>\n"
    )
}

fn folded(title: &str, html: &str) -> String {
    let title = escape(title);
    format!("<details>\n<summary>{title}</summary>\n{html}</details>\n")
}

/// What a command printed; the end of a long text is folded.
fn long(text: &str) -> String {
    let lines: Vec<&str> = text.lines().collect();
    // A few lines more are not worth a click.
    if lines.len() <= SHOWN_LINES + 4 {
        return format!("<div class=\"output\"><pre>{}</pre></div>\n", output(text));
    }
    let (shown, rest) = lines.split_at(SHOWN_LINES);
    format!(
        "<div class=\"output\"><pre class=\"rest\">{}</pre><details class=\"rest\"><summary>{} more lines</summary>\
         <pre>{}</pre></details></div>\n",
        output(&shown.join("\n")),
        rest.len(),
        output(&rest.join("\n"))
    )
}

fn file(path: &std::path::Path) -> String {
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let text = std::fs::read_to_string(path).unwrap_or_default();
    folded(
        &format!("The file {name}"),
        &format!("<pre>{}</pre>\n", escape(&text)),
    )
}

/// The phases that are over.
fn phases(events: &[WatchEvent]) -> String {
    let rows: String = events
        .iter()
        .filter_map(|event| match event {
            WatchEvent::Phase {
                name,
                status: Some(status),
                context,
                seconds,
            } => {
                let class = if status == "SUCCEEDED" { "good" } else { "bad" };
                let seconds = seconds.map(|seconds| format!("{seconds} s"));
                let context = context
                    .as_ref()
                    .map(|(code, message)| format!("{code}: {message}"));
                Some(format!(
                    "<tr><td>{}</td><td class=\"{class}\">{}</td><td>{}</td><td>{}</td></tr>\n",
                    escape(name),
                    escape(status),
                    seconds.unwrap_or_default(),
                    output(context.unwrap_or_default().trim())
                ))
            }
            _ => None,
        })
        .collect();
    format!(
        "<table>\n<thead><tr><th>Phase</th><th>Status</th><th>Time</th><th>Context</th></tr></thead>\n\
         <tbody>\n{rows}</tbody>\n</table>\n"
    )
}

/// Why a build failed: the most likely cause.
fn diagnosis(build: &Value, log: &[String]) -> String {
    let found = codebuild_core::diagnose(build, log).into_iter().next();
    let Some(diagnosis) = found else {
        return String::new();
    };
    let rows: String = [
        ("What happened", diagnosis.what),
        ("Why", diagnosis.why),
        ("How to fix it", diagnosis.fix),
        ("Seen in", diagnosis.evidence.unwrap_or_default()),
        ("Exam", format!("task {}", diagnosis.exam_task)),
    ]
    .iter()
    .filter(|(_, text)| !text.is_empty())
    .map(|(name, text)| format!("<dt>{name}</dt><dd>{}</dd>\n", output(text)))
    .collect();
    format!("<dl>\n{rows}</dl>\n")
}
