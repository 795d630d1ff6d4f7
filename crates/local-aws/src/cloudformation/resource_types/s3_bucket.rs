//! `AWS::S3::Bucket`.

use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::Failure;
use super::Made;
use super::Request;
use super::live;
use super::names;
use super::properties;
use super::s3_lifecycle;
use super::scalars;
use super::tags;
use crate::error::AwsError;
use crate::s3::Bucket;
use crate::s3::Encryption;
use crate::s3::LifecycleRule;

/// Names that are not given are as long as this at most.
const LONGEST: usize = 63;

/// What the local S3 does not do.
const UNSUPPORTED: [(&str, &str); 18] = [
    ("AbacStatus", "nobody but you is kept out"),
    ("AccelerateConfiguration", "there is nothing to accelerate"),
    ("AnalyticsConfigurations", "it analyses no storage"),
    ("BucketNamePrefix", "give the bucket a name"),
    ("BucketNamespace", "names are unique on this machine"),
    ("CorsConfiguration", "it answers no preflight requests"),
    ("IntelligentTieringConfigurations", "there is one storage class"),
    ("InventoryConfigurations", "it writes no inventories"),
    ("LoggingConfiguration", "it writes no access logs"),
    ("MetadataConfiguration", "it has no metadata tables"),
    ("MetadataTableConfiguration", "it has no metadata tables"),
    ("MetricsConfigurations", "it has no request metrics"),
    ("NotificationConfiguration", "it sends no events of objects"),
    ("ObjectLockConfiguration", "it locks no objects"),
    ("ObjectLockEnabled", "it locks no objects"),
    ("ReplicationConfiguration", "it does not replicate"),
    ("VersioningConfiguration", "objects have one version"),
    ("WebsiteConfiguration", "it serves no websites"),
];

/// The settings of a public access block, in the order of [`Bucket::public_access_block`].
const BLOCKS: [&str; 4] = [
    "BlockPublicAcls",
    "IgnorePublicAcls",
    "BlockPublicPolicy",
    "RestrictPublicBuckets",
];

/// What properties say about a bucket.
struct Settings {
    tags: tags::Tags,
    encryption: Encryption,
    /// `None` leaves a new bucket as S3 makes it.
    public_access_block: Option<[bool; 4]>,
    ownership: Option<String>,
    lifecycle: Vec<LifecycleRule>,
}

pub(super) fn planned_id(request: &Request<'_>, properties: &Value) -> Option<String> {
    Some(names::given_or(properties, "BucketName", || {
        names::generated_lower_case(request, LONGEST)
    }))
}

pub(super) async fn create(request: &Request<'_>, properties: &Value) -> Result<Made, Failure> {
    let settings = settings(request, properties)?;
    let name = planned_id(request, properties).unwrap_or_default();
    let buckets = &request.services.buckets;
    let created = buckets.create_bucket_with(&name, |bucket| settings.put(bucket));
    match created.await {
        Ok(()) => Ok(made(request, &name)),
        Err(error) if error.code == "BucketAlreadyOwnedByYou" => Err(Failure::of_handler(
            "AlreadyExists",
            format_args!("{name} already exists (Service: S3, Status Code: 0, Request ID: null)"),
        )),
        Err(error) => Err(refused(&error)),
    }
}

pub(super) async fn update(
    request: &Request<'_>,
    physical_id: &str,
    _old: &Value,
    new: &Value,
) -> Result<Made, Failure> {
    let settings = settings(request, new)?;
    let buckets = &request.services.buckets;
    buckets
        .change_bucket(physical_id.to_owned(), |bucket| settings.put(bucket))
        .await
        .map_err(|error| refused(&error))?;
    Ok(made(request, physical_id))
}

pub(super) async fn delete(
    request: &Request<'_>,
    physical_id: &str,
    _properties: &Value,
) -> Result<(), Failure> {
    let deleted = request.services.buckets.delete_bucket(physical_id.to_owned());
    match deleted.await {
        Err(error) if error.code != "NoSuchBucket" => Err(refused(&error)),
        _ => Ok(()),
    }
}

pub(super) async fn read(
    request: &Request<'_>,
    physical_id: &str,
    properties: &Value,
) -> Result<Option<Map<String, Value>>, Failure> {
    let Some(bucket) = bucket(request, physical_id)? else {
        return Ok(None);
    };
    let shown = json!({
        "BucketName": physical_id,
        "AccessControl": "Private",
        "BucketEncryption": { "ServerSideEncryptionConfiguration": [shown(&bucket.encryption)] },
        "PublicAccessBlockConfiguration": bucket.public_access_block.map(|block| {
            BLOCKS
                .iter()
                .zip(block)
                .map(|(name, setting)| ((*name).to_owned(), setting.into()))
                .collect::<Map<String, Value>>()
        }),
        "OwnershipControls": bucket
            .ownership
            .map(|ownership| json!({ "Rules": [{ "ObjectOwnership": ownership }] })),
        "LifecycleConfiguration": s3_lifecycle::shown(&bucket.lifecycle),
    });
    let Value::Object(mut live) = live::like(properties, &shown) else {
        return Ok(None);
    };
    live::put_tags(request, &bucket.tags, properties, &mut live);
    Ok(Some(live))
}

pub(super) async fn find(
    request: &Request<'_>,
    properties: &Value,
) -> Result<Option<Made>, Failure> {
    let name = planned_id(request, properties).unwrap_or_default();
    let bucket = bucket(request, &name)?;
    let is_ours = bucket.is_some_and(|bucket| tags::are_of(request, &bucket.tags));
    Ok(is_ours.then(|| made(request, &name)))
}

