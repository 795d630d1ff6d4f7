//! Colour, by meaning. Colour is never the only thing that carries the meaning. Only colours of the
//! terminal's own palette that can be read on light and on dark backgrounds.

use console::Style;

/// Paints or leaves text as it is.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Paint {
    on: bool,
}

impl Paint {
    /// Paints if `on`.
    pub(crate) const fn new(on: bool) -> Self {
        Self { on }
    }

    fn apply(self, style: Style, text: &str) -> String {
        if self.on && !text.is_empty() {
            style.force_styling(true).apply_to(text).to_string()
        } else {
            text.to_owned()
        }
    }

    pub(crate) fn strong(self, text: &str) -> String {
        self.apply(Style::new().bold(), text)
    }

    pub(crate) fn emphasis(self, text: &str) -> String {
        self.apply(Style::new().italic(), text)
    }

    pub(crate) fn faint(self, text: &str) -> String {
        self.apply(Style::new().dim(), text)
    }

    pub(crate) fn code(self, text: &str) -> String {
        self.apply(Style::new().cyan(), text)
    }

    pub(crate) fn accent(self, text: &str) -> String {
        self.apply(Style::new().cyan().bold(), text)
    }

    pub(crate) fn good(self, text: &str) -> String {
        self.apply(Style::new().green().bold(), text)
    }

    pub(crate) fn bad(self, text: &str) -> String {
        self.apply(Style::new().red().bold(), text)
    }

    pub(crate) fn warn(self, text: &str) -> String {
        // Yellow cannot be read on a light background.
        self.apply(Style::new().magenta().bold(), text)
    }

    pub(crate) fn reverse(self, text: &str) -> String {
        self.apply(Style::new().reverse(), text)
    }
}
