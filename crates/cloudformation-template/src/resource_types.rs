//! Facts of resource types, as AWS publishes them on the CloudFormation registry: which properties
//! there are, what they may be, which of them need another resource when they change.
//!
//! The JSON files are made by `examples/resource_type_facts.rs`. What a type does with its
//! properties is not here.

mod check;
mod normal;
mod schema;

use std::collections::BTreeMap;
use std::collections::BTreeSet;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::Value;

pub use check::PropertyError;
pub use check::validation_failed;

use schema::Schema;

/// How alike names are that may be meant.
const ALIKE: f64 = 0.84;

/// How many names are suggested at most.
const SUGGESTIONS: usize = 3;

macro_rules! files {
    ($($file:literal),* $(,)?) => {
        [$(include_str!(concat!("resource_types/", $file, ".json"))),*]
    };
}

const FILES: [&str; 22] = files![
    "aws-cloudformation-waitconditionhandle",
    "aws-codebuild-project",
    "aws-codebuild-reportgroup",
    "aws-codebuild-sourcecredential",
    "aws-codecommit-repository",
    "aws-codestarnotifications-notificationrule",
    "aws-ecr-repository",
    "aws-events-rule",
    "aws-iam-managedpolicy",
    "aws-iam-policy",
    "aws-iam-role",
    "aws-iam-rolepolicy",
    "aws-logs-loggroup",
    "aws-logs-logstream",
    "aws-s3-bucket",
    "aws-s3-bucketpolicy",
    "aws-secretsmanager-secret",
    "aws-sns-subscription",
    "aws-sns-topic",
    "aws-sns-topicinlinepolicy",
    "aws-sns-topicpolicy",
    "aws-ssm-parameter",
];

/// What `Fn::GetAtt` takes besides the read-only properties: AWS's documents say so, its schemas do
/// not.
const MORE_ATTRIBUTES: [(&str, &[&str]); 2] = [
    ("AWS::SNS::Topic", &["TopicName"]),
    ("AWS::SSM::Parameter", &["Type", "Value"]),
];

/// The names of all types of AWS, those without facts here among them.
static NAMES: LazyLock<BTreeSet<&'static str>> =
    LazyLock::new(|| include_str!("resource_types/names.txt").lines().collect());

/// Read when the first is asked for.
static TYPES: LazyLock<BTreeMap<String, ResourceType>> = LazyLock::new(|| {
    FILES
        .iter()
        .filter_map(|text| serde_json::from_str(text).ok())
        .map(|resource_type: ResourceType| (resource_type.type_name.clone(), resource_type))
        .collect()
});

/// A type of resources.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ResourceType {
    type_name: String,
    #[serde(default)]
    primary_identifier: Vec<String>,
    #[serde(default)]
    create_only_properties: Vec<String>,
    #[serde(default)]
    conditional_create_only_properties: Vec<String>,
    #[serde(default)]
    read_only_properties: Vec<String>,
    #[serde(default)]
    write_only_properties: Vec<String>,
    tagging: Option<Tagging>,
    #[serde(default)]
    definitions: BTreeMap<String, Schema>,
    /// Of all properties together.
    #[serde(flatten)]
    schema: Schema,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
struct Tagging {
    tag_property: String,
    cloud_formation_system_tags: bool,
}

/// The type of this name, such as `AWS::IAM::Role`.
#[must_use]
pub fn of(name: &str) -> Option<&'static ResourceType> {
    TYPES.get(name)
}

/// All types, sorted by name.
pub fn all() -> impl Iterator<Item = &'static ResourceType> {
    TYPES.values()
}

/// Whether CloudFormation has a type of this name: one of AWS, or one that an account has for itself,
/// such as `Custom::Thing` or `Owner::Service::Thing`.
#[must_use]
pub fn exists(name: &str) -> bool {
    let is_own = || name.starts_with("Custom::") || name.split("::").count() == 3;
    NAMES.contains(name) || (!name.to_ascii_lowercase().starts_with("aws::") && is_own())
}

/// Names that may be meant by a name that is not one, the most likely first.
#[must_use]
pub fn like(name: &str) -> Vec<&'static str> {
    let plain = |name: &str| name.to_lowercase().replace("::", " ");
    let word = plain(name);
    let mut found: Vec<(f64, &'static str)> = NAMES
        .iter()
        .map(|known| (strsim::jaro_winkler(&word, &plain(known)), *known))
        .filter(|(likeness, _)| *likeness >= ALIKE)
        .collect();
    found.sort_by(|one, other| other.0.total_cmp(&one.0));
    found.truncate(SUGGESTIONS);
    found.into_iter().map(|(_, name)| name).collect()
}

