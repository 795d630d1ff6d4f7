//! What the driver tells the walk.

/// Something happened.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Event {
    /// The driver is ready.
    Begin,
    /// A key was pressed at a question.
    Key(Key),
    /// A line was typed at a question.
    Line(String),
    /// A typed line was held against the script's command.
    Judged {
        /// Whether it means the same.
        same: bool,
    },
    /// A line that was typed at an exercise has run.
    Tried {
        /// Whether it solves the exercise.
        solved: bool,
        /// The variables that have a value now.
        assigned: Vec<String>,
    },
    /// The proof is over.
    Proved,
    /// A step was chosen from the list, or none.
    Chosen(Option<usize>),
    /// A variable has a value now.
    Resolved(String),
    /// A variable has no value and gets none; the reason has been said.
    Unresolved,
    /// A command is over; `ok` if it ended as the script expects.
    Ran {
        /// Whether it ended as expected.
        ok: bool,
    },
    /// A watched build is over.
    Watched {
        /// Whether it ended as the script expects.
        as_expected: bool,
    },
    /// A check is over.
    Checked {
        /// Whether the world is as expected.
        passed: bool,
    },
    /// The doctor has looked.
    Doctored {
        /// Whether everything that is needed is there.
        ready: bool,
    },
    /// Ctrl-C, or a signal.
    Interrupted,
}

/// A key.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Key {
    /// Enter, or space.
    Enter,
    /// The arrow to the left.
    Left,
    /// The arrow to the right.
    Right,
    /// Escape.
    Escape,
    /// A character.
    Char(char),
    /// Any other key.
    Other,
}
