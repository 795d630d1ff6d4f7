//! CreateFleet, UpdateFleet, DeleteFleet, BatchGetFleets, ListFleets.
//!
//! No machine is reserved: a fleet bounds how many of its builds run on this host at a time. So it
//! is ACTIVE at once, and gone at once.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;
use serde_json::Value;
use serde_json::json;

use super::fleet::ComputeConfiguration;
use super::fleet::Fleet;
use super::fleet::FleetStatus;
use super::fleet::ProxyConfiguration;
use super::fleet::ScalingConfiguration;
use super::fleet::VpcConfig;
use super::fleet_rules;
use super::lists;
use super::project::Tag;
use super::tags;
use crate::account::Account;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::StoreError;
use crate::timestamp::EpochSeconds;

/// What CreateFleet and UpdateFleet have in common.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct FleetInput {
    base_capacity: Option<i64>,
    environment_type: Option<String>,
    compute_type: Option<String>,
    compute_configuration: Option<ComputeConfiguration>,
    scaling_configuration: Option<ScalingConfiguration>,
    overflow_behavior: Option<String>,
    vpc_config: Option<VpcConfig>,
    proxy_configuration: Option<ProxyConfiguration>,
    image_id: Option<String>,
    fleet_service_role: Option<String>,
    tags: Option<Vec<Tag>>,
}

#[derive(Debug, Deserialize)]
pub(super) struct CreateFleetInput {
    name: String,
    #[serde(flatten)]
    fleet: FleetInput,
}

#[derive(Debug, Deserialize)]
pub(super) struct UpdateFleetInput {
    arn: String,
    #[serde(flatten)]
    fleet: FleetInput,
}

#[derive(Debug, Deserialize)]
pub(super) struct DeleteFleetInput {
    arn: String,
}

