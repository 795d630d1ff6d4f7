//! Lists in pages: `MaxItems` and `Marker` in, `IsTruncated` and `Marker` out.

use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use crate::error::AwsError;
use crate::services::Services;

/// How many items a page has if nobody asks for another number.
const ITEMS: usize = 100;

/// What a request says about pages.
#[derive(Debug, Default, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page {
    marker: Option<String>,
    max_items: Option<usize>,
}

impl Page {
    /// One page of a list that is sorted by name. `list` is the operation and all that its result
    /// depends on.
    ///
    /// # Errors
    ///
    /// `ValidationError` for a marker of another list.
    pub(super) fn of(
        &self,
        services: &Services,
        list: &str,
        member: &str,
        items: Vec<(String, Value)>,
    ) -> Result<Value, AwsError> {
        let after = match &self.marker {
            Some(marker) => Some(services.tokens.open(list, marker).ok_or_else(|| {
                AwsError::new("ValidationError", format!("Invalid Marker: {marker}"))
            })?),
            None => None,
        };
        let mut rest = items
            .into_iter()
            .skip_while(|(name, _)| after.as_ref().is_some_and(|after| name <= after));
        let mut last = String::new();
        let mut page = Vec::new();
        for (name, item) in rest.by_ref().take(self.max_items.unwrap_or(ITEMS)) {
            last = name;
            page.push(item);
        }
        let is_truncated = rest.next().is_some();
        let mut output = json!({ member: page, "IsTruncated": is_truncated });
        if is_truncated {
            output["Marker"] = services.tokens.seal(list, &last).into();
        }
        Ok(output)
    }
}
