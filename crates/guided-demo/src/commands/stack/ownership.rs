//! Which stacks are ours: those in the ledgers of this state directory.

use super::Place;
use crate::command_error::CommandError;
use crate::state::Ledger;
use crate::state::LedgerEntry;
use crate::state::LedgerTarget;
use crate::state::WalkKey;

/// What stacks are kept under, beside the demos.
const LEDGER: &str = "stacks";

/// Whether an entry of a ledger is a stack; its name.
pub(in crate::commands) fn names_stack(entry: &LedgerEntry) -> Option<&str> {
    let words: Vec<&str> = entry.remove.iter().map(String::as_str).collect();
    match words.as_slice() {
        [
            "aws",
            "cloudformation",
            "delete-stack",
            "--stack-name",
            name,
            ..,
        ] => Some(name),
        _ => None,
    }
}

impl Place {
    /// Writes a stack down before it is created.
    pub(super) fn intend(&self, name: &str) -> Result<(), CommandError> {
        let mut ledger = self.ledger()?;
        ledger.intend(entry(name))?;
        Ok(())
    }

    /// Marks a stack as created.
    pub(super) fn created(&self, name: &str) -> Result<(), CommandError> {
        let mut ledger = self.ledger()?;
        ledger.created(&entry(name).remove)?;
        Ok(())
    }

    /// Whether a stack is in a ledger of this place: in ours, or in that of a walk that created it.
    pub(super) fn owns(&self, name: &str) -> Result<bool, CommandError> {
        for ledger in self.ledgers()? {
            if ledger
                .entries()
                .iter()
                .any(|entry| names_stack(entry) == Some(name))
            {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Takes a stack out of the ledgers: it is gone.
    pub(super) fn removed(&self, name: &str) -> Result<(), CommandError> {
        for mut ledger in self.ledgers()? {
            let entries = ledger.entries().to_vec();
            for entry in entries {
                if names_stack(&entry) == Some(name) {
                    ledger.removed(&entry.remove)?;
                }
            }
        }
        Ok(())
    }

    fn ledger(&self) -> Result<Ledger, CommandError> {
        let key = WalkKey {
            demo: LEDGER.to_owned(),
            account: self.identity.account.clone(),
            region: self.region(),
        };
        let target = LedgerTarget {
            target: self.options.choice.to_string(),
            profile: self.options.profile.clone(),
            account: self.identity.account.clone(),
            region: self.region(),
        };
        Ok(Ledger::open(self.options.state.ledger(&key), target)?)
    }

    /// All ledgers of this place.
    fn ledgers(&self) -> Result<Vec<Ledger>, CommandError> {
        let mut ledgers = Vec::new();
        for path in self.options.state.all_ledgers() {
            ledgers.extend(Ledger::load(&path)?.filter(|ledger| {
                let target = ledger.target();
                target.target == self.options.choice.to_string()
                    && target.account == self.identity.account
                    && target.region == self.region()
            }));
        }
        Ok(ledgers)
    }
}

fn entry(name: &str) -> LedgerEntry {
    let words = [
        "aws",
        "cloudformation",
        "delete-stack",
        "--stack-name",
        name,
    ];
    LedgerEntry {
        kind: "cloudformation-stack".to_owned(),
        name: name.to_owned(),
        remove: words.map(str::to_owned).to_vec(),
        created: false,
    }
}

#[cfg(test)]
mod tests {
    use super::entry;
    use super::names_stack;

    #[test]
    fn a_stack_is_known_by_the_command_that_deletes_it() {
        assert_eq!(names_stack(&entry("demo")), Some("demo"));
        let mut other = entry("demo");
        other.remove[1] = "codebuild".to_owned();
        assert_eq!(names_stack(&other), None);
    }
}
