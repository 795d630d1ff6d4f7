//! A stack on the screen: what would change, what happens, why it failed, what it gives out.

use std::collections::BTreeMap;
use std::time::Duration;

use codebuild_core::Change;
use codebuild_core::StackEvent;
use codebuild_core::StackFailure;
use codebuild_core::StackOutput;
use codebuild_core::StackResource;
use indicatif::MultiProgress;
use indicatif::ProgressBar;
use indicatif::ProgressDrawTarget;
use indicatif::ProgressStyle;
use jiff::Timestamp;

use super::Screen;
use super::Ui;
use super::screen::clip;
use super::wrap;

/// Shows the events of a stack as they come: a line a resource with its state and its time, or a
/// line an event where nothing can be drawn.
pub(crate) struct StackView {
    ui: Ui,
    live: Option<MultiProgress>,
    rows: Vec<Row>,
    events: Vec<StackEvent>,
    /// Whether nothing is shown: somebody reads JSON.
    silent: bool,
}

struct Row {
    logical_id: String,
    line: String,
    bar: Option<ProgressBar>,
}

impl StackView {
    /// A view of what begins now. A silent one shows nothing and only keeps the events.
    pub(crate) fn new(ui: &Ui, silent: bool) -> Self {
        let draws = ui.draws() && !silent;
        Self {
            ui: ui.clone(),
            live: draws.then(|| MultiProgress::with_draw_target(ProgressDrawTarget::stdout())),
            rows: Vec::new(),
            events: Vec::new(),
            silent,
        }
    }

    /// All events so far.
    pub(crate) fn events(&self) -> &[StackEvent] {
        &self.events
    }

    /// Shows an event.
    pub(crate) fn show(&mut self, event: StackEvent) {
        if !self.silent {
            if self.live.is_some() {
                self.draw(&event);
            } else {
                self.ui.line(&event_line(&event));
            }
        }
        self.events.push(event);
    }

    fn draw(&mut self, event: &StackEvent) {
        let screen = self.ui.screen();
        let known = self
            .rows
            .iter()
            .position(|row| row.logical_id == event.logical_id);
        let at = known.unwrap_or(self.rows.len());
        if known.is_none() {
            let bar = self.live.as_ref().map(|live| {
                let bar = live.add(ProgressBar::new_spinner());
                bar.enable_steady_tick(Duration::from_millis(100));
                bar
            });
            self.rows.push(Row {
                logical_id: event.logical_id.clone(),
                line: String::new(),
                bar,
            });
        }
        let seconds = self.seconds_since_start(event);
        let Some(row) = self.rows.get_mut(at) else {
            return;
        };
        row.line = self
            .ui
            .shown(&resource_line(event, seconds, &screen))
            .into_owned();
        let Some(bar) = &row.bar else {
            return;
        };
        if event.status.ends_with("_IN_PROGRESS") {
            let style = ProgressStyle::with_template("  {spinner} {wide_msg} {elapsed}");
            let style = style.unwrap_or_else(|_| ProgressStyle::default_spinner());
            bar.set_style(style.tick_chars(self.ui.glyphs().spinner()));
        } else {
            let style = ProgressStyle::with_template(&format!(
                "  {} {{wide_msg}}",
                self.ui.glyphs().shown(sign(&event.status))
            ));
            bar.set_style(style.unwrap_or_else(|_| ProgressStyle::default_spinner()));
        }
        bar.set_message(row.line.clone());
    }

    fn seconds_since_start(&self, event: &StackEvent) -> Option<i64> {
        if event.status.ends_with("_IN_PROGRESS") {
            return None;
        }
        // What was in progress before was something else: a creation before its rollback.
        let verb = event.status.split('_').next()?;
        let first = self.events.iter().rev().find(|earlier| {
            earlier.logical_id == event.logical_id
                && earlier.status == format!("{verb}_IN_PROGRESS")
                && earlier.reason.as_deref() != Some("Resource creation Initiated")
        })?;
        Some(event.at.as_second() - first.at.as_second())
    }

    /// Takes the drawn part away and leaves lines that stay.
    pub(crate) fn finish(&mut self) {
        let Some(live) = self.live.take() else {
            return;
        };
        for row in &self.rows {
            if let Some(bar) = &row.bar {
                bar.finish_and_clear();
            }
        }
        // Nothing is lost if the terminal has gone away.
        let _ = live.clear();
        let mut last = BTreeMap::new();
        for event in &self.events {
            last.insert(&event.logical_id, &event.status);
        }
        for row in &self.rows {
            let status = last.get(&row.logical_id).map_or("", |status| status);
            self.ui.line(&format!("  {} {}", sign(status), row.line));
        }
    }
}

fn sign(status: &str) -> &'static str {
    let bad = status.contains("FAILED") || status.contains("ROLLBACK");
    if bad { "✘" } else { "✔" }
}

