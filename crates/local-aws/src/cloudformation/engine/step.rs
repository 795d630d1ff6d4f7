//! One resource on its way to what its definition says.

use std::collections::BTreeMap;

use cloudformation_template::Bound;
use serde_json::Map;
use serde_json::Value;
use uuid::Uuid;

use super::Work;
use super::making;
use crate::cloudformation::changes;
use crate::cloudformation::known_values;
use crate::cloudformation::known_values::KnownValues;
use crate::cloudformation::ledger;
use crate::cloudformation::ledger::Entry;
use crate::cloudformation::record::Definition;
use crate::cloudformation::record::Pending;
use crate::cloudformation::record::PendingKind;
use crate::cloudformation::record::Physical;
use crate::cloudformation::record::Resource;
use crate::cloudformation::resource_types;
use crate::cloudformation::stack_policy;
use crate::cloudformation::status::Status;
use crate::error::AwsError;
use crate::store::StoreError;

const REPLACES: &str =
    "Requested update requires the creation of a new physical resource; hence creating one.";
const INITIATED: &str = "Resource creation Initiated";

/// Brings a resource to what its definition says: it is made, changed, replaced, or left as it is.
///
/// # Errors
///
/// If the database cannot be read or written.
pub(super) async fn step(
    work: &Work<'_>,
    definition: &Definition,
    bound: &Bound,
    exports: &BTreeMap<String, String>,
    logical_id: &str,
) -> Result<bool, AwsError> {
    let Some(declared) = bound.resource(logical_id) else {
        return Ok(true);
    };
    let known = work.resource(logical_id)?;
    let mut resource = known.unwrap_or_else(|| Resource::new(logical_id, &declared.resource_type));
    if resource.done_by == work.operation() {
        return Ok(true);
    }
    let (pending, is_taken_up) = match resource.pending.take() {
        Some(pending) => (pending, true),
        None => {
            let wanted = match wanted(work, definition, bound, exports, &resource).await? {
                Ok(wanted) => wanted,
                Err(reason) => {
                    work.stop();
                    return refuse(work, resource, &reason, Value::Object(Map::new())).await;
                }
            };
            let Some(pending) = plan(work, &resource, wanted) else {
                return keep(work, definition, bound, exports, resource).await;
            };
            if let Err(reason) = allowed(work, &resource, &pending) {
                work.stop();
                return refuse(work, resource, &reason, pending.physical.shown).await;
            }
            resource.pending = Some(pending.clone());
            begin(work, resource.clone()).await?;
            resource.pending = None;
            (pending, false)
        }
    };
    match pending.kind {
        PendingKind::Creation => {
            let made = match resource_objection(logical_id, &pending.physical) {
                Some(reason) => Err((reason, None)),
                None => making::make(work, logical_id, pending.physical.clone(), is_taken_up).await,
            };
            finish_creation(work, resource, pending.physical, made).await
        }
        PendingKind::Change => {
            let old = resource
                .now
                .as_ref()
                .map_or(Value::Null, |now| now.properties.clone());
            let wanted = pending.physical;
            let changed = match resource_objection(logical_id, &wanted) {
                Some(reason) => Err(reason),
                None => making::change(work, logical_id, &old, wanted.clone()).await,
            };
            finish_change(work, resource, wanted, changed).await
        }
    }
}

/// What the definition wants of a resource, functions evaluated; a reason if that cannot be.
async fn wanted(
    work: &Work<'_>,
    definition: &Definition,
    bound: &Bound,
    exports: &BTreeMap<String, String>,
    resource: &Resource,
) -> Result<Result<Physical, String>, AwsError> {
    let logical_id = resource.logical_id.as_str();
    let Some(declared) = bound.resource(logical_id) else {
        return Ok(Err(format!("{logical_id} is not in the template")));
    };
    let dependencies: Vec<String> = bound
        .dependencies(logical_id)
        .into_iter()
        .map(str::to_owned)
        .collect();
    let mut values = KnownValues {
        exports: exports.clone(),
        ..KnownValues::default()
    };
    for id in &dependencies {
        if let Some(now) = work.resource(id)?.and_then(|resource| resource.now) {
            values.resources.insert(id.clone(), now);
        }
    }
    let references = match bound.dynamic_references(logical_id, &values) {
        Ok(references) => references,
        Err(error) => return Ok(Err(error.to_string())),
    };
    values.dynamic = known_values::resolve(work.services, work.caller, references).await;
    let evaluated = bound.properties(logical_id, &values);
    let metadata = bound.metadata(logical_id, &values);
    values.is_lenient = true;
    let shown = bound.properties(logical_id, &values);
    let (properties, metadata, shown) = match (evaluated, metadata, shown) {
        (Ok(properties), Ok(metadata), Ok(shown)) => (properties, metadata, shown),
        (Err(error), ..) | (_, Err(error), _) | (.., Err(error)) => {
            return Ok(Err(error.to_string()));
        }
    };
    let secrets: Vec<&str> = definition.secrets().collect();
    Ok(Ok(Physical {
        resource_type: declared.resource_type.clone(),
        id: None,
        attributes: Map::new(),
        shown: known_values::masked(&shown, secrets.into_iter()),
        properties: changes::normalized(&declared.resource_type, &properties),
        metadata,
        token: Uuid::new_v4().to_string(),
        stack_tags: work.stack.tags().to_vec(),
        dependencies,
        deletion_policy: declared.deletion_policy.into(),
        update_replace_policy: declared.update_replace_policy.into(),
    }))
}