impl ResourceType {
    /// Such as `AWS::IAM::Role`.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.type_name
    }

    /// Paths of the properties that need another resource when they change, such as `/RoleName`. A
    /// `*` stands for each element of a list.
    pub fn create_only(&self) -> impl Iterator<Item = &str> {
        paths(&self.create_only_properties)
    }

    /// Paths of the properties that need another resource in some cases.
    pub fn conditional_create_only(&self) -> impl Iterator<Item = &str> {
        paths(&self.conditional_create_only_properties)
    }

    /// Paths of the properties that nothing tells once they are set: drift is not seen there.
    pub fn write_only(&self) -> impl Iterator<Item = &str> {
        paths(&self.write_only_properties)
    }

    /// Paths of the properties that identify a resource.
    pub fn primary_identifier(&self) -> impl Iterator<Item = &str> {
        paths(&self.primary_identifier)
    }

    /// What `Fn::GetAtt` takes, nested names with dots.
    #[must_use]
    pub fn attributes(&self) -> Vec<String> {
        let read_only = paths(&self.read_only_properties);
        let read_only = read_only.map(|path| path.trim_start_matches('/').replace('/', "."));
        let more = MORE_ATTRIBUTES
            .iter()
            .filter(|(name, _)| *name == self.type_name)
            .flat_map(|(_, more)| more.iter().map(|name| (*name).to_owned()));
        read_only.chain(more).collect()
    }

    /// The names of all properties, those that only `Fn::GetAtt` gives among them.
    pub fn properties(&self) -> impl Iterator<Item = &str> {
        self.schema.properties.keys().map(String::as_str)
    }

    /// The name of the property that has the tags.
    #[must_use]
    pub fn tag_property(&self) -> Option<&str> {
        let tagging = self.tagging.as_ref()?;
        Some(tagging.tag_property.trim_start_matches("/properties/"))
    }

    /// Whether AWS puts the tags there that name the stack, such as `aws:cloudformation:stack-name`.
    #[must_use]
    pub fn has_system_tags(&self) -> bool {
        let tagging = self.tagging.as_ref();
        tagging.is_some_and(|tagging| tagging.cloud_formation_system_tags)
    }

    /// The default of a property, if the schema names one.
    #[must_use]
    pub fn default_of(&self, property: &str) -> Option<&Value> {
        self.schema.properties.get(property)?.default.as_ref()
    }

    /// Whether the order of a list does not count. `path` is such as `/Tags`.
    #[must_use]
    pub fn is_unordered(&self, path: &str) -> bool {
        self.at(path)
            .is_some_and(|schema| schema.insertion_order == Some(false))
    }

    /// The create-only properties that differ: if there are any, the resource is replaced.
    #[must_use]
    pub fn replaced_by(&self, old: &Value, new: &Value) -> Vec<&str> {
        let (old, new) = (self.normalized(old), self.normalized(new));
        self.create_only()
            .filter(|path| values_at(&old, path) != values_at(&new, path))
            .collect()
    }

    /// The properties with the types of the schema: templates may have `"true"` and `"5"` for
    /// booleans and numbers, and numbers and booleans for texts.
    #[must_use]
    pub fn normalized(&self, properties: &Value) -> Value {
        normal::of(self, &self.schema, properties)
    }

    /// What is wrong with the properties of a template. Empty if nothing is.
    #[must_use]
    pub fn check(&self, properties: &Value) -> Vec<PropertyError> {
        check::all(self, &self.normalized(properties))
    }

    /// Follows a reference into the definitions.
    fn resolved<'a>(&'a self, schema: &'a Schema) -> &'a Schema {
        let Some(name) = schema.definition() else {
            return schema;
        };
        self.definitions.get(name).unwrap_or(schema)
    }

    fn at(&self, path: &str) -> Option<&Schema> {
        path.split('/')
            .skip(1)
            .try_fold(&self.schema, |schema, name| {
                let schema = self.resolved(schema);
                let inner = match name == "*" || name.parse::<usize>().is_ok() {
                    true => schema.items.as_deref(),
                    false => schema.properties.get(name),
                };
                inner.map(|inner| self.resolved(inner))
            })
    }
}

/// Without the `/properties` that all begin with.
fn paths(pointers: &[String]) -> impl Iterator<Item = &str> {
    let pointers = pointers.iter();
    pointers.map(|pointer| pointer.strip_prefix("/properties").unwrap_or(pointer))
}

