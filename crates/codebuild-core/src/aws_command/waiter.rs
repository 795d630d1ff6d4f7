//! `aws SERVICE wait CONDITION`: asks until a condition holds.

use std::time::Duration;

use serde_json::Value;

use super::model_facts::Acceptor;
use super::model_facts::WaiterFacts;
use super::operations::Operation;
use super::operations::command_case;
use super::output::Query;
use crate::call_error::CallError;
use crate::session::Session;

/// The first pause between two polls. It grows up to the service model's, so that what is quick is
/// seen at once, and what is slow is asked for as often as the AWS CLI does.
const FIRST_PAUSE: Duration = Duration::from_millis(200);

/// A condition that can be waited for.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Waiter {
    /// The service model's name, such as `StackCreateComplete`.
    pub(crate) name: &'static str,
    pub(super) facts: &'static WaiterFacts<'static>,
}

/// How waiting ended.
#[derive(Debug)]
pub(crate) enum Waited {
    Done,
    /// The condition cannot hold any more, or did not in time.
    Failed {
        reason: String,
        /// The last answer.
        last: Value,
    },
}

impl Waiter {
    /// The AWS CLI's name, such as `stack-create-complete`.
    pub(crate) fn command(self) -> String {
        command_case(self.name)
    }

    /// The API's name of the operation that is polled.
    pub(crate) const fn operation(self) -> &'static str {
        self.facts.operation
    }

    /// Waits as the service model says.
    pub(crate) async fn wait(
        self,
        session: &Session,
        operation: &Operation,
        input: &Value,
    ) -> Result<(), CallError> {
        let pace = (self.facts.delay, self.facts.max_attempts);
        match self.wait_at(session, operation, input, pace).await? {
            Waited::Done => Ok(()),
            Waited::Failed { reason, .. } => Err(CallError::Waiter {
                waiter: self.name.to_owned(),
                reason,
            }),
        }
    }

    /// Waits with another delay in seconds and another number of attempts, whose product is the
    /// longest time.
    pub(crate) async fn wait_at(
        self,
        session: &Session,
        operation: &Operation,
        input: &Value,
        (delay, attempts): (u64, u64),
    ) -> Result<Waited, CallError> {
        let delay = Duration::from_secs(delay);
        let longest = delay.saturating_mul(u32::try_from(attempts).unwrap_or(u32::MAX));
        let mut waited = Duration::ZERO;
        let mut pause = FIRST_PAUSE.min(delay);
        loop {
            let answer = operation.send(session, input.clone()).await;
            let acceptor = self
                .facts
                .acceptors
                .iter()
                .find(|acceptor| acceptor.accepts(&answer));
            let failed = |reason: String, answer: Result<Value, CallError>| {
                Ok(Waited::Failed {
                    reason,
                    last: answer.unwrap_or_default(),
                })
            };
            match (acceptor, &answer) {
                (Some(acceptor), _) if acceptor.state == "success" => return Ok(Waited::Done),
                (Some(acceptor), _) if acceptor.state == "failure" => {
                    let reason = format!(
                        "Waiter encountered a terminal failure state: {}",
                        acceptor.explained()
                    );
                    return failed(reason, answer);
                }
                (None, Err(error)) => {
                    let (Some(code), Some(message)) = (error.code(), error.service_message())
                    else {
                        return Err(answer.err().unwrap_or(CallError::NoRegion));
                    };
                    let reason = format!("An error occurred ({code}): {message}");
                    return failed(reason, answer);
                }
                _ => {}
            }
            if waited >= longest {
                let mut reason = "Max attempts exceeded".to_owned();
                if let Some(acceptor) = acceptor {
                    reason.push_str(". Previously accepted state: ");
                    reason.push_str(&acceptor.explained());
                }
                return failed(reason, answer);
            }
            session.pause(pause).await;
            waited += pause;
            pause = (pause * 3 / 2).min(delay);
        }
    }
}

impl Acceptor {
    fn accepts(&self, answer: &Result<Value, CallError>) -> bool {
        let found = || {
            let query = Query::parse(&self.argument).ok()?;
            query.search(answer.as_ref().ok()?).ok()
        };
        let elements = || match found() {
            Some(Value::Array(elements)) => elements,
            _ => Vec::new(),
        };
        match self.matcher.as_str() {
            "path" => found().as_ref() == Some(&self.expected),
            "pathAll" => {
                let elements = elements();
                !elements.is_empty() && elements.iter().all(|one| *one == self.expected)
            }
            "pathAny" => elements().contains(&self.expected),
            "error" => match &self.expected {
                Value::Bool(expected) => answer.is_err() == *expected,
                expected => answer
                    .as_ref()
                    .err()
                    .and_then(CallError::code)
                    .is_some_and(|code| *expected == code),
            },
            // Every answer that is no error has this one.
            "status" => answer.is_ok() && self.expected == 200,
            _ => false,
        }
    }

    /// As the AWS CLI explains why a state was taken.
    fn explained(&self) -> String {
        let expected = match &self.expected {
            Value::String(text) => text.clone(),
            Value::Bool(true) => "True".to_owned(),
            Value::Bool(false) => "False".to_owned(),
            other => other.to_string(),
        };
        let argument = &self.argument;
        match self.matcher.as_str() {
            "path" => {
                format!("For expression \"{argument}\" matched expected path: \"{expected}\"")
            }
            "pathAll" => format!(
                "For expression \"{argument}\" all members matched expected path: \"{expected}\""
            ),
            "pathAny" => format!(
                "For expression \"{argument}\" matched expected path: \"{expected}\" at least once"
            ),
            "status" => format!("Matched expected HTTP status code: {expected}"),
            _ => format!("Matched expected service error code: {expected}"),
        }
    }
}
