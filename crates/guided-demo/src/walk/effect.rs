//! What the walk asks the driver to do.

use super::Choices;
use super::Given;
use super::Passage;
use crate::script::Judge;

/// An item of a step.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct Place {
    /// Counted from 0.
    pub(crate) step: usize,
    /// Counted from 0.
    pub(crate) item: usize,
}

/// Something to do. Those that end in an event are the last of their batch.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) enum Effect {
    /// Show the head of a step that begins.
    ShowStep { step: usize },
    /// Show the head of a step that is only looked at.
    ShowLook { step: usize },
    /// Say that the walk is back at a step.
    ShowBack { step: usize },
    /// Show prose, a file or a hint.
    Show(Place),
    /// Show a command that is about to run, and what it does.
    ShowCommand(Place),
    /// Type a command out, as a person would.
    TypeCommand(Place),
    /// Show a command that is not about to run.
    ShowCommandOnly(Place),
    /// Show a question and its answers.
    ShowQuiz(Place),
    /// Show the right answer and why; `given` is what the student said.
    Explain { place: Place, given: Option<Given> },
    /// Show what an exercise asks for.
    ShowExercise(Place),
    /// Say that the solution of an exercise follows, and explain it.
    ShowSolution(Place),
    /// Say that an exercise is solved, and explain its solution.
    ShowSolved(Place),
    /// Show what the terms of the step mean that have come up.
    ShowGlossary,
    /// Show the last command's whole output.
    ShowAll,
    /// Say something short.
    Say(Saying),
    /// Show the clock, or hide it.
    ToggleClock,
    /// Show the line of keys, or hide it.
    ToggleKeys,
    /// Stay at a step that is over for as long as it should be seen.
    Linger,
    /// Write progress down.
    Save,
    /// Ask for a key: ends in [`super::Event::Key`].
    AskKey(Ask),
    /// Ask for a line: ends in [`super::Event::Line`], or in [`super::Event::Key`] if there is none.
    AskLine(Ask),
    /// Hold a typed line against the command of an item, and run it if it only looks at something
    /// else: ends in [`super::Event::Judged`].
    Judge { place: Place, line: String },
    /// Run a line that was typed at an exercise: ends in [`super::Event::Tried`].
    Try { place: Place, line: String },
    /// Run the commands that show that answers are right: ends in [`super::Event::Proved`].
    Prove(Vec<Place>),
    /// Ask for a key while looking: ends in [`super::Event::Key`].
    AskLooking,
    /// Ask whether to run a command again that changes things: ends in [`super::Event::Key`].
    ConfirmAgain(Place),
    /// Show the list of steps: ends in [`super::Event::Chosen`].
    List { here: usize },
    /// Find a variable's value: ends in [`super::Event::Resolved`].
    Resolve(String),
    /// Run a command: ends in [`super::Event::Ran`].
    Run(Place),
    /// Watch a build: ends in [`super::Event::Watched`].
    Watch(Place),
    /// Look at the world: ends in [`super::Event::Checked`].
    Check(Place),
    /// Look at what is needed: ends in [`super::Event::Doctored`].
    Doctor,
    /// Open a shell for the person: ends in [`super::Event::CameBack`].
    BreakOut,
    /// Play this step from the recording: ends in [`super::Event::FellBack`].
    FallBack,
    /// The walk is over.
    Finish(Outcome),
}

/// What a key is asked for.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Ask {
    /// Whether to run the command that is shown.
    Command,
    /// The answer of a quiz.
    Quiz { options: usize },
    /// The answers of a quiz that has several.
    Several { options: usize, chosen: Choices },
    /// A free answer.
    Answer,
    /// Whether to see the proof of what was explained at an item.
    Proof { item: usize },
    /// The solution of an exercise.
    Exercise { judge: Judge },
    /// Whether to go on to the next step.
    StepEnd,
    /// What to do about a failure.
    Failed,
    /// What to do about an exercise that is not solved.
    Unsolved,
    /// Whether to type the next command out.
    Type,
    /// Whether to show the answer of a question to the room.
    Reveal,
}

/// Something short to say.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Saying {
    /// What each key does.
    Keys,
    /// What each word means where lines are typed.
    Words,
    /// The step has no such passage.
    NoPassage(Passage),
    /// The step has no speaker's note.
    NoNote,
    /// Nothing has run in this step.
    NothingRun,
    /// The key does nothing here.
    UnknownKey,
    /// The quiz has no such answer.
    NoSuchAnswer { options: usize },
    /// None of several answers is chosen yet.
    NothingChosen,
    /// An answer is kept, to be explained later.
    Noted,
    /// Such a word is not known.
    UnknownWord,
    /// A free answer is empty.
    TypeAnAnswer,
    /// An exercise goes on until something is typed.
    TypeOrShow,
    /// Something was skipped.
    Skipped,
    /// There is no step before.
    FirstStep,
    /// There is no step after.
    LastStep,
    /// The key does nothing while looking.
    OnlyLooking,
    /// The recording is for what failed.
    NothingFailed,
    /// The step has no text.
    NoProse,
}

/// How a walk ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Outcome {
    /// To the end.
    Completed,
    /// The student left.
    Quit,
    /// Ctrl-C, or a signal.
    Interrupted,
    /// A command or a build failed and nobody was there to ask.
    StepFailed,
    /// A check failed and nobody was there to ask.
    CheckFailed,
    /// Something that is needed is missing and nobody was there to ask.
    PrerequisiteMissing,
}
