//! The keys as a sentence, for those who hear the screen.

use crate::script::Judge;
use crate::walk::Ask;

/// What the keys do now.
pub(crate) fn sentence(ask: Ask, next: Option<&str>, more: bool) -> String {
    let enter = match (ask, next) {
        (Ask::Command, _) => "Press Enter to run".to_owned(),
        (Ask::Type, _) => "Press Enter to show the command".to_owned(),
        (Ask::Reveal, _) => "Press Enter for the answer".to_owned(),
        (Ask::Quiz { options }, _) => format!("Press a number from 1 to {options} to answer"),
        (Ask::Several { options, chosen }, _) if chosen.is_empty() => {
            format!("Press numbers from 1 to {options} to choose, then Enter")
        }
        (Ask::Several { chosen, .. }, _) => {
            format!("Chosen: {chosen}. Press more numbers, or Enter to hand in")
        }
        (Ask::Answer, _) => "Press Enter to type an answer".to_owned(),
        (Ask::Proof { .. }, _) => "Press Enter to go on, p for the proof".to_owned(),
        (
            Ask::Exercise {
                judge: Judge::Output,
            },
            _,
        ) => "Press Enter to see the solution, b for a shell to try".to_owned(),
        (
            Ask::Exercise {
                judge: Judge::Check,
            },
            _,
        ) => "Press Enter to see the solution, b for a shell to try, d when it is done".to_owned(),
        (Ask::Failed, _) => "Press Enter to try again".to_owned(),
        (Ask::Unsolved, _) => {
            "Press Enter to go back to the exercise, x for the solution".to_owned()
        }
        (Ask::StepEnd, Some(next)) => format!("Press Enter for the next step, {next}"),
        (Ask::StepEnd, None) => "Press Enter for the next step".to_owned(),
    };
    let all = if more { " v for all of it," } else { "" };
    format!("{enter},{all} h for a hint, q to leave, question mark for all keys.")
}

/// The keys while looking at another step.
pub(crate) const LOOKING: &str = "Press Enter to return, right arrow for the next step, left arrow for the one before, q to leave.";

#[cfg(test)]
mod tests {
    use super::sentence;
    use crate::walk::Ask;

    #[test]
    fn a_line_of_keys_is_a_sentence() {
        assert_eq!(
            sentence(Ask::Command, None, false),
            "Press Enter to run, h for a hint, q to leave, question mark for all keys."
        );
    }
}
