//! Times as JSON 1.1 writes them: numbers, epoch seconds with milliseconds.

use std::time::Duration;

use jiff::Timestamp;
use serde::Deserialize;
use serde::Deserializer;
use serde::Serialize;
use serde::Serializer;
use serde::de::Error;

/// A point in time, with the millisecond as its unit.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub(crate) struct EpochSeconds(i64);

impl EpochSeconds {
    /// Now.
    pub(crate) fn now() -> Self {
        Self::from(Timestamp::now())
    }

    /// Milliseconds since 1970.
    pub(crate) const fn millis(self) -> i64 {
        self.0
    }

    /// The same without fractions of a second, for services that have none.
    pub(crate) const fn whole(self) -> Self {
        Self(self.0 - self.0.rem_euclid(1000))
    }

    /// This much later.
    pub(crate) fn plus(self, duration: Duration) -> Self {
        Self(self.0.saturating_add_unsigned(duration.as_millis() as u64))
    }

    /// Whole seconds from `earlier` to this; 0 if it is not earlier.
    pub(crate) fn seconds_since(self, earlier: Self) -> i64 {
        (self.0 - earlier.0).max(0) / 1000
    }
}

impl From<Timestamp> for EpochSeconds {
    fn from(timestamp: Timestamp) -> Self {
        Self(timestamp.as_millisecond())
    }
}

impl Serialize for EpochSeconds {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        // Exact: today's milliseconds need 41 bits, a double has 53.
        serializer.serialize_f64(self.0 as f64 / 1000.0)
    }
}

impl<'de> Deserialize<'de> for EpochSeconds {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let millis = (f64::deserialize(deserializer)? * 1000.0).round();
        if millis.is_finite() && millis.abs() < 9e15 {
            Ok(Self(millis as i64))
        } else {
            Err(D::Error::custom("the time is out of range"))
        }
    }
}
