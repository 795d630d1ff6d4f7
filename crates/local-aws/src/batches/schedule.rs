//! Which builds of a batch may begin, and what their ends mean for the batch.

use crate::codebuild::BuildGroup;

/// The builds of a batch and how far they are.
#[derive(Debug)]
pub(super) struct Schedule {
    members: Vec<Member>,
    fast_fail: bool,
}

#[derive(Debug)]
struct Member {
    depends_on: Vec<usize>,
    ignore_failure: bool,
    state: State,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum State {
    Waiting,
    Running,
    Succeeded,
    Failed,
}

impl Schedule {
    /// Groups whose build has succeeded before a retry count as done.
    pub(super) fn new(groups: &[BuildGroup], fast_fail: bool) -> Self {
        let position = |name: &String| groups.iter().position(|group| group.identifier == *name);
        let members = groups
            .iter()
            .map(|group| Member {
                depends_on: group.depends_on.iter().filter_map(position).collect(),
                ignore_failure: group.ignore_failure,
                state: match &group.current_build_summary {
                    Some(build) if build.build_status == "SUCCEEDED" => State::Succeeded,
                    _ => State::Waiting,
                },
            })
            .collect();
        Self { members, fast_fail }
    }

    /// The builds that may begin now. They count as running from here on.
    pub(super) fn begin(&mut self) -> Vec<usize> {
        let done: Vec<bool> = self.members.iter().map(Member::lets_others_begin).collect();
        let may_begin = |member: &Member| {
            let all = member.depends_on.iter();
            member.state == State::Waiting
                && all.copied().all(|on| done.get(on).copied().unwrap_or(true))
        };
        let mut begun = Vec::new();
        for (index, member) in self.members.iter_mut().enumerate() {
            if may_begin(member) {
                member.state = State::Running;
                begun.push(index);
            }
        }
        begun
    }

    /// A build is over.
    pub(super) fn ended(&mut self, index: usize, succeeded: bool) {
        if let Some(member) = self.members.get_mut(index) {
            member.state = if succeeded {
                State::Succeeded
            } else {
                State::Failed
            };
        }
    }

    /// Whether the other builds are to be stopped.
    pub(super) fn fails_fast(&self) -> bool {
        self.fast_fail && self.members.iter().any(Member::has_failed)
    }

    /// Whether the batch has failed, as far as one knows now.
    pub(super) fn has_failed(&self) -> bool {
        self.members.iter().any(Member::has_failed)
    }
}

impl Member {
    /// Failed in a way that counts.
    fn has_failed(&self) -> bool {
        self.state == State::Failed && !self.ignore_failure
    }

    fn lets_others_begin(&self) -> bool {
        self.state == State::Succeeded || (self.state == State::Failed && self.ignore_failure)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn group(identifier: &str, depends_on: &[&str]) -> BuildGroup {
        BuildGroup {
            identifier: identifier.to_owned(),
            depends_on: depends_on.iter().map(|&name| name.to_owned()).collect(),
            ..BuildGroup::default()
        }
    }

    #[test]
    fn a_build_waits_for_all_that_it_depends_on() {
        let groups = [
            group("deploy", &["test", "lint"]),
            group("test", &["lint"]),
            group("lint", &[]),
        ];
        let mut schedule = Schedule::new(&groups, false);
        assert_eq!(schedule.begin(), [2]);
        assert!(schedule.begin().is_empty());
        schedule.ended(2, true);
        assert_eq!(schedule.begin(), [1]);
        schedule.ended(1, true);
        assert_eq!(schedule.begin(), [0]);
        schedule.ended(0, true);
        assert!(!schedule.has_failed());
    }

    #[test]
    fn what_depends_on_a_failure_never_begins() {
        let groups = [group("a", &[]), group("b", &["a"]), group("c", &[])];
        let mut schedule = Schedule::new(&groups, false);
        assert_eq!(schedule.begin(), [0, 2]);
        schedule.ended(0, false);
        assert!(schedule.begin().is_empty());
        assert!(schedule.has_failed() && !schedule.fails_fast());
    }

    #[test]
    fn an_ignored_failure_lets_others_begin() {
        let mut first = group("a", &[]);
        first.ignore_failure = true;
        let mut schedule = Schedule::new(&[first, group("b", &["a"])], true);
        assert_eq!(schedule.begin(), [0]);
        schedule.ended(0, false);
        assert_eq!(schedule.begin(), [1]);
        assert!(!schedule.has_failed() && !schedule.fails_fast());
        schedule.ended(1, false);
        assert!(schedule.has_failed() && schedule.fails_fast());
    }
}