/// A resource's last event, for a line that is drawn over.
fn resource_line(event: &StackEvent, seconds: Option<i64>, screen: &Screen) -> String {
    let mut line = format!("{:<22} {}", event.logical_id, event.status);
    if let Some(seconds) = seconds.filter(|seconds| *seconds > 0) {
        line.push_str(&format!("  {seconds} s"));
    }
    if let Some(reason) = &event.reason
        && event.status.contains("FAILED")
    {
        line.push_str(&format!("  {reason}"));
    }
    clip(&line, screen.width.saturating_sub(14))
}

/// An event as a line of its own.
pub(crate) fn event_line(event: &StackEvent) -> String {
    let mut line = format!(
        "{}  {:<20}  {} ({})",
        time_of_day(event.at),
        event.status,
        event.logical_id,
        event.resource_type
    );
    if let Some(reason) = &event.reason {
        line.push_str(&format!("  {reason}"));
    }
    line
}

fn time_of_day(at: Timestamp) -> String {
    at.strftime("%H:%M:%S").to_string()
}

impl Screen {
    /// What a change set would do, a line a resource.
    pub(crate) fn changes(&self, changes: &[Change]) -> String {
        let widest = |text: fn(&Change) -> &str| {
            let lengths = changes.iter().map(|change| text(change).chars().count());
            lengths.max().unwrap_or_default()
        };
        let ids = widest(|change| &change.logical_id);
        let types = widest(|change| &change.resource_type);
        let mut text = String::new();
        for change in changes {
            let (sign, action) = match change.action.as_str() {
                "Add" => (self.paint.good("+"), "create"),
                "Remove" => (self.paint.bad("-"), "delete"),
                "Modify" => (self.paint.warn("~"), "change"),
                "Import" => (self.paint.accent("<"), "import"),
                _ => (self.paint.warn("?"), "decide then"),
            };
            let replacement = match change.replacement.as_deref() {
                Some("True") => self
                    .paint
                    .bad("  replaced: a new one is made, then this one deleted"),
                Some("Conditional") => self.paint.warn("  perhaps replaced"),
                _ => String::new(),
            };
            text.push_str(&format!(
                "  {sign} {action:<6}  {:<ids$}  {:<types$}{replacement}",
                change.logical_id, change.resource_type
            ));
            text.truncate(text.trim_end().len());
            text.push('\n');
            if !change.targets.is_empty() {
                let targets = change.targets.join(", ");
                let indent = " ".repeat(12);
                text.push_str(
                    &self
                        .paint
                        .faint(&wrap(&targets, self.width, &indent, &indent)),
                );
                text.push('\n');
            }
        }
        text
    }

    /// Why resources failed and what to do.
    pub(crate) fn stack_failures(&self, failures: &[StackFailure]) -> String {
        let mut text = String::new();
        for failure in failures {
            let what = format!(
                "{} ({}): {}",
                failure.logical_id, failure.resource_type, failure.status
            );
            let rows = [
                ("What failed", what.as_str()),
                ("CloudFormation", &failure.reason),
                ("Why", failure.why.unwrap_or_default()),
                ("What to do", failure.fix),
            ];
            for (name, value) in rows {
                if value.is_empty() {
                    continue;
                }
                let indent = " ".repeat(18);
                let filled = wrap(value, self.width, &indent, &indent);
                let label = self.paint.accent(&format!("  {name:<15} "));
                text.push_str(&format!("{label}{}\n", filled.trim_start()));
            }
            text.push('\n');
        }
        text
    }

    /// The resources of a stack.
    pub(crate) fn stack_resources(&self, resources: &[StackResource]) -> String {
        let widest = |text: fn(&StackResource) -> &str| {
            let lengths = resources.iter().map(|found| text(found).chars().count());
            lengths.max().unwrap_or_default()
        };
        let ids = widest(|found| &found.logical_id);
        let states = widest(|found| &found.status);
        let mut text = String::new();
        for found in resources {
            let physical_id = found.physical_id.as_deref().unwrap_or("-");
            text.push_str(&format!(
                "  {} {:<ids$}  {:<states$}  {physical_id}\n",
                sign(&found.status),
                found.logical_id,
                found.status
            ));
        }
        text
    }

