//! EC2, as far as scripts need it that ask which regions there are: DescribeRegions over the EC2 query
//! protocol (forms in, XML out, with lists and errors of its own).

mod regions;

use http::StatusCode;
use std::fmt::Write;

use crate::error::AwsError;
use crate::policy;
use crate::query_protocol::Parameters;
use crate::query_protocol::escape;
use regions::REGIONS;

/// What is here.
pub(crate) const OPERATIONS: [&str; 1] = ["DescribeRegions"];

/// The name that it signs with.
pub(crate) const SIGNING_NAME: &str = "ec2";

const VERSION: &str = "2016-11-15";

/// Parameters of every operation, those of other ways to sign among them.
const COMMON: [&str; 3] = ["Action", "Version", "DryRun"];

/// A region as it is shown.
struct Region<'a> {
    name: &'a str,
    endpoint: String,
    opt_in_status: &'static str,
}

/// Whether a form is for EC2: signed for it, or of its version.
pub(crate) fn is_addressed(scope: Option<&str>, parameters: &Parameters) -> bool {
    scope == Some(SIGNING_NAME) || (scope.is_none() && parameters.value("Version") == Some(VERSION))
}

/// Runs the operation that a form asks for, by somebody who may; `own` is the region of the local AWS.
///
/// # Errors
///
/// In EC2's words.
pub(crate) fn call(
    own: &str,
    parameters: &Parameters,
    request_id: &str,
) -> Result<String, AwsError> {
    let action = parameters.value("Action").unwrap_or_default();
    if action.is_empty() {
        return Err(AwsError::new(
            "MissingAction",
            "The request must contain the parameter Action",
        ));
    }
    if !OPERATIONS.contains(&action) {
        return Err(AwsError::new(
            "InvalidAction",
            format!(
                "The action {action} is not valid for this web service. Of EC2 the local AWS has \
                 DescribeRegions."
            ),
        ));
    }
    describe_regions(own, parameters, request_id)
}

fn describe_regions(
    own: &str,
    parameters: &Parameters,
    request_id: &str,
) -> Result<String, AwsError> {
    let known = ["AllRegions", "RegionName", "Filter"];
    let mut names = parameters.names();
    if let Some(unknown) = names.find(|name| !COMMON.contains(name) && !known.contains(name)) {
        return Err(AwsError::new(
            "UnknownParameter",
            format!("The parameter {unknown} is not recognized"),
        ));
    }
    let all = truth(parameters, "AllRegions")?;
    let wanted = parameters.list("RegionName");
    let mut regions: Vec<Region<'_>> = REGIONS
        .iter()
        .map(|(name, needs_opt_in)| Region {
            name,
            endpoint: format!("ec2.{name}.amazonaws.com"),
            opt_in_status: match (*name == own, needs_opt_in) {
                (_, false) => "opt-in-not-required",
                (true, true) => "opted-in",
                (false, true) => "not-opted-in",
            },
        })
        .collect();
    // The local AWS may be in a region that AWS does not have.
    if regions.iter().all(|region| region.name != own) {
        regions.push(Region {
            name: own,
            endpoint: format!("ec2.{own}.amazonaws.com"),
            opt_in_status: "opted-in",
        });
    }
    let is_known = |name: &&&str| regions.iter().any(|region| region.name == **name);
    if let Some(unknown) = wanted.iter().find(|name| !is_known(name)) {
        return Err(AwsError::new(
            "InvalidParameterValue",
            format!("Invalid region: [{unknown}]"),
        ));
    }
    regions.retain(|region| match wanted.is_empty() {
        true => all || region.opt_in_status != "not-opted-in",
        false => wanted.contains(&region.name),
    });
    for (name, values) in parameters.filters("Filter") {
        let value: fn(&Region<'_>) -> String = match name {
            "region-name" => |region| region.name.to_owned(),
            "endpoint" => |region| region.endpoint.clone(),
            "opt-in-status" => |region| region.opt_in_status.to_owned(),
            _ => {
                return Err(AwsError::new(
                    "InvalidParameterValue",
                    format!("The filter '{name}' is invalid"),
                ));
            }
        };
        regions.retain(|region| {
            let value = value(region);
            values
                .iter()
                .any(|pattern| policy::is_like(pattern, &value))
        });
    }
    if truth(parameters, "DryRun")? {
        return Err(AwsError::new(
            "DryRunOperation",
            "Request would have succeeded, but DryRun flag is set.",
        )
        .with_status(StatusCode::PRECONDITION_FAILED));
    }
    Ok(answer(&regions, request_id))
}

fn truth(parameters: &Parameters, name: &str) -> Result<bool, AwsError> {
    match parameters.value(name) {
        None | Some("false") => Ok(false),
        Some("true") => Ok(true),
        Some(other) => Err(AwsError::new(
            "InvalidParameterValue",
            format!(
                "Value ({other}) for parameter {name} is invalid. Expected: 'true' or 'false'."
            ),
        )),
    }
}

fn answer(regions: &[Region<'_>], request_id: &str) -> String {
    let mut text = format!(
        "<DescribeRegionsResponse xmlns=\"http://ec2.amazonaws.com/doc/{VERSION}/\">\n\
         <requestId>{request_id}</requestId>\n<regionInfo>\n"
    );
    for region in regions {
        // Writing to a string does not fail.
        let _ = writeln!(
            text,
            "<item><regionName>{}</regionName><regionEndpoint>{}</regionEndpoint>\
             <optInStatus>{}</optInStatus></item>",
            region.name, region.endpoint, region.opt_in_status
        );
    }
    text.push_str("</regionInfo>\n</DescribeRegionsResponse>\n");
    text
}

/// An error with the code and the status that EC2 uses.
pub(crate) fn error(error: &AwsError, request_id: &str) -> (StatusCode, String) {
    let message = error.message.as_deref().unwrap_or_default();
    let refused = "AWS was not able to validate the provided access credentials";
    let (code, status, message) = match error.code {
        "MissingAuthenticationTokenException" | "UnrecognizedClientException" => {
            ("AuthFailure", StatusCode::UNAUTHORIZED, refused)
        }
        "InvalidSignatureException" => ("AuthFailure", StatusCode::UNAUTHORIZED, message),
        "IncompleteSignatureException" => ("IncompleteSignature", error.status, message),
        "ExpiredTokenException" => ("RequestExpired", error.status, "Request has expired."),
        other => (other, error.status, message),
    };
    let text = format!(
        "<Response><Errors><Error><Code>{code}</Code><Message>{}</Message></Error></Errors>\
         <RequestID>{request_id}</RequestID></Response>\n",
        escape(message)
    );
    (status, text)
}
