//! Showing, and asking for a key.

use super::Driver;
use crate::invocation::invocation;
use crate::script::Aside;
use crate::script::ItemKind;
use crate::ui::Answer;
use crate::ui::StepHead;
use crate::ui::choose;
use crate::ui::read_key;
use crate::ui::wrap;
use crate::walk::Ask;
use crate::walk::Event;
use crate::walk::Key;
use crate::walk::Mode;
use crate::walk::Outcome;
use crate::walk::Passage;
use crate::walk::Place;

impl Driver {
    pub(super) fn show_step(&mut self, step: usize, looking: bool) {
        let Some(shown) = self.script.steps.get(step) else {
            return;
        };
        let head = StepHead {
            demo: &self.script.title,
            title: &shown.title,
            number: step + 1,
            total: self.script.steps.len(),
            done: self.walk.done().len(),
            minutes: shown.minutes,
            looking,
        };
        if self.mode.asks() {
            self.ui.clear();
        } else {
            self.ui.line("");
        }
        self.ui.out(&self.ui.screen().head(&head));
        self.unread = 4;
        self.looking = looking;
        if !looking {
            self.terms.begin_step();
            self.last = super::LastOutput::default();
        }
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
        let rows = text.lines().count();
        let screen = self.ui.screen();
        if self.is_guided()
            && self.unread > 0
            && self.unread + rows > screen.height.saturating_sub(3)
        {
            let keys = screen.key_line(&["⏎ more".to_owned()]);
            self.ui.out(&keys);
            self.ask(read_key).await?;
            self.ui.out("\x1b[1A\x1b[0J");
            self.unread = 0;
        }
        self.unread += rows;
        self.ui.out(text);
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

    pub(super) fn show_command(&self, place: Place) {
        if let Some(ItemKind::Command(command)) = self.kind(place) {
            let screen = self.ui.screen();
            self.ui.out(&match self.mode {
                Mode::Learn => screen.command_to_type(&command.text),
                _ => screen.command(&command.text),
            });
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

    pub(super) async fn ask_key(&mut self, ask: Ask) -> Event {
        let screen = self.ui.screen();
        let (step, _) = self.walk.position();
        let next = self
            .script
            .steps
            .get(step + 1)
            .map(|step| step.title.as_str());
        let keys = screen.keys(ask, next, self.last.hidden, &self.extra_keys());
        self.key(&keys).await
    }

    /// The keys that only some steps have.
    fn extra_keys(&self) -> Vec<String> {
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

    pub(super) async fn ask_looking(&mut self) -> Event {
        let keys = self.ui.screen().looking_keys();
        self.key(&keys).await
    }

    pub(super) async fn confirm_again(&mut self, place: Place) -> Event {
        self.show_command(place);
        let screen = self.ui.screen();
        let question = "This command changes something. Run it again?";
        self.ui.line(&screen.paint.warn(question));
        let keys = screen.key_line(&["y yes".to_owned(), "any other key no".to_owned()]);
        self.key(&keys).await
    }

    /// Shows a line of keys, waits for a key, and takes the line away again.
    async fn key(&mut self, keys: &str) -> Event {
        let screen = self.ui.screen();
        let label = screen.label.as_ref().map(|label| screen.label_line(label));
        let shown = format!("{}{keys}", label.unwrap_or_default());
        self.ui.out(&shown);
        self.key_lines = shown.lines().count();
        let event = match self.ask(read_key).await {
            Some(key) => Event::Key(key),
            None => Event::Interrupted,
        };
        self.unread = 0;
        if event != Event::Interrupted {
            self.ui.out(&format!("\x1b[{}A\x1b[0J", self.key_lines));
        }
        event
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
        let prompt = "Go to (a step that is done is only looked at; Esc: stay here)";
        match self.ask(move || choose(prompt, &items, here)).await {
            Some(choice) => Event::Chosen(choice),
            None => Event::Interrupted,
        }
    }

    /// The last words.
    pub(super) fn show_end(&self, outcome: Outcome) {
        let screen = self.ui.screen();
        match outcome {
            Outcome::Completed => {
                let (answered, right) = self.walk.score();
                self.ui.line(&screen.paint.good("The demo is finished."));
                if answered > 0 {
                    self.ui.line(&format!(
                        "You answered {right} of {answered} questions right at the first try."
                    ));
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

    /// What brings the person back to where the walk stands.
    fn resume_command(&self) -> String {
        let target = self.options.choice.to_string();
        let id = &self.script.id;
        let mut arguments = Vec::new();
        let has_options = self.options.profile.is_some() || self.options.region.is_some();
        let is_default = target == "local" && id == crate::demos::DEFAULT_DEMO;
        if !is_default || self.mode == Mode::Learn || has_options {
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
        if self.mode == Mode::Learn {
            arguments.push("--mode learn".to_owned());
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
