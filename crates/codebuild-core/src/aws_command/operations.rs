//! The operations that a command line can name.

use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;

use serde_json::Value;

use super::codebuild_operations;
use super::logs_operations;
use super::model_operation::ModelOperation;
use super::model_operation::ModelOperations;
use super::model_services;
use super::parameter_store_operations;
use super::s3_commands;
use super::s3_operations;
use super::secrets_manager_operations;
use super::service_model::Shape;
use super::service_model::Structure;
use super::waiter::Waiter;
use crate::call_error::CallError;
use crate::session::Session;

/// An answer under way.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, CallError>> + Send + 'a>>;

/// A service that a command line can name.
#[derive(Debug)]
pub(crate) struct Service {
    /// The AWS CLI's name, such as `codebuild`.
    pub(crate) name: &'static str,
    pub(crate) operations: Operations,
}

/// The operations of a service.
#[derive(Debug)]
pub(crate) enum Operations {
    Written(&'static [Operation]),
    /// Those of a service model, which is read when the service is named.
    Model(&'static LazyLock<ModelOperations>),
}

/// An operation that a command line can name.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Operation {
    /// The API's name, such as `CreateProject`.
    pub(crate) name: &'static str,
    /// The members that are given without their options, in commands of the AWS CLI's own.
    pub(crate) positional: &'static [&'static str],
    /// How pages are followed, if the AWS CLI follows them.
    pub(crate) pages: Option<Pages>,
    pub(crate) source: Source,
}

/// What an operation takes and gives, and how it is called.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Source {
    Written {
        input: fn() -> Shape,
        output: fn() -> Shape,
        /// Calls it with this input and gives the answer as it crossed the wire.
        send: for<'a> fn(&'a Session, Value) -> Answer<'a>,
    },
    /// As the service model has it.
    Model(ModelOperation),
    /// A command of the AWS CLI's own, which is no operation of the API.
    Command(fn() -> Shape),
}

/// The members of a paginated operation (the service models' paginators).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages {
    /// The output members that grow page by page.
    pub(crate) results: &'static [&'static str],
    /// The input member for `--page-size`, if there is one.
    pub(crate) limit: Option<&'static str>,
    /// The members that carry a page token, in input and output.
    pub(crate) tokens: (&'static str, &'static str),
    /// The output member that says whether there are more pages, if not the token alone does.
    pub(crate) more: Option<&'static str>,
    /// Other output members that are shown, from the first page. `None` is all.
    pub(crate) kept: Option<&'static [&'static str]>,
}

/// The member that carries a page token in the operations that are written down here.
pub(crate) const NEXT_TOKEN: &str = "nextToken";

/// Every service. Those that are read from a model come last, so that a search by operation reads
/// none of them for nothing.
pub(crate) const SERVICES: [&Service; 15] = [
    &codebuild_operations::CODEBUILD,
    &logs_operations::LOGS,
    &s3_commands::S3,
    &s3_operations::S3API,
    &secrets_manager_operations::SECRETS_MANAGER,
    &parameter_store_operations::SSM,
    &model_services::CLOUDFORMATION,
    &model_services::CODECOMMIT,
    &model_services::CODESTAR_NOTIFICATIONS,
    &model_services::EC2,
    &model_services::ECR,
    &model_services::EVENTS,
    &model_services::IAM,
    &model_services::SNS,
    &model_services::STS,
];

impl Pages {
    /// Pages whose tokens are called [`NEXT_TOKEN`] and of which everything is shown.
    pub(crate) const fn of(
        results: &'static [&'static str],
        limit: Option<&'static str>,
    ) -> Option<Self> {
        Some(Self {
            results,
            limit,
            tokens: (NEXT_TOKEN, NEXT_TOKEN),
            more: None,
            kept: None,
        })
    }
}

impl Service {
    pub(crate) fn operations(&self) -> &'static [Operation] {
        match self.operations {
            Operations::Written(operations) => operations,
            Operations::Model(model) => &model.operations,
        }
    }

    /// What `aws SERVICE wait` can wait for.
    pub(crate) fn waiters(&self) -> &'static [Waiter] {
        match self.operations {
            Operations::Written(_) => &[],
            Operations::Model(model) => &model.waiters,
        }
    }
}

