//! What is kept between two runs: how far a walk has come, and what it has created.

mod directory;
mod file;
mod ledger;
mod local_place;
mod mirrors;
mod now;
mod progress;
mod questions;
mod rehearsals;
mod remembered;

pub(crate) use directory::StateDirectory;
pub(crate) use directory::WalkKey;
pub(crate) use file::StateError;
pub(crate) use ledger::Ledger;
pub(crate) use ledger::LedgerEntry;
pub(crate) use ledger::LedgerTarget;
pub(crate) use local_place::LocalPlace;
pub(crate) use mirrors::Mirror;
pub(crate) use now::Now;
pub(crate) use now::NowClock;
pub(crate) use now::NowFile;
pub(crate) use now::running_walk;
pub(crate) use progress::Answered;
pub(crate) use progress::Progress;
pub(crate) use questions::Questions;
pub(crate) use rehearsals::Rehearsal;
pub(crate) use rehearsals::Rehearsals;
pub(crate) use rehearsals::RehearsedStep;
pub(crate) use remembered::RememberedAnswers;
