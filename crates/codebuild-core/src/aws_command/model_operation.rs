//! Operations of a service model: what they take and give, and how they are called.

use serde_json::Value;

use super::json_call;
use super::model_facts::Model;
use super::model_facts::OperationFacts;
use super::model_facts::Protocol;
use super::operations::Operation;
use super::operations::Pages;
use super::operations::Source;
use super::query_call;
use super::rest_json_call;
use super::service_model::Shape;
use super::service_model::Structure;
use super::waiter::Waiter;
use crate::call_error::CallError;
use crate::direct_call::DirectService;
use crate::session::Session;

/// The operations of a service model, and what can be waited for with them.
#[derive(Debug)]
pub(crate) struct ModelOperations {
    pub(crate) operations: Vec<Operation>,
    pub(crate) waiters: Vec<Waiter>,
}

/// An operation of a service model.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ModelOperation {
    pub(super) service: DirectService,
    pub(super) model: &'static Model<'static>,
    pub(super) name: &'static str,
    pub(super) facts: &'static OperationFacts<'static>,
}

impl ModelOperations {
    /// Those of a model, and commands of the AWS CLI's own.
    pub(super) fn of(
        service: DirectService,
        model: &'static Model<'static>,
        commands: &[Operation],
    ) -> Self {
        let mut operations: Vec<Operation> = model
            .operations
            .iter()
            .map(|(name, facts)| Operation {
                name,
                positional: &[],
                pages: pages(facts),
                source: Source::Model(ModelOperation {
                    service,
                    model,
                    name,
                    facts,
                }),
            })
            .collect();
        operations.extend_from_slice(commands);
        let waiters = model.waiters.iter();
        Self {
            waiters: waiters
                .map(|(name, facts)| Waiter { name, facts })
                .collect(),
            operations,
        }
    }
}

impl ModelOperation {
    pub(super) fn input(self) -> Shape {
        self.shape(self.facts.input, "Input")
    }

    pub(super) fn output(self) -> Shape {
        let mut shape = self.shape(self.facts.output, "Output");
        if let ("GetTemplate", Shape::Structure(structure)) = (self.name, &mut shape) {
            for member in &mut structure.members {
                if member.name == "TemplateBody" {
                    member.shape = Shape::Template;
                }
            }
        }
        shape
    }

    fn shape(self, name: Option<&str>, what: &str) -> Shape {
        match name {
            Some(name) => self.model.shape_of(name),
            None => Shape::Structure(Structure {
                name: format!("{}{what}", self.name),
                members: Vec::new(),
                required: &[],
            }),
        }
    }

    /// Calls it with this input and gives the answer as it crossed the wire; XML as JSON.
    pub(super) async fn call(
        self,
        session: &Session,
        mut input: Value,
    ) -> Result<Value, CallError> {
        let shape = self.facts.input.and_then(|name| self.model.shape(name));
        for token in shape.iter().flat_map(|shape| &shape.tokens) {
            if input.get(token).is_none() {
                input[token] = Value::String(uuid::Uuid::new_v4().to_string());
            }
        }
        match self.model.protocol() {
            Protocol::Query | Protocol::Ec2 => query_call::call(session, self, &input).await,
            Protocol::RestJson => rest_json_call::call(session, self, &input).await,
            Protocol::Json => {
                let target = self.model.metadata.target_prefix;
                let input = json_call::on_the_wire(&self.input(), &input);
                json_call::call(session, self.service, target, self.name, input).await
            }
        }
    }
}

fn pages(facts: &'static OperationFacts<'static>) -> Option<Pages> {
    let pages = facts.pages.as_ref()?;
    Some(Pages {
        results: pages.results(),
        limit: pages.limit_key,
        tokens: (pages.input_token, pages.output_token),
        more: pages.more_results,
        kept: Some(&pages.non_aggregate_keys),
    })
}

#[cfg(test)]
mod tests {
    use crate::aws_command::operations::Operations;
    use crate::aws_command::operations::SERVICES;
    use crate::aws_command::service_model::Shape;

    #[test]
    fn every_model_can_be_read() {
        let mut count = 0;
        for service in SERVICES {
            if let Operations::Model(_) = service.operations {
                assert!(!service.operations().is_empty(), "{}", service.name);
                for operation in service.operations() {
                    assert!(matches!(operation.input(), Shape::Structure(_)));
                }
                count += 1;
            }
        }
        assert_eq!(count, 9);
    }
}
