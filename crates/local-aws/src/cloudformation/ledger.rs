//! Reads and writes records of stacks. What happens to a stack and the events that tell of it are
//! written in one transaction.

use std::collections::BTreeMap;

use jiff::Timestamp;
use redb::ReadableTable;
use serde_json::Value;
use serde_json::json;
use uuid::Uuid;

use super::record::Resource;
use super::record::Stack;
use super::status::Status;
use super::validation;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;
use crate::store::Write;
use crate::timestamp::EpochSeconds;

/// The type of a stack in its own events.
pub(super) const STACK: &str = "AWS::CloudFormation::Stack";

/// The stack of this name that is not deleted, or of this id.
pub(super) fn find(store: &Store, name_or_id: &str) -> Result<Option<Stack>, AwsError> {
    store.read(|transaction| {
        let id = if name_or_id.starts_with("arn:") {
            name_or_id.to_owned()
        } else {
            let names = transaction.open_table(store::STACK_NAMES)?;
            match names.get(name_or_id)? {
                Some(id) => id.value().to_owned(),
                None => return Ok(None),
            }
        };
        store::get(&transaction.open_table(store::STACKS)?, &id)
    })
}

/// The same, if there must be one.
///
/// # Errors
///
/// `ValidationError` if there is none.
pub(super) fn stack(store: &Store, name_or_id: &str) -> Result<Stack, AwsError> {
    find(store, name_or_id)?.ok_or_else(|| no_stack(name_or_id))
}

/// A stack that is not there.
pub(super) fn no_stack(name_or_id: &str) -> AwsError {
    validation(format!("Stack with id {name_or_id} does not exist"))
}

/// All stacks, those that are deleted too, the newest first.
pub(super) fn stacks(store: &Store) -> Result<Vec<Stack>, AwsError> {
    let mut stacks: Vec<Stack> = store.read(|transaction| {
        let mut stacks = Vec::new();
        for entry in transaction.open_table(store::STACKS)?.iter()? {
            stacks.push(serde_json::from_slice(entry?.1.value())?);
        }
        Ok(stacks)
    })?;
    stacks.sort_by(|a, b| b.created.cmp(&a.created).then_with(|| a.id.cmp(&b.id)));
    Ok(stacks)
}

/// A stack's resources by logical id.
pub(super) fn resources(store: &Store, id: &str) -> Result<BTreeMap<String, Resource>, AwsError> {
    store.read(|transaction| resources_in(&transaction.open_table(store::STACK_RESOURCES)?, id))
}

/// One of them.
pub(super) fn resource(
    store: &Store,
    id: &str,
    logical_id: &str,
) -> Result<Option<Resource>, AwsError> {
    store.read(|transaction| {
        let table = transaction.open_table(store::STACK_RESOURCES)?;
        match table.get((id, logical_id))? {
            Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
            None => Ok(None),
        }
    })
}

fn resources_in(
    table: &impl ReadableTable<(&'static str, &'static str), &'static [u8]>,
    id: &str,
) -> Result<BTreeMap<String, Resource>, StoreError> {
    let mut resources = BTreeMap::new();
    for entry in table.range((id, "")..)? {
        let (key, value) = entry?;
        let (stack, logical_id) = key.value();
        if stack != id {
            break;
        }
        resources.insert(
            logical_id.to_owned(),
            serde_json::from_slice(value.value())?,
        );
    }
    Ok(resources)
}

/// A stack's events as DescribeStackEvents shows them, with their numbers, the newest first:
/// `length` of those before the number.
pub(super) fn events(
    store: &Store,
    id: &str,
    before: u64,
    length: usize,
) -> Result<Vec<(u64, Value)>, AwsError> {
    store.read(|transaction| {
        let table = transaction.open_table(store::STACK_EVENTS)?;
        let mut events = Vec::new();
        for entry in table.range((id, 0)..(id, before))?.rev().take(length) {
            let (key, value) = entry?;
            events.push((key.value().1, serde_json::from_slice(value.value())?));
        }
        Ok(events)
    })
}

/// A write about one stack.
pub(super) struct Entry<'w, 't> {
    pub(super) write: &'w Write<'t>,
    stack: Stack,
    is_changed: bool,
}

impl Entry<'_, '_> {
    /// The stack as it is.
    pub(super) const fn stack(&self) -> &Stack {
        &self.stack
    }

    /// The stack, to be changed.
    pub(super) const fn change(&mut self) -> &mut Stack {
        self.is_changed = true;
        &mut self.stack
    }

    /// One of its resources.
    pub(super) fn resource(&self, logical_id: &str) -> Result<Option<Resource>, StoreError> {
        let table = self.write.open_table(store::STACK_RESOURCES)?;
        match table.get((self.stack.id.as_str(), logical_id))? {
            Some(bytes) => Ok(Some(serde_json::from_slice(bytes.value())?)),
            None => Ok(None),
        }
    }

    /// All of them.
    pub(super) fn resources(&self) -> Result<BTreeMap<String, Resource>, StoreError> {
        let table = self.write.open_table(store::STACK_RESOURCES)?;
        resources_in(&*table, &self.stack.id)
    }

    pub(super) fn put(&self, resource: &Resource) -> Result<(), StoreError> {
        let mut table = self.write.open_table(store::STACK_RESOURCES)?;
        let key = (self.stack.id.as_str(), resource.logical_id.as_str());
        table.insert(key, serde_json::to_vec(resource)?.as_slice())?;
        Ok(())
    }

