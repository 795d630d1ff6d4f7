//! What terms mean: below the passage that links them first, and on a key.

use std::collections::BTreeSet;

use super::Driver;
use crate::script::GLOSSARY;
use crate::script::Glossary;
use crate::script::Script;
use crate::script::linked_terms;
use crate::walk::Event;

/// The glossary, and which of its terms have come up.
#[derive(Debug, Default)]
pub(super) struct Terms {
    glossary: Glossary,
    /// In the whole walk.
    seen: BTreeSet<String>,
    /// In the current step, in order.
    here: Vec<String>,
}

impl Terms {
    /// The glossary beside the demo's folder; an empty one if there is none.
    pub(super) fn of(script: &Script) -> Self {
        let file = script.directory().join("..").join(GLOSSARY);
        Self {
            glossary: Glossary::load(&file).unwrap_or_default(),
            ..Self::default()
        }
    }

    /// A step begins.
    pub(super) fn begin_step(&mut self) {
        self.here.clear();
    }

    /// The terms that a passage links for the first time, with their definitions.
    fn new_in(&mut self, markdown: &str) -> Vec<(String, String)> {
        let mut new = Vec::new();
        for anchor in linked_terms(markdown) {
            if !self.here.contains(&anchor) {
                self.here.push(anchor.clone());
            }
            if self.seen.insert(anchor.clone()) {
                new.extend(self.explained(&anchor));
            }
        }
        new
    }

    fn explained(&self, anchor: &str) -> Option<(String, String)> {
        let term = self.glossary.terms().iter();
        let term = term.clone().find(|term| term.anchor == anchor)?;
        Some((term.name.clone(), term.definition.clone()))
    }

    /// The terms of the current step so far.
    fn in_step(&self) -> Vec<(String, String)> {
        self.here
            .iter()
            .filter_map(|anchor| self.explained(anchor))
            .collect()
    }
}

impl Driver {
    /// A rendered passage with the definitions of the terms that its Markdown links for the first
    /// time. A step that is only looked at explains nothing: the walk is still to come there.
    pub(super) fn with_definitions(&mut self, text: String, markdown: &str) -> String {
        if self.looking || !self.is_guided() {
            return text;
        }
        let terms = self.terms.new_in(markdown);
        if terms.is_empty() {
            return text;
        }
        text + &self.ui.screen().definitions(&terms)
    }

    /// The terms of the step so far. Answers an event if the person interrupts.
    pub(super) async fn show_glossary(&mut self) -> Option<Event> {
        let screen = self.ui.screen();
        let terms = self.terms.in_step();
        if terms.is_empty() {
            self.say("This step has linked no term of the glossary so far.");
            self.ui.line("");
            return None;
        }
        let list: String = terms
            .iter()
            .map(|(name, definition)| format!("**{name}**: {definition}\n\n"))
            .collect();
        let text = format!(
            "{}\n{}",
            screen.paint.accent("Terms of this step"),
            screen.prose(&list)
        );
        match self.show_text(&text).await {
            Some(()) => None,
            None => Some(Event::Interrupted),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Terms;
    use crate::script::Glossary;

    #[test]
    fn a_term_is_explained_once_a_walk_and_listed_in_each_step() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("glossary.md");
        std::fs::write(&file, "# Glossary\n\n## Phase\n\nA part of a build.\n").unwrap();
        let mut terms = Terms {
            glossary: Glossary::load(&file).unwrap(),
            ..Terms::default()
        };
        let passage = "Each [phase](../glossary.md#phase) and [what](../glossary.md#what).";
        let phase = [("Phase".to_owned(), "A part of a build.".to_owned())];
        assert_eq!(terms.new_in(passage), phase);
        assert_eq!(terms.new_in(passage), []);
        assert_eq!(terms.in_step(), phase);
        terms.begin_step();
        assert_eq!(terms.in_step(), []);
        assert_eq!(terms.new_in(passage), []);
        assert_eq!(terms.in_step(), phase);
    }
}
