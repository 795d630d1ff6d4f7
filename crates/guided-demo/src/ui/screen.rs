//! How each part of a walk looks: text in, text out.

use super::Paint;
use super::markdown::render;
use crate::script::Aside;
use crate::script::Judge;
use crate::walk::Ask;
use crate::walk::Passage;
use crate::walk::Saying;

/// The size and the colours to write for.
#[derive(Clone, Debug)]
pub(crate) struct Screen {
    /// Whether to colour.
    pub(crate) paint: Paint,
    /// In columns.
    pub(crate) width: usize,
    /// In rows.
    pub(crate) height: usize,
    /// Stands at the top of each screen of a replay.
    pub(crate) label: Option<String>,
}

/// What stands at the top of a step.
#[derive(Clone, Debug)]
pub(crate) struct StepHead<'a> {
    /// The demo's title.
    pub(crate) demo: &'a str,
    /// The step's title.
    pub(crate) title: &'a str,
    /// Counted from 1.
    pub(crate) number: usize,
    /// How many steps there are.
    pub(crate) total: usize,
    /// How many steps are done.
    pub(crate) done: usize,
    /// How long the step is planned to take.
    pub(crate) minutes: u32,
    /// Whether the step is only looked at.
    pub(crate) looking: bool,
}

impl Screen {
    /// Markdown, wrapped, with an empty line after it.
    pub(crate) fn prose(&self, markdown: &str) -> String {
        format!("{}\n\n", render(markdown, self.width, self.paint))
    }

    /// The top of a step.
    pub(crate) fn head(&self, head: &StepHead<'_>) -> String {
        let mut text = String::new();
        if let Some(label) = &self.label {
            text.push_str(&self.label_line(label));
        }
        let filled = head.done * 12 / head.total.max(1);
        let bar = format!("{}{}", "━".repeat(filled), "─".repeat(12 - filled));
        let place = format!("Step {} of {}", head.number, head.total);
        let minutes = match head.minutes {
            1 => "about 1 minute".to_owned(),
            minutes => format!("about {minutes} minutes"),
        };
        text.push_str(&self.paint.faint(&clip(head.demo, self.width)));
        text.push('\n');
        text.push_str(&format!(
            "{}  {}\n",
            self.paint.accent(&bar),
            self.paint.faint(&format!("{place} · {minutes}"))
        ));
        text.push('\n');
        text.push_str(&self.paint.strong(&clip(head.title, self.width)));
        text.push('\n');
        if head.looking {
            let note = "Only looking: nothing here runs.";
            text.push_str(&self.paint.warn(note));
            text.push('\n');
        }
        text.push('\n');
        text
    }

    /// The label of a replay, over the whole width.
    pub(crate) fn label_line(&self, label: &str) -> String {
        let label = clip(label, self.width.saturating_sub(2));
        let line = format!(" {label:<width$} ", width = self.width.saturating_sub(2));
        format!("{}\n", self.paint.reverse(&line))
    }

    /// A command as it stands in the script.
    pub(crate) fn command(&self, text: &str) -> String {
        let mut lines = text.lines();
        let first = lines.next().unwrap_or_default();
        let mut shown = format!("{} {}\n", self.paint.good("$"), self.paint.strong(first));
        for line in lines {
            shown.push_str(&format!("  {}\n", self.paint.strong(line)));
        }
        shown.push('\n');
        shown
    }

    /// A command that is to be typed: faint, so that what is typed stands out.
    pub(crate) fn command_to_type(&self, text: &str) -> String {
        let mut shown = format!("{}\n", self.paint.accent("Type this command:"));
        for line in text.lines() {
            shown.push_str(&format!("  {}\n", self.paint.faint(line)));
        }
        shown.push('\n');
        shown
    }

    /// The words that do something where a line is typed; `extra` are those that only some steps
    /// have.
    pub(crate) fn words_now(&self, ask: Ask, extra: &[String]) -> String {
        let first: &[&str] = match ask {
            Ask::Command => &["⏎ alone runs it"],
            Ask::Exercise {
                judge: Judge::Check,
            } => &["⏎ or :done looks", ":show solution"],
            Ask::Exercise { .. } => &[":show solution"],
            _ => &[],
        };
        let mut words: Vec<String> = first.iter().map(|&word| word.to_owned()).collect();
        words.extend_from_slice(extra);
        words.extend([":skip", ":help all words", ":quit"].map(str::to_owned));
        self.key_line(&words)
    }