/// What has to be done; `None` if nothing has.
fn plan(work: &Work<'_>, resource: &Resource, mut wanted: Physical) -> Option<Pending> {
    let kind = match &resource.now {
        Some(now) if resource.status != Status::CreateFailed => {
            let has_tags = changes::has_tags(&wanted.resource_type);
            let is_same = now.properties == wanted.properties
                && (now.stack_tags == wanted.stack_tags || !has_tags)
                && resource.status != Status::UpdateFailed;
            if is_same {
                return None;
            }
            if changes::needs_another(&wanted.resource_type, &now.properties, &wanted.properties) {
                PendingKind::Creation
            } else {
                wanted.id.clone_from(&now.id);
                wanted.attributes.clone_from(&now.attributes);
                wanted.token.clone_from(&now.token);
                PendingKind::Change
            }
        }
        _ => PendingKind::Creation,
    };
    if kind == PendingKind::Creation {
        let request = work.request(&resource.logical_id, &wanted);
        wanted.id = resource_types::planned_id(&request, &wanted.resource_type, &wanted.properties);
    }
    Some(Pending {
        kind,
        physical: wanted,
    })
}

/// Whether the stack's policy and the type's schema let this be done.
fn allowed(work: &Work<'_>, resource: &Resource, pending: &Pending) -> Result<(), String> {
    if work.stack.status == Status::UpdateInProgress && resource.now.is_some() {
        let action = match pending.kind {
            PendingKind::Creation => "Update:Replace",
            PendingKind::Change => "Update:Modify",
        };
        stack_policy::check(
            work.stack,
            action,
            &resource.logical_id,
            &resource.resource_type,
        )?;
    }
    Ok(())
}

/// What the schema of its type has against the properties.
fn resource_objection(logical_id: &str, wanted: &Physical) -> Option<String> {
    changes::objection(logical_id, &wanted.resource_type, &wanted.properties)
}

/// Nothing has to be done but to remember what no service knows of.
async fn keep(
    work: &Work<'_>,
    definition: &Definition,
    bound: &Bound,
    exports: &BTreeMap<String, String>,
    mut resource: Resource,
) -> Result<bool, AwsError> {
    let fresh = wanted(work, definition, bound, exports, &resource).await?;
    if let (Ok(fresh), Some(now)) = (fresh, &mut resource.now) {
        let differs = now.metadata != fresh.metadata;
        if differs && resource.before.is_none() {
            resource.before = Some(now.clone());
        }
        now.metadata = fresh.metadata;
        now.dependencies = fresh.dependencies;
        now.deletion_policy = fresh.deletion_policy;
        now.update_replace_policy = fresh.update_replace_policy;
        now.shown = fresh.shown;
    }
    resource.done_by = work.operation().to_owned();
    ledger::write(work.services, &work.stack.id, move |entry| {
        entry.put(&resource)
    })
    .await?;
    Ok(true)
}

async fn begin(work: &Work<'_>, mut resource: Resource) -> Result<(), AwsError> {
    ledger::write(work.services, &work.stack.id, move |entry| {
        let Some(pending) = resource.pending.clone() else {
            return Ok(());
        };
        resource.drift = None;
        let now = resource.physical_id().map(str::to_owned);
        let about = (now.as_deref(), &pending.physical.shown);
        match (pending.kind, resource.now.is_some()) {
            (PendingKind::Creation, false) => {
                entry.resource_event(&mut resource, Status::CreateInProgress, None, about)?;
            }
            (PendingKind::Creation, true) => {
                let reason = Some(REPLACES);
                entry.resource_event(&mut resource, Status::UpdateInProgress, reason, about)?;
            }
            (PendingKind::Change, _) => {
                entry.resource_event(&mut resource, Status::UpdateInProgress, None, about)?;
            }
        }
        entry.put(&resource)
    })
    .await
}

