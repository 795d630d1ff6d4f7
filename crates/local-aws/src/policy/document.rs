//! A policy document as a tree of types.

use serde_json::Map;
use serde_json::Value;

/// Why a document is no policy, in IAM's words.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Malformed(pub(crate) String);

/// A policy.
#[derive(Clone, Debug)]
pub(crate) struct Document {
    /// `None` counts as `2008-10-17`.
    pub(super) version: Option<String>,
    pub(crate) statements: Vec<Statement>,
}

/// One of a policy's statements.
#[derive(Clone, Debug)]
pub(crate) struct Statement {
    pub(super) sid: Option<String>,
    pub(super) is_allow: bool,
    pub(super) principals: Option<Only<Principals>>,
    pub(super) actions: Option<Only<Vec<String>>>,
    pub(super) resources: Option<Only<Vec<String>>>,
    pub(super) conditions: Vec<Condition>,
}

impl Statement {
    /// Whether it says who it is about.
    pub(crate) const fn has_principal(&self) -> bool {
        self.principals.is_some()
    }

    /// The actions that it names, be it to leave them out.
    pub(crate) fn action_names(&self) -> impl Iterator<Item = &str> {
        let names = match &self.actions {
            Some(Only::These(names) | Only::AllBut(names)) => names.as_slice(),
            None => &[],
        };
        names.iter().map(String::as_str)
    }

    /// The resources that it names, be it to leave them out.
    pub(crate) fn resource_names(&self) -> impl Iterator<Item = &str> {
        let names = match &self.resources {
            Some(Only::These(names) | Only::AllBut(names)) => names.as_slice(),
            None => &[],
        };
        names.iter().map(String::as_str)
    }
}

/// What a statement names, or everything but that.
#[derive(Clone, Debug)]
pub(super) enum Only<T> {
    These(T),
    AllBut(T),
}

/// Who a statement is about: kind, such as `AWS` or `Service`, and names. `*` alone is `AWS`.
pub(super) type Principals = Vec<(String, Vec<String>)>;

/// An operator, the key that it looks at, and the values that it compares with.
#[derive(Clone, Debug)]
pub(super) struct Condition {
    pub(super) operator: String,
    pub(super) key: String,
    pub(super) values: Vec<String>,
}

/// The elements of a statement.
const ELEMENTS: [&str; 9] = [
    "Sid",
    "Effect",
    "Principal",
    "NotPrincipal",
    "Action",
    "NotAction",
    "Resource",
    "NotResource",
    "Condition",
];

impl Document {
    /// Reads a policy of any kind.
    ///
    /// # Errors
    ///
    /// If it is not JSON, or not written as policies are.
    pub(crate) fn read(text: &str) -> Result<Self, Malformed> {
        let value: Value = serde_json::from_str(text)
            .map_err(|_| Malformed("This policy contains invalid Json".to_owned()))?;
        let Value::Object(members) = value else {
            return Err(syntax());
        };
        let is_known = |name: &String| matches!(name.as_str(), "Version" | "Id" | "Statement");
        if !members.keys().all(is_known) {
            return Err(syntax());
        }
        let version = text_of(&members, "Version")?;
        if let Some(version) = &version
            && !matches!(version.as_str(), "2008-10-17" | "2012-10-17")
        {
            return Err(Malformed(
                "Policy document must be version 2012-10-17 or greater.".to_owned(),
            ));
        }
        text_of(&members, "Id")?;
        let statements = match members.get("Statement") {
            Some(Value::Array(statements)) if !statements.is_empty() => {
                statements.iter().map(statement).collect::<Result<_, _>>()?
            }
            Some(one @ Value::Object(_)) => vec![statement(one)?],
            _ => return Err(syntax()),
        };
        Ok(Self {
            version,
            statements,
        })
    }
}

pub(super) fn syntax() -> Malformed {
    Malformed("Syntax errors in policy.".to_owned())
}