    /// The keys that do something now. Always shown when a key is asked for.
    /// `extra` are those that only some steps have.
    pub(crate) fn keys(
        &self,
        ask: Ask,
        next: Option<&str>,
        more: usize,
        extra: &[String],
    ) -> String {
        let enter = match (ask, next) {
            (Ask::Command, _) => "⏎ run".to_owned(),
            (Ask::Quiz { options }, _) => format!("1-{options} answer"),
            (Ask::Several { options, chosen }, _) if chosen.is_empty() => {
                format!("1-{options} choose several")
            }
            (Ask::Several { options, chosen }, _) => {
                format!("1-{options} choose: {chosen} chosen · ⏎ hand in")
            }
            (Ask::Answer, _) => "⏎ answer".to_owned(),
            (Ask::Proof { .. }, _) => "⏎ go on · p prove it".to_owned(),
            (
                Ask::Exercise {
                    judge: Judge::Output,
                },
                _,
            ) => "⏎ show the solution".to_owned(),
            (
                Ask::Exercise {
                    judge: Judge::Check,
                },
                _,
            ) => "⏎ show the solution · d done, check it".to_owned(),
            (Ask::Failed, _) => "⏎ try again".to_owned(),
            (Ask::Unsolved, _) => "⏎ back to the exercise · x show the solution".to_owned(),
            (Ask::StepEnd, Some(next)) => format!("⏎ next: {}", clip(next, 30)),
            (Ask::StepEnd, None) => "⏎ next".to_owned(),
        };
        let mut keys = vec![enter];
        if more > 0 {
            keys.push("v all of it".to_owned());
        }
        keys.extend_from_slice(extra);
        let rest = [
            "→ ahead",
            "← back",
            "l list",
            "r run again",
            "h hint",
            "s skip",
            "?",
            "q quit",
        ];
        keys.extend(rest.map(str::to_owned));
        self.key_line(&keys)
    }

    /// The keys while looking at another step.
    pub(crate) fn looking_keys(&self) -> String {
        let keys = ["→ ahead", "← back", "⏎ return", "l list", "q quit"];
        self.key_line(&keys.map(str::to_owned))
    }

    /// A line of keys, broken between two keys where it has to be.
    pub(crate) fn key_line(&self, keys: &[String]) -> String {
        let mut lines = vec![String::new()];
        for key in keys {
            let line = lines.last().map_or(0, |line| line.chars().count());
            if line > 0 && line + 3 + key.chars().count() > self.width {
                lines.push(String::new());
            }
            if let Some(line) = lines.last_mut() {
                if !line.is_empty() {
                    line.push_str(" · ");
                }
                line.push_str(key);
            }
        }
        let painted: Vec<String> = lines.iter().map(|line| self.paint.faint(line)).collect();
        format!("{}\n", painted.join("\n"))
    }

    /// Something short.
    pub(crate) fn saying(&self, saying: Saying) -> String {
        let text = match saying {
            Saying::Keys => return self.help(),
            Saying::Words => return self.words(),
            Saying::NoPassage(Passage::Hint) => "This step has no hint.".to_owned(),
            Saying::NoPassage(Passage::Aside(Aside::Console)) => {
                "This step says nothing about the AWS console.".to_owned()
            }
            Saying::NoPassage(Passage::Aside(Aside::Cost)) => {
                "This step says nothing about costs.".to_owned()
            }
            Saying::NothingChosen => {
                "Choose with the numbers first; ⏎ hands in what is chosen.".to_owned()
            }
            Saying::Noted => "Noted. You will see whether it comes so.".to_owned(),
            Saying::UnknownWord => "There is no such word. :help lists all.".to_owned(),
            Saying::TypeAnAnswer => "Type an answer, or :skip to go on without one.".to_owned(),
            Saying::TypeOrShow => {
                "Type a command, or :show to see the solution, or :skip to go on.".to_owned()
            }
            Saying::NoNote => "This step has no speaker's note.".to_owned(),
            Saying::NothingRun => {
                "Nothing has run in this step yet, so there is nothing to run again.".to_owned()
            }
            Saying::UnknownKey => "That key does nothing here. Press ? to see all keys.".to_owned(),
            Saying::NoSuchAnswer { options } => {
                format!("Press a number from 1 to {options}, or s to skip the question.")
            }
            Saying::Skipped => "Skipped.".to_owned(),
            Saying::FirstStep => "This is the first step.".to_owned(),
            Saying::LastStep => "This is the last step.".to_owned(),
            Saying::OnlyLooking => {
                "You are only looking. Press ⏎ to return to where you were.".to_owned()
            }
        };
        format!("{}\n\n", wrap(&text, self.width, "", ""))
    }

