//! GetParametersByPath, DescribeParameters and GetParameterHistory.

use redb::ReadableTable;
use serde::Deserialize;
use serde::Serialize;

use super::find;
use super::invalid;
use super::name;
use super::not_found;
use super::record::Details;
use super::record::Parameter;
use super::record::Shown;
use crate::constraint;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ByPathInput {
    path: Option<String>,
    recursive: Option<bool>,
    parameter_filters: Option<Vec<Filter>>,
    with_decryption: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `ParameterStringFilter` of the API.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Filter {
    key: Option<String>,
    option: Option<String>,
    values: Option<Vec<String>>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct Page<T> {
    parameters: Vec<T>,
    #[serde(skip_serializing_if = "Option::is_none")]
    next_token: Option<String>,
}

pub(super) fn by_path(services: &Services, input: ByPathInput) -> Result<Page<Shown>, AwsError> {
    let path = constraint::required("path", input.path)?;
    let path = name::bare(&services.account, &path);
    if !path.starts_with('/') {
        return Err(invalid(
            "The parameter doesn't meet the parameter name requirements. The parameter name must \
             begin with a forward slash \"/\". It can't be prefixed with \"aws\" or \"ssm\" \
             (case-insensitive). It must use only letters, numbers, or the following symbols: . \
             (period), - (hyphen), _ (underscore). Special characters are not allowed. All \
             sub-paths, if specified, must use the forward slash symbol \"/\". Valid example: \
             /get/parameters2-/by1./path0_.",
        ));
    }
    let recursive = input.recursive == Some(true);
    let decrypted = input.with_decryption == Some(true);
    let length = constraint::page_length("maxResults", input.max_results, 10)?;
    let filters = Filters::checked(input.parameter_filters, &["Type", "KeyId", "Label"])?;
    let mut names = Vec::new();
    for (name, parameter) in all(services)? {
        if below(&name, path, recursive) && filters.match_all(&name, &parameter) {
            let labelled = filters.label();
            let version = match labelled {
                Some(label) => parameter.select(Some(label)),
                None => parameter.latest(),
            };
            if let Some(version) = version {
                let selector = labelled;
                names.push(version.shown(&services.account, &name, selector, decrypted));
            }
        }
    }
    let list = format!("GetParametersByPath/{path}/{recursive}");
    paged(services, &list, names, length, input.next_token)
}

/// Whether a name is in the hierarchy below a path.
fn below(name: &str, path: &str, recursive: bool) -> bool {
    let path = path.trim_end_matches('/');
    match name
        .strip_prefix(path)
        .and_then(|rest| rest.strip_prefix('/'))
    {
        Some(rest) => recursive || !rest.contains('/'),
        // Names without a slash are in the root.
        None => path.is_empty() && !name.contains('/'),
    }
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct DescribeInput {
    filters: Option<Vec<OldFilter>>,
    parameter_filters: Option<Vec<Filter>>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

/// `ParametersFilter` of the API, which `ParameterStringFilter` has replaced.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct OldFilter {
    key: Option<String>,
    values: Option<Vec<String>>,
}

pub(super) fn describe(
    services: &Services,
    input: DescribeInput,
) -> Result<Page<Details>, AwsError> {
    let length = constraint::page_length("maxResults", input.max_results, 50)?;
    let mut filters: Vec<Filter> = input.parameter_filters.unwrap_or_default();
    if !filters.is_empty() && input.filters.as_ref().is_some_and(|old| !old.is_empty()) {
        return Err(invalid(
            "You can use either Filters or ParameterFilters in a single request.",
        ));
    }
    filters.extend(input.filters.into_iter().flatten().map(|old| Filter {
        option: (old.key.as_deref() == Some("Name")).then(|| "BeginsWith".to_owned()),
        key: old.key,
        values: old.values,
    }));
    let filters = Filters::checked(
        Some(filters),
        &["Name", "Type", "KeyId", "Path", "Tier", "DataType", "tag:"],
    )?;
    let mut found = Vec::new();
    for (name, parameter) in all(services)? {
        if filters.match_all(&name, &parameter)
            && let Some(version) = parameter.latest()
        {
            found.push(version.metadata(&services.account, &name));
        }
    }
    paged(
        services,
        "DescribeParameters",
        found,
        length,
        input.next_token,
    )
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct HistoryInput {
    name: Option<String>,
    with_decryption: Option<bool>,
    max_results: Option<i64>,
    next_token: Option<String>,
}

pub(super) fn history(services: &Services, input: HistoryInput) -> Result<Page<Details>, AwsError> {
    let given = constraint::required("name", input.name)?;
    let name = name::bare(&services.account, &given);
    let length = constraint::page_length("maxResults", input.max_results, 50)?;
    let decrypted = input.with_decryption == Some(true);
    let parameter = find(&services.store, name)?.ok_or_else(not_found)?;
    let versions = parameter
        .versions
        .iter()
        .map(|version| version.past(&services.account, name, decrypted))
        .collect();
    let list = format!("GetParameterHistory/{name}");
    paged(services, &list, versions, length, input.next_token)
}

/// All parameters by name.
fn all(services: &Services) -> Result<Vec<(String, Parameter)>, AwsError> {
    services.store.read(|transaction| {
        let mut parameters = Vec::new();
        for entry in transaction.open_table(store::PARAMETERS)?.iter()? {
            let (name, value) = entry?;
            let parameter = serde_json::from_slice(value.value())?;
            parameters.push((name.value().to_owned(), parameter));
        }
        Ok(parameters)
    })
}

fn paged<T>(
    services: &Services,
    list: &str,
    items: Vec<T>,
    length: usize,
    token: Option<String>,
) -> Result<Page<T>, AwsError> {
    let from = match token {
        None => 0,
        Some(token) => services
            .tokens
            .open(list, &token)
            .and_then(|position| position.parse().ok())
            .ok_or_else(|| {
                AwsError::new("InvalidNextToken", "The specified token is not valid.")
            })?,
    };
    let (parameters, next) = constraint::page(items, from, length);
    Ok(Page {
        parameters,
        next_token: next.map(|next| services.tokens.seal(list, &next.to_string())),
    })
}

/// Filters that were checked.
#[derive(Debug)]
struct Filters(Vec<(String, String, Vec<String>)>);

impl Filters {
    fn checked(filters: Option<Vec<Filter>>, keys: &[&str]) -> Result<Self, AwsError> {
        let mut checked = Vec::new();
        for filter in filters.unwrap_or_default() {
            let key = constraint::required("parameterFilters.member.key", filter.key)?;
            let known = keys
                .iter()
                .any(|known| *known == key || (known.ends_with(':') && key.starts_with(known)));
            if !known {
                return Err(AwsError::new(
                    "InvalidFilterKey",
                    format!("The specified key isn't valid: {key}."),
                ));
            }
            let default = if key == "Path" { "OneLevel" } else { "Equals" };
            let option = filter.option.unwrap_or_else(|| default.to_owned());
            let options: &[&str] = match key.as_str() {
                "Path" => &["Recursive", "OneLevel"],
                "Name" => &["BeginsWith", "Equals", "Contains"],
                _ => &["BeginsWith", "Equals"],
            };
            if !options.contains(&option.as_str()) {
                return Err(AwsError::new(
                    "InvalidFilterOption",
                    format!(
                        "The following filter option is not valid: {option}. Valid options \
                         include: [{}].",
                        options.join(", ")
                    ),
                ));
            }
            let values = filter.values.unwrap_or_default();
            if values.is_empty() && !key.starts_with("tag:") {
                return Err(AwsError::new(
                    "InvalidFilterValue",
                    format!("The following filter values are missing : null for filter key {key}"),
                ));
            }
            checked.push((key, option, values));
        }
        Ok(Self(checked))
    }

    /// The label that versions must have.
    fn label(&self) -> Option<&str> {
        let (_, _, values) = self.0.iter().find(|(key, _, _)| key == "Label")?;
        values.first().map(String::as_str)
    }

    fn match_all(&self, name: &str, parameter: &Parameter) -> bool {
        let Some(latest) = parameter.latest() else {
            return false;
        };
        self.0.iter().all(|(key, option, values)| {
            let compare = |text: &str| {
                values.iter().any(|value| match option.as_str() {
                    "BeginsWith" => text.starts_with(value.as_str()),
                    "Contains" => text.contains(value.as_str()),
                    _ => text == value,
                })
            };
            match key.as_str() {
                "Name" => compare(name) || compare(name.trim_start_matches('/')),
                "Type" => compare(&latest.r#type),
                "KeyId" => latest.key_id.as_deref().is_some_and(compare),
                "Tier" => compare(&latest.tier),
                "DataType" => compare(&latest.data_type),
                "Path" => values
                    .iter()
                    .any(|path| below(name, path, option == "Recursive")),
                "Label" => values
                    .iter()
                    .any(|label| parameter.select(Some(label)).is_some()),
                tag => {
                    let wanted = tag.strip_prefix("tag:").unwrap_or_default();
                    let mut tags = parameter.tags.iter();
                    tags.any(|(key, value)| key == wanted && (values.is_empty() || compare(value)))
                }
            }
        })
    }
}
