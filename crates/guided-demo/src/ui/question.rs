//! How questions, answers and exercises look.

use std::ops::Range;

use pulldown_cmark::Event;
use pulldown_cmark::Parser;
use pulldown_cmark::Tag;
use pulldown_cmark::TagEnd;

use super::Screen;
use crate::script::Answers;
use crate::script::Exercise;
use crate::script::Quiz;
use crate::walk::Given;

impl Screen {
    /// A question with its numbered answers.
    pub(crate) fn quiz(&self, quiz: &Quiz) -> String {
        let mut markdown = format!("{}\n\n", quiz.question);
        for (at, option) in quiz.options().iter().enumerate() {
            let option = option.replace('\n', "\n   ");
            markdown.push_str(&format!("{}. {option}\n", at + 1));
        }
        let title = match &quiz.answers {
            _ if quiz.reveal_later => "What do you expect?",
            Answers::Choice { right, .. } if right.len() > 1 => "Question with several answers",
            Answers::Choice { .. } | Answers::Text { .. } => "Question",
        };
        let title = self.paint.accent(title);
        format!("{title}\n{}", self.prose(&markdown))
    }

    /// The right answer and why. Where the explanation has a passage for each option, the right ones
    /// and those that were chosen come first.
    pub(crate) fn explanation(&self, quiz: &Quiz, given: Option<&Given>) -> String {
        let verdict = self.verdict(quiz, given);
        let Some(parts) = by_option(&quiz.explanation, quiz.options().len()) else {
            return format!("{verdict}\n{}", self.prose(&quiz.explanation));
        };
        let mut text = format!("{verdict}\n");
        if !parts.before.is_empty() {
            text.push_str(&self.prose(&parts.before));
        }
        let is_right = |at: usize| matches!(&quiz.answers, Answers::Choice { right, .. } if right.contains(&at));
        let is_chosen =
            |at: usize| matches!(given, Some(Given::Choices(chosen)) if chosen.contains(at));
        let groups: [(&str, Vec<usize>); 3] = [
            ("", pick(&parts.items, is_right)),
            (
                "You chose",
                pick(&parts.items, |at| !is_right(at) && is_chosen(at)),
            ),
            (
                "The others",
                pick(&parts.items, |at| !is_right(at) && !is_chosen(at)),
            ),
        ];
        for (title, items) in groups {
            if items.is_empty() {
                continue;
            }
            if !title.is_empty() {
                text.push_str(&format!("{}\n", self.paint.faint(&format!("{title}:"))));
            }
            for at in items {
                let item = format!("{}. {}", at + 1, parts.items[at]);
                text.push_str(self.prose(&item).trim_end());
                text.push('\n');
            }
            text.push('\n');
        }
        if !parts.after.is_empty() {
            text.push_str(&self.prose(&parts.after));
        }
        text
    }

    fn verdict(&self, quiz: &Quiz, given: Option<&Given>) -> String {
        let right = match &quiz.answers {
            Answers::Choice { .. } => quiz.right(),
            Answers::Text { answer, .. } => format!("“{answer}”"),
        };
        let several = matches!(&quiz.answers, Answers::Choice { right, .. } if right.len() > 1);
        let verdict = match given {
            None => self.paint.accent(&format!("Answer: {right}")),
            Some(given) if quiz.reveal_later => {
                let is = if several { "The answers are" } else { "It is" };
                self.paint
                    .accent(&format!("You said {given}. {is} {right}."))
            }
            Some(given) if given.is_right(quiz) => self.paint.good(&format!("Right: {right}.")),
            Some(_) => {
                let answer = if several { "answers are" } else { "answer is" };
                self.paint
                    .warn(&format!("Not quite: the {answer} {right}."))
            }
        };
        if !quiz.reveal_later {
            return verdict;
        }
        // What was asked is a while ago.
        let question = quiz.question.split("\n\n").next().unwrap_or_default();
        format!("{}{verdict}", self.prose(question))
    }

