//! One known cause: how it shows, and what to tell about it.

use super::Diagnosis;
use super::record::Failure;

/// A known cause. Its texts may name `{command}`, `{phase}`, `{image}`, `{status}` (of the command),
/// `{minutes}` (the build's time limit) and `{action}` (that a policy does not allow).
pub(super) struct Cause {
    /// As [`Diagnosis::id`].
    pub(super) id: &'static str,
    /// As [`Diagnosis::exam_task`].
    pub(super) exam_task: &'static str,
    /// How it shows.
    pub(super) sign: Sign,
    /// As [`Diagnosis::what`].
    pub(super) what: &'static str,
    /// As [`Diagnosis::why`].
    pub(super) why: &'static str,
    /// As [`Diagnosis::fix`].
    pub(super) fix: &'static str,
}

/// How a cause shows. One of the texts is enough, in whatever case of letters.
pub(super) enum Sign {
    /// The message or the status code of the phase that failed has such a text.
    Message(&'static [&'static str]),
    /// The command that failed printed such a text.
    Output(&'static [&'static str]),
    /// Either of both.
    Anywhere(&'static [&'static str]),
    /// Anything else: the evidence, which is empty if the record as a whole shows it.
    When(fn(&Failure<'_>) -> Option<String>),
}

impl Sign {
    fn evidence(&self, failure: &Failure<'_>) -> Option<String> {
        match self {
            Self::Message(texts) => failure.message_with(texts),
            Self::Output(texts) => failure.output_with(texts),
            Self::Anywhere(texts) => failure
                .message_with(texts)
                .or_else(|| failure.output_with(texts)),
            Self::When(seen) => seen(failure),
        }
    }
}

impl Cause {
    /// The diagnosis, if this is the cause.
    pub(super) fn of(&self, failure: &Failure<'_>) -> Option<Diagnosis> {
        let evidence = self.sign.evidence(failure)?;
        let fill = |text: &str| fill(text, failure, &evidence);
        Some(Diagnosis {
            id: self.id,
            what: fill(self.what),
            why: fill(self.why),
            fix: fill(self.fix),
            evidence: Some(evidence.trim_end().to_owned()).filter(|line| !line.is_empty()),
            exam_task: self.exam_task,
        })
    }
}

/// Puts the failure's own words where a text names them.
fn fill(text: &str, failure: &Failure<'_>, evidence: &str) -> String {
    if !text.contains('{') {
        return text.to_owned();
    }
    let command = match failure.command().map(|command| command.split_once('\n')) {
        Some(Some((first, _))) => format!("`{first} …`"),
        Some(None) => format!("`{}`", failure.command().unwrap_or_default()),
        None => "A command".to_owned(),
    };
    let number = |number: Option<i64>| number.map(|number| number.to_string());
    let filled = text
        .replace("{phase}", failure.phase)
        .replace("{build-status}", failure.status)
        .replace("{image}", failure.image)
        .replace(
            "{status}",
            &number(failure.exit_status().map(i64::from)).unwrap_or_default(),
        )
        .replace(
            "{minutes}",
            &number(failure.timeout_minutes).unwrap_or_else(|| "allowed".to_owned()),
        )
        .replace("{action}", action(evidence));
    // Last: a command may have braces of its own.
    filled.replace("{command}", &command)
}

/// The action that AWS says is not allowed: `… is not authorized to perform: s3:PutObject on …`.
fn action(evidence: &str) -> &str {
    const BEFORE: &str = "authorized to perform:";
    let after = evidence.find(BEFORE).and_then(|at| {
        let rest = evidence.get(at + BEFORE.len()..)?;
        rest.split_whitespace().next()
    });
    after.unwrap_or("the action that the message names")
}
