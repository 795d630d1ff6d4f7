//! `aws …` command lines: parsed as the AWS CLI parses them, run through the SDK.

mod arguments;
mod codebuild_operations;
mod command_error;
mod global_options;
mod logs_operations;
mod operations;
mod output;
mod pagination;
mod parameter;
mod service_model;
mod shorthand;
mod sts_operations;
mod validation;

use std::path::Path;

use serde_json::Value;

pub use self::command_error::CommandError;
pub use self::command_error::Place;
pub use self::command_error::Suggestion;

use self::arguments::Arguments;
use self::output::OutputFormat;
use crate::call_error::CallError;
use crate::session::Session;

/// An `aws …` command line, parsed as the AWS CLI parses it.
#[derive(Clone, Debug)]
pub struct AwsCommand {
    arguments: Arguments,
}

/// What an `aws` command printed and returned.
#[derive(Clone, Debug)]
pub struct CommandOutput {
    /// The response before `--query`, as it crossed the wire; of several pages, the whole.
    pub response: Value,
    /// What the AWS CLI would print with these `--query` and `--output`, newline included; empty if
    /// the CLI prints nothing.
    pub text: String,
}

impl AwsCommand {
    /// Parses words that follow `aws`. `directory` is where `file://` paths are relative to; the
    /// files are read here.
    ///
    /// # Errors
    ///
    /// If a service, operation, option or value is not known or does not fit.
    pub fn parse(words: &[String], directory: &Path) -> Result<Self, CommandError> {
        let arguments = arguments::parse(words, directory)?;
        Ok(Self { arguments })
    }

    /// The service, such as `codebuild`.
    #[must_use]
    pub fn service(&self) -> &'static str {
        self.arguments.service.name
    }

    /// The API operation, such as `CreateProject`.
    #[must_use]
    pub fn operation(&self) -> &'static str {
        self.arguments.operation.name
    }

    /// The operation's input, as it will be sent.
    #[must_use]
    pub fn input(&self) -> &Value {
        &self.arguments.input
    }

    /// Whether the operation changes something (it does not list, get or describe).
    #[must_use]
    pub fn changes_something(&self) -> bool {
        let name = self.operation();
        !["BatchGet", "Describe", "Filter", "Get", "List"]
            .iter()
            .any(|prefix| name.starts_with(prefix))
    }

    /// Runs it.
    ///
    /// # Errors
    ///
    /// If the service refuses it or cannot be reached.
    pub async fn run(&self, session: &Session) -> Result<CommandOutput, CallError> {
        let Arguments {
            operation,
            input,
            global,
            ..
        } = &self.arguments;
        let session = session
            .with_options(
                global.region.as_deref(),
                global.profile.as_deref(),
                global.endpoint_url.as_deref(),
            )
            .await?;
        let answer = pagination::call(&session, operation, input, global).await?;
        let shape = (operation.output)();
        let render = |response: &Value| -> Result<String, CallError> {
            let mut shown = output::as_the_cli_reads_it(&shape, response);
            pagination::keep_token(response, &mut shown);
            if let Some(query) = &global.query {
                shown = query
                    .search(&shown)
                    .map_err(|reason| CallError::Query { reason })?;
            }
            Ok(output::render(&shown, global.output, operation.name))
        };
        // The AWS CLI prints text page by page, so that --query sees one page at a time.
        let text = match global.output {
            OutputFormat::Text => answer.pages.iter().map(render).collect::<Result<_, _>>()?,
            OutputFormat::Json | OutputFormat::Table => render(&answer.whole)?,
        };
        Ok(CommandOutput {
            response: answer.whole,
            text,
        })
    }
}

/// Calls an operation by its API name and gives the answer as it crossed the wire, one page.
pub(crate) async fn call(
    session: &Session,
    operation: &str,
    input: Value,
) -> Result<Value, CallError> {
    let found = operations::SERVICES
        .into_iter()
        .flat_map(|service| service.operations)
        .find(|known| known.name == operation);
    match found {
        Some(operation) => (operation.send)(session, input).await,
        None => Err(CallError::Request {
            operation: operation.to_owned(),
            reason: "this operation is not known here".to_owned(),
        }),
    }
}
