//! A stack watched while CloudFormation works on it: its events as one stream, the oldest first.

use std::collections::BTreeSet;
use std::collections::VecDeque;

use futures_util::Stream;
use futures_util::stream;
use jiff::Timestamp;

use super::record::describe_stack;
use super::record::filled;
use super::record::is_missing;
use super::record::text;
use super::record::timestamp;
use crate::call_error::CallError;
use crate::session::Session;
use crate::watch::Pace;

/// How many polls in a row may find nobody before the watch gives up.
const UNREACHABLE_LIMIT: u32 = 2;

/// Something that happened to a resource of a stack, or to the stack itself.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct StackEvent {
    /// The event's id.
    pub id: String,
    /// When.
    pub at: Timestamp,
    /// The name in the template; the stack's own name, for the stack.
    pub logical_id: String,
    /// The name or ARN in the account, once there is one.
    pub physical_id: Option<String>,
    /// Such as `AWS::S3::Bucket`.
    pub resource_type: String,
    /// Such as `CREATE_IN_PROGRESS`.
    pub status: String,
    /// Why, if CloudFormation says so.
    pub reason: Option<String>,
    /// Whether it is about the stack itself.
    pub is_stack: bool,
}

/// What is new about a stack.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum StackNews {
    /// Something happened.
    Event(StackEvent),
    /// CloudFormation has come to an end; always last.
    Finished {
        /// Such as `CREATE_COMPLETE`.
        status: String,
        /// Why, if CloudFormation says so.
        reason: Option<String>,
    },
}

/// Up to where a stack's events are known already.
#[derive(Clone, Debug, Default)]
pub struct StackMark {
    seen: BTreeSet<String>,
    /// The status before what is to be watched.
    status: Option<String>,
}

impl StackMark {
    /// Where a stack stands now. Taken before a change is asked for, so that its first event is not
    /// missed and the end of an earlier one not taken for its own.
    ///
    /// # Errors
    ///
    /// If the service refuses a call or cannot be reached.
    pub async fn now(session: &Session, stack_id: &str) -> Result<Self, CallError> {
        let mut mark = Self::default();
        let Some(stack) = describe_stack(session, stack_id).await? else {
            return Ok(mark);
        };
        mark.status = Some(stack.status);
        unseen(session, stack_id, &mut mark.seen).await?;
        Ok(mark)
    }
}

/// Follows a stack from a mark on until CloudFormation has come to an end with it. Asks for the
/// stack by its ARN, which finds it also when it is deleted. The stream ends after the first error.
///
/// # Errors
///
/// If the service refuses a call or stays out of reach.
pub fn follow_stack(
    session: &Session,
    stack_id: &str,
    mark: StackMark,
) -> impl Stream<Item = Result<StackNews, CallError>> + Send + use<> {
    let follower = Follower {
        session: session.clone(),
        stack_id: stack_id.to_owned(),
        seen: mark.seen,
        before: mark.status,
        ready: VecDeque::new(),
        pace: Pace::default(),
        first: true,
        unreachable: 0,
        over: false,
    };
    stream::unfold(follower, |mut follower| async move {
        let news = follower.next().await?;
        follower.over |= news.is_err();
        Some((news, follower))
    })
}

struct Follower {
    session: Session,
    stack_id: String,
    seen: BTreeSet<String>,
    before: Option<String>,
    ready: VecDeque<StackNews>,
    pace: Pace,
    first: bool,
    unreachable: u32,
    over: bool,
}

impl Follower {
    async fn next(&mut self) -> Option<Result<StackNews, CallError>> {
        loop {
            if let Some(news) = self.ready.pop_front() {
                return Some(Ok(news));
            }
            if self.over {
                return None;
            }
            if !std::mem::take(&mut self.first) {
                self.session.pause(self.pace.interval()).await;
            }
            match self.poll().await {
                Ok(()) => self.unreachable = 0,
                Err(error) if error.is_throttling() => self.pace.slow_down(),
                Err(error @ (CallError::Unreachable { .. } | CallError::Timeout { .. })) => {
                    self.unreachable += 1;
                    if self.unreachable == UNREACHABLE_LIMIT {
                        return Some(Err(error));
                    }
                }
                Err(error) => return Some(Err(error)),
            }
        }
    }

    /// Asks for the stack first: the events that are then known are at least as new as its status.
    async fn poll(&mut self) -> Result<(), CallError> {
        let stack = self
            .pace
            .measure(describe_stack(&self.session, &self.stack_id))
            .await?;
        let events = self
            .pace
            .measure(unseen(&self.session, &self.stack_id, &mut self.seen))
            .await?;
        let last_of_stack = events
            .iter()
            .rev()
            .find(|event| event.is_stack)
            .filter(|event| is_end(&event.status))
            .map(|event| (event.status.clone(), event.reason.clone()));
        self.ready.extend(events.into_iter().map(StackNews::Event));
        // An end that no event tells of counts too: another status than before.
        let end = match (last_of_stack, stack) {
            (Some(end), _) => Some(end),
            (None, None) => Some(("DELETE_COMPLETE".to_owned(), None)),
            (None, Some(stack)) => {
                let changed = self.before.as_ref() != Some(&stack.status);
                (changed && is_end(&stack.status)).then_some((stack.status, stack.reason))
            }
        };
        if let Some((status, reason)) = end {
            self.ready.push_back(StackNews::Finished { status, reason });
            self.over = true;
        }
        Ok(())
    }
}

fn is_end(status: &str) -> bool {
    !status.ends_with("_IN_PROGRESS")
}

/// The events that are not in `seen`, the oldest first; they are, afterwards.
async fn unseen(
    session: &Session,
    stack_id: &str,
    seen: &mut BTreeSet<String>,
) -> Result<Vec<StackEvent>, CallError> {
    let mut found = Vec::new();
    let mut token = None;
    'pages: loop {
        let page = session
            .cloudformation()
            .describe_stack_events()
            .stack_name(stack_id)
            .set_next_token(token)
            .send()
            .await
            .map_err(|error| session.call_error("cloudformation", "DescribeStackEvents", error));
        let page = match page {
            Ok(page) => page,
            // A server may forget the events of a stack with the stack.
            Err(error) if is_missing(&error) => break,
            Err(error) => return Err(error),
        };
        for event in page.stack_events() {
            let event = read(event, stack_id);
            // The newest come first, so all that follow are known as well.
            if !seen.insert(event.id.clone()) {
                break 'pages;
            }
            found.push(event);
        }
        token = page.next_token;
        if token.is_none() {
            break;
        }
    }
    found.reverse();
    Ok(found)
}

fn read(event: &aws_sdk_cloudformation::types::StackEvent, stack_id: &str) -> StackEvent {
    let physical_id = filled(event.physical_resource_id());
    let resource_type = text(event.resource_type());
    StackEvent {
        id: text(event.event_id()),
        at: timestamp(event.timestamp()).unwrap_or(Timestamp::UNIX_EPOCH),
        logical_id: text(event.logical_resource_id()),
        is_stack: resource_type == "AWS::CloudFormation::Stack"
            && physical_id.as_deref() == Some(stack_id),
        physical_id,
        resource_type,
        status: text(event.resource_status().map(|status| status.as_str())),
        reason: filled(event.resource_status_reason()),
    }
}