    pub(super) fn remove(&self, logical_id: &str) -> Result<(), StoreError> {
        let mut table = self.write.open_table(store::STACK_RESOURCES)?;
        table.remove((self.stack.id.as_str(), logical_id))?;
        Ok(())
    }

    /// The stack gets a status, and an event tells so.
    pub(super) fn enter(&mut self, status: Status, reason: Option<&str>) -> Result<(), StoreError> {
        let stack = self.change();
        stack.status = status;
        stack.reason = reason.map(str::to_owned);
        let mut event = json!({
            "EventId": Uuid::new_v4().to_string(),
            "LogicalResourceId": stack.name,
            "PhysicalResourceId": stack.id,
            "ResourceType": STACK,
            "ResourceStatus": status,
        });
        if let Some(reason) = reason {
            event["ResourceStatusReason"] = reason.into();
        }
        self.event(event)
    }

    /// A resource gets a status, and an event tells so. It is about another physical resource than
    /// the current one if `physical` is given.
    pub(super) fn resource_event(
        &self,
        resource: &mut Resource,
        status: Status,
        reason: Option<&str>,
        physical: (Option<&str>, &Value),
    ) -> Result<(), StoreError> {
        resource.status = status;
        resource.reason = reason.map(str::to_owned);
        resource.updated = EpochSeconds::now();
        let time = Timestamp::now().strftime("%Y-%m-%dT%H:%M:%S.%3fZ");
        let mut event = json!({
            "EventId": format!("{}-{status}-{time}", resource.logical_id),
            "LogicalResourceId": resource.logical_id,
            "PhysicalResourceId": physical.0.unwrap_or_default(),
            "ResourceType": resource.resource_type,
            "ResourceStatus": status,
            "ResourceProperties": physical.1.to_string(),
        });
        if let Some(reason) = reason {
            event["ResourceStatusReason"] = reason.into();
        }
        self.event(event)
    }

    fn event(&self, mut event: Value) -> Result<(), StoreError> {
        let stack = &self.stack;
        event["StackId"] = stack.id.as_str().into();
        event["StackName"] = stack.name.as_str().into();
        event["OperationId"] = stack.operation.id.as_str().into();
        event["Timestamp"] = serde_json::to_value(EpochSeconds::now())?;
        if let Some(token) = &stack.operation.token {
            event["ClientRequestToken"] = token.as_str().into();
        }
        let mut table = self.write.open_table(store::STACK_EVENTS)?;
        let id = stack.id.as_str();
        let last = match table.range((id, 0)..=(id, u64::MAX))?.next_back() {
            Some(entry) => entry?.0.value().1,
            None => 0,
        };
        table.insert((id, last + 1), serde_json::to_vec(&event)?.as_slice())?;
        let has_topics =
            |definition: &super::record::Definition| !definition.notification_arns.is_empty();
        if stack.definition.as_ref().is_some_and(has_topics) {
            let mut notices = self.write.open_table(store::STACK_NOTICES)?;
            notices.insert((id, last + 1), ())?;
        }
        Ok(())
    }
}

/// Writes about a stack that is there.
///
/// # Errors
///
/// As `change`, or if the stack is not there.
pub(super) async fn write<T: Send + 'static>(
    services: &Services,
    id: &str,
    change: impl FnOnce(&mut Entry<'_, '_>) -> Result<T, StoreError> + Send + 'static,
) -> Result<T, AwsError> {
    let id = id.to_owned();
    let output = services
        .store
        .write(move |write| {
            let stack = store::get(&*write.open_table(store::STACKS)?, &id)?;
            let stack = stack.ok_or_else(|| no_stack(&id))?;
            let mut entry = Entry {
                write,
                stack,
                is_changed: false,
            };
            let output = change(&mut entry)?;
            if entry.is_changed {
                let mut stacks = write.open_table(store::STACKS)?;
                store::put(&mut stacks, &id, &entry.stack)?;
            }
            Ok(output)
        })
        .await;
    services.stacks.notices().notify_one();
    output
}

/// Adds a stack with its first event, unless its name is taken.
///
/// # Errors
///
/// `AlreadyExistsException`.
pub(super) async fn add(services: &Services, stack: Stack) -> Result<(), AwsError> {
    services
        .store
        .write(move |write| {
            let mut names = write.open_table(store::STACK_NAMES)?;
            if names.get(stack.name.as_str())?.is_some() {
                return Err(already_exists(&stack.name).into());
            }
            names.insert(stack.name.as_str(), stack.id.as_str())?;
            drop(names);
            let (status, reason) = (stack.status, stack.reason.clone());
            let mut entry = Entry {
                write,
                stack,
                is_changed: true,
            };
            entry.enter(status, reason.as_deref())?;
            let mut stacks = write.open_table(store::STACKS)?;
            store::put(&mut stacks, &entry.stack.id, &entry.stack)
        })
        .await?;
    services.stacks.notices().notify_one();
    Ok(())
}

/// A name that another stack has.
pub(super) fn already_exists(name: &str) -> AwsError {
    AwsError::new(
        "AlreadyExistsException",
        format!("Stack [{name}] already exists"),
    )
}
