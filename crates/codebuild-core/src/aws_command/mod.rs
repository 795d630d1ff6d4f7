//! `aws …` command lines: parsed as the AWS CLI parses them, run through the SDK.

mod arguments;
mod codebuild_operations;
mod command_error;
mod deploy;
mod ecr_login;
mod global_options;
pub(crate) mod json_call;
mod logs_operations;
mod model_facts;
mod model_operation;
mod model_services;
mod operations;
mod options;
mod output;
mod pagination;
mod parameter;
mod parameter_store_operations;
mod query_call;
mod required_members;
mod rest_json_call;
mod s3_call;
mod s3_commands;
mod s3_operations;
mod secrets_manager_operations;
mod service_model;
mod shorthand;
mod skeleton;
mod tail;
mod typed_call;
mod validation;
mod waiter;

use std::path::Path;

use serde_json::Map;
use serde_json::Value;

pub use self::command_error::CommandError;
pub use self::command_error::Place;
pub use self::command_error::Suggestion;

use self::arguments::Action;
use self::arguments::Arguments;
use self::output::OutputFormat;
use self::service_model::Shape;
use self::skeleton::Skeleton;
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
        ![
            "Assume",
            "BatchCheck",
            "BatchGet",
            "Describe",
            "Filter",
            "Get",
            "List",
            "Ls",
            "Simulate",
            "Tail",
            "Test",
            "Validate",
        ]
        .iter()
        .any(|prefix| name.starts_with(prefix))
            && name != s3_commands::SHOW
            && !matches!(self.arguments.action, Action::Wait(_))
    }

    /// Whether it goes on until it is interrupted, as `logs tail --follow` does.
    #[must_use]
    pub fn is_endless(&self) -> bool {
        matches!(&self.arguments.action, Action::Tail(tail) if tail.follow)
    }

    /// What it prints if that needs no call: the samples of `--generate-cli-skeleton`.
    ///
    /// # Errors
    ///
    /// If `--query` does not fit the sample.
    pub fn sample(&self) -> Result<Option<CommandOutput>, CallError> {
        let operation = self.arguments.operation;
        let Action::Skeleton(skeleton) = self.arguments.action else {
            return Ok(None);
        };
        let response = match skeleton {
            Skeleton::Input => skeleton.of(&operation.input()),
            Skeleton::Output => skeleton.of(&operation.output()),
        };
        let text = match skeleton {
            // Neither --query nor --output is for the input.
            Skeleton::Input => output::pretty(&response) + "\n",
            Skeleton::Output => self.render(&operation.output(), &response)?,
        };
        Ok(Some(CommandOutput { response, text }))
    }

    /// Runs it. What it prints comes as a whole, so an endless command never returns: see
    /// [`AwsCommand::run_to`].
    ///
    /// # Errors
    ///
    /// If the service refuses it or cannot be reached.
    pub async fn run(&self, session: &Session) -> Result<CommandOutput, CallError> {
        if !matches!(self.arguments.action, Action::Call | Action::Skeleton(_)) {
            let mut text = String::new();
            self.run_to(session, false, &mut |piece| text.push_str(piece))
                .await?;
            let response = Value::Object(Map::new());
            return Ok(CommandOutput { response, text });
        }
        if let Some(sample) = self.sample()? {
            return Ok(sample);
        }
        let Arguments {
            operation,
            input,
            global,
            ..
        } = &self.arguments;
        let session = self.session(session).await?;
        let answer = pagination::call(&session, operation, input, global).await?;
        let shape = operation.output();
        // The AWS CLI prints text page by page, so that --query sees one page at a time.
        let text = match global.output {
            OutputFormat::Text => answer
                .pages
                .iter()
                .map(|page| self.render(&shape, page))
                .collect::<Result<_, _>>()?,
            OutputFormat::Json | OutputFormat::Table => self.render(&shape, &answer.whole)?,
        };
        Ok(CommandOutput {
            response: answer.whole,
            text,
        })
    }

    /// Runs it and hands on what it prints as it comes, in `colour` where the AWS CLI has colours.
    ///
    /// # Errors
    ///
    /// If the service refuses it or cannot be reached.
    pub async fn run_to(
        &self,
        session: &Session,
        colour: bool,
        show: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), CallError> {
        if let Action::Tail(tail) = &self.arguments.action {
            let session = self.session(session).await?;
            return tail.run(&session, colour, show).await;
        }
        match &self.arguments.action {
            Action::Tail(_) | Action::Call | Action::Skeleton(_) => {
                show(&Box::pin(self.run(session)).await?.text);
            }
            Action::S3(command) => {
                let session = self.session(session).await?;
                command.run(&session, show).await?;
            }
            Action::Wait(waiter) => {
                let session = self.session(session).await?;
                let Arguments {
                    operation, input, ..
                } = &self.arguments;
                waiter.wait(&session, operation, input).await?;
            }
            Action::Deploy(deploy) => {
                let session = self.session(session).await?;
                deploy.run(&session, show).await?;
            }
            Action::LoginPassword => {
                let session = self.session(session).await?;
                show(&ecr_login::run(&session).await?);
            }
        }
        Ok(())
    }

    /// The session with what the command's own options change.
    async fn session(&self, session: &Session) -> Result<Session, CallError> {
        let global = &self.arguments.global;
        session
            .with_options(
                global.region.as_deref(),
                global.profile.as_deref(),
                global.endpoint_url.as_deref(),
            )
            .await
    }

    /// An answer as `--query` and `--output` have it.
    fn render(&self, shape: &Shape, response: &Value) -> Result<String, CallError> {
        let global = &self.arguments.global;
        let Arguments {
            operation, input, ..
        } = &self.arguments;
        let mut shown = output::as_the_cli_reads_it(shape, response);
        if let Action::Call = self.arguments.action {
            let pages = pagination::followed(operation, input, global);
            pagination::put_in_order(pages, response, &mut shown);
        }
        pagination::keep_token(response, &mut shown);
        if let Some(query) = &global.query {
            shown = query
                .search(&shown)
                .map_err(|reason| CallError::Query { reason })?;
        }
        Ok(output::render(&shown, global.output, self.operation()))
    }
}

/// Calls an operation of a service by its API name and gives the answer as it crossed the wire, one
/// page.
pub(crate) async fn call_service(
    session: &Session,
    service: &str,
    operation: &str,
    input: Value,
) -> Result<Value, CallError> {
    let found = operations::SERVICES
        .into_iter()
        .filter(|known| known.name == service)
        .flat_map(operations::Service::operations)
        .find(|known| known.name == operation);
    match found {
        Some(operation) => operation.send(session, input).await,
        None => Err(CallError::Request {
            operation: operation.to_owned(),
            reason: "this operation is not known here".to_owned(),
        }),
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
        .flat_map(operations::Service::operations)
        .find(|known| known.name == operation);
    match found {
        Some(operation) => operation.send(session, input).await,
        None => Err(CallError::Request {
            operation: operation.to_owned(),
            reason: "this operation is not known here".to_owned(),
        }),
    }
}
