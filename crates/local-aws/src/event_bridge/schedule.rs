//! Schedules of rules: `rate(5 minutes)` and `cron(0 12 * * ? *)`, in UTC.

mod cron;

use cron::Cron;
use jiff::SignedDuration;
use jiff::Timestamp;

/// When a rule fires.
#[derive(Clone, Debug)]
pub(super) enum Schedule {
    Rate(SignedDuration),
    Cron(Box<Cron>),
}

impl Schedule {
    /// Reads an expression; `None` if it is none.
    pub(super) fn read(text: &str) -> Option<Self> {
        let inner = text.strip_suffix(')')?;
        if let Some(fields) = inner.strip_prefix("cron(") {
            return Cron::read(fields).map(|cron| Self::Cron(Box::new(cron)));
        }
        let (number, unit) = inner.strip_prefix("rate(")?.split_once(' ')?;
        let number: i64 = number.parse().ok().filter(|number| *number > 0)?;
        let unit = match (unit, number) {
            ("minute", 1) | ("minutes", 2..) => 60,
            ("hour", 1) | ("hours", 2..) => 60 * 60,
            ("day", 1) | ("days", 2..) => 24 * 60 * 60,
            _ => return None,
        };
        let seconds = number.checked_mul(unit)?;
        Some(Self::Rate(SignedDuration::from_secs(seconds)))
    }

    /// The first time after `after`. A rate counts from `begin`, when the rule was made or enabled.
    pub(super) fn next(&self, begin: Timestamp, after: Timestamp) -> Option<Timestamp> {
        let after = after.max(begin);
        match self {
            Self::Rate(every) => {
                let every = every.as_secs();
                let passed = after.duration_since(begin).as_secs() / every;
                let since_begin = every.checked_mul(passed.checked_add(1)?)?;
                begin
                    .checked_add(SignedDuration::from_secs(since_begin))
                    .ok()
            }
            Self::Cron(cron) => cron.next(after),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn next(expression: &str, after: &str) -> String {
        let schedule = Schedule::read(expression).unwrap();
        let begin = "2026-01-01T00:00:30Z".parse().unwrap();
        let next = schedule.next(begin, after.parse().unwrap());
        next.map_or_else(|| "never".to_owned(), |next| next.to_string())
    }

    #[test]
    fn rates_count_from_the_beginning() {
        for (expression, after, expected) in [
            (
                "rate(1 minute)",
                "2026-01-01T00:00:30Z",
                "2026-01-01T00:01:30Z",
            ),
            (
                "rate(5 minutes)",
                "2026-01-01T00:07:00Z",
                "2026-01-01T00:10:30Z",
            ),
            (
                "rate(1 hour)",
                "2025-12-31T00:00:00Z",
                "2026-01-01T01:00:30Z",
            ),
            (
                "rate(7 days)",
                "2026-01-08T00:00:30Z",
                "2026-01-15T00:00:30Z",
            ),
        ] {
            assert_eq!(next(expression, after), expected, "{expression}");
        }
    }

    #[test]
    fn cron_expressions_are_amazons() {
        for (expression, expected) in [
            ("cron(0 10 * * ? *)", "2026-02-13T10:00:00Z"),
            ("cron(15 12 * * ? *)", "2026-02-13T12:15:00Z"),
            ("cron(0 18 ? * MON-FRI *)", "2026-02-12T18:00:00Z"),
            ("cron(0 8 1 * ? *)", "2026-03-01T08:00:00Z"),
            ("cron(0/15 * * * ? *)", "2026-02-12T12:45:00Z"),
            ("cron(0/10 * ? * MON-FRI *)", "2026-02-12T12:40:00Z"),
            ("cron(0/5 8-17 ? * SUN,7 *)", "2026-02-14T08:00:00Z"),
            ("cron(30 4 L * ? *)", "2026-02-28T04:30:00Z"),
            ("cron(0 0 15W * ? *)", "2026-02-16T00:00:00Z"),
            ("cron(0 0 LW * ? *)", "2026-02-27T00:00:00Z"),
            ("cron(0 9 ? * 2#1 *)", "2026-03-02T09:00:00Z"),
            ("cron(0 9 ? * 6L *)", "2026-02-27T09:00:00Z"),
            ("cron(0 9 ? * L *)", "2026-02-14T09:00:00Z"),
            ("cron(0 0 29 FEB ? *)", "2028-02-29T00:00:00Z"),
            ("cron(0 0 1 1 ? 2020)", "never"),
            ("cron(0 0 30 2 ? *)", "never"),
        ] {
            assert_eq!(
                next(expression, "2026-02-12T12:34:56Z"),
                expected,
                "{expression}"
            );
        }
    }

    #[test]
    fn what_is_no_schedule_is_refused() {
        for expression in [
            "",
            "rate(5)",
            "rate(0 minutes)",
            "rate(1 minutes)",
            "rate(5 minute)",
            "rate(5 seconds)",
            "rate(9223372036854775807 days)",
            "at(2026-01-01T00:00:00)",
            "cron(0 10 * * *)",
            "cron(0 10 * * * *)",
            "cron(0 10 ? * ? *)",
            "cron(60 10 * * ? *)",
            "cron(0 24 * * ? *)",
            "cron(0 10 32 * ? *)",
            "cron(0 10 ? * 8 *)",
            "cron(0 10 * 13 ? *)",
            "cron(0 10 ? * MON#6 *)",
            "cron(0/0 10 * * ? *)",
            "cron(5-1 10 * * ? *)",
            "cron(0 10 * * ? 1969)",
        ] {
            assert!(Schedule::read(expression).is_none(), "{expression}");
        }
    }
}
