//! Text that must not get into a log.

use std::fmt;

use serde::Deserialize;
use serde::Serialize;

/// The value of a parameter or a secret. Debug output does not show it.
#[derive(Clone, Deserialize, Eq, PartialEq, Serialize)]
#[serde(transparent)]
pub(crate) struct Hidden(pub(crate) String);

impl fmt::Debug for Hidden {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("***")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_output_does_not_show_the_text() {
        assert_eq!(format!("{:?}", Hidden("hunter2".to_owned())), "***");
    }
}