    /// What an exercise asks for.
    pub(crate) fn exercise(&self, exercise: &Exercise) -> String {
        let title = self.paint.accent(&format!("Exercise: {}", exercise.title));
        format!("{title}\n{}", self.prose(&exercise.task))
    }

    /// The head of a solution, and what there is to say about it.
    pub(crate) fn solution(&self, title: &str, explanation: &str) -> String {
        let mut text = format!("{}\n", self.paint.accent(title));
        if explanation.trim().is_empty() {
            text.push('\n');
        } else {
            text.push_str(&self.prose(explanation));
        }
        text
    }

    /// What terms mean: faint, below the passage that names them.
    pub(crate) fn definitions(&self, terms: &[(String, String)]) -> String {
        let mut text = String::new();
        for (term, definition) in terms {
            let plain = super::markdown::render(
                &format!("{term}: {definition}"),
                self.width.saturating_sub(2),
                super::Paint::new(false),
            );
            for line in plain.lines() {
                text.push_str(&self.paint.faint(&format!("  {line}")));
                text.push('\n');
            }
        }
        text.push('\n');
        text
    }
}

fn pick(items: &[String], wanted: impl Fn(usize) -> bool) -> Vec<usize> {
    (0..items.len()).filter(|at| wanted(*at)).collect()
}

/// An explanation with a passage for each option.
struct ByOption {
    before: String,
    /// Markdown without the numbers.
    items: Vec<String>,
    after: String,
}

