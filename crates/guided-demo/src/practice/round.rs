//! A round of practice as a script of its own, so that it is walked as any demo is: one step a
//! question.

use std::path::Path;

use super::bank::Question;
use crate::script::Item;
use crate::script::ItemKind;
use crate::script::Script;
use crate::script::Step;

/// The script of a round. `folder` is where the commands of proofs run.
pub(crate) fn script_of(questions: &[&Question], title: &str, folder: &Path) -> Script {
    let total = questions.len();
    let steps = questions
        .iter()
        .enumerate()
        .map(|(at, question)| {
            let mut quiz = question.quiz.clone();
            quiz.id = Some(question.name.clone());
            Step {
                id: question.name.clone(),
                title: head(question, at + 1, total),
                minutes: 2,
                items: vec![Item {
                    targets: Vec::new(),
                    kind: ItemKind::Quiz(quiz),
                }],
            }
        })
        .collect();
    Script {
        id: "practice".to_owned(),
        path: folder.join("demo.md"),
        files: Vec::new(),
        title: title.to_owned(),
        order: None,
        variables: Vec::new(),
        steps,
    }
}

fn head(question: &Question, number: usize, total: usize) -> String {
    let about = match (question.domain(), &question.quiz.task) {
        (Some(domain), Some(task)) => format!(" · task {task} · {}", domain.name),
        _ => String::new(),
    };
    format!("Question {number} of {total}{about}")
}
