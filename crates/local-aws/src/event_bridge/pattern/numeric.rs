//! Numbers between bounds, such as `[">", 0, "<=", 5]`.

use serde_json::Value;

/// The largest number that EventBridge compares, and with a minus the smallest.
const LARGEST: f64 = 5_000_000_000.0;

/// Numbers between bounds.
#[derive(Clone, Copy, Debug)]
pub(super) struct Range {
    low: f64,
    includes_low: bool,
    high: f64,
    includes_high: bool,
}

impl Range {
    /// Reads what stands after `numeric`.
    pub(super) fn read(value: &Value) -> Result<Self, String> {
        let Value::Array(elements) = value else {
            return Err("Value of numeric must be an array.".to_owned());
        };
        let mut range = Self {
            low: -LARGEST,
            includes_low: true,
            high: LARGEST,
            includes_high: true,
        };
        let pairs = elements.chunks(2);
        match (elements.len(), pairs.len()) {
            (0, _) => return Err("Invalid member in numeric match: ]".to_owned()),
            (_, 1 | 2) => {}
            _ => return Err("Too many elements in numeric expression".to_owned()),
        }
        let count = pairs.len();
        for (place, pair) in pairs.enumerate() {
            let Some(operator) = pair[0].as_str() else {
                return Err(format!("Invalid member in numeric match: {}", pair[0]));
            };
            let number = pair.get(1).and_then(Value::as_f64);
            let Some(number) = number else {
                return Err(format!("Value of {operator} must be numeric"));
            };
            if number.abs() > LARGEST {
                return Err(format!(
                    "Value must be between -5.0E9 and 5.0E9, inclusive, but was {number}"
                ));
            }
            match (operator, place) {
                ("=", 0) if count == 1 => {
                    (range.low, range.high) = (number, number);
                }
                (">" | ">=", 0) => {
                    range.low = number;
                    range.includes_low = operator == ">=";
                }
                ("<" | "<=", 0) if count == 1 => {
                    range.high = number;
                    range.includes_high = operator == "<=";
                }
                ("<" | "<=", 1) => {
                    range.high = number;
                    range.includes_high = operator == "<=";
                }
                ("=" | "<" | "<=" | ">" | ">=", _) => {
                    return Err("Bad numeric range operator: ".to_owned() + operator);
                }
                _ => return Err(format!("Unrecognized numeric range operator: {operator}")),
            }
        }
        if count == 2 && range.low >= range.high {
            return Err("Bottom must be less than top".to_owned());
        }
        Ok(range)
    }

    /// Whether a number is within the bounds.
    pub(super) fn contains(self, number: f64) -> bool {
        let above = number > self.low || (self.includes_low && number == self.low);
        let below = number < self.high || (self.includes_high && number == self.high);
        above && below
    }
}
