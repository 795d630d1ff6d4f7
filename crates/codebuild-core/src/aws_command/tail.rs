//! `aws logs tail`: a command of the AWS CLI's own, made of FilterLogEvents.
//!
//! As `awscli/customizations/logs/tail.py` of version 2 behaves: what is asked, how often, how each
//! format looks.

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use jiff::civil;
use jiff::tz::TimeZone;
use serde_json::Value;
use serde_json::json;

use super::logs_operations::list;
use super::logs_operations::structure;
use super::operations::NEXT_TOKEN;
use super::operations::Operation;
use super::operations::Source;
use super::service_model::Shape;
use crate::call_error::CallError;
use crate::session::Session;

/// How long `--follow` waits before it asks again.
const PAUSE: Duration = Duration::from_secs(5);

/// The command among the operations, for its options.
pub(super) const OPERATION: Operation = Operation {
    name: "Tail",
    positional: &["groupName"],
    pages: None,
    source: Source::Command(|| {
        structure(
            "TailInput",
            vec![
                ("groupName", Shape::String),
                ("since", Shape::String),
                ("follow", Shape::Boolean),
                ("format", Shape::String),
                ("filterPattern", Shape::String),
                ("logStreamNames", list(Shape::String)),
                ("logStreamNamePrefix", Shape::String),
            ],
        )
    }),
};

/// What to show.
#[derive(Clone, Debug)]
pub(crate) struct Tail {
    /// FilterLogEvents' input but for the time.
    request: Value,
    since: Since,
    pub(crate) follow: bool,
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Since {
    /// So many seconds before the command begins.
    Ago(i64),
    At(Timestamp),
}

#[derive(Clone, Copy, Debug)]
enum Format {
    Detailed,
    Short,
    Json,
}

/// The events of the newest time that were shown: FilterLogEvents gives them again.
#[derive(Default)]
struct Shown {
    newest: Option<i64>,
    ids: HashSet<String>,
}

impl Tail {
    /// Reads the command's options; the option and the reason if one does not fit.
    pub(crate) fn read(input: &Value) -> Result<Self, (&'static str, String)> {
        let text = |name: &str| input.get(name).and_then(Value::as_str);
        let since = text("since").unwrap_or("10m");
        let format = match text("format").unwrap_or("detailed") {
            "detailed" => Format::Detailed,
            "short" => Format::Short,
            "json" => Format::Json,
            other => {
                let reason = format!("`{other}` is not a format; use detailed, short or json");
                return Err(("--format", reason));
            }
        };
        let mut request = json!({ "logGroupName": input.get("groupName") });
        for name in ["filterPattern", "logStreamNames", "logStreamNamePrefix"] {
            if let Some(value) = input.get(name) {
                request[name] = value.clone();
            }
        }
        Ok(Self {
            request,
            since: Since::parse(since).map_err(|reason| ("--since", reason))?,
            follow: input.get("follow").and_then(Value::as_bool) == Some(true),
            format,
        })
    }

    /// Shows events until there are no more, or for ever if it follows. The texts end in a newline.
    pub(crate) async fn run(
        &self,
        session: &Session,
        colour: bool,
        show: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), CallError> {
        let mut input = self.request.clone();
        input["startTime"] = json!(self.since.millis());
        let mut shown = Shown::default();
        let mut token = None;
        loop {
            let page = super::call(session, "FilterLogEvents", input.clone()).await?;
            let mut text = String::new();
            let events = page.get("events").and_then(Value::as_array);
            for event in events.into_iter().flatten() {
                if !self.follow || shown.is_new(event) {
                    self.format.write(event, colour, &mut text);
                }
            }
            if !text.is_empty() {
                show(&text);
            }
            let next = page.get(NEXT_TOKEN).and_then(Value::as_str);
            match next {
                // A server that gives the same token again would be asked for ever.
                Some(next) if token.as_deref() != Some(next) => {
                    input[NEXT_TOKEN] = json!(next);
                    token = Some(next.to_owned());
                }
                _ if self.follow => {
                    token = None;
                    if let Some(members) = input.as_object_mut() {
                        members.shift_remove(NEXT_TOKEN);
                    }
                    if let Some(newest) = shown.newest {
                        input["startTime"] = json!(newest);
                    }
                    tokio::time::sleep(PAUSE).await;
                }
                _ => return Ok(()),
            }
        }
    }
}

impl Since {
    /// `10m`, or a point in time; without a zone in UTC.
    fn parse(text: &str) -> Result<Self, String> {
        if let Some(unit) = text.chars().last()
            && let Some(seconds) = match unit {
                's' => Some(1),
                'm' => Some(60),
                'h' => Some(60 * 60),
                'd' => Some(24 * 60 * 60),
                'w' => Some(7 * 24 * 60 * 60),
                _ => None,
            }
            && let Some(amount) = text.get(..text.len() - 1)
            && !amount.is_empty()
            && amount.bytes().all(|byte| byte.is_ascii_digit())
        {
            let amount: i64 = amount
                .parse()
                .map_err(|_| format!("`{text}` is too long ago"))?;
            return Ok(Self::Ago(amount.saturating_mul(seconds)));
        }
        let zoned = text.parse::<Timestamp>().ok();
        let local = || {
            let time = text.parse::<civil::DateTime>().ok()?;
            let zoned = time.to_zoned(TimeZone::UTC).ok()?;
            Some(zoned.timestamp())
        };
        let epoch = || {
            let seconds = text.parse::<f64>().ok()?;
            #[expect(
                clippy::cast_possible_truncation,
                reason = "milliseconds of any year that jiff knows fit, and it refuses others"
            )]
            let millis = (seconds * 1000.0) as i64;
            Timestamp::from_millisecond(millis).ok()
        };
        zoned
            .or_else(local)
            .or_else(epoch)
            .map(Self::At)
            .ok_or_else(|| {
                format!(
                    "`{text}` is neither a time such as 2025-10-09T08:00:00 nor a number with one \
                     of the units s, m, h, d, w"
                )
            })
    }

    fn millis(self) -> i64 {
        match self {
            Self::Ago(seconds) => Timestamp::now()
                .as_millisecond()
                .saturating_sub(seconds.saturating_mul(1000))
                .max(0),
            Self::At(time) => time.as_millisecond(),
        }
    }
}