/// All values that a path leads to.
fn values_at<'a>(value: &'a Value, path: &str) -> Vec<&'a Value> {
    let names = path.split('/').skip(1);
    names.fold(vec![value], |values, name| {
        values
            .into_iter()
            .flat_map(|value| match (name, value) {
                ("*", Value::Array(elements)) => elements.iter().collect(),
                _ => value.get(name).into_iter().collect::<Vec<_>>(),
            })
            .collect()
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn resource_type(name: &str) -> &'static ResourceType {
        of(name).expect("the type is known")
    }

    #[test]
    fn every_file_is_read_with_its_references_and_patterns() {
        fn each<'a>(schema: &'a Schema, visit: &mut dyn FnMut(&'a Schema)) {
            visit(schema);
            let by_pattern = schema.pattern_properties.0.iter();
            let members = schema.properties.values();
            let members = members.chain(by_pattern.map(|(_, inner)| inner));
            let members = members.chain(schema.items.as_deref());
            let members = members.chain(&schema.any_of).chain(&schema.one_of);
            members
                .chain(&schema.all_of)
                .for_each(|inner| each(inner, visit));
        }
        assert_eq!(all().count(), FILES.len());
        for of_type in all() {
            let name = of_type.name();
            let mut visit = |schema: &Schema| {
                if let Some(definition) = schema.definition() {
                    assert!(
                        of_type.definitions.contains_key(definition),
                        "{name}: {definition}"
                    );
                }
                let by_name = schema.pattern_properties.0.iter();
                let patterns = schema
                    .pattern
                    .iter()
                    .chain(by_name.map(|(pattern, _)| pattern));
                for pattern in patterns {
                    assert!(pattern.compiled().is_some(), "{name}: {}", pattern.text);
                }
            };
            each(&of_type.schema, &mut visit);
            of_type
                .definitions
                .values()
                .for_each(|schema| each(schema, &mut visit));
        }
    }

    #[test]
    fn a_type_tells_what_stacks_need_to_know() {
        let bucket = resource_type("AWS::S3::Bucket");
        assert!(
            bucket
                .attributes()
                .contains(&"MetadataConfiguration.Destination".to_owned())
        );
        assert!(bucket.has_system_tags());
        let role = resource_type("AWS::IAM::Role");
        assert_eq!(
            role.create_only().collect::<Vec<_>>(),
            ["/Path", "/RoleName"]
        );
        assert_eq!(role.attributes(), ["Arn", "RoleId"]);
        assert_eq!(
            resource_type("AWS::SSM::Parameter").attributes(),
            ["Arn", "Type", "Value"]
        );
        assert_eq!(role.tag_property(), Some("Tags"));
        assert!(!role.has_system_tags());
        assert!(role.is_unordered("/Policies"));
        assert_eq!(role.default_of("Path"), Some(&json!("/")));
        assert_eq!(
            role.replaced_by(
                &json!({ "RoleName": 1 }),
                &json!({ "RoleName": "1", "Path": "/a/" })
            ),
            ["/Path"]
        );
    }

    #[test]
    fn values_get_the_types_of_the_schema() {
        let project = json!({
            "TimeoutInMinutes": "5",
            "BadgeEnabled": "true",
            "Environment": { "PrivilegedMode": "False", "EnvironmentVariables": [
                { "Name": "N", "Value": 8080 },
                { "Name": "B", "Value": true },
            ] },
        });
        assert_eq!(
            resource_type("AWS::CodeBuild::Project").normalized(&project),
            json!({
                "TimeoutInMinutes": 5,
                "BadgeEnabled": true,
                "Environment": { "PrivilegedMode": false, "EnvironmentVariables": [
                    { "Name": "N", "Value": "8080" },
                    { "Name": "B", "Value": "true" },
                ] },
            })
        );
    }

    #[test]
    fn a_type_exists_without_facts_of_it() {
        for name in [
            "AWS::EC2::Instance",
            "AWS::S3::Bucket",
            "Custom::Thing",
            "Owner::Service::Thing",
        ] {
            assert!(exists(name), "{name}");
        }
        for name in ["AWS::S3::Buket", "aws::s3::bucket", "Bucket", "S3::Bucket"] {
            assert!(!exists(name), "{name}");
        }
        for of_type in all() {
            assert!(exists(of_type.name()), "{}", of_type.name());
        }
    }

    #[test]
    fn a_name_that_is_not_one_has_suggestions() {
        assert!(of("AWS::S3::Buket").is_none());
        assert_eq!(like("AWS::S3::Buket")[0], "AWS::S3::Bucket");
        assert_eq!(like("aws::iam::role")[0], "AWS::IAM::Role");
        assert_eq!(like("AWS::EC2::Instanc")[0], "AWS::EC2::Instance");
    }
}