    /// What a stack gives out: what to know, then what to try, each command on a line of its own so
    /// that it can be copied.
    pub(crate) fn stack_outputs(&self, outputs: &[StackOutput]) -> String {
        let (commands, values): (Vec<_>, Vec<_>) = outputs
            .iter()
            .partition(|output| output.value.starts_with("aws "));
        let mut text = String::new();
        if !values.is_empty() {
            text.push_str(&format!("{}\n", self.paint.accent("Outputs")));
            for output in values {
                text.push_str(&format!("  {} = {}\n", output.key, output.value));
            }
        }
        if !commands.is_empty() {
            text.push_str(&format!("{}\n", self.paint.accent("What to try next")));
            for output in commands {
                let description = match output.description.is_empty() {
                    true => &output.key,
                    false => &output.description,
                };
                text.push_str(&format!(
                    "  {description}:\n    {}\n",
                    self.paint.code(&output.value)
                ));
            }
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use codebuild_core::Change;
    use codebuild_core::StackEvent;
    use codebuild_core::StackOutput;
    use codebuild_core::explain_stack_failure;
    use jiff::Timestamp;

    use super::StackView;
    use super::resource_line;
    use crate::ui::Glyphs;
    use crate::ui::Paint;
    use crate::ui::Screen;
    use crate::ui::Shown;
    use crate::ui::Tee;
    use crate::ui::Ui;

    fn screen() -> Screen {
        Screen {
            paint: Paint::new(false),
            width: 80,
            height: 24,
            label: None,
            glyphs: Glyphs::Unicode,
        }
    }

    fn event(second: i64, logical_id: &str, status: &str, reason: Option<&str>) -> StackEvent {
        StackEvent {
            id: format!("{logical_id}-{second}"),
            at: Timestamp::from_second(1_767_225_600 + second).unwrap(),
            logical_id: logical_id.to_owned(),
            physical_id: None,
            resource_type: match logical_id {
                "demo" => "AWS::CloudFormation::Stack",
                "Project" => "AWS::CodeBuild::Project",
                _ => "AWS::IAM::Role",
            }
            .to_owned(),
            status: status.to_owned(),
            reason: reason.map(str::to_owned),
            is_stack: logical_id == "demo",
        }
    }

    fn failed_creation() -> Vec<StackEvent> {
        vec![
            event(0, "demo", "CREATE_IN_PROGRESS", Some("User Initiated")),
            event(1, "ServiceRole", "CREATE_IN_PROGRESS", None),
            event(
                2,
                "ServiceRole",
                "CREATE_IN_PROGRESS",
                Some("Resource creation Initiated"),
            ),
            event(19, "ServiceRole", "CREATE_COMPLETE", None),
            event(20, "Project", "CREATE_IN_PROGRESS", None),
            event(
                21,
                "Project",
                "CREATE_FAILED",
                Some(
                    "CodeBuild is not authorized to perform: sts:AssumeRole on \
                     arn:aws:iam::123456789012:role/service-role/demo-ServiceRole (Service: \
                     AWSCodeBuild; Status Code: 400; Error Code: InvalidInputException)",
                ),
            ),
            event(
                22,
                "demo",
                "ROLLBACK_IN_PROGRESS",
                Some(
                    "The following resource(s) failed to create: [Project]. Rollback requested by user.",
                ),
            ),
            event(30, "demo", "ROLLBACK_COMPLETE", None),
        ]
    }

    #[test]
    fn events_are_plain_lines_where_nothing_is_drawn() {
        let tee = Tee::default();
        let mut view = StackView::new(&Ui::unseen(&tee, 80, 24), false);
        for event in failed_creation() {
            view.show(event);
        }
        view.finish();
        let text: String = tee
            .drain()
            .into_iter()
            .filter_map(|(_, shown)| match shown {
                Shown::Text(text) => Some(text),
                Shown::Mark(_) => None,
            })
            .collect();
        insta::assert_snapshot!(text);
    }

    #[test]
    fn a_failure_is_explained() {
        let failures = explain_stack_failure(&failed_creation());
        insta::assert_snapshot!(screen().stack_failures(&failures));
    }

    #[test]
    fn a_resources_time_is_that_of_its_creation() {
        let mut view = StackView::new(&Ui::unseen(&Tee::default(), 80, 24), true);
        let events = failed_creation();
        for event in &events[..3] {
            view.show(event.clone());
        }
        let seconds = view.seconds_since_start(&events[3]);
        assert_eq!(
            resource_line(&events[3], seconds, &screen()),
            "ServiceRole            CREATE_COMPLETE  18 s"
        );
    }

    #[test]
    fn changes_and_outputs_can_be_read() {
        let change = |action: &str, logical_id: &str, replacement: Option<&str>| Change {
            action: action.to_owned(),
            logical_id: logical_id.to_owned(),
            physical_id: None,
            resource_type: "AWS::S3::Bucket".to_owned(),
            replacement: replacement.map(str::to_owned),
            targets: match replacement {
                Some(_) => vec!["Properties.BucketName".to_owned(), "Tags".to_owned()],
                None => Vec::new(),
            },
        };
        let output = |key: &str, value: &str, description: &str| StackOutput {
            key: key.to_owned(),
            value: value.to_owned(),
            description: description.to_owned(),
        };
        let screen = screen();
        let mut text = screen.changes(&[
            change("Add", "Bucket", None),
            change("Modify", "LogBucket", Some("True")),
            change("Modify", "Other", Some("False")),
            change("Remove", "Old", None),
        ]);
        text.push_str(&screen.stack_outputs(&[
            output("ProjectName", "demo", "The CodeBuild project"),
            output(
                "StartBuild",
                "aws codebuild start-build --project-name demo",
                "Start a build",
            ),
        ]));
        insta::assert_snapshot!(text);
    }
}
