//! Terminal recordings in asciicast v3, the format of asciinema 3: a header, then one line an event
//! (<https://docs.asciinema.org/manual/asciicast/v3/>).

use std::time::Duration;

use serde_json::json;

use super::redaction::Redaction;

/// Pauses that are longer are shortened by the player.
const IDLE_TIME_LIMIT: f64 = 3.0;

/// A terminal recording that is being made.
#[derive(Clone, Debug)]
pub(crate) struct Asciicast {
    columns: u16,
    rows: u16,
    title: String,
    /// Seconds since 1970, if the recording is of a certain time.
    timestamp: Option<i64>,
    events: Vec<(Duration, Event)>,
    /// What was waited since the last event.
    waited: Duration,
}

#[derive(Clone, Debug)]
enum Event {
    Output(String),
    Marker(String),
    Exit(u8),
}

impl Asciicast {
    /// A recording without events.
    pub(crate) fn new(columns: u16, rows: u16, title: &str, timestamp: Option<i64>) -> Self {
        Self {
            columns,
            rows,
            title: title.to_owned(),
            timestamp,
            events: Vec::new(),
            waited: Duration::ZERO,
        }
    }

    /// Lets time pass before the next event.
    pub(crate) fn wait(&mut self, time: Duration) {
        self.waited += time;
    }

    /// The terminal shows text. Its newlines become what a terminal is sent: carriage return too.
    pub(crate) fn output(&mut self, text: &str) {
        if !text.is_empty() {
            let text = text.replace("\r\n", "\n").replace('\n', "\r\n");
            self.push(Event::Output(text));
        }
    }

    /// A place that a player can stop at and jump to.
    pub(crate) fn marker(&mut self, label: &str) {
        self.push(Event::Marker(label.to_owned()));
    }

    /// The end, with an exit status.
    pub(crate) fn exit(&mut self, status: u8) {
        self.push(Event::Exit(status));
    }

    fn push(&mut self, event: Event) {
        self.events.push((std::mem::take(&mut self.waited), event));
    }

    /// The file, after `redaction` has taken out what it knows and the accounts that it finds.
    pub(crate) fn file(&self, mut redaction: Redaction) -> String {
        let mut header = json!({
            "version": 3,
            "term": {"cols": self.columns, "rows": self.rows, "type": "xterm-256color"},
            "idle_time_limit": IDLE_TIME_LIMIT,
            "title": self.title,
        });
        if let Some(timestamp) = self.timestamp {
            header["timestamp"] = json!(timestamp);
        }
        redaction.learn(self.events.iter().filter_map(|(_, event)| match event {
            Event::Output(text) => Some(text.as_str()),
            Event::Marker(_) | Event::Exit(_) => None,
        }));
        let mut file = format!("{header}\n");
        for (since, event) in &self.events {
            let (code, data) = match event {
                Event::Output(text) => ("o", redaction.apply(text)),
                Event::Marker(label) => ("m", label.clone()),
                Event::Exit(status) => ("x", status.to_string()),
            };
            let line = json!([seconds(*since), code, data]);
            file.push_str(&format!("{line}\n"));
        }
        file
    }
}

/// Whole milliseconds, as seconds: finer is noise.
fn seconds(time: Duration) -> f64 {
    (time.as_secs_f64() * 1000.0).round() / 1000.0
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use serde_json::Value;

    use super::Asciicast;
    use crate::export::Redaction;

    #[test]
    fn a_file_is_a_header_and_one_line_an_event_with_relative_times() {
        let mut cast = Asciicast::new(80, 24, "A \"title\"", Some(7));
        cast.marker("One");
        cast.wait(Duration::from_millis(1200));
        cast.wait(Duration::from_micros(34_400));
        cast.output("a\nb\r\n");
        cast.exit(3);
        let lines: Vec<Value> = cast
            .file(Redaction::default())
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect();
        assert_eq!(lines[0]["version"], 3);
        assert_eq!(lines[0]["term"]["cols"], 80);
        assert_eq!(lines[0]["title"], "A \"title\"");
        assert_eq!(lines[1], serde_json::json!([0.0, "m", "One"]));
        assert_eq!(lines[2], serde_json::json!([1.234, "o", "a\r\nb\r\n"]));
        assert_eq!(lines[3], serde_json::json!([0.0, "x", "3"]));
    }
}