async fn finish_creation(
    work: &Work<'_>,
    mut resource: Resource,
    planned: Physical,
    made: Result<Physical, (String, Option<Physical>)>,
) -> Result<bool, AwsError> {
    let is_cancelled = work.is_stopped();
    if made.is_err() {
        work.stop();
    }
    let operation = work.operation().to_owned();
    ledger::write(work.services, &work.stack.id, move |entry| {
        let replaced = resource.now.is_some();
        let (begun, complete, failed) = if replaced {
            (
                Status::UpdateInProgress,
                Status::UpdateComplete,
                Status::UpdateFailed,
            )
        } else {
            (
                Status::CreateInProgress,
                Status::CreateComplete,
                Status::CreateFailed,
            )
        };
        let is_made = match made {
            Ok(physical) => {
                let id = physical.id.clone();
                let shown = physical.shown.clone();
                set_aside(&mut resource);
                resource.now = Some(physical);
                let about = (id.as_deref(), &shown);
                entry.resource_event(&mut resource, begun, Some(INITIATED), about)?;
                if is_cancelled {
                    let reason = if replaced {
                        "Resource update cancelled"
                    } else {
                        "Resource creation cancelled"
                    };
                    entry.resource_event(&mut resource, failed, Some(reason), about)?;
                } else {
                    entry.resource_event(&mut resource, complete, None, about)?;
                    resource.done_by = operation;
                }
                !is_cancelled
            }
            Err((reason, left)) => {
                let id = left.as_ref().and_then(|left| left.id.clone());
                let about = (id.as_deref(), &planned.shown);
                entry.resource_event(&mut resource, failed, Some(&reason), about)?;
                match left {
                    Some(left) if replaced => resource.leftovers.push(left),
                    left @ Some(_) => resource.now = left,
                    None => {}
                }
                false
            }
        };
        entry.put(&resource)?;
        Ok(is_made)
    })
    .await
}

/// What was there before an update is kept until the update is over.
fn set_aside(resource: &mut Resource) {
    if let Some(now) = resource.now.take() {
        if resource.before.is_none() && !resource.is_new {
            resource.before = Some(now);
        } else {
            resource.leftovers.push(now);
        }
    }
}

async fn finish_change(
    work: &Work<'_>,
    mut resource: Resource,
    wanted: Physical,
    changed: Result<Physical, String>,
) -> Result<bool, AwsError> {
    let is_cancelled = work.is_stopped();
    if changed.is_err() {
        work.stop();
    }
    let operation = work.operation().to_owned();
    ledger::write(work.services, &work.stack.id, move |entry| {
        let is_done = changed.is_ok() && !is_cancelled;
        let reason = match &changed {
            Ok(_) if is_cancelled => Some("Resource update cancelled".to_owned()),
            Ok(_) => None,
            Err(reason) => Some(reason.clone()),
        };
        // A change that failed may have had a part of its effect.
        let now = changed.unwrap_or(wanted);
        if resource.before.is_none() && !resource.is_new {
            resource.before = resource.now.take();
        }
        let (id, shown) = (now.id.clone(), now.shown.clone());
        resource.now = Some(now);
        let about = (id.as_deref(), &shown);
        let status = if is_done {
            Status::UpdateComplete
        } else {
            Status::UpdateFailed
        };
        entry.resource_event(&mut resource, status, reason.as_deref(), about)?;
        if is_done {
            resource.done_by = operation;
        }
        entry.put(&resource)?;
        Ok(is_done)
    })
    .await
}

/// A resource for which nothing is begun.
async fn refuse(
    work: &Work<'_>,
    mut resource: Resource,
    reason: &str,
    shown: Value,
) -> Result<bool, AwsError> {
    let reason = reason.to_owned();
    ledger::write(
        work.services,
        &work.stack.id,
        move |entry: &mut Entry<'_, '_>| {
            let status = match &resource.now {
                Some(_) => Status::UpdateFailed,
                None => Status::CreateFailed,
            };
            let id = resource.physical_id().map(str::to_owned);
            entry.resource_event(
                &mut resource,
                status,
                Some(&reason),
                (id.as_deref(), &shown),
            )?;
            entry.put(&resource)?;
            Ok::<_, StoreError>(false)
        },
    )
    .await
}
