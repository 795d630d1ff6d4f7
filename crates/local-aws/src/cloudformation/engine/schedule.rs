//! Takes steps in order: each after those that it waits for, independent ones at the same time.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;

use crate::error::AwsError;

/// Which steps each step waits for.
pub(super) type WaitsFor = BTreeMap<String, BTreeSet<String>>;

/// What goes on after a step has failed.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(super) enum AfterFailure {
    /// Nothing new begins.
    Stop,
    /// All that does not wait for it.
    GoOn,
}

/// How it went.
#[derive(Debug, Default)]
pub(super) struct Ran {
    /// The steps that failed, in the order of time.
    pub(super) failed: Vec<String>,
    /// Whether it was interrupted.
    pub(super) is_interrupted: bool,
}

/// Takes every step. A step says whether it succeeded; what has begun is always finished. When
/// `interruption` is there, nothing new begins.
///
/// # Errors
///
/// The first error of a step.
pub(super) async fn in_order<F: Future<Output = Result<bool, AwsError>>>(
    mut waits_for: WaitsFor,
    after_failure: AfterFailure,
    step: impl Fn(String) -> F,
    interruption: impl Future<Output = Result<(), AwsError>>,
) -> Result<Ran, AwsError> {
    let known: BTreeSet<String> = waits_for.keys().cloned().collect();
    for others in waits_for.values_mut() {
        others.retain(|other| known.contains(other));
    }
    let mut interruption = std::pin::pin!(interruption);
    let mut running = FuturesUnordered::new();
    let mut ran = Ran::default();
    loop {
        let is_over =
            ran.is_interrupted || (after_failure == AfterFailure::Stop && !ran.failed.is_empty());
        if !is_over {
            let ready: Vec<String> = waits_for
                .iter()
                .filter(|(_, others)| others.is_empty())
                .map(|(id, _)| id.clone())
                .collect();
            for id in ready {
                waits_for.remove(&id);
                let step = step(id.clone());
                running.push(async move { (id, step.await) });
            }
        }
        let next = tokio::select! {
            next = running.next() => next,
            interrupted = &mut interruption, if !ran.is_interrupted => {
                interrupted?;
                ran.is_interrupted = true;
                continue;
            }
        };
        match next {
            Some((id, Ok(true))) => {
                for others in waits_for.values_mut() {
                    others.remove(&id);
                }
            }
            Some((id, Ok(false))) => ran.failed.push(id),
            Some((_, Err(error))) => return Err(error),
            None => return Ok(ran),
        }
    }
}

/// An interruption that never comes.
pub(super) async fn never() -> Result<(), AwsError> {
    std::future::pending().await
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    fn graph(edges: &[(&str, &[&str])]) -> WaitsFor {
        let edges = edges.iter();
        edges
            .map(|(id, others)| {
                let others = others.iter().map(|other| (*other).to_owned()).collect();
                ((*id).to_owned(), others)
            })
            .collect()
    }

    async fn taken(after: AfterFailure, fails: &str) -> (Vec<String>, Ran) {
        let taken = RefCell::new(Vec::new());
        let waits_for = graph(&[
            ("a", &[]),
            ("b", &["a"]),
            ("c", &["b", "not among them"]),
            ("d", &["a"]),
        ]);
        let step = |id: String| {
            taken.borrow_mut().push(id.clone());
            async move { Ok(id != fails) }
        };
        let ran = in_order(waits_for, after, step, never()).await.unwrap();
        (taken.into_inner(), ran)
    }

    #[tokio::test]
    async fn each_step_comes_after_those_that_it_waits_for() {
        let (taken, ran) = taken(AfterFailure::Stop, "").await;
        assert_eq!(taken, ["a", "b", "d", "c"]);
        assert!(ran.failed.is_empty());
    }

    #[tokio::test]
    async fn after_a_failure_nothing_begins_or_only_what_does_not_wait_for_it() {
        let (steps, ran) = taken(AfterFailure::Stop, "a").await;
        assert_eq!((steps.len(), ran.failed.len()), (1, 1));
        let (steps, ran) = taken(AfterFailure::GoOn, "b").await;
        assert_eq!(steps, ["a", "b", "d"]);
        assert_eq!(ran.failed, ["b"]);
    }
}