    /// What each key does.
    fn help(&self) -> String {
        let rows = [
            (
                "⏎, space",
                "do what the line of keys says: run, go on, try again",
            ),
            ("1 to 9", "answer a question"),
            ("→ ←", "look at the next or previous step; nothing runs"),
            ("l", "list the steps; go to one"),
            ("r", "run the last command of this step again"),
            ("h", "show a hint; again: the next one"),
            ("c", "show the same with clicks in the AWS console"),
            ("$", "show what it costs on AWS"),
            ("g", "show the terms of this step"),
            ("n", "show the speaker's note"),
            (
                "v",
                "show all of the last output, and what crossed the wire",
            ),
            ("s", "skip a command or a question"),
            ("q, Esc", "leave; progress is kept"),
            (
                "Ctrl-C",
                "while a build runs: stop the build; twice: leave at once",
            ),
        ];
        self.rows(&rows)
    }

    /// What each word does where lines are typed.
    fn words(&self) -> String {
        let mut rows = vec![("⏎ alone", "run the command as it is shown")];
        let words: Vec<(String, &str)> = crate::walk::WORDS
            .iter()
            .map(|(word, _, what)| (format!(":{word}"), *what))
            .collect();
        rows.extend(words.iter().map(|(word, what)| (word.as_str(), *what)));
        rows.push(("Ctrl-C", "drop the line; on an empty line: leave"));
        rows.push(("Ctrl-D", "leave; progress is kept"));
        self.rows(&rows)
    }

    fn rows(&self, rows: &[(&str, &str)]) -> String {
        let mut text = String::new();
        for (key, what) in rows {
            let first = format!("  {key:<10}");
            text.push_str(&wrap(what, self.width, &first, "            "));
            text.push('\n');
        }
        text.push('\n');
        text
    }
}

/// Wraps text at spaces only, so that no option of a command is torn apart.
pub(crate) fn wrap(text: &str, width: usize, first: &str, rest: &str) -> String {
    let options = textwrap::Options::new(width)
        .initial_indent(first)
        .subsequent_indent(rest)
        .break_words(false)
        .word_splitter(textwrap::WordSplitter::NoHyphenation)
        .word_separator(textwrap::WordSeparator::AsciiSpace);
    textwrap::fill(text, options)
}

/// The text, cut with an ellipsis if it is wider than `width` columns.
pub(super) fn clip(text: &str, width: usize) -> String {
    if unicode_width::UnicodeWidthStr::width(text) <= width {
        return text.to_owned();
    }
    let mut clipped = String::new();
    let mut used = 1;
    for c in text.chars() {
        used += unicode_width::UnicodeWidthChar::width(c).unwrap_or(0);
        if used > width {
            break;
        }
        clipped.push(c);
    }
    clipped.push('…');
    clipped
}

#[cfg(test)]
mod tests {
    use super::Paint;
    use super::Screen;
    use super::StepHead;
    use crate::script::Quiz;
    use crate::walk::Ask;
    use crate::walk::Given;
    use crate::walk::Saying;

    fn screen(width: usize) -> Screen {
        Screen {
            paint: Paint::new(false),
            width,
            height: 24,
            label: Some("RECORDING of 2026-11-22: nothing runs".to_owned()),
        }
    }

    fn whole(width: usize) -> String {
        let screen = screen(width);
        let quiz = Quiz {
            question: "Why does the project need **privileged mode**, although nothing in its own code asks for it?".to_owned(),
            answers: crate::script::Answers::Choice {
                options: vec!["It does not".to_owned(), "The Docker daemon mounts file systems and makes network interfaces".to_owned()],
                right: [1].into(),
            },
            id: None,
            task: None,
            proof: Vec::new(),
            reveal_later: false,
            explanation: "Both need rights that a container usually lacks.".to_owned(),
        };
        let head = StepHead {
            demo: "Docker in Docker on CodeBuild",
            title: "Create the project",
            number: 2,
            total: 9,
            done: 1,
            minutes: 3,
            looking: false,
        };
        [
            screen.head(&head),
            screen.command("aws codebuild create-project \\\n    --name \"$PROJECT_NAME\""),
            screen.keys(Ask::Command, None, 12, &[]),
            "\n".to_owned(),
            screen.quiz(&quiz),
            screen.keys(Ask::Quiz { options: 2 }, None, 0, &[]),
            "\n".to_owned(),
            screen.explanation(&quiz, Some(&Given::one(0))),
            screen.keys(Ask::StepEnd, Some("List your projects"), 0, &[]),
            screen.looking_keys(),
            screen.saying(Saying::Keys),
        ]
        .concat()
    }

    #[test]
    fn every_part_fits_sixty_and_eighty_columns() {
        for width in [60, 80] {
            let text = whole(width);
            assert!(
                text.lines().all(|line| line.chars().count() <= width),
                "{text}"
            );
            insta::assert_snapshot!(format!("screen_{width}"), text);
        }
    }

    #[test]
    fn a_title_that_is_too_wide_is_cut() {
        assert_eq!(super::clip("abcdef", 4), "abc…");
        assert_eq!(super::clip("日本語", 4), "日…");
        assert_eq!(super::clip("abc", 3), "abc");
    }
}
