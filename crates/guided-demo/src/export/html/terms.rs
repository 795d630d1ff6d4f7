//! Which terms of the glossary a page links to.

use std::collections::BTreeSet;
use std::path::Path;

use crate::script::Glossary;
use crate::script::Term;
use crate::script::is_glossary;

/// The glossary, and what of it the page uses.
#[derive(Debug, Default)]
pub(super) struct Terms {
    glossary: Glossary,
    used: BTreeSet<String>,
}

impl Terms {
    /// Reads the glossary; without one there are no terms.
    pub(super) fn load(path: &Path) -> Self {
        Self {
            glossary: Glossary::load(path).unwrap_or_default(),
            used: BTreeSet::new(),
        }
    }

    /// The anchor of a link into the glossary, whose term is then used.
    pub(super) fn use_link(&mut self, destination: &str) -> Option<String> {
        let (path, anchor) = destination.split_once('#')?;
        if !is_glossary(path) || self.glossary.definition(anchor).is_none() {
            return None;
        }
        self.used.insert(anchor.to_owned());
        Some(anchor.to_owned())
    }

    /// The used terms, in the glossary's order.
    pub(super) fn used(&self) -> Vec<Term> {
        let terms = self.glossary.terms().iter();
        terms
            .filter(|term| self.used.contains(&term.anchor))
            .cloned()
            .collect()
    }
}
