//! Lines that are typed instead of keys pressed: commands in learn mode, free answers, and words
//! with a colon that stand for the keys.

use super::Ask;
use super::Effect;
use super::Given;
use super::Key;
use super::Mode;
use super::Saying;
use super::State;
use super::Walk;
use crate::script::Judge;

/// The words, the key that each stands for, and what it does.
pub(crate) const WORDS: [(&str, Key, &str); 16] = [
    ("hint", Key::Char('h'), "a hint"),
    (
        "show",
        Key::Char('x'),
        "the solution of an exercise, or the command again",
    ),
    ("skip", Key::Char('s'), "go on without it"),
    (
        "done",
        Key::Char('d'),
        "you have done the exercise: look whether it worked",
    ),
    ("all", Key::Char('v'), "all of the last output"),
    ("again", Key::Char('r'), "run the step's last command again"),
    (
        "console",
        Key::Char('c'),
        "the same with clicks in the AWS console",
    ),
    ("cost", Key::Char('$'), "what it costs on AWS"),
    ("glossary", Key::Char('g'), "the terms of this step"),
    ("note", Key::Char('n'), "the speaker's note"),
    ("time", Key::Char('t'), "the clock"),
    ("shell", Key::Char('b'), "a shell; exit comes back"),
    ("list", Key::Char('l'), "the steps; go to one"),
    ("next", Key::Right, "look at the next step; nothing runs"),
    ("back", Key::Left, "look at the step before"),
    ("quit", Key::Char('q'), "leave; progress is kept"),
];

/// What was typed.
enum Line {
    Empty,
    Key(Key),
    /// A word with a colon that means nothing.
    Unknown,
    Text(String),
}

impl Line {
    fn read(text: &str) -> Self {
        let text = text.trim();
        if text == "?" {
            return Self::Key(Key::Char('?'));
        }
        let Some(word) = text.strip_prefix(':') else {
            return match text {
                "" => Self::Empty,
                text => Self::Text(text.to_owned()),
            };
        };
        let word = word.trim().to_lowercase();
        if word == "help" || word == "?" {
            return Self::Key(Key::Char('?'));
        }
        // `:q` is the key q; `:gl` is as good as `:glossary` where only one word begins so.
        let mut letters = word.chars();
        if let (Some(letter), None) = (letters.next(), letters.next()) {
            return Self::Key(Key::Char(letter));
        }
        let mut fitting = WORDS.iter().filter(|(name, ..)| name.starts_with(&*word));
        let exact = WORDS.iter().find(|(name, ..)| *name == word);
        match (exact, fitting.next(), fitting.next()) {
            (Some((_, key, _)), ..) | (None, Some((_, key, _)), None) if !word.is_empty() => {
                Self::Key(*key)
            }
            _ => Self::Unknown,
        }
    }
}

impl Walk {
    /// Whether a line is asked for instead of a key.
    pub(super) fn is_typed(&self, ask: Ask) -> bool {
        match ask {
            Ask::Answer => true,
            Ask::Command | Ask::Exercise { .. } => self.mode == Mode::Learn,
            _ => false,
        }
    }

    /// Takes a line that was typed at a question.
    pub(super) fn line(&mut self, ask: Ask, text: &str) -> Vec<Effect> {
        match (Line::read(text), ask) {
            (Line::Key(key), _) => self.key(ask, key),
            (Line::Unknown, _) => self.say(Saying::UnknownWord, ask),
            (Line::Empty, Ask::Command) => self.run(self.item, None),
            (Line::Empty, Ask::Exercise { judge }) => match judge {
                Judge::Check => self.exercise_done(),
                Judge::Output => self.say(Saying::TypeOrShow, ask),
            },
            (Line::Empty, _) => self.say(Saying::TypeAnAnswer, ask),
            (Line::Text(text), Ask::Answer) => self.answer(Given::Text(text)),
            (Line::Text(line), Ask::Exercise { .. }) => self.try_line(line),
            (Line::Text(line), _) => {
                let place = self.place(self.item);
                self.state = State::Judging { ask };
                vec![Effect::Judge { place, line }]
            }
        }
    }

    /// A typed command was held against the script's: what it says runs, or it is asked for again.
    pub(super) fn judged(&mut self, ask: Ask, same: bool) -> Vec<Effect> {
        if same {
            return self.run(self.item, None);
        }
        vec![self.ask(ask)]
    }
}