fn statement(value: &Value) -> Result<Statement, Malformed> {
    let members = value.as_object().ok_or_else(syntax)?;
    if let Some(unknown) = members
        .keys()
        .find(|name| !ELEMENTS.contains(&name.as_str()))
    {
        return Err(Malformed(format!(
            "Syntax errors in policy. Unknown field {unknown}"
        )));
    }
    let is_allow = match text_of(members, "Effect")?.as_deref() {
        Some("Allow") => true,
        Some("Deny") => false,
        Some(other) => return Err(Malformed(format!("Invalid effect: {other}"))),
        None => return Err(Malformed("Missing required field Effect".to_owned())),
    };
    Ok(Statement {
        sid: text_of(members, "Sid")?.filter(|sid| !sid.is_empty()),
        is_allow,
        principals: either(members, "Principal", "NotPrincipal", principals)?,
        actions: either(members, "Action", "NotAction", texts)?,
        resources: either(members, "Resource", "NotResource", texts)?,
        conditions: conditions(members.get("Condition"))?,
    })
}

/// One element or its opposite.
fn either<T>(
    members: &Map<String, Value>,
    name: &str,
    opposite: &str,
    read: impl Fn(&Value) -> Result<T, Malformed>,
) -> Result<Option<Only<T>>, Malformed> {
    match (members.get(name), members.get(opposite)) {
        (Some(value), None) => Ok(Some(Only::These(read(value)?))),
        (None, Some(value)) => Ok(Some(Only::AllBut(read(value)?))),
        (None, None) => Ok(None),
        (Some(_), Some(_)) => Err(syntax()),
    }
}

fn principals(value: &Value) -> Result<Principals, Malformed> {
    match value {
        Value::String(text) if text == "*" => Ok(vec![("AWS".to_owned(), vec!["*".to_owned()])]),
        Value::Object(kinds) => kinds
            .iter()
            .map(|(kind, names)| {
                let is_known = matches!(
                    kind.as_str(),
                    "AWS" | "Service" | "Federated" | "CanonicalUser"
                );
                if !is_known {
                    return Err(Malformed(format!(
                        "Invalid principal in policy: \"{kind}\""
                    )));
                }
                Ok((kind.clone(), texts(names)?))
            })
            .collect(),
        Value::String(text) => Err(Malformed(format!(
            "Invalid principal in policy: \"AWS\":\"{text}\""
        ))),
        _ => Err(syntax()),
    }
}

fn conditions(value: Option<&Value>) -> Result<Vec<Condition>, Malformed> {
    let mut conditions = Vec::new();
    let Some(value) = value else {
        return Ok(conditions);
    };
    for (operator, keys) in value.as_object().ok_or_else(syntax)? {
        let keys = keys.as_object().ok_or_else(syntax)?;
        if !super::condition::is_operator(operator) && !keys.is_empty() {
            return Err(Malformed(format!("Invalid Condition type : {operator}.")));
        }
        for (key, values) in keys {
            conditions.push(Condition {
                operator: operator.clone(),
                key: key.clone(),
                values: scalars(values)?,
            });
        }
    }
    Ok(conditions)
}

fn text_of(members: &Map<String, Value>, name: &str) -> Result<Option<String>, Malformed> {
    match members.get(name) {
        None => Ok(None),
        Some(Value::String(text)) => Ok(Some(text.clone())),
        Some(_) => Err(syntax()),
    }
}

/// A text or a list of texts.
fn texts(value: &Value) -> Result<Vec<String>, Malformed> {
    match value {
        Value::String(text) => Ok(vec![text.clone()]),
        Value::Array(elements) => elements
            .iter()
            .map(|element| element.as_str().map(str::to_owned).ok_or_else(syntax))
            .collect(),
        _ => Err(syntax()),
    }
}

/// The values of a condition may be numbers and truth values too.
fn scalars(value: &Value) -> Result<Vec<String>, Malformed> {
    let one = |value: &Value| match value {
        Value::String(text) => Ok(text.clone()),
        Value::Bool(_) | Value::Number(_) => Ok(value.to_string()),
        _ => Err(syntax()),
    };
    match value {
        Value::Array(elements) => elements.iter().map(one).collect(),
        other => Ok(vec![one(other)?]),
    }
}
