//! Showing, and asking for a key.

use super::Driver;
use crate::invocation::invocation;
use crate::script::Aside;
use crate::script::ItemKind;
use crate::ui::Answer;
use crate::ui::StepHead;
use crate::ui::choose;
use crate::ui::forget_early_keys;
use crate::ui::pages;
use crate::ui::read_key;
use crate::ui::wrap;
use crate::walk::Event;
use crate::walk::Key;
use crate::walk::Mode;
use crate::walk::Outcome;
use crate::walk::Passage;
use crate::walk::Place;

/// The rows that the line of keys may take.
const KEY_ROWS: usize = 3;

impl Driver {
    pub(super) fn show_step(&mut self, step: usize, looking: bool) {
        if step >= self.script.steps.len() {
            return;
        }
        if !looking {
            self.end_fallback(step);
            self.pacing.enter(step);
        }
        self.show_head(step, looking);
        if !looking {
            self.last = super::LastOutput::default();
            self.write_now(None);
        }
    }

    /// Begins a screen.
    pub(super) fn show_head(&mut self, step: usize, looking: bool) {
        let script = self.script.clone();
        let Some(shown) = script.steps.get(step) else {
            return;
        };
        let head = StepHead {
            demo: &script.title,
            title: &shown.title,
            number: step + 1,
            total: script.steps.len(),
            // The walk may have gone through this step already when its first screen is drawn.
            done: self
                .walk
                .done()
                .iter()
                .filter(|id| **id != shown.id)
                .count(),
            minutes: shown.minutes,
            looking,
        };
        self.ui.mark(&shown.title);
        if self.mode.asks() || self.pacing.at_least.is_some() {
            self.ui.clear();
        } else {
            self.ui.line("");
        }
        let screen = self.ui.screen();
        if self.mode.is_stage() && !self.ui.is_plain() {
            self.ui.out(&screen.stage_head(&head));
        } else {
            self.ui.out(&screen.head(&head));
        }
        self.looking = looking;
        if !looking {
            self.terms.begin_step();
        }
        self.unread = 4;
    }

    pub(super) fn show_back(&mut self, step: usize) {
        self.looking = false;
        let Some(shown) = self.script.steps.get(step) else {
            return;
        };
        let screen = self.ui.screen();
        let text = format!("Back at step {}: {}", step + 1, shown.title);
        self.ui.line(&screen.paint.strong(&text));
        self.ui.line("");
    }

    pub(super) fn kind(&self, place: Place) -> Option<&ItemKind> {
        let item = self.script.steps.get(place.step)?.items.get(place.item)?;
        Some(&item.kind)
    }

    /// Shows prose, a file, a hint or a note. `None` if the person interrupts.
    pub(super) async fn show_item(&mut self, place: Place) -> Option<()> {
        let text = self.item_text(place)?;
        let markdown = match self.kind(place) {
            Some(
                ItemKind::Prose(text)
                | ItemKind::Hint(text)
                | ItemKind::Aside(_, text)
                | ItemKind::Note(text),
            ) => text.clone(),
            _ => String::new(),
        };
        let text = self.with_definitions(text, &markdown);
        self.show_text(&text).await
    }

    /// Shows a text. Where it would push what was not read yet off the screen, the person is waited
    /// for first. `None` if the person interrupts.
    pub(super) async fn show_text(&mut self, text: &str) -> Option<()> {
        let waits = self.ui.draws() && (self.is_guided() || self.pacing.at_least.is_some());
        if !waits {
            self.ui.out(text);
            return Some(());
        }
        let room = self.ui.screen().height.saturating_sub(KEY_ROWS);
        for (at, page) in pages(text, room, self.unread).into_iter().enumerate() {
            if at > 0 {
                self.more().await?;
            }
            self.ui.out(page);
            self.unread += page.lines().count();
        }
        Some(())
    }

    /// Waits until what is on the screen has been read.
    async fn more(&mut self) -> Option<()> {
        if self.pacing.at_least.is_some() {
            self.linger().await?;
            self.ui.clear();
        } else {
            let keys = self.ui.screen().key_line(&["⏎ more".to_owned()]);
            self.ui.out(&keys);
            forget_early_keys();
            self.ask(read_key).await?;
            self.ui.erase_lines(1);
        }
        self.unread = 0;
        Some(())
    }

