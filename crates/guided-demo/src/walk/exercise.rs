//! Exercises: the student finds out by typing; the solution is there for those who want it.

use super::Ask;
use super::Busy;
use super::Effect;
use super::Mode;
use super::Saying;
use super::Walk;
use crate::script::Exercise;
use crate::script::ItemKind;
use crate::script::Judge;

impl Walk {
    fn exercise_at(&self, item: usize) -> Option<&Exercise> {
        match &self.item_at(item)?.kind {
            ItemKind::Exercise(exercise) => Some(exercise),
            _ => None,
        }
    }

    /// Where the solution of an exercise ends.
    fn after_solution(&self, item: usize) -> usize {
        let commands = self
            .exercise_at(item)
            .map_or(0, |exercise| exercise.commands);
        item + 1 + commands
    }

    /// Comes to an exercise.
    pub(super) fn exercise(&mut self, judge: Judge) -> Vec<Effect> {
        let place = self.place(self.item);
        if self.mode.asks() {
            return vec![
                Effect::ShowExercise(place),
                self.ask(Ask::Exercise { judge }),
            ];
        }
        self.item += 1;
        let mut effects = vec![Effect::ShowExercise(place), Effect::ShowSolution(place)];
        effects.extend(self.advance());
        effects
    }

    /// A variable that the student, or the solution, needs and that has no value yet.
    pub(super) fn unknown_in_exercise(&self, item: usize) -> Option<&str> {
        self.exercise_at(item)?;
        (item + 1..self.after_solution(item))
            .filter_map(|at| self.item_at(at))
            .flat_map(crate::script::Item::variables)
            .find(|name| !self.known.contains(*name) && self.script.variable(name).is_some())
    }

    /// Goes on with the commands of the solution.
    pub(super) fn solution(&mut self, item: usize) -> Vec<Effect> {
        let place = self.place(item);
        self.unsolved = None;
        self.item = item + 1;
        let mut effects = vec![Effect::Save, Effect::ShowSolution(place)];
        effects.extend(self.advance());
        effects
    }

    /// Goes on behind the solution, and behind the check that would ask for its result.
    pub(super) fn skip_exercise(&mut self, judge: Judge) -> Vec<Effect> {
        self.item = self.after_solution(self.item);
        let check = self.check_of(self.item);
        if let (Judge::Check, Some(check)) = (judge, check) {
            self.item = check + 1;
        }
        let mut effects = vec![Effect::Say(Saying::Skipped)];
        effects.extend(self.advance());
        effects
    }

    /// The check that decides, if nothing else happens before it.
    fn check_of(&self, after: usize) -> Option<usize> {
        (after..self.current().items.len())
            .map_while(|at| match self.item_at(at).map(|item| &item.kind) {
                Some(ItemKind::Check(_)) => Some((at, true)),
                Some(
                    ItemKind::Prose(_)
                    | ItemKind::Hint(_)
                    | ItemKind::Aside(..)
                    | ItemKind::Note(_),
                ) => Some((at, false)),
                _ => None,
            })
            .find_map(|(at, is_check)| is_check.then_some(at))
    }

    /// The student says that it is done: the check that follows decides.
    pub(super) fn exercise_done(&mut self) -> Vec<Effect> {
        self.unsolved = Some(self.item);
        self.item = self.after_solution(self.item);
        self.advance()
    }

    /// Runs what was typed at an exercise.
    pub(super) fn try_line(&mut self, line: String) -> Vec<Effect> {
        let place = self.place(self.item);
        self.busy(Busy::Trying);
        vec![Effect::Try { place, line }]
    }

    /// What was typed has run.
    pub(super) fn tried(&mut self, solved: bool, assigned: Vec<String>) -> Vec<Effect> {
        self.known.extend(assigned);
        let item = self.item;
        if !solved {
            let Some(judge) = self.exercise_at(item).map(|exercise| exercise.judge) else {
                return self.advance();
            };
            return vec![self.ask(Ask::Exercise { judge })];
        }
        let place = self.place(item);
        self.item = self.after_solution(item);
        let mut effects = vec![Effect::Save, Effect::ShowSolved(place)];
        effects.extend(self.advance());
        effects
    }

    /// The exercise that the check at the current item has just decided against.
    pub(super) fn failed_exercise(&self) -> Option<usize> {
        let item = self.unsolved?;
        let is_its_check = self.check_of(self.after_solution(item)) == Some(self.item);
        is_its_check.then_some(item)
    }

    /// Back to the exercise.
    pub(super) fn exercise_again(&mut self, item: usize) -> Vec<Effect> {
        self.unsolved = None;
        self.item = item;
        self.advance()
    }

    /// Whether an item belongs to a solution that the student has not come to yet.
    pub(super) fn is_hidden(&self, step: usize, item: usize) -> bool {
        let shown = &self.script.steps[step];
        let is_solution = matches!(
            &shown.items[item].kind,
            ItemKind::Command(command) if command.solution
        );
        let is_over = self.done.contains(&shown.id) || (step == self.step && item < self.item);
        is_solution && !is_over && self.mode != Mode::Auto
    }
}
