//! A terminal recording made of a demo's recording: typed commands, outputs, a marker a step. The
//! same demo and recording give the same bytes.

use std::time::Duration;

use super::asciicast::Asciicast;
use super::play::Outcome;
use super::play::Played;
use super::redaction::Redaction;
use crate::drive::explain_failure;
use crate::script::Command;
use crate::script::ItemKind;
use crate::script::Quiz;
use crate::script::Script;
use crate::script::TargetKind;
use crate::ui::BuildView;
use crate::ui::Screen;
use crate::ui::Shown;
use crate::ui::StepHead;
use crate::ui::Tee;
use crate::ui::Ui;
use crate::ui::excerpt;
use crate::walk::Place;

/// About 35 characters a second.
const KEY: Duration = Duration::from_millis(28);
/// Before a typed command runs.
const BEFORE_RUN: Duration = Duration::from_millis(600);
/// How long a word of text is looked at: a quick reader's pace.
const WORD: Duration = Duration::from_millis(150);
/// How long a line of output is looked at.
const LINE: Duration = Duration::from_millis(120);
/// Between two lines of a build log.
const LOG_LINE: Duration = Duration::from_millis(40);
/// Nothing is looked at for longer.
const LONGEST: Duration = Duration::from_secs(6);

/// The file.
pub(crate) fn cast(
    script: &Script,
    played: &Played,
    (columns, rows): (u16, u16),
    redaction: Redaction,
) -> String {
    let timestamp = played.recorded.map(jiff::Timestamp::as_second);
    let tee = Tee::default();
    let ui = Ui::unseen(&tee, columns, rows);
    let mut writer = Writer {
        script,
        played,
        screen: ui.screen(),
        ui,
        tee,
        cast: Asciicast::new(columns, rows, &script.title, timestamp),
        predictions: Vec::new(),
    };
    for step in 0..script.steps.len() {
        writer.step(step);
    }
    writer.cast.exit(0);
    writer.cast.file(redaction)
}

struct Writer<'a> {
    script: &'a Script,
    played: &'a Played,
    ui: Ui,
    tee: Tee,
    screen: Screen,
    cast: Asciicast,
    predictions: Vec<&'a Quiz>,
}

impl<'a> Writer<'a> {
    fn step(&mut self, at: usize) {
        let step = &self.script.steps[at];
        self.cast.marker(&step.title);
        self.cast.output("\x1b[2J\x1b[3J\x1b[H");
        let head = StepHead {
            demo: &self.script.title,
            title: &step.title,
            number: at + 1,
            total: self.script.steps.len(),
            done: at,
            minutes: step.minutes,
            looking: false,
        };
        let head = self.screen.head(&head);
        self.cast.output(&head);
        // The last item of a solution, and what to say after it.
        let mut solved: Option<(usize, &String)> = None;
        for (item_at, item) in step.items.iter().enumerate() {
            if item.is_for(TargetKind::Replay) {
                let place = Place {
                    step: at,
                    item: item_at,
                };
                self.item(place, &item.kind);
            }
            if let ItemKind::Exercise(exercise) = &item.kind {
                solved = Some((item_at + exercise.commands, &exercise.explanation));
            }
            if let Some((last, explanation)) = solved
                && item_at >= last
            {
                solved = None;
                self.say_if_any(explanation);
            }
        }
        self.reveal();
        self.cast.wait(Duration::from_secs(1));
    }

    fn item(&mut self, place: Place, item: &'a ItemKind) {
        match item {
            ItemKind::Prose(text) => self.read(&self.screen.prose(text)),
            ItemKind::Show(path) => {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                let text = std::fs::read_to_string(path).unwrap_or_default();
                let lines = text.lines();
                let lines: String = lines
                    .map(|line| format!("    {}\n", self.screen.paint.code(line)))
                    .collect();
                self.look(&format!("{}\n{lines}\n", self.screen.paint.strong(&name)));
            }
            ItemKind::Command(command) => self.command(place, command),
            ItemKind::Watch(_) => self.build(place),
            ItemKind::Check(check) => {
                if let Some(Outcome::Check { passed, .. }) = self.played.outcome(place) {
                    let sign = match passed {
                        true => self.screen.paint.good("✔"),
                        false => self.screen.paint.bad("✘"),
                    };
                    self.read(&format!("{sign} {}\n\n", check.title));
                }
            }
            ItemKind::Quiz(quiz) => {
                self.read(&self.screen.quiz(quiz));
                self.cast.wait(Duration::from_secs(2));
                if quiz.reveal_later {
                    self.predictions.push(quiz);
                } else {
                    self.read(&self.screen.explanation(quiz, None));
                }
            }
            ItemKind::Reveal => self.reveal(),
            ItemKind::Exercise(exercise) => {
                let task = format!("**Exercise: {}**\n\n{}", exercise.title, exercise.task);
                self.read(&self.screen.prose(&task));
            }
            ItemKind::Hint(_) | ItemKind::Aside(..) | ItemKind::Note(_) | ItemKind::Doctor => {}
        }
    }

