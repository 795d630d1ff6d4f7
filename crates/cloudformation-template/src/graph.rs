//! The order of things that wait for one another.

use std::collections::BTreeMap;
use std::collections::BTreeSet;

/// The ids so ordered that each comes after those it depends on; otherwise as given. Dependencies
/// that are not among the ids are nothing to wait for.
///
/// # Errors
/// The ids of one circle, in the order given.
pub(crate) fn order<'a>(
    ids: &[&'a str],
    dependencies: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> Result<Vec<&'a str>, Vec<&'a str>> {
    let places: BTreeMap<&str, usize> = ids.iter().copied().zip(0..).collect();
    let mut waiting: Vec<usize> = vec![0; ids.len()];
    let mut waited_for: Vec<Vec<usize>> = vec![Vec::new(); ids.len()];
    for (id, others) in dependencies {
        let Some(place) = places.get(id) else {
            continue;
        };
        for other in others.iter().filter_map(|other| places.get(other)) {
            if let Some(waiting) = waiting.get_mut(*place) {
                *waiting += 1;
            }
            if let Some(waited_for) = waited_for.get_mut(*other) {
                waited_for.push(*place);
            }
        }
    }
    let mut ready: BTreeSet<usize> = (0..ids.len())
        .filter(|place| waiting.get(*place) == Some(&0))
        .collect();
    let mut ordered = Vec::new();
    while let Some(place) = ready.pop_first() {
        ordered.extend(ids.get(place).copied());
        for next in waited_for.get(place).into_iter().flatten() {
            if let Some(waiting) = waiting.get_mut(*next) {
                *waiting -= 1;
                if *waiting == 0 {
                    ready.insert(*next);
                }
            }
        }
    }
    if ordered.len() == ids.len() {
        return Ok(ordered);
    }
    let left: BTreeSet<&str> = ids
        .iter()
        .zip(&waiting)
        .filter(|(_, waiting)| **waiting > 0)
        .map(|(id, _)| *id)
        .collect();
    let members = circle(&left, dependencies);
    Err(ids
        .iter()
        .copied()
        .filter(|id| members.contains(id))
        .collect())
}

/// A circle among ids each of which waits for another one of them.
fn circle<'a>(
    ids: &BTreeSet<&'a str>,
    dependencies: &BTreeMap<&'a str, BTreeSet<&'a str>>,
) -> BTreeSet<&'a str> {
    let next = |id: &str| {
        let others = dependencies.get(id).into_iter().flatten();
        others.copied().find(|other| ids.contains(other))
    };
    let mut path: Vec<&str> = Vec::new();
    let mut seen: BTreeMap<&str, usize> = BTreeMap::new();
    let mut at = ids.first().copied();
    while let Some(id) = at {
        if let Some(begin) = seen.insert(id, path.len()) {
            return path.iter().skip(begin).copied().collect();
        }
        path.push(id);
        at = next(id);
    }
    ids.clone()
}

/// AWS's message about a circle of resources.
pub(crate) fn circular(ids: &[impl AsRef<str>]) -> String {
    let ids: Vec<&str> = ids.iter().map(AsRef::as_ref).collect();
    format!(
        "Circular dependency between resources: [{}]",
        ids.join(", ")
    )
}
