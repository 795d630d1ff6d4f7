//! A stack followed until CloudFormation has come to an end with it.

use std::pin::pin;

use codebuild_core::Session;
use codebuild_core::StackEvent;
use codebuild_core::StackMark;
use codebuild_core::StackNews;
use codebuild_core::explain_stack_failure;
use codebuild_core::follow_stack;
use futures_util::StreamExt;

use crate::command_error::CommandError;
use crate::drive::Signals;
use crate::ui::StackView;
use crate::ui::Ui;

/// How it ended.
pub(super) struct Followed {
    /// Such as `CREATE_COMPLETE`.
    pub(super) status: String,
    /// Why, if CloudFormation says so.
    reason: Option<String>,
    pub(super) events: Vec<StackEvent>,
}

impl Followed {
    /// Whether it ended as it should.
    pub(super) fn succeeded(&self) -> bool {
        matches!(
            self.status.as_str(),
            "CREATE_COMPLETE" | "UPDATE_COMPLETE" | "DELETE_COMPLETE" | "IMPORT_COMPLETE"
        )
    }

    /// Whether what failed may succeed a moment later.
    pub(super) fn passes(&self) -> bool {
        let failures = explain_stack_failure(&self.events);
        !failures.is_empty() && failures.iter().all(|failure| failure.passes)
    }

    /// Says what failed, why, and what to do.
    pub(super) fn explain(&self, ui: &Ui) {
        let failures = explain_stack_failure(&self.events);
        if !failures.is_empty() {
            ui.line("");
            ui.out(&ui.screen().stack_failures(&failures));
        } else if let Some(reason) = &self.reason {
            ui.line(&format!("CloudFormation says: {reason}"));
        }
    }
}

/// Follows a stack. Ctrl-C leaves: CloudFormation goes on by itself, and `later` says how to see it.
///
/// # Errors
///
/// If the stack cannot be seen any more, or the person leaves.
pub(super) async fn follow(
    ui: &Ui,
    session: &Session,
    stack_id: &str,
    mark: StackMark,
    silent: bool,
    later: &str,
) -> Result<Followed, CommandError> {
    let mut signals = Signals::listen()?;
    let mut view = StackView::new(ui, silent);
    let mut news = pin!(follow_stack(session, stack_id, mark));
    loop {
        let next = signals.or_interrupt(news.next()).await;
        match next {
            None => {
                view.finish();
                return Err(CommandError::interrupted().hinted(format!(
                    "CloudFormation goes on without us. To see how far it is: {later}"
                )));
            }
            Some(Some(Ok(StackNews::Event(event)))) => view.show(event),
            Some(Some(Ok(StackNews::Finished { status, reason }))) => {
                view.finish();
                return Ok(Followed {
                    status,
                    reason,
                    events: view.events().to_vec(),
                });
            }
            Some(Some(Err(error))) => {
                view.finish();
                return Err(CommandError::from(error).hinted(format!("To look again: {later}")));
            }
            Some(None) => {
                return Err(
                    CommandError::step("the stack was not seen to come to an end")
                        .hinted(format!("To look again: {later}")),
                );
            }
        }
    }
}
