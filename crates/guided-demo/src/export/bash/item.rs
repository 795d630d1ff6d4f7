//! What each item of a step becomes.

use std::path::Path;

use super::WIDTH;
use super::files::shown;
use super::quote::heredoc;
use crate::drive::bare_pattern;
use crate::export::pattern;
use crate::export::pattern::Dialect;
use crate::export::pattern::translate;
use crate::script::Answers;
use crate::script::Check;
use crate::script::Command;
use crate::script::Expectation;
use crate::script::ItemKind;
use crate::script::Quiz;
use crate::script::Step;
use crate::script::TargetKind;
use crate::script::Watch;
use crate::script::bash_literal;
use crate::ui::Paint;
use crate::ui::render_markdown;

/// Writes the items of one step.
pub(super) struct Items<'a> {
    directory: &'a Path,
    target: TargetKind,
    /// Predictions that were not explained yet, with the variables that hold their answers.
    predictions: Vec<(String, &'a Quiz)>,
    asked: usize,
    /// The last item of a solution that is being written, and what to say after it.
    solved: Option<(usize, &'a str)>,
}

impl<'a> Items<'a> {
    /// Nothing is written yet.
    pub(super) fn new(directory: &'a Path, target: TargetKind) -> Self {
        Self {
            directory,
            target,
            predictions: Vec::new(),
            asked: 0,
            solved: None,
        }
    }

    /// Everything that happens in the step.
    pub(super) fn write(mut self, step: &'a Step) -> String {
        let mut text = String::new();
        for (at, item) in step.items.iter().enumerate() {
            if !item.is_for(self.target) {
                continue;
            }
            text.push_str(&self.item(&item.kind));
            if let ItemKind::Exercise(exercise) = &item.kind {
                self.solved = Some((at + exercise.commands, &exercise.explanation));
            }
            if let Some((last, explanation)) = self.solved
                && at >= last
            {
                self.solved = None;
                text.push_str(&say_if_any(explanation));
            }
        }
        if let Some((_, explanation)) = self.solved.take() {
            text.push_str(&say_if_any(explanation));
        }
        text.push_str(&self.reveal());
        text
    }

    fn item(&mut self, item: &'a ItemKind) -> String {
        match item {
            ItemKind::Prose(text) => say(text),
            ItemKind::Show(path) => {
                let name = shown(path, self.directory);
                format!("show_file {}\n\n", bash_literal(&name))
            }
            ItemKind::Command(command) => self::command(command),
            ItemKind::Watch(watch) => self::watch(watch),
            ItemKind::Check(check) => self::check(check),
            ItemKind::Quiz(quiz) => self.quiz(quiz),
            ItemKind::Reveal => self.reveal(),
            ItemKind::Exercise(exercise) => {
                let task = say(&format!(
                    "**Exercise: {}**\n\n{}",
                    exercise.title, exercise.task
                ));
                format!("{task}{WAIT_FOR_SOLUTION}")
            }
            // What a key opens, what is for the speaker, and what `prepare_aws` has looked at.
            ItemKind::Hint(_) | ItemKind::Aside(..) | ItemKind::Note(_) | ItemKind::Doctor => {
                String::new()
            }
        }
    }

    fn quiz(&mut self, quiz: &'a Quiz) -> String {
        let mut question = format!("**Question**\n\n{}\n\n", quiz.question);
        for (at, option) in quiz.options().iter().enumerate() {
            let option = option.replace('\n', "\n   ");
            question.push_str(&format!("{}. {option}\n", at + 1));
        }
        if let Answers::Choice { right, .. } = &quiz.answers
            && right.len() > 1
        {
            question.push_str(&format!("\nChoose {}.\n", right.len()));
        }
        let mut text = format!("{}ask_question\n", say_lines(&question));
        if quiz.reveal_later {
            self.asked += 1;
            let variable = format!("prediction_{}", self.asked);
            text.push_str(&format!("{variable}=$answer\n"));
            self.predictions.push((variable, quiz));
        } else {
            text.push_str(&explanation(quiz, "answer"));
        }
        when_interactive(&text)
    }

    fn reveal(&mut self) -> String {
        let predictions = std::mem::take(&mut self.predictions);
        let texts = predictions.iter().map(|(variable, quiz)| {
            let question = format!("You were asked: {}", quiz.question);
            format!("{}{}", say_lines(&question), explanation(quiz, variable))
        });
        match texts.collect::<String>().as_str() {
            "" => String::new(),
            texts => when_interactive(texts),
        }
    }
}

const WAIT_FOR_SOLUTION: &str = "\
if [ \"$interactive\" = yes ]; then
  read -r -p 'Enter: see and run the solution. ' _ || exit 130
fi

";

fn when_interactive(text: &str) -> String {
    // Not indented: here-documents are in it.
    format!("if [ \"$interactive\" = yes ]; then\n{text}fi\n\n")
}

fn say(markdown: &str) -> String {
    format!("{}\n", say_lines(markdown))
}

fn say_if_any(markdown: &str) -> String {
    match markdown.trim() {
        "" => String::new(),
        markdown => say(markdown),
    }
}

fn say_lines(markdown: &str) -> String {
    heredoc("say", &render_markdown(markdown, WIDTH, Paint::new(false)))
}

fn explanation(quiz: &Quiz, variable: &str) -> String {
    let verdict = match &quiz.answers {
        Answers::Choice { right, .. } => {
            let digits: String = right.iter().map(|at| (at + 1).to_string()).collect();
            format!("right_choice {digits} {}", bash_literal(&quiz.right()))
        }
        Answers::Text { answer, accept } => {
            let pattern = translate(pattern::answer(accept), Dialect::Posix).unwrap_or_default();
            format!(
                "right_text {} {}",
                bash_literal(&pattern),
                bash_literal(answer)
            )
        }
    };
    format!(
        "{verdict} \"${variable}\"\n{}",
        say_lines(&quiz.explanation)
    )
}

fn command(command: &Command) -> String {
    let mut text = heredoc("show_command", &command.text);
    if let Some(resource) = &command.creates {
        let name = bash_literal(&format!("{} ", resource.kind));
        text.push_str(&format!(
            "will_create {name}{} {}\n",
            resource.name.bash_word(),
            resource.remove.bash_words()
        ));
    }
    match (&command.expect_failure, &command.line.assign) {
        (Some(failure), _) => {
            let code = bash_literal(failure.code.as_deref().unwrap_or_default());
            let words = command.line.bash_words();
            text.push_str(&format!("expect_failure {code} {words}\n"));
        }
        (None, Some(name)) => {
            text.push_str(&format!("{}\n", checked(&command.text)));
            text.push_str(&format!("printf '{name} is %s\\n\\n' \"${name}\"\n"));
        }
        (None, None) => {
            text.push_str(&format!("{}\n", checked(&command.text)));
            if command.line.redirect.is_none() {
                text.push_str("printf '\\n'\n");
            }
        }
    }
    text.push('\n');
    text
}

/// The command as it stands in the demo, with what happens when it fails.
fn checked(text: &str) -> String {
    if text.contains('#') {
        // What stands behind a comment would belong to it.
        return format!("{{\n{text}\n}} || step_failed");
    }
    format!("{text} || step_failed")
}

fn watch(watch: &Watch) -> String {
    format!(
        "watch_build {} {} {} {}\n\n",
        watch.build.bash_word(),
        bash_literal(&watch.expect),
        bash_literal(watch.phase.as_deref().unwrap_or_default()),
        bash_literal(watch.code.as_deref().unwrap_or_default())
    )
}

fn check(check: &Check) -> String {
    let (how, expected) = match &check.expect {
        Expectation::Text(text) => ("text", text.bash_word()),
        Expectation::Pattern(pattern) => {
            // A pattern that bash cannot read accepts what it gets.
            let pattern = translate(bare_pattern(pattern), Dialect::Posix);
            ("pattern", bash_literal(&pattern.unwrap_or_default()))
        }
    };
    let retries = check.retries.map(|retries| retries.to_string());
    format!(
        "check {} {how} {expected} {} {} {} {}\n\n",
        bash_literal(&check.title),
        check.timeout.as_secs_f64().ceil(),
        check.delay.as_secs_f64(),
        bash_literal(&retries.unwrap_or_default()),
        check.command.bash_words()
    )
}
