//! Who listens to new events, and what waits for them.

use std::sync::Arc;
use std::sync::Mutex;
use std::sync::MutexGuard;
use std::sync::PoisonError;
use std::sync::Weak;

use super::files::Place;
use super::pattern::Pattern;

/// How many events one update has.
const MOST_EVENTS: usize = 500;

/// How many sessions an account may have at once.
const MOST_SESSIONS: usize = 15;

/// How many bytes of messages wait at most.
const MOST_BYTES: usize = 2 * 1024 * 1024;

/// All sessions of StartLiveTail.
#[derive(Clone, Debug, Default)]
pub(super) struct Tails {
    sessions: Arc<Mutex<Vec<Weak<Tail>>>>,
}

/// What one session listens to, and what has come since it last looked.
#[derive(Debug)]
pub(super) struct Tail {
    pub(super) groups: Vec<String>,
    /// Empty: all streams.
    pub(super) stream_names: Vec<String>,
    pub(super) stream_name_prefixes: Vec<String>,
    pub(super) pattern: Pattern,
    waiting: Mutex<Waiting>,
}

/// An event on its way to a session.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(super) struct NewEvent {
    pub(super) group: String,
    pub(super) stream: String,
    pub(super) time: i64,
    pub(super) ingested: i64,
    pub(super) message: String,
}

/// Every `stride`-th event that came: the stride doubles when too many wait.
#[derive(Debug, Default)]
struct Waiting {
    events: Vec<NewEvent>,
    bytes: usize,
    seen: usize,
    skipped_doublings: u32,
}

impl Tails {
    /// Begins to listen; `None` if too many listen already.
    pub(super) fn add(
        &self,
        groups: Vec<String>,
        stream_names: Vec<String>,
        stream_name_prefixes: Vec<String>,
        pattern: Pattern,
    ) -> Option<Arc<Tail>> {
        let tail = Arc::new(Tail {
            groups,
            stream_names,
            stream_name_prefixes,
            pattern,
            waiting: Mutex::default(),
        });
        let mut sessions = self.sessions();
        sessions.retain(|session| session.strong_count() > 0);
        if sessions.len() >= MOST_SESSIONS {
            return None;
        }
        sessions.push(Arc::downgrade(&tail));
        Some(tail)
    }

    /// Whether somebody listens to a stream.
    pub(super) fn want(&self, place: &Place) -> bool {
        let sessions = self.sessions();
        let mut sessions = sessions.iter().filter_map(Weak::upgrade);
        sessions.any(|session| session.wants(place))
    }

    /// Tells those who listen to a stream of new events: time, time of ingestion, message.
    pub(super) fn publish(&self, place: &Place, events: &[(i64, i64, &str)]) {
        let sessions: Vec<Arc<Tail>> = self.sessions().iter().filter_map(Weak::upgrade).collect();
        for session in sessions {
            if session.wants(place) {
                session.take(place, events);
            }
        }
    }

    fn sessions(&self) -> MutexGuard<'_, Vec<Weak<Tail>>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Tail {
    fn wants(&self, place: &Place) -> bool {
        let names = &self.stream_names;
        let prefixes = &self.stream_name_prefixes;
        self.groups.contains(&place.group)
            && (names.is_empty() || names.contains(&place.stream))
            && (prefixes.is_empty()
                || prefixes
                    .iter()
                    .any(|prefix| place.stream.starts_with(prefix)))
    }

    fn take(&self, place: &Place, events: &[(i64, i64, &str)]) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        for (time, ingested, message) in events {
            if self.pattern.matches(message) {
                waiting.add(message.len(), || NewEvent {
                    group: place.group.clone(),
                    stream: place.stream.clone(),
                    time: *time,
                    ingested: *ingested,
                    message: (*message).to_owned(),
                });
            }
        }
    }

    /// What has come since the last time, at most 500 events, and whether there were more.
    pub(super) fn drain(&self) -> (Vec<NewEvent>, bool) {
        let waiting = {
            let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
            std::mem::take(&mut *waiting)
        };
        let Waiting { events, seen, .. } = waiting;
        let held = events.len();
        let sampled = seen > held.min(MOST_EVENTS);
        if held <= MOST_EVENTS {
            return (events, sampled);
        }
        // Evenly spread over all that there are.
        let chosen = events
            .into_iter()
            .enumerate()
            .filter(|(at, _)| at * MOST_EVENTS / held != (at + 1) * MOST_EVENTS / held);
        (chosen.map(|(_, event)| event).collect(), sampled)
    }
}

impl Waiting {
    fn add(&mut self, length: usize, event: impl FnOnce() -> NewEvent) {
        let is_chosen = self.seen.is_multiple_of(1 << self.skipped_doublings);
        self.seen += 1;
        if !is_chosen {
            return;
        }
        self.events.push(event());
        self.bytes += length;
        let too_many = self.events.len() > 2 * MOST_EVENTS || self.bytes > MOST_BYTES;
        if too_many && self.events.len() > 1 && self.skipped_doublings < 30 {
            self.skipped_doublings += 1;
            let mut at = 0;
            self.events.retain(|_| {
                at += 1;
                at % 2 == 1
            });
            self.bytes = self.events.iter().map(|event| event.message.len()).sum();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn more_than_500_events_are_sampled_evenly() {
        let tails = Tails::default();
        let tail = tails
            .add(vec!["g".to_owned()], vec![], vec![], Pattern::default())
            .unwrap();
        let place = Place {
            group: "g".to_owned(),
            stream: "s".to_owned(),
        };
        for count in [500, 501, 999, 100_000] {
            let events: Vec<_> = (0..count).map(|time| (time, time, "m")).collect();
            tails.publish(&place, &events);
            let (sample, sampled) = tail.drain();
            assert_eq!(sampled, count > 500, "{count}");
            assert!(
                sample.len() <= 500 && sample.len() > 240,
                "{}",
                sample.len()
            );
            let gap = count / 240 + 1;
            for pair in sample.windows(2) {
                assert!(pair[1].time > pair[0].time && pair[1].time - pair[0].time <= gap);
            }
        }
        assert_eq!(tail.drain(), (vec![], false));
    }

    #[test]
    fn what_waits_for_a_slow_session_is_bounded() {
        let tails = Tails::default();
        let tail = tails
            .add(vec!["g".to_owned()], vec![], vec![], Pattern::default())
            .unwrap();
        let place = Place {
            group: "g".to_owned(),
            stream: "s".to_owned(),
        };
        let long = "x".repeat(1024 * 1024);
        for time in 0..20 {
            tails.publish(&place, &[(time, time, &long)]);
        }
        let (sample, sampled) = tail.drain();
        assert!(sampled && sample.len() <= 3, "{}", sample.len());
    }
}