#[derive(Debug, Deserialize)]
pub(super) struct BatchGetFleetsInput {
    names: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct ListFleetsInput {
    sort_by: Option<String>,
    sort_order: Option<String>,
    next_token: Option<String>,
    max_results: Option<usize>,
}

#[derive(Debug, Serialize)]
pub(super) struct FleetOutput {
    fleet: Fleet,
}

/// CreateFleet.
pub(super) async fn create(
    services: &Services,
    input: CreateFleetInput,
) -> Result<FleetOutput, AwsError> {
    tags::check(input.fleet.tags.as_deref().unwrap_or_default())?;
    let now = EpochSeconds::now();
    let id = uuid::Uuid::new_v4().to_string();
    let mut fleet = Fleet {
        arn: services.account.fleet_arn(&input.name, &id),
        name: input.name,
        id,
        created: now,
        last_modified: now,
        status: FleetStatus {
            status_code: "ACTIVE".to_owned(),
        },
        base_capacity: 0,
        environment_type: String::new(),
        compute_type: String::new(),
        compute_configuration: None,
        scaling_configuration: None,
        overflow_behavior: "QUEUE".to_owned(),
        vpc_config: None,
        proxy_configuration: None,
        image_id: None,
        fleet_service_role: None,
        tags: Vec::new(),
    };
    apply(&mut fleet, input.fleet);
    fleet_rules::check(&fleet, &services.account)?;
    let fleet = services
        .store
        .write(move |transaction| {
            let mut fleets = transaction.open_table(store::FLEETS)?;
            let name = fleet.name.as_str();
            if let Some(there) = store::get::<Fleet>(&*fleets, name)? {
                return Err(StoreError::from(AwsError::new(
                    "ResourceAlreadyExistsException",
                    format!("Fleet already exists: {}", there.arn),
                )));
            }
            store::put(&mut fleets, name, &fleet)?;
            let created = fleet.created.millis();
            transaction
                .open_table(store::FLEETS_BY_CREATION)?
                .insert((created, name), ())?;
            transaction
                .open_table(store::FLEETS_BY_CHANGE)?
                .insert((created, name), ())?;
            drop(fleets);
            Ok(fleet)
        })
        .await?;
    Ok(show(services, fleet))
}

/// UpdateFleet: what the input does not name stays as it is. Builds that wait for a machine begin
/// if there are more now.
pub(super) async fn update(
    services: &Services,
    input: UpdateFleetInput,
) -> Result<FleetOutput, AwsError> {
    if !is_arn(&input.arn) {
        return Err(invalid_arn());
    }
    tags::check(input.fleet.tags.as_deref().unwrap_or_default())?;
    let account = services.account.clone();
    let fleet = services
        .store
        .write(move |transaction| {
            let mut fleets = transaction.open_table(store::FLEETS)?;
            let Some(mut fleet) = find(&*fleets, &input.arn, &account)? else {
                let message = format!("Fleet cannot be found: {}", input.arn);
                return Err(AwsError::not_found(message).into());
            };
            let before = fleet.last_modified.millis();
            apply(&mut fleet, input.fleet);
            fleet_rules::check(&fleet, &account)?;
            fleet.last_modified = EpochSeconds::now();
            let name = fleet.name.as_str();
            store::put(&mut fleets, name, &fleet)?;
            let mut by_change = transaction.open_table(store::FLEETS_BY_CHANGE)?;
            by_change.remove((before, name))?;
            by_change.insert((fleet.last_modified.millis(), name), ())?;
            drop(fleets);
            drop(by_change);
            Ok(fleet)
        })
        .await?;
    services.builds.machines().resize(&fleet);
    Ok(show(services, fleet))
}

/// DeleteFleet. A fleet that does not exist is no error. Its builds stay; those that have a machine
/// go on.
pub(super) async fn delete(
    services: &Services,
    input: DeleteFleetInput,
) -> Result<Value, AwsError> {
    if !is_arn(&input.arn) {
        return Err(invalid_arn());
    }
    let account = services.account.clone();
    services
        .store
        .write(move |transaction| {
            let mut fleets = transaction.open_table(store::FLEETS)?;
            let Some(fleet) = find(&*fleets, &input.arn, &account)? else {
                return Ok(());
            };
            let name = fleet.name.as_str();
            fleets.remove(name)?;
            transaction
                .open_table(store::FLEETS_BY_CREATION)?
                .remove((fleet.created.millis(), name))?;
            transaction
                .open_table(store::FLEETS_BY_CHANGE)?
                .remove((fleet.last_modified.millis(), name))?;
            Ok(())
        })
        .await?;
    Ok(json!({}))
}

/// BatchGetFleets: by name or ARN, in the order asked for.
pub(super) fn batch_get(
    services: &Services,
    input: &BatchGetFleetsInput,
) -> Result<Value, AwsError> {
    let (mut found, mut missing) = (Vec::new(), Vec::new());
    services.store.read(|transaction| {
        let fleets = transaction.open_table(store::FLEETS)?;
        for name in &input.names {
            let fleet = if is_arn(name) {
                find(&fleets, name, &services.account)?
            } else {
                store::get::<Fleet>(&fleets, name)?
            };
            match fleet {
                Some(fleet) => found.push(show(services, fleet).fleet),
                None => missing.push(name.as_str()),
            }
        }
        Ok(())
    })?;
    Ok(json!({ "fleets": found, "fleetsNotFound": missing }))
}

/// ListFleets: ARNs, by name, ascending, unless asked otherwise.
pub(super) fn list(services: &Services, input: &ListFleetsInput) -> Result<Value, AwsError> {
    let sort_by = input.sort_by.as_deref().unwrap_or("NAME");
    let descending = input.sort_order.as_deref() == Some("DESCENDING");
    let limit = input.max_results.unwrap_or(lists::PAGE);
    let list = format!("ListFleets/{sort_by}/{descending}");
    let after = lists::position(services, &list, input.next_token.as_deref())?;
    let page = services.store.read(|transaction| {
        let fleets = transaction.open_table(store::FLEETS)?;
        let names = if sort_by == "NAME" {
            lists::by_name(&fleets, after.as_deref(), descending, limit)?
        } else {
            let table = transaction.open_table(if sort_by == "CREATED_TIME" {
                store::FLEETS_BY_CREATION
            } else {
                store::FLEETS_BY_CHANGE
            })?;
            lists::by_time(&table, after.as_deref(), descending, limit)?
        };
        names.map(|name| {
            let fleet = store::get::<Fleet>(&fleets, &name)?;
            Ok(fleet.map_or(name, |fleet| fleet.arn))
        })
    })?;
    Ok(lists::reply(services, &list, "fleets", page))
}

/// The fleet that an ARN names. A fleet that was made again under the name has another ARN.
pub(crate) fn find(
    fleets: &impl ReadableTable<&'static str, &'static [u8]>,
    arn: &str,
    account: &Account,
) -> Result<Option<Fleet>, StoreError> {
    let Some(name) = account.fleet_name(arn) else {
        return Ok(None);
    };
    let fleet = store::get::<Fleet>(fleets, name)?;
    Ok(fleet.filter(|fleet| fleet.arn == arn))
}

/// Whether a text has the shape of a fleet's ARN.
pub(super) fn is_arn(text: &str) -> bool {
    let parts: Vec<&str> = text.splitn(6, ':').collect();
    matches!(parts[..], ["arn", _, "codebuild", _, _, resource]
        if resource.strip_prefix("fleet/").is_some_and(|rest| rest.contains(':')))
}

/// What CodeBuild answers to a text of another shape.
pub(super) fn invalid_arn() -> AwsError {
    AwsError::invalid_input("Invalid fleet ARN")
}

fn show(services: &Services, mut fleet: Fleet) -> FleetOutput {
    let used = services.builds.machines().in_use(&fleet.arn);
    if let Some(scaling) = &mut fleet.scaling_configuration {
        let used = i64::try_from(used).unwrap_or(i64::MAX);
        let most = scaling.max_capacity.unwrap_or(0).max(fleet.base_capacity);
        scaling.desired_capacity = Some(used.clamp(fleet.base_capacity, most));
    }
    FleetOutput { fleet }
}

/// A structure without any member takes away what was there.
fn apply(fleet: &mut Fleet, input: FleetInput) {
    fn set<T>(target: &mut T, value: Option<T>) {
        if let Some(value) = value {
            *target = value;
        }
    }
    fn set_unless_empty<T: Default + PartialEq>(target: &mut Option<T>, value: Option<T>) {
        if let Some(value) = value {
            *target = (value != T::default()).then_some(value);
        }
    }
    set(&mut fleet.base_capacity, input.base_capacity);
    set(&mut fleet.environment_type, input.environment_type);
    let has_configuration = input.compute_configuration.is_some();
    if let Some(compute_type) = input.compute_type {
        // The configuration belongs to the compute type that it came with.
        if compute_type != fleet.compute_type && !has_configuration {
            fleet.compute_configuration = None;
        }
        fleet.compute_type = compute_type;
    }
    set_unless_empty(
        &mut fleet.compute_configuration,
        input.compute_configuration,
    );
    let scaling = input.scaling_configuration.map(|mut scaling| {
        scaling.desired_capacity = None;
        scaling
    });
    set_unless_empty(&mut fleet.scaling_configuration, scaling);
    set(&mut fleet.overflow_behavior, input.overflow_behavior);
    set_unless_empty(&mut fleet.vpc_config, input.vpc_config);
    set_unless_empty(&mut fleet.proxy_configuration, input.proxy_configuration);
    if input.image_id.is_some() {
        fleet.image_id = input.image_id;
    }
    if input.fleet_service_role.is_some() {
        fleet.fleet_service_role = input.fleet_service_role;
    }
    if let Some(new) = input.tags {
        tags::replace(&mut fleet.tags, new);
    }
}