/// Takes an explanation apart at the first numbered list that is as long as the options are.
fn by_option(markdown: &str, options: usize) -> Option<ByOption> {
    let mut depth = 0_usize;
    let mut items: Vec<Range<usize>> = Vec::new();
    for (event, span) in Parser::new(markdown).into_offset_iter() {
        match event {
            Event::Start(Tag::Item) => {
                if depth == 1 {
                    items.push(span);
                }
                depth += 1;
            }
            Event::Start(Tag::List(None)) if depth == 0 => depth = 100,
            Event::Start(_) => {
                if depth == 0 {
                    items.clear();
                }
                depth += 1;
            }
            Event::End(TagEnd::List(_)) if depth == 1 && items.len() == options && options > 0 => {
                let numberless = |item: &Range<usize>| {
                    let text = &markdown[item.clone()];
                    let text = text
                        .trim_start_matches(|c: char| c.is_ascii_digit())
                        .trim_start_matches(['.', ')']);
                    without_verdict(text.trim())
                };
                return Some(ByOption {
                    before: markdown[..span.start].trim().to_owned(),
                    items: items.iter().map(numberless).collect(),
                    after: markdown[span.end..].trim().to_owned(),
                });
            }
            Event::End(TagEnd::List(false)) if depth == 100 => depth = 0,
            Event::End(_) => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

/// The explanation of an option without the word that marks it as right for readers on GitHub: the
/// walk has said so in the line above.
fn without_verdict(text: &str) -> String {
    let rest = ["Right: ", "Right. "]
        .iter()
        .find_map(|verdict| text.strip_prefix(verdict));
    let Some(rest) = rest else {
        return text.to_owned();
    };
    let mut characters = rest.chars();
    match characters.next() {
        Some(first) => first.to_uppercase().chain(characters).collect(),
        None => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::super::Paint;
    use super::super::Screen;
    use super::by_option;
    use crate::script::Answers;
    use crate::script::Exercise;
    use crate::script::Judge;
    use crate::script::Quiz;
    use crate::walk::Ask;
    use crate::walk::Choices;
    use crate::walk::Given;
    use crate::walk::Saying;

    const EXPLANATION: &str = "Two things are needed.

1. Privileged mode gives rights. It starts nothing, whatever the image is made of.
2. Right: CodeBuild replaces the entrypoint.

   So what the image starts by itself does not start.
3. The image has a daemon.

Remember: the build starts it.";

    fn screen(width: usize) -> Screen {
        Screen {
            paint: Paint::new(false),
            width,
            height: 30,
            glyphs: crate::ui::Glyphs::Unicode,
            label: None,
        }
    }

    fn quiz(right: &[usize], reveal_later: bool) -> Quiz {
        Quiz {
            id: None,
            task: None,
            question: "Why does nobody but the buildspec start the daemon in the build container?"
                .to_owned(),
            answers: Answers::Choice {
                options: [
                    "Because privileged mode is on",
                    "Because of the entrypoint",
                    "Because the image has none",
                ]
                .map(str::to_owned)
                .to_vec(),
                right: BTreeSet::from_iter(right.iter().copied()),
            },
            explanation: EXPLANATION.to_owned(),
            proof: Vec::new(),
            reveal_later,
        }
    }

    fn text_quiz() -> Quiz {
        Quiz {
            answers: Answers::Text {
                answer: "privileged mode".to_owned(),
                accept: regex::Regex::new("(?i)^privileged( mode)?$").unwrap(),
            },
            explanation: "Without it the daemon has no rights.".to_owned(),
            ..quiz(&[], false)
        }
    }

    fn whole(width: usize) -> String {
        let screen = screen(width);
        let mut several = Choices::one(0);
        several.toggle(2);
        let ask = Ask::Several {
            options: 3,
            chosen: several,
        };
        let exercise = Exercise {
            title: "Only the image".to_owned(),
            task: "Print the name of the build image, and nothing else, as text.".to_owned(),
            judge: Judge::Check,
            commands: 1,
            explanation: "The image is a field of the environment.".to_owned(),
        };
        let extra = ["c console", "$ cost"].map(str::to_owned);
        [
            screen.quiz(&quiz(&[1], false)),
            screen.explanation(&quiz(&[1], false), Some(&Given::one(0))),
            screen.explanation(&quiz(&[1], false), Some(&Given::one(1))),
            screen.quiz(&quiz(&[0, 2], false)),
            screen.keys(ask, None, 0, &extra),
            "\n".to_owned(),
            screen.explanation(&quiz(&[0, 2], false), Some(&Given::Choices(several))),
            screen.explanation(&quiz(&[0, 2], true), Some(&Given::one(0))),
            screen.explanation(&text_quiz(), Some(&Given::Text("root".to_owned()))),
            screen.keys(Ask::Proof { item: 0 }, None, 0, &[]),
            "\n".to_owned(),
            screen.exercise(&exercise),
            screen.keys(
                Ask::Exercise {
                    judge: Judge::Check,
                },
                None,
                0,
                &[],
            ),
            "\n".to_owned(),
            screen.solution("The solution", &exercise.explanation),
            screen.keys(Ask::Unsolved, None, 0, &[]),
            "\n".to_owned(),
            screen.saying(Saying::Words),
            screen.definitions(&[(
                "ARN".to_owned(),
                "The *name* of a thing on AWS that is the same everywhere and belongs to this thing alone.".to_owned(),
            )]),
        ]
        .concat()
    }

    #[test]
    fn every_question_fits_sixty_and_eighty_columns() {
        for width in [60, 80] {
            let text = whole(width);
            assert!(
                text.lines().all(|line| line.chars().count() <= width),
                "{text}"
            );
            insta::assert_snapshot!(format!("question_{width}"), text);
        }
    }

    #[test]
    fn an_explanation_by_option_is_known_by_its_length() {
        let parts = by_option(EXPLANATION, 3).unwrap();
        assert_eq!(parts.before, "Two things are needed.");
        assert_eq!(parts.items.len(), 3);
        assert!(parts.items[1].ends_with("does not start."));
        assert_eq!(parts.after, "Remember: the build starts it.");
        assert!(by_option(EXPLANATION, 2).is_none());
        assert!(by_option("- a\n- b", 2).is_none());
        assert!(by_option("- a\n  1. x\n  2. y", 2).is_none());
        assert!(by_option("1. a\n   1. x\n   2. y\n2. b", 2).is_some());
    }

    #[test]
    fn a_free_answer_is_judged_by_the_pattern() {
        let quiz = text_quiz();
        assert!(Given::Text(" Privileged ".to_owned()).is_right(&quiz));
        assert!(!Given::Text("root".to_owned()).is_right(&quiz));
    }
}
