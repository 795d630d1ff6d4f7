//! The operations that a command line can name.

use std::future::Future;
use std::pin::Pin;

use serde_json::Value;

use super::codebuild_operations;
use super::logs_operations;
use super::parameter_store_operations;
use super::s3_commands;
use super::s3_operations;
use super::secrets_manager_operations;
use super::service_model::Shape;
use super::service_model::Structure;
use super::sts_operations;
use crate::call_error::CallError;
use crate::session::Session;

/// An answer under way.
pub(crate) type Answer<'a> = Pin<Box<dyn Future<Output = Result<Value, CallError>> + Send + 'a>>;

/// A service that a command line can name.
#[derive(Debug)]
pub(crate) struct Service {
    /// The AWS CLI's name, such as `codebuild`.
    pub(crate) name: &'static str,
    pub(crate) operations: &'static [Operation],
}

/// An operation that a command line can name.
#[derive(Debug)]
pub(crate) struct Operation {
    /// The API's name, such as `CreateProject`.
    pub(crate) name: &'static str,
    pub(crate) input: fn() -> Shape,
    pub(crate) output: fn() -> Shape,
    /// The members that are given without their options, in commands of the AWS CLI's own.
    pub(crate) positional: &'static [&'static str],
    /// How pages are followed, if the AWS CLI follows them.
    pub(crate) pages: Option<Pages>,
    /// Calls it with this input and gives the answer as it crossed the wire.
    pub(crate) send: for<'a> fn(&'a Session, Value) -> Answer<'a>,
}

/// The members of a paginated operation (the service models' paginators).
#[derive(Clone, Copy, Debug)]
pub(crate) struct Pages {
    /// The output members that grow page by page.
    pub(crate) results: &'static [&'static str],
    /// The input member for `--page-size`, if there is one.
    pub(crate) limit: Option<&'static str>,
}

/// The member that carries a page token, in input and output, of every operation here.
pub(crate) const NEXT_TOKEN: &str = "nextToken";

/// Every service.
pub(crate) const SERVICES: [&Service; 7] = [
    &codebuild_operations::CODEBUILD,
    &logs_operations::LOGS,
    &s3_commands::S3,
    &s3_operations::S3API,
    &secrets_manager_operations::SECRETS_MANAGER,
    &parameter_store_operations::SSM,
    &sts_operations::STS,
];

impl Operation {
    /// The AWS CLI's name, such as `create-project`.
    pub(crate) fn command(&self) -> String {
        command_case(self.name)
    }

    /// The input's members.
    pub(crate) fn input_structure(&self) -> Structure {
        match (self.input)() {
            Shape::Structure(structure) => structure,
            _ => Structure {
                name: format!("{}Input", self.name),
                members: Vec::new(),
            },
        }
    }
}

/// `gitCloneDepth` or `GitCloneDepth` as the AWS CLI writes it: `git-clone-depth`. A run of
/// capitals is one word, as in `insecureSSL`.
pub(crate) fn command_case(name: &str) -> String {
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
    }
}
