//! The list of steps for those who hear the screen: lines to read, and a number to type.

use super::Driver;
use crate::ui::read_line;
use crate::walk::Event;

impl Driver {
    /// Says all steps and asks for the number of one.
    pub(super) async fn list_in_words(&mut self, here: usize) -> Event {
        for (at, step) in self.script.steps.iter().enumerate() {
            let state = match self.walk.done().contains(&step.id) {
                _ if at == here => ", you are here",
                true => ", done",
                false => "",
            };
            self.ui.line(&format!("{}. {}{state}", at + 1, step.title));
        }
        self.ui.line(
            "Type the number of a step and press Enter, or Enter alone to stay. A step that is \
             done is only looked at.",
        );
        match self.ask(read_line).await {
            Some(line) => {
                let number: Option<usize> = line.parse().ok();
                Event::Chosen(number.and_then(|number| number.checked_sub(1)))
            }
            None => Event::Interrupted,
        }
    }
}
