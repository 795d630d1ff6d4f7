//! Practice: questions of all demos, asked again when it is time to.
//!
//! Pure: which question comes next, and what an answer changes, depend on what is passed in alone.

mod bank;
mod choose;
mod round;
mod schedule;
mod score;

pub(crate) use bank::Bank;
pub(crate) use bank::Question;
pub(crate) use bank::question_name;
pub(crate) use choose::Choice;
pub(crate) use choose::choose;
pub(crate) use round::script_of;
pub(crate) use schedule::Card;
pub(crate) use score::Score;