    fn item_text(&self, place: Place) -> Option<String> {
        let screen = self.ui.screen();
        let titled = |title: &str, text: &str| {
            format!("{}\n{}", screen.paint.accent(title), screen.prose(text))
        };
        match self.kind(place)? {
            ItemKind::Prose(text) => Some(screen.prose(text)),
            ItemKind::Hint(text) => Some(titled("Hint", text)),
            ItemKind::Aside(aside, text) => Some(titled(aside.title(), text)),
            ItemKind::Note(text) => Some(titled("Speaker's note", text)),
            ItemKind::Show(file) => match std::fs::read_to_string(file) {
                Ok(text) => {
                    let name = file.file_name().unwrap_or_default().to_string_lossy();
                    let lines = text
                        .lines()
                        .map(|line| format!("    {}\n", screen.paint.code(line)));
                    Some(format!(
                        "{}\n{}\n",
                        screen.paint.strong(&name),
                        lines.collect::<String>()
                    ))
                }
                Err(error) => Some(format!("{} cannot be read: {error}\n\n", file.display())),
            },
            _ => Some(String::new()),
        }
    }

    pub(super) fn show_command(&mut self, place: Place) {
        if let Some(ItemKind::Command(command)) = self.kind(place) {
            let screen = self.ui.screen();
            let shown = match self.mode {
                Mode::Learn => screen.command_to_type(&command.text),
                _ => screen.command(&command.text),
            };
            self.ui.out(&shown);
            self.passes(shown.lines().count());
        }
    }

    /// All of the last output, and what crossed the wire for it.
    pub(super) fn show_all(&self) {
        let screen = self.ui.screen();
        if self.last.text.is_empty() && self.last.log.is_empty() && self.last.exchanges.is_empty() {
            self.ui.line("Nothing has run in this step yet.\n");
            return;
        }
        for line in &self.last.log {
            self.ui.line(&console::strip_ansi_codes(line));
        }
        for exchange in &self.last.exchanges {
            let head = format!(
                "{} {}: HTTP {} after {} ms",
                exchange.service,
                exchange.operation,
                exchange.status,
                exchange.took.as_millis()
            );
            self.ui.line(&screen.paint.strong(&head));
            for (name, value) in &exchange.request_head {
                self.ui
                    .line(&screen.paint.faint(&format!("{name}: {value}")));
            }
            self.ui.line(&pretty(&exchange.request));
            self.ui.line(&screen.paint.faint("answer"));
            self.ui.line(&pretty(&exchange.response));
        }
        if self.last.exchanges.is_empty() && self.last.log.is_empty() {
            self.ui.line(&self.last.text);
        }
        self.ui.line("");
    }

    /// The keys that only some steps have.
    pub(super) fn extra_keys(&self) -> Vec<String> {
        let mut keys = Vec::new();
        for (aside, key) in [
            (Aside::Console, "c in the console"),
            (Aside::Cost, "$ cost"),
        ] {
            if self.walk.has_passage(Passage::Aside(aside)) {
                keys.push(key.to_owned());
            }
        }
        keys
    }

    /// The words that only some steps have.
    pub(super) fn extra_words(&self) -> Vec<String> {
        let passages = [
            (Passage::Hint, ":hint"),
            (Passage::Aside(Aside::Console), ":console"),
            (Passage::Aside(Aside::Cost), ":cost"),
        ];
        passages
            .into_iter()
            .filter(|(passage, _)| self.walk.has_passage(*passage))
            .map(|(_, word)| word.to_owned())
            .collect()
    }

    pub(super) async fn confirm_again(&mut self, place: Place) -> Event {
        self.show_command(place);
        let screen = self.ui.screen();
        let question = "This command changes something. Run it again?";
        self.ui.line(&screen.paint.warn(question));
        let keys = screen.key_line(&["y yes".to_owned(), "any other key no".to_owned()]);
        self.key(&keys).await
    }