/// What S3 has answered.
pub(super) fn refused(error: &AwsError) -> Failure {
    let code = match error.code {
        "NoSuchBucket" | "NoSuchBucketPolicy" => "NotFound",
        "BucketNotEmpty" => "GeneralServiceException",
        "LocalStorageException" => "ServiceInternalError",
        _ => "InvalidRequest",
    };
    let id = || uuid::Uuid::new_v4().simple().to_string().to_uppercase();
    Failure::of_handler(
        code,
        format_args!(
            "{} (Service: S3, Status Code: {}, Request ID: {}, Extended Request ID: {}) (SDK Attempt Count: 1)",
            error.message.as_deref().unwrap_or("null"),
            error.status.as_u16(),
            id().get(..16).unwrap_or_default(),
            id(),
        ),
    )
}

fn bucket(request: &Request<'_>, name: &str) -> Result<Option<Bucket>, Failure> {
    match request.services.buckets.bucket(name) {
        Ok(bucket) => Ok(Some(bucket)),
        Err(error) if error.code == "NoSuchBucket" => Ok(None),
        Err(error) => Err(refused(&error)),
    }
}

fn made(request: &Request<'_>, name: &str) -> Made {
    let region = &request.services.account.region;
    // Older regions have a hyphen where newer ones have a dot.
    let old = ["us-east-1", "us-west-1", "us-west-2", "eu-west-1", "sa-east-1"];
    let old = old.contains(&region.as_str()) || region.starts_with("ap-") && region.ends_with('1');
    let sign = if old { '-' } else { '.' };
    Made::new(
        name,
        [
            ("Arn", format!("arn:aws:s3:::{name}").into()),
            ("DomainName", format!("{name}.s3.amazonaws.com").into()),
            (
                "DualStackDomainName",
                format!("{name}.s3.dualstack.{region}.amazonaws.com").into(),
            ),
            (
                "RegionalDomainName",
                format!("{name}.s3.{region}.amazonaws.com").into(),
            ),
            (
                "WebsiteURL",
                format!("http://{name}.s3-website{sign}{region}.amazonaws.com").into(),
            ),
        ],
    )
}

impl Settings {
    fn put(self, bucket: &mut Bucket) {
        bucket.tags = self.tags;
        bucket.encryption = self.encryption;
        bucket.lifecycle = self.lifecycle;
        if let Some(block) = self.public_access_block {
            bucket.public_access_block = Some(block);
        }
        if let Some(ownership) = self.ownership {
            bucket.ownership = Some(ownership);
        }
    }
}

fn settings(request: &Request<'_>, properties: &Value) -> Result<Settings, Failure> {
    properties::refuse(properties, &UNSUPPORTED)?;
    if !matches!(properties::text(properties, "AccessControl"), "" | "Private") {
        let why = "it has no access control lists";
        return Err(Failure::unsupported_property("AccessControl", why));
    }
    let block = properties.get("PublicAccessBlockConfiguration");
    let rules = properties::list(&properties["OwnershipControls"], "Rules");
    let ownership = rules
        .first()
        .map(|rule| properties::text(rule, "ObjectOwnership").to_owned());
    Ok(Settings {
        tags: request.tags(tags::own(properties), true),
        encryption: encryption(&properties["BucketEncryption"])?,
        public_access_block: block
            .map(|block| BLOCKS.map(|setting| scalars::is_true(&block[setting]))),
        ownership: ownership.filter(|ownership| !ownership.is_empty()),
        lifecycle: s3_lifecycle::rules(&properties["LifecycleConfiguration"])?,
    })
}

fn encryption(property: &Value) -> Result<Encryption, Failure> {
    let rules = properties::list(property, "ServerSideEncryptionConfiguration");
    let Some(rule) = rules.first() else {
        return Ok(Encryption::default());
    };
    if rules.len() > 1 {
        return Err(invalid("A bucket has one rule for its encryption."));
    }
    if rule.get("BlockedEncryptionTypes").is_some() {
        let pointer = "BucketEncryption/ServerSideEncryptionConfiguration/0/BlockedEncryptionTypes";
        return Err(Failure::unsupported_property(pointer, "it blocks none"));
    }
    let default = &rule["ServerSideEncryptionByDefault"];
    let algorithm = properties::text(default, "SSEAlgorithm");
    let key = properties::text(default, "KMSMasterKeyID");
    if algorithm == "AES256" && !key.is_empty() {
        return Err(invalid(
            "a KMSMasterKeyID is not applicable if the default sse algorithm is not aws:kms or aws:kms:dsse",
        ));
    }
    let bucket_key = rule.get("BucketKeyEnabled");
    Ok(Encryption {
        algorithm: if algorithm.is_empty() {
            Encryption::default().algorithm
        } else {
            algorithm.to_owned()
        },
        key_id: Some(key.to_owned()).filter(|key| !key.is_empty()),
        bucket_key: bucket_key.map(scalars::is_true),
    })
}

fn shown(encryption: &Encryption) -> Value {
    json!({
        "ServerSideEncryptionByDefault": {
            "SSEAlgorithm": encryption.algorithm,
            "KMSMasterKeyID": encryption.key_id,
        },
        "BucketKeyEnabled": encryption.bucket_key.unwrap_or(false),
    })
}

/// A refusal in the form of S3's own.
pub(super) fn invalid(message: &str) -> Failure {
    refused(&AwsError::new("InvalidArgument", message))
}
