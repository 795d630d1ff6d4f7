//! `AWS::SSM::Parameter`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Live;
use super::Made;
use super::Request;
use super::failure;
use super::names;
use super::properties;
use super::request::Service;
use super::tags;

const TYPE: &str = "AWS::SSM::Parameter";

const SSM: Service = Service {
    signing_name: "ssm",
    shown_name: "Ssm",
};

/// What the local Parameter Store does not do.
const UNSUPPORTED: [(&str, &str); 1] = [("Policies", "its parameters have no policies")];

/// Properties that PutParameter has by the same name.
const MEMBERS: [&str; 6] = [
    "Type",
    "Value",
    "Description",
    "AllowedPattern",
    "Tier",
    "DataType",
];

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(name(request, properties))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let name = name(request, properties);
    let tags = request.tags(tags::own(properties), true);
    let mut input = put(&name, properties);
    input["Tags"] = tags::to_list(&tags);
    match request.ask(SSM, "PutParameter", input).await {
        Ok(_) => Ok(made(request, &name, properties)),
        Err(failure) if failure.is_already_exists() => Err(Failure::already_exists(TYPE, name)),
        Err(failure) => Err(failure),
    }
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    properties::refuse(new, &UNSUPPORTED)?;
    if parameter(request, physical_id).await?.is_none() {
        return Err(Failure::not_found(TYPE, physical_id));
    }
    if MEMBERS.iter().any(|name| old.get(name) != new.get(name)) {
        let mut input = put(physical_id, new);
        input["Overwrite"] = true.into();
        request.ask(SSM, "PutParameter", input).await?;
    }
    let there = tags_of(request, physical_id).await?;
    let change = tags::change(&there, &request.tags(tags::own(new), true));
    let mut input = json!({ "ResourceType": "Parameter", "ResourceId": physical_id });
    if !change.removed.is_empty() {
        let mut input = input.clone();
        input["TagKeys"] = change.removed.into();
        request.ask(SSM, "RemoveTagsFromResource", input).await?;
    }
    if !change.put.is_empty() {
        input["Tags"] = tags::to_list(&change.put);
        request.ask(SSM, "AddTagsToResource", input).await?;
    }
    Ok(made(request, physical_id, new))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let input = json!({ "Name": physical_id });
    let deleted = request.ask(SSM, "DeleteParameter", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let Some(parameter) = parameter(request, physical_id).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for name in ["Name", "Type", "Value", "DataType"] {
        if let Some(value) = parameter.get(name) {
            live.insert(name.to_owned(), value.clone());
        }
    }
    let input = json!({
        "ParameterFilters": [{ "Key": "Name", "Option": "Equals", "Values": [physical_id] }],
    });
    let described = request.ask(SSM, "DescribeParameters", input).await?;
    for name in ["Description", "AllowedPattern", "Tier"] {
        if let Some(value) = described["Parameters"][0].get(name) {
            live.insert(name.to_owned(), value.clone());
        }
    }
    let tags = tags_of(request, physical_id).await?;
    let mut shape = properties.clone();
    // The tags of this type are a map.
    if shape.get("Tags").is_none() {
        shape["Tags"] = json!({});
    }
    live.insert("Tags".to_owned(), tags::live(request, &tags, &shape));
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = name(request, properties);
    if parameter(request, &name).await?.is_none() {
        return Ok(None);
    }
    let is_ours = tags::are_of(request, &tags_of(request, &name).await?);
    Ok(is_ours.then(|| made(request, &name, properties)))
}

fn put(name: &str, properties: &Value) -> Value {
    let mut input = json!({ "Name": name });
    for member in MEMBERS {
        properties::copy(properties, member, &mut input, member);
    }
    input
}

async fn parameter(request: &Request<'_>, name: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "Name": name });
    let found = request.ask(SSM, "GetParameter", input).await;
    let found = failure::if_there(found)?;
    Ok(found.map(|mut found| found["Parameter"].take()))
}

async fn tags_of(request: &Request<'_>, name: &str) -> Result<tags::Tags, Failure> {
    let input = json!({ "ResourceType": "Parameter", "ResourceId": name });
    let shown = request.ask(SSM, "ListTagsForResource", input).await?;
    Ok(tags::of_list(&shown["TagList"]))
}

fn made(request: &Request<'_>, name: &str, properties: &Value) -> Made {
    let arn = request.services.account.parameter_arn(name);
    Made::new(
        name,
        [
            ("Arn", arn.into()),
            ("Type", properties["Type"].clone()),
            ("Value", properties["Value"].clone()),
        ],
    )
}

/// Without a name it is `CFN-` and the logical id, without the stack's name.
fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "Name", || {
        format!("CFN-{}-{}", request.logical_id, names::suffix(request))
    })
}
