//! The errors of ECR, in its own words where they are known.

use crate::account::Account;
use crate::error::AwsError;

/// A parameter that breaks a rule.
pub(super) fn invalid(parameter: &str, constraint: &str) -> AwsError {
    AwsError::new(
        "InvalidParameterException",
        format!("Invalid parameter at '{parameter}' failed to satisfy constraint: '{constraint}'"),
    )
}

/// A parameter that must be there.
pub(super) fn required<T>(parameter: &str, value: Option<T>) -> Result<T, AwsError> {
    value.ok_or_else(|| invalid(parameter, "must not be null"))
}

pub(super) fn no_such_repository(name: &str, registry: &str) -> AwsError {
    AwsError::new(
        "RepositoryNotFoundException",
        format!(
            "The repository with name '{name}' does not exist in the registry with id '{registry}'"
        ),
    )
}

pub(super) fn no_such_image(
    digest: Option<&str>,
    tag: Option<&str>,
    repository: &str,
    account: &Account,
) -> AwsError {
    AwsError::new(
        "ImageNotFoundException",
        format!(
            "The image with imageId {{imageDigest:'{}', imageTag:'{}'}} does not exist within the \
             repository with name '{repository}' in the registry with id '{}'",
            digest.unwrap_or("null"),
            tag.unwrap_or("null"),
            account.id
        ),
    )
}

pub(super) fn tag_is_immutable(tag: &str, repository: &str) -> AwsError {
    AwsError::new(
        "ImageTagAlreadyExistsException",
        format!(
            "The image tag '{tag}' already exists in the '{repository}' repository and cannot be \
             overwritten because the tag is immutable."
        ),
    )
}

pub(super) fn no_such_upload(upload: &str) -> AwsError {
    AwsError::new(
        "UploadNotFoundException",
        format!(
            "The upload with id '{upload}' could not be found, or it was cut off. Start again."
        ),
    )
}

pub(super) fn layers_not_found(repository: &str, digests: &[String]) -> AwsError {
    AwsError::new(
        "LayersNotFoundException",
        format!(
            "Layers with digests '[{}]' required for pushing image into repository with name \
             '{repository}' do not exist. Upload them first.",
            digests.join(", ")
        ),
    )
}
