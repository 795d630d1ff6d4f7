//! The images that CodeBuild curates, such as `aws/codebuild/amazonlinux-x86_64-standard:5.0`.
//!
//! AWS publishes those based on Amazon Linux in its public registry under nearly the same name. See
//! [Docker images provided by CodeBuild](https://docs.aws.amazon.com/codebuild/latest/userguide/build-env-ref-available.html).

/// What the names of curated images begin with.
const CURATED: &str = "aws/codebuild/";
/// Where AWS publishes them.
const PUBLIC: &str = "public.ecr.aws/codebuild/";

/// The name of a curated image in AWS's public registry; `None` for any other image.
pub(crate) fn public_name(image: &str) -> Option<String> {
    Some(format!("{PUBLIC}{}", image.strip_prefix(CURATED)?))
}

/// What can be done when a curated image cannot be pulled.
pub(crate) fn advice(image: &str) -> Option<String> {
    let name = image.strip_prefix(CURATED)?;
    // These are based on Ubuntu, or on Windows, or run on Lambda or reserved machines only.
    let is_published = name.starts_with("amazonlinux") && name.contains("-standard:");
    (!is_published).then(|| {
        format!(
            "AWS does not publish {image}; build it from github.com/aws/aws-codebuild-docker-images under this name, or use one of aws/codebuild/amazonlinux-x86_64-standard"
        )
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_curated_image_has_a_public_name() {
        assert_eq!(
            public_name("aws/codebuild/amazonlinux-x86_64-standard:5.0").as_deref(),
            Some("public.ecr.aws/codebuild/amazonlinux-x86_64-standard:5.0")
        );
        assert_eq!(public_name("docker:dind"), None);
        assert_eq!(
            advice("aws/codebuild/amazonlinux2-x86_64-standard:5.0"),
            None
        );
        assert!(advice("aws/codebuild/standard:7.0").is_some());
    }
}
