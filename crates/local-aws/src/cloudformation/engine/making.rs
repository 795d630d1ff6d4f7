//! Makes and removes physical resources, and says what is left when that fails.

use serde_json::Value;

use super::Work;
use crate::cloudformation::record::Physical;
use crate::cloudformation::resource_types;
use crate::cloudformation::resource_types::Failure;
use crate::cloudformation::resource_types::Made;

/// Makes what is planned. Something that an interrupted try has made is found first.
///
/// # Errors
///
/// The reason, and what is there all the same and has to be deleted.
pub(super) async fn make(
    work: &Work<'_>,
    logical_id: &str,
    mut planned: Physical,
    is_taken_up: bool,
) -> Result<Physical, (String, Option<Physical>)> {
    if is_taken_up && let Some(found) = find(work, logical_id, &planned).await {
        return match found {
            Ok(made) => Ok(with(planned, made)),
            Err(failure) => Err((failure.reason, Some(planned))),
        };
    }
    let request = work.request(logical_id, &planned);
    let resource_type = &planned.resource_type;
    match resource_types::create(&request, resource_type, &planned.properties).await {
        Ok(made) => Ok(with(planned, made)),
        Err(failure) if failure.handler_error_code == "AlreadyExists" => {
            Err((failure.reason, None))
        }
        Err(failure) => {
            // A part of it may be there.
            let left = match find(work, logical_id, &planned).await {
                Some(Ok(made)) => {
                    planned.id = Some(made.physical_id);
                    Some(planned)
                }
                Some(Err(_)) => planned.id.is_some().then_some(planned),
                None => None,
            };
            Err((failure.reason, left))
        }
    }
}

/// What an interrupted creation has made; `None` if nothing is there.
pub(super) async fn find(
    work: &Work<'_>,
    logical_id: &str,
    planned: &Physical,
) -> Option<Result<Made, Failure>> {
    let request = work.request(logical_id, planned);
    resource_types::find(&request, &planned.resource_type, &planned.properties)
        .await
        .transpose()
}

/// Changes a physical resource into what is wanted.
///
/// # Errors
///
/// The reason.
pub(super) async fn change(
    work: &Work<'_>,
    logical_id: &str,
    old: &Value,
    wanted: Physical,
) -> Result<Physical, String> {
    let request = work.request(logical_id, &wanted);
    let id = wanted.id.as_deref().unwrap_or_default();
    let changed =
        resource_types::update(&request, &wanted.resource_type, id, old, &wanted.properties);
    match changed.await {
        Ok(made) => Ok(with(wanted, made)),
        Err(failure) => Err(failure.reason),
    }
}

/// Removes a physical resource. It is fine if it is not there.
///
/// # Errors
///
/// The reason.
pub(super) async fn remove(
    work: &Work<'_>,
    logical_id: &str,
    physical: &Physical,
) -> Result<(), String> {
    let Some(id) = physical.id.as_deref() else {
        return Ok(());
    };
    let request = work.request(logical_id, physical);
    resource_types::delete(&request, &physical.resource_type, id, &physical.properties)
        .await
        .map_err(|failure| failure.reason)
}

fn with(mut physical: Physical, made: Made) -> Physical {
    physical.id = Some(made.physical_id);
    physical.attributes = made.attributes;
    physical
}
