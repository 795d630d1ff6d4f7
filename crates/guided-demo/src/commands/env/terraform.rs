//! The provider block of Terraform's AWS provider.

use local_aws::Access;

/// The services of the local AWS, as the provider names them.
const SERVICES: [&str; 8] = [
    "codebuild",
    "codecommit",
    "ecr",
    "logs",
    "s3",
    "secretsmanager",
    "ssm",
    "sts",
];

/// A file for Terraform, such as `provider.tf`.
pub(super) fn provider(access: &Access) -> String {
    let mut text = format!(
        "# The local AWS. The keys are good for nothing else; do not commit them all the same.\n\
         provider \"aws\" {{\n  \
           region                  = {}\n  \
           access_key              = {}\n  \
           secret_key              = {}\n  \
           s3_use_path_style       = true\n  \
           skip_metadata_api_check = true\n  \
           skip_region_validation  = true\n\n  \
           endpoints {{\n",
        quoted(&access.region),
        quoted(&access.credentials.access_key_id),
        quoted(&access.credentials.secret_access_key),
    );
    for service in SERVICES {
        text.push_str(&format!(
            "    {service:<14} = {}\n",
            quoted(&access.endpoint)
        ));
    }
    text.push_str("  }\n}\n");
    text
}

/// A string of the configuration language; none of these values holds what it would evaluate.
fn quoted(text: &str) -> String {
    format!("\"{text}\"")
}
