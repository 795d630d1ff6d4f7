//! All questions that have an id, of all demos.

use crate::exam_guide::Domain;
use crate::script::ItemKind;
use crate::script::Quiz;
use crate::script::Script;

/// A question of a demo.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    /// `DEMO/ID`, unique.
    pub(crate) name: String,
    /// The question itself.
    pub(crate) quiz: Quiz,
}

/// All questions.
#[derive(Clone, Debug, Default)]
pub(crate) struct Bank {
    pub(crate) questions: Vec<Question>,
}

impl Bank {
    /// Takes the questions of a demo.
    pub(crate) fn add(&mut self, script: &Script) {
        for item in script.steps.iter().flat_map(|step| &step.items) {
            if let ItemKind::Quiz(quiz) = &item.kind
                && let Some(id) = &quiz.id
                // A prediction is about a build that the walk is going to run.
                && !quiz.reveal_later
            {
                self.questions.push(Question {
                    name: question_name(&script.id, id),
                    quiz: quiz.clone(),
                });
            }
        }
    }
}

/// The name of a demo's question in the history.
pub(crate) fn question_name(demo: &str, id: &str) -> String {
    format!("{demo}/{id}")
}

impl Question {
    /// The domain of the exam guide that it belongs to.
    pub(crate) fn domain(&self) -> Option<&'static Domain> {
        Domain::of_task(self.quiz.task.as_deref()?)
    }
}