impl Shown {
    fn is_new(&mut self, event: &Value) -> bool {
        let time = event.get("timestamp").and_then(Value::as_i64).unwrap_or(0);
        let id = match event.get("eventId").and_then(Value::as_str) {
            Some(id) => id.to_owned(),
            None => event.to_string(),
        };
        if self.newest.is_none_or(|newest| newest < time) {
            self.newest = Some(time);
            self.ids.clear();
        }
        // Older ones come once only: the next request begins at the newest.
        self.newest != Some(time) || self.ids.insert(id)
    }
}

impl Format {
    fn write(self, event: &Value, colour: bool, text: &mut String) {
        let member = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default();
        let time = event.get("timestamp").and_then(Value::as_i64).unwrap_or(0);
        let time = Timestamp::from_millisecond(time).unwrap_or_default();
        let has_fraction = time.subsec_millisecond() != 0;
        let pattern = match self {
            Self::Short => "%Y-%m-%dT%H:%M:%S",
            Self::Json if !has_fraction => "%Y-%m-%dT%H:%M:%S+00:00",
            Self::Detailed | Self::Json => "%Y-%m-%dT%H:%M:%S.%6f+00:00",
        };
        let painted = |text: &str, code: &str| match colour {
            true => format!("\u{1b}[{code}m{text}\u{1b}[0m"),
            false => text.to_owned(),
        };
        let mut line = painted(&time.strftime(pattern).to_string(), "32");
        if !matches!(self, Self::Short) {
            line.push(' ');
            line.push_str(&painted(member("logStreamName"), "36"));
        }
        line.push(' ');
        let message = member("message");
        match self {
            Self::Json => line.push_str(&pretty(message).unwrap_or_else(|| message.to_owned())),
            Self::Detailed | Self::Short => line.push_str(message),
        }
        text.push_str(line.trim_end());
        text.push('\n');
    }
}

/// A message that is JSON, on lines of its own and in ASCII, as Python writes it.
fn pretty(message: &str) -> Option<String> {
    let value: Value = serde_json::from_str(message).ok()?;
    let mut text = String::from("\n");
    for character in super::output::pretty(&value).chars() {
        if character.is_ascii() {
            text.push(character);
        } else {
            let mut units = [0; 2];
            for unit in character.encode_utf16(&mut units) {
                text.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    Some(text)
}

#[cfg(test)]
mod tests {
    use jiff::Timestamp;
    use serde_json::json;

    use super::Format;
    use super::Shown;
    use super::Since;

    #[test]
    fn times_are_relative_or_iso_8601_or_seconds() {
        assert_eq!(Since::parse("10m"), Ok(Since::Ago(600)));
        assert_eq!(Since::parse("2w"), Ok(Since::Ago(14 * 24 * 3600)));
        let at = |text: &str| Ok(Since::At(text.parse::<Timestamp>().unwrap()));
        for (text, expected) in [
            ("2025-10-09T08:00:00", "2025-10-09T08:00:00Z"),
            ("2025-10-09 08:00", "2025-10-09T08:00:00Z"),
            ("2025-10-09", "2025-10-09T00:00:00Z"),
            ("2025-10-09T08:00:00+02:00", "2025-10-09T06:00:00Z"),
            ("1760000000", "2025-10-09T08:53:20Z"),
        ] {
            assert_eq!(Since::parse(text), at(expected), "{text}");
        }
        for bad in [
            "",
            "m",
            "5h30m",
            "soon",
            "10y",
            "é",
            "99999999999999999999d",
        ] {
            assert!(Since::parse(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn lines_look_as_the_cli_writes_them() {
        let line = |format: Format, message: &str, colour: bool| {
            let event = json!({ "timestamp": 1_760_000_000_120_i64, "logStreamName": "s",
                                "message": message });
            let mut text = String::new();
            format.write(&event, colour, &mut text);
            text
        };
        assert_eq!(
            line(Format::Detailed, "hello  \n", false),
            "2025-10-09T08:53:20.120000+00:00 s hello\n"
        );
        assert_eq!(
            line(Format::Short, "hello\n", true),
            "\u{1b}[32m2025-10-09T08:53:20\u{1b}[0m hello\n"
        );
        assert_eq!(
            line(Format::Json, "{\"b\":[1],\"a\":\"é😀\"}\n", false),
            "2025-10-09T08:53:20.120000+00:00 s \n{\n    \"b\": [\n        1\n    ],\n    \"a\": \
             \"\\u00e9\\ud83d\\ude00\"\n}\n"
        );
        assert_eq!(
            line(Format::Json, "plain é", false),
            "2025-10-09T08:53:20.120000+00:00 s plain é\n"
        );
    }

    #[test]
    fn events_that_come_again_are_shown_once() {
        let mut shown = Shown::default();
        let event = |time: i64, id: &str| json!({ "timestamp": time, "eventId": id });
        assert!(shown.is_new(&event(1, "a")));
        assert!(shown.is_new(&event(2, "b")));
        assert!(!shown.is_new(&event(2, "b")));
        assert!(shown.is_new(&event(2, "c")));
        assert_eq!(shown.newest, Some(2));
    }
}
