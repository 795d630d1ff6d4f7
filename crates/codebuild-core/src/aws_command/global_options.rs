//! Options that every command has (AWS CLI command reference, "Global options").

use super::command_error::CommandError;
use super::command_error::Place;
use super::output::OutputFormat;
use super::output::Query;

/// Global options that take a value.
pub(crate) const WITH_VALUE: [&str; 9] = [
    "--region",
    "--profile",
    "--endpoint-url",
    "--query",
    "--output",
    "--cli-input-json",
    "--max-items",
    "--starting-token",
    "--page-size",
];

/// Prints a sample instead of calling. Its value may be left out.
pub(crate) const SKELETON: &str = "--generate-cli-skeleton";

/// Global switches.
pub(crate) const SWITCHES: [&str; 2] = ["--no-cli-pager", "--no-paginate"];

/// Options of the AWS CLI that are not built here, and what to do instead.
pub(crate) const UNSUPPORTED: [(&str, &str); 17] = [
    (
        "--debug",
        "the exchange with the service is kept by the wire tap",
    ),
    ("--no-verify-ssl", "certificates are always checked"),
    ("--ca-bundle", "the system's certificates are used"),
    ("--no-sign-request", "every request is signed"),
    ("--color", "leave it out"),
    ("--version", "leave it out"),
    ("--cli-read-timeout", "leave it out: it is 60 seconds"),
    ("--cli-connect-timeout", "leave it out: it is 5 seconds"),
    (
        "--cli-binary-format",
        "leave it out: binary values are base64 or fileb://",
    ),
    ("--cli-auto-prompt", "leave it out"),
    ("--no-cli-auto-prompt", "leave it out"),
    ("--cli-input-yaml", "use --cli-input-json"),
    ("--v2-debug", "leave it out"),
    // Of `cloudformation deploy`.
    ("--s3-bucket", "templates up to 51,200 bytes need none"),
    ("--s3-prefix", "templates up to 51,200 bytes need no bucket"),
    ("--force-upload", "nothing is uploaded"),
    ("--cli-error-format", "leave it out"),
];

/// The values of the global options.
#[derive(Clone, Debug, Default)]
pub(crate) struct GlobalOptions {
    pub(crate) region: Option<String>,
    pub(crate) profile: Option<String>,
    pub(crate) endpoint_url: Option<String>,
    pub(crate) query: Option<Query>,
    pub(crate) output: OutputFormat,
    pub(crate) no_paginate: bool,
    pub(crate) max_items: Option<usize>,
    pub(crate) starting_token: Option<String>,
    pub(crate) page_size: Option<i64>,
}

impl GlobalOptions {
    /// Takes a global option's value. `--cli-input-json` is not for here.
    pub(crate) fn set(
        &mut self,
        option: &str,
        value: &str,
        place: &Place,
    ) -> Result<(), CommandError> {
        let bad = |reason: String| CommandError::BadValue {
            option: option.to_owned(),
            reason,
            place: place.clone(),
        };
        let text = || Some(value.to_owned());
        match option {
            "--region" => self.region = text(),
            "--profile" => self.profile = text(),
            "--endpoint-url" => {
                if !value.starts_with("http://") && !value.starts_with("https://") {
                    return Err(bad(format!(
                        "Invalid endpoint URL `{value}`: it must begin with http:// or https://"
                    )));
                }
                self.endpoint_url = text();
            }
            "--query" => {
                self.query = Some(Query::parse(value).map_err(|reason| CommandError::Query {
                    reason,
                    place: place.clone(),
                })?);
            }
            "--output" => self.output = OutputFormat::parse(value).map_err(bad)?,
            "--max-items" => {
                self.max_items = Some(value.parse().map_err(|_| {
                    bad(format!(
                        "`{value}` is not a whole number of items, 0 or more"
                    ))
                })?);
            }
            "--starting-token" => self.starting_token = text(),
            "--page-size" => {
                self.page_size = Some(
                    value
                        .parse()
                        .map_err(|_| bad(format!("`{value}` is not a whole number")))?,
                );
            }
            "--no-paginate" => self.no_paginate = true,
            _ => {}
        }
        Ok(())
    }
}