    /// Asks the person something on a thread of its own, so that signals are heard meanwhile.
    /// `None` if the person or the system interrupts.
    pub(super) async fn ask<T: Send + 'static>(
        &mut self,
        question: impl FnOnce() -> Answer<T> + Send + 'static,
    ) -> Option<T> {
        let asking = tokio::task::spawn_blocking(question);
        match self.signals.or_interrupt(asking).await {
            Some(Ok(Answer::Given(value))) => Some(value),
            _ => None,
        }
    }

    pub(super) async fn list(&mut self, here: usize) -> Event {
        let done = self.walk.done();
        let items: Vec<String> = self
            .script
            .steps
            .iter()
            .enumerate()
            .map(|(at, step)| {
                let sign = match at {
                    at if at == here => "▸",
                    _ if done.contains(&step.id) => "✔",
                    _ => " ",
                };
                format!("{sign} {}. {}", at + 1, step.title)
            })
            .collect();
        if self.ui.is_plain() {
            return self.list_in_words(here).await;
        }
        let prompt = "Go to (a step that is done is only looked at; Esc: stay here)";
        match self.ask(move || choose(prompt, &items, here)).await {
            Some(choice) => Event::Chosen(choice),
            None => Event::Interrupted,
        }
    }

    /// The last words.
    pub(super) fn show_end(&mut self, outcome: Outcome) {
        self.pacing.pause();
        let screen = self.ui.screen();
        match outcome {
            Outcome::Completed => {
                let (answered, right) = self.walk.score();
                let what = match self.progress_file {
                    Some(_) => "The demo is finished.",
                    None => "That was the last question of this round.",
                };
                self.ui.line(&screen.paint.good(what));
                if answered > 0 {
                    self.ui.line(&format!(
                        "You answered {right} of {answered} questions right at the first try."
                    ));
                }
                if let Some(next) = self.next_demo() {
                    self.say(&next);
                }
            }
            Outcome::Quit | Outcome::Interrupted => {
                let word = if outcome == Outcome::Quit {
                    ""
                } else {
                    "\nInterrupted. "
                };
                self.ui.line(&format!(
                    "{word}Your progress is kept. To go on: {}",
                    self.resume_command()
                ));
            }
            Outcome::StepFailed | Outcome::CheckFailed | Outcome::PrerequisiteMissing => {
                self.ui.line("The walk stops here.");
            }
        }
        if self.kind != crate::script::TargetKind::Replay && !self.ledger.entries().is_empty() {
            let names: Vec<String> = self
                .ledger
                .entries()
                .iter()
                .map(|entry| format!("{} {}", entry.kind, entry.name))
                .collect();
            let text = format!(
                "Still there: {}. To remove it: {}",
                names.join(", "),
                invocation("cleanup")
            );
            self.ui.line(&wrap(&text, screen.width, "", ""));
        }
    }

    /// Which demo comes after this one, and how to start it.
    fn next_demo(&self) -> Option<String> {
        if !self.mode.asks() || self.progress_file.is_none() {
            return None;
        }
        let scripts = self.repository.scripts();
        let at = scripts
            .iter()
            .position(|script| script.path == self.script.path)?;
        let next = scripts.get(at + 1)?;
        let command = invocation(&format!("run {}", next.id));
        Some(format!("Next: {}. To begin it: {command}", next.title))
    }

    /// What brings the person back to where the walk stands.
    fn resume_command(&self) -> String {
        let target = self.options.choice.to_string();
        if self.progress_file.is_none() {
            return self.options.state.invocation(&self.script.id);
        }
        let id = &self.script.id;
        let mut arguments = Vec::new();
        let has_options = self.options.profile.is_some() || self.options.region.is_some();
        let is_default = target == "local" && id == crate::demos::DEFAULT_DEMO;
        if !is_default || self.mode != Mode::Guide || has_options {
            let is_named = self
                .repository
                .script(id)
                .is_ok_and(|path| path == self.script.path);
            let folder = self.script.directory().to_string_lossy();
            arguments.push("run".to_owned());
            arguments.push(match shlex::try_quote(&folder) {
                Ok(folder) if !is_named => folder.into_owned(),
                _ => id.clone(),
            });
        }
        let mode = match self.mode {
            Mode::Learn => Some("learn"),
            Mode::Stage => Some("stage"),
            Mode::Rehearse => Some("rehearse"),
            Mode::Guide | Mode::Auto => None,
        };
        if let Some(mode) = mode {
            arguments.push(format!("--mode {mode}"));
        }
        if target != "local" {
            arguments.push(format!("--target {target}"));
        }
        for (option, value) in [
            ("--profile", &self.options.profile),
            ("--region", &self.options.region),
        ] {
            if let Some(value) = value
                .as_deref()
                .and_then(|value| shlex::try_quote(value).ok())
            {
                arguments.push(format!("{option} {value}"));
            }
        }
        invocation(&arguments.join(" "))
    }

    /// Wraps a sentence and says it.
    pub(super) fn say(&self, text: &str) {
        let width = self.ui.screen().width;
        self.ui.line(&wrap(text, width, "", ""));
    }

    /// Whether the person can be asked.
    pub(super) fn is_guided(&self) -> bool {
        self.mode.asks()
    }
}

fn pretty(value: &serde_json::Value) -> String {
    serde_json::to_string_pretty(value).unwrap_or_default()
}

/// The key that means yes.
pub(super) fn is_yes(key: Key) -> bool {
    matches!(key, Key::Enter | Key::Char('y' | 'Y'))
}