    fn reveal(&mut self) {
        for quiz in std::mem::take(&mut self.predictions) {
            let question = format!("You were asked: {}", quiz.question);
            self.read(&self.screen.prose(&question));
            self.read(&self.screen.explanation(quiz, None));
        }
    }

    fn say_if_any(&mut self, markdown: &str) {
        if !markdown.trim().is_empty() {
            self.read(&self.screen.prose(markdown));
        }
    }

    /// Shows a text and gives the time to read it, half a screen at a time.
    fn read(&mut self, text: &str) {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for part in lines.chunks((self.screen.height / 2).max(1)) {
            let part = part.concat();
            let words = console::strip_ansi_codes(&part).split_whitespace().count();
            self.cast.output(&part);
            self.cast.wait(capped(WORD, words));
        }
    }

    /// Shows an output and gives the time to look at it.
    fn look(&mut self, text: &str) {
        self.cast.output(text);
        self.cast.wait(capped(LINE, text.lines().count()));
    }

    fn command(&mut self, place: Place, command: &Command) {
        self.type_command(&command.text);
        let Some(Outcome::Command(result)) = self.played.outcome(place) else {
            return;
        };
        let faint = |text: &str| self.screen.paint.faint(text);
        let text = match (result, &command.line.assign) {
            (Ok(text), Some(name)) => format!("{} {text}\n\n", faint(&format!("{name} is"))),
            (Ok(_), None) if command.line.redirect.is_some() => "\n".to_owned(),
            (Ok(text), None) if text.is_empty() => {
                format!("{}\n\n", faint("(no output: the call succeeded)"))
            }
            (Ok(text), None) => {
                let (shown, hidden) = excerpt(text, self.screen.height.saturating_sub(4).max(8));
                match hidden {
                    0 => format!("{shown}\n\n"),
                    hidden => format!("{shown}\n{}\n\n", faint(&format!("… {hidden} more lines"))),
                }
            }
            (Err(error), _) => {
                let error = crate::ui::wrap(error, self.screen.width, "", "");
                let expected = self.screen.paint.accent("This failure is expected.");
                format!("{error}\n{expected}\n\n")
            }
        };
        self.look(&text);
    }

    /// The command, letter by letter.
    fn type_command(&mut self, text: &str) {
        let prompt = format!("{} ", self.screen.paint.good("$"));
        self.cast.output(&prompt);
        // Colours begin and end with a line, so that no key sends half of one.
        for (at, line) in text.lines().enumerate() {
            if at > 0 {
                self.cast.output("\n  ");
            }
            self.cast.output("\x1b[1m");
            for c in line.chars() {
                self.cast.wait(KEY);
                self.cast.output(c.encode_utf8(&mut [0; 4]));
            }
            self.cast.output("\x1b[0m");
        }
        self.cast.wait(BEFORE_RUN);
        self.cast.output("\n\n");
    }

    fn build(&mut self, place: Place) {
        let Some(Outcome::Build {
            events,
            status,
            build,
        }) = self.played.outcome(place)
        else {
            return;
        };
        let mut view = BuildView::new(&self.ui);
        for event in events {
            view.show(event);
            for text in self.drained() {
                self.cast.output(&text);
            }
            self.cast.wait(LOG_LINE);
        }
        view.finish(status);
        if status != "SUCCEEDED" {
            for line in explain_failure(&self.ui, build, view.log()) {
                self.ui.line(&line);
            }
        }
        let end = self.drained().concat();
        self.look(&end);
    }

    fn drained(&self) -> Vec<String> {
        let shown = self.tee.drain().into_iter();
        shown
            .filter_map(|(_, shown)| match shown {
                Shown::Text(text) => Some(text),
                Shown::Mark(_) => None,
            })
            .collect()
    }
}

fn capped(each: Duration, count: usize) -> Duration {
    let count = u32::try_from(count).unwrap_or(u32::MAX);
    each.checked_mul(count)
        .unwrap_or(LONGEST)
        .clamp(LINE, LONGEST)
}
