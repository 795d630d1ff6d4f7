//! `AWS::SecretsManager::Secret`.

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

const TYPE: &str = "AWS::SecretsManager::Secret";

const SECRETS_MANAGER: Service = Service {
    signing_name: "secretsmanager",
    shown_name: "SecretsManager",
};

/// What the local Secrets Manager does not do.
const UNSUPPORTED: [(&str, &str); 2] = [
    ("ReplicaRegions", "it has one region only"),
    ("Type", "it has no managed external secrets"),
];

/// Secrets Manager makes the end of the ARN.
pub(super) fn planned_id(_request: &Request<'_>, _properties: &Value) -> Option<String> {
    None
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    let tags = request.tags(tags::own(properties), true);
    let mut input = json!({
        "Name": name(request, properties),
        "Tags": tags::to_list(&tags),
    });
    for property in ["Description", "KmsKeyId"] {
        properties::copy(properties, property, &mut input, property);
    }
    if let Some(value) = value(request, properties).await? {
        input["SecretString"] = value.into();
    }
    let output = request.ask(SECRETS_MANAGER, "CreateSecret", input).await?;
    Ok(made(properties::text(&output, "ARN")))
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    properties::refuse(new, &UNSUPPORTED)?;
    let secret = secret(request, physical_id)
        .await?
        .ok_or_else(|| Failure::not_found(TYPE, physical_id))?;
    let mut input = json!({
        "SecretId": physical_id,
        "Description": properties::text(new, "Description"),
    });
    properties::copy(new, "KmsKeyId", &mut input, "KmsKeyId");
    // A value that nothing new is said about stays, also if it was generated or rotated.
    let says_other = |name: &str| old.get(name) != new.get(name);
    if (says_other("SecretString") || says_other("GenerateSecretString"))
        && let Some(value) = value(request, new).await?
    {
        input["SecretString"] = value.into();
    }
    request.ask(SECRETS_MANAGER, "UpdateSecret", input).await?;
    let wanted = request.tags(tags::own(new), true);
    let change = tags::change(&tags::of_list(&secret["Tags"]), &wanted);
    if !change.removed.is_empty() {
        let input = json!({ "SecretId": physical_id, "TagKeys": change.removed });
        request.ask(SECRETS_MANAGER, "UntagResource", input).await?;
    }
    if !change.put.is_empty() {
        let input = json!({ "SecretId": physical_id, "Tags": tags::to_list(&change.put) });
        request.ask(SECRETS_MANAGER, "TagResource", input).await?;
    }
    Ok(made(physical_id))
}

/// At once, without a recovery window: its name is free again.
pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    if secret(request, physical_id).await?.is_none() {
        return Ok(());
    }
    let input = json!({ "SecretId": physical_id, "ForceDeleteWithoutRecovery": true });
    let deleted = request.ask(SECRETS_MANAGER, "DeleteSecret", input).await;
    failure::if_there(deleted).map(|_| ())
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Live, Failure> {
    let Some(secret) = secret(request, physical_id).await? else {
        return Ok(None);
    };
    let mut live = Map::new();
    for name in ["Name", "Description", "KmsKeyId"] {
        if let Some(value) = secret.get(name) {
            live.insert(name.to_owned(), value.clone());
        }
    }
    let tags = tags::of_list(&secret["Tags"]);
    live.insert("Tags".to_owned(), tags::live(request, &tags, properties));
    // Nobody is shown the value: what the template says is taken for it.
    for name in ["SecretString", "GenerateSecretString"] {
        properties::copy_live(properties, name, &mut live);
    }
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let found = secret(request, &name(request, properties)).await?;
    let ours = found.filter(|secret| tags::are_of(request, &tags::of_list(&secret["Tags"])));
    Ok(ours.map(|secret| made(properties::text(&secret, "ARN"))))
}

/// A secret that is there and not about to be deleted.
async fn secret(request: &Request<'_>, id: &str) -> Result<Option<Value>, Failure> {
    let input = json!({ "SecretId": id });
    let found = request.ask(SECRETS_MANAGER, "DescribeSecret", input).await;
    let found = failure::if_there(found)?;
    Ok(found.filter(|secret| secret.get("DeletedDate").is_none()))
}

/// The value: given, or generated.
async fn value(request: &Request<'_>, properties: &Value) -> Result<Option<String>, Failure> {
    let given = properties.get("SecretString").and_then(Value::as_str);
    match (given, properties.get("GenerateSecretString")) {
        (Some(_), Some(_)) => Err(Failure::of_handler(
            "InvalidRequest",
            "You can't specify both SecretString and GenerateSecretString.",
        )),
        (given, None) => Ok(given.map(str::to_owned)),
        (None, Some(how)) => generated(request, how).await.map(Some),
    }
}

/// A random password, alone or as a member of the template's object.
async fn generated(request: &Request<'_>, how: &Value) -> Result<String, Failure> {
    let mut input = how.clone();
    let key = how.get("GenerateStringKey").and_then(Value::as_str);
    let template = how.get("SecretStringTemplate").and_then(Value::as_str);
    if let Some(members) = input.as_object_mut() {
        members.remove("GenerateStringKey");
        members.remove("SecretStringTemplate");
        members
            .entry("RequireEachIncludedType")
            .or_insert(true.into());
    }
    let output = request
        .ask(SECRETS_MANAGER, "GetRandomPassword", input)
        .await?;
    let password = properties::text(&output, "RandomPassword").to_owned();
    match (key, template) {
        (None, None) => Ok(password),
        (Some(key), Some(template)) => match serde_json::from_str(template) {
            Ok(Value::Object(mut members)) => {
                members.insert(key.to_owned(), password.into());
                Ok(Value::Object(members).to_string())
            }
            _ => Err(Failure::of_handler(
                "InvalidRequest",
                "SecretStringTemplate must be a JSON object.",
            )),
        },
        _ => Err(Failure::of_handler(
            "InvalidRequest",
            "You must specify both SecretStringTemplate and GenerateStringKey, or neither.",
        )),
    }
}

fn made(arn: &str) -> Made {
    Made::new(arn, [("Id", arn.into())])
}

/// Without a name it is the logical id, without the stack's name.
fn name(request: &Request<'_>, properties: &Value) -> String {
    names::given_or(properties, "Name", || {
        format!("{}-{}", request.logical_id, names::suffix(request))
    })
}