impl Operation {
    /// The AWS CLI's name, such as `create-project`.
    pub(crate) fn command(&self) -> String {
        command_case(self.name)
    }

    /// Whether it is a command of the AWS CLI's own, and no operation of an API.
    pub(crate) fn is_own(&self) -> bool {
        !self.positional.is_empty() || matches!(self.source, Source::Command(_))
    }

    /// The AWS CLI's name for the option of a member, such as `--stack-name`.
    pub(crate) fn option_of(&self, member: &str) -> String {
        // The AWS CLI's own names, where its global options have the member's (argrename.py).
        match (self.name, member) {
            ("Subscribe", "Endpoint") => "--notification-endpoint".to_owned(),
            _ => format!("--{}", command_case(member)),
        }
    }

    pub(crate) fn input(&self) -> Shape {
        match self.source {
            Source::Written { input, .. } | Source::Command(input) => input(),
            Source::Model(operation) => operation.input(),
        }
    }

    pub(crate) fn output(&self) -> Shape {
        match self.source {
            Source::Written { output, .. } => output(),
            Source::Model(operation) => operation.output(),
            Source::Command(_) => Shape::Document,
        }
    }

    /// Calls it with this input and gives the answer as it crossed the wire.
    pub(crate) fn send<'a>(&self, session: &'a Session, input: Value) -> Answer<'a> {
        match self.source {
            Source::Written { send, .. } => send(session, input),
            Source::Model(operation) => Box::pin(operation.call(session, input)),
            Source::Command(_) => {
                let operation = self.name.to_owned();
                Box::pin(async {
                    Err(CallError::Request {
                        operation,
                        reason: "it is a command of the AWS CLI and no operation".to_owned(),
                    })
                })
            }
        }
    }

    /// The input's members.
    pub(crate) fn input_structure(&self) -> Structure {
        match self.input() {
            Shape::Structure(structure) => structure,
            _ => Structure {
                name: format!("{}Input", self.name),
                members: Vec::new(),
                required: &[],
            },
        }
    }
}

/// `gitCloneDepth` or `GitCloneDepth` as the AWS CLI writes it: `git-clone-depth`. A run of
/// capitals is one word, as in `insecureSSL`, also with an s at the end, as in `NotificationARNs`.
pub(crate) fn command_case(name: &str) -> String {
    if let Some(before) = name.strip_suffix('s') {
        let rest = before.trim_end_matches(|character: char| character.is_ascii_uppercase());
        if before.len() - rest.len() >= 2 {
            let last = name[rest.len()..].to_ascii_lowercase();
            return match rest {
                "" => last,
                rest => format!("{}-{last}", command_case(rest)),
            };
        }
    }
    let characters: Vec<char> = name.chars().collect();
    let mut words = String::with_capacity(name.len() + 4);
    for (index, &character) in characters.iter().enumerate() {
        let after_small = index > 0
            && (characters[index - 1].is_lowercase() || characters[index - 1].is_numeric());
        let before_small = index > 0
            && characters[index - 1].is_uppercase()
            && characters
                .get(index + 1)
                .is_some_and(|next| next.is_lowercase());
        if character.is_uppercase() && (after_small || before_small) {
            words.push('-');
        }
        words.extend(character.to_lowercase());
    }
    words
}

#[cfg(test)]
mod tests {
    use super::command_case;

    #[test]
    fn names_are_written_as_the_cli_writes_them() {
        assert_eq!(command_case("BatchGetProjects"), "batch-get-projects");
        assert_eq!(
            command_case("gitCloneDepthOverride"),
            "git-clone-depth-override"
        );
        assert_eq!(command_case("insecureSslOverride"), "insecure-ssl-override");
        assert_eq!(command_case("ids"), "ids");
        assert_eq!(command_case("NotificationARNs"), "notification-arns");
        assert_eq!(command_case("RoleARN"), "role-arn");
        assert_eq!(command_case("TemplateURL"), "template-url");
    }
}
