//! What was shown and when, for those who keep it.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::PoisonError;
use std::time::Instant;

/// One thing that was shown.
#[derive(Clone, Debug)]
pub(crate) enum Shown {
    /// Text as it is, colours included.
    Text(String),
    /// A step begins: its title.
    Mark(String),
}

/// Takes what a [`Ui`](super::Ui) writes. Clones share what they took.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tee {
    taken: Arc<Mutex<Vec<(Instant, Shown)>>>,
}

impl Tee {
    pub(super) fn take_in(&self, shown: Shown) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.push((Instant::now(), shown));
    }

    /// Everything since the last time this was asked.
    pub(crate) fn drain(&self) -> Vec<(Instant, Shown)> {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::take(&mut *taken)
    }
}
