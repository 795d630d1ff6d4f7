//! Where a template comes from: the request, or an object of S3.

use serde::Deserialize;

use super::validation;
use crate::error::AwsError;
use crate::percent_encoding::decoded_query;
use crate::services::Services;

/// The longest template in a request, in bytes.
const LONGEST_BODY: usize = 51_200;

/// The longest in S3.
const LONGEST_OBJECT: u64 = 1_000_000;

/// What a request says about its template.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct TemplateSource {
    pub(super) template_body: Option<String>,
    #[serde(rename = "TemplateURL")]
    pub(super) template_url: Option<String>,
}

impl TemplateSource {
    /// The text; None if the request names no template.
    ///
    /// # Errors
    ///
    /// `ValidationError` for two templates, one that is too long, or one that is not there.
    pub(super) async fn text(&self, services: &Services) -> Result<Option<String>, AwsError> {
        match (&self.template_body, &self.template_url) {
            (Some(_), Some(_)) => Err(validation(
                "Cannot specify both TemplateBody and TemplateURL.",
            )),
            (Some(body), None) if body.len() > LONGEST_BODY => Err(validation(format!(
                "1 validation error detected: Value '{body}' at 'templateBody' failed to satisfy \
                 constraint: Member must have length less than or equal to {LONGEST_BODY}"
            ))),
            (Some(body), None) => Ok(Some(body.clone())),
            (None, Some(url)) => object(services, url).await.map(Some),
            (None, None) => Ok(None),
        }
    }

    /// The text of a template that there must be.
    ///
    /// # Errors
    ///
    /// As [`Self::text`], or `ValidationError` if the request names none.
    pub(super) async fn required(&self, services: &Services) -> Result<String, AwsError> {
        self.text(services)
            .await?
            .ok_or_else(|| validation("Either Template URL or Template Body must be specified."))
    }
}

/// A document that a request has in S3.
pub(super) async fn object(services: &Services, url: &str) -> Result<String, AwsError> {
    let unsupported = || validation("TemplateURL must be a supported URL.");
    let (bucket, key) = place(&services.account.endpoint, url).ok_or_else(unsupported)?;
    let not_there = |what: &str| {
        validation(format!(
            "S3 error: {what}\nFor more information check \
             http://docs.aws.amazon.com/AmazonS3/latest/API/ErrorResponses.html"
        ))
    };
    let found = services.buckets.get(&bucket, &key);
    let found = found.map_err(|error| not_there(error.message.as_deref().unwrap_or_default()))?;
    let found = found.ok_or_else(|| not_there("The specified key does not exist."))?;
    if found.size > LONGEST_OBJECT {
        return Err(validation(format!(
            "Template may not exceed {LONGEST_OBJECT} bytes in size."
        )));
    }
    let bytes = tokio::fs::read(&found.path)
        .await
        .map_err(AwsError::storage)?;
    String::from_utf8(bytes)
        .map_err(|_| validation("Template format error: The template is not UTF-8 text."))
}

/// Bucket and key in a URL: `https://BUCKET.s3.REGION.amazonaws.com/KEY`,
/// `https://s3.REGION.amazonaws.com/BUCKET/KEY`, or below the endpoint of the local AWS.
fn place(endpoint: &str, url: &str) -> Option<(String, String)> {
    let url = url.split(['?', '#']).next().unwrap_or_default();
    let (scheme, rest) = url.split_once("://")?;
    let (host, path) = rest.split_once('/')?;
    let path = decoded_query(&path.replace('+', "%2B"));
    let port = |authority: &str| authority.rsplit_once(':').map(|(_, port)| port.to_owned());
    let name = host.rsplit_once(':').map_or(host, |(name, _)| name);
    let is_here = matches!(name, "localhost" | "127.0.0.1" | "[::1]")
        && scheme == "http"
        && port(host) == port(endpoint);
    let is_s3 = |name: &str| {
        name == "s3.amazonaws.com"
            || (name.ends_with(".amazonaws.com")
                && (name.starts_with("s3.") || name.starts_with("s3-")))
    };
    let (bucket, key) = if is_here || (scheme == "https" && is_s3(name)) {
        path.split_once('/')?
    } else if let Some(bucket) = name.strip_suffix(".localhost") {
        (port(host) == port(endpoint)).then_some(())?;
        (bucket.strip_suffix(".s3").unwrap_or(bucket), path.as_str())
    } else {
        let dot = name
            .match_indices(".s3")
            .find(|(at, _)| is_s3(&name[at + 1..]));
        (scheme == "https").then_some(())?;
        (&name[..dot?.0], path.as_str())
    };
    let is_whole = !bucket.is_empty() && !key.is_empty();
    is_whole.then(|| (bucket.to_owned(), key.to_owned()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_forms_of_an_objects_url() {
        for (url, bucket, key) in [
            (
                "https://b.s3.eu-central-1.amazonaws.com/a/t.yaml",
                "b",
                "a/t.yaml",
            ),
            ("https://b.x.s3.amazonaws.com/t%20t.yaml", "b.x", "t t.yaml"),
            ("https://s3.amazonaws.com/b/t+t.yaml", "b", "t+t.yaml"),
            (
                "https://s3-eu-west-1.amazonaws.com/b/t.yaml?versionId=1",
                "b",
                "t.yaml",
            ),
            ("http://localhost:4566/b/t.yaml", "b", "t.yaml"),
            ("http://127.0.0.1:4566/b/t.yaml", "b", "t.yaml"),
            ("http://b.localhost:4566/t.yaml", "b", "t.yaml"),
        ] {
            let found = place("http://127.0.0.1:4566", url);
            assert_eq!(found, Some((bucket.to_owned(), key.to_owned())), "{url}");
        }
        for url in [
            "http://localhost:1/b/t.yaml",
            "https://example.com/b/t.yaml",
            "file:///t.yaml",
            "https://s3.amazonaws.com/b",
            "http://s3.amazonaws.com/b/k",
            "t.yaml",
        ] {
            assert_eq!(place("http://127.0.0.1:4566", url), None, "{url}");
        }
    }
}
