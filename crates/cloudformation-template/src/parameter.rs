//! Parameters: their types, and which values they take.

use fancy_regex::Regex;
use serde_json::Value;

/// The types of AWS's own things. Whether such a thing exists is not asked here.
const AWS_TYPES: [&str; 10] = [
    "AWS::EC2::AvailabilityZone::Name",
    "AWS::EC2::Image::Id",
    "AWS::EC2::Instance::Id",
    "AWS::EC2::KeyPair::KeyName",
    "AWS::EC2::SecurityGroup::GroupName",
    "AWS::EC2::SecurityGroup::Id",
    "AWS::EC2::Subnet::Id",
    "AWS::EC2::VPC::Id",
    "AWS::EC2::Volume::Id",
    "AWS::Route53::HostedZone::Id",
];

/// The types that have names of their own, for hints.
pub(crate) const PLAIN_TYPES: [&str; 6] = [
    "AWS::SSM::Parameter::Name",
    "AWS::SSM::Parameter::Value<String>",
    "CommaDelimitedList",
    "List<Number>",
    "Number",
    "String",
];

/// The most bytes of a value.
const LONGEST_VALUE: usize = 4096;

/// A parameter as the template declares it.
#[derive(Clone, Debug, PartialEq)]
pub struct Parameter {
    /// Its name.
    pub name: String,
    /// `String`, `Number`, `AWS::EC2::VPC::Id`, ...
    pub parameter_type: String,
    /// The value without one in the request.
    pub default: Option<String>,
    /// Values are shown as `****`.
    pub no_echo: bool,
    /// What it is for, unless that is empty.
    pub description: Option<String>,
    /// What is said of a value that a constraint refuses.
    pub constraint_description: Option<String>,
    /// The only values allowed.
    pub allowed_values: Vec<String>,
    /// A regular expression that the whole value matches.
    pub allowed_pattern: Option<String>,
    /// The least number of characters.
    pub min_length: Option<u64>,
    /// The largest number of characters.
    pub max_length: Option<u64>,
    /// The least number.
    pub min_value: Option<f64>,
    /// The largest number.
    pub max_value: Option<f64>,
}

/// What the value of a parameter is.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) struct ParameterType {
    pub(crate) is_list: bool,
    pub(crate) is_number: bool,
    /// The value is the name of a parameter in Parameter Store, which has the value proper.
    pub(crate) is_stored: bool,
}

impl ParameterType {
    /// Knows the types of the language.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let (name, is_stored) = match inner(name, "AWS::SSM::Parameter::Value<") {
            Some(inner) => (inner, true),
            None => (name, false),
        };
        let plain = |is_list, is_number| Self {
            is_list,
            is_number,
            is_stored,
        };
        match name {
            "String" => return Some(plain(false, false)),
            "CommaDelimitedList" | "List<String>" => return Some(plain(true, false)),
            "Number" if !is_stored => return Some(plain(false, true)),
            "List<Number>" if !is_stored => return Some(plain(true, true)),
            "AWS::SSM::Parameter::Name" if !is_stored => return Some(plain(false, false)),
            _ => {}
        }
        let (name, is_list) = match inner(name, "List<") {
            Some(inner) => (inner, true),
            None => (name, false),
        };
        AWS_TYPES.contains(&name).then(|| plain(is_list, false))
    }
}

/// What stands between a prefix with `<` and the last `>`.
fn inner<'a>(name: &'a str, prefix: &str) -> Option<&'a str> {
    name.strip_prefix(prefix)?.strip_suffix('>')
}

impl Parameter {
    pub(crate) fn value_type(&self) -> ParameterType {
        ParameterType::of(&self.parameter_type).unwrap_or(ParameterType {
            is_list: false,
            is_number: false,
            is_stored: false,
        })
    }

    /// The value as `Ref` gives it.
    pub(crate) fn value(&self, text: &str) -> Value {
        match self.value_type().is_list {
            true => split_list(text).map(Value::from).collect(),
            false => Value::from(text),
        }
    }

    /// Why a value is refused, in AWS's words.
    pub(crate) fn refusal(&self, value: &str) -> Option<String> {
        if value.len() > LONGEST_VALUE {
            return Some(format!(
                "Parameter '{}' exceeds the maximum parameter value length of {LONGEST_VALUE} bytes.",
                self.name
            ));
        }
        let kind = self.value_type();
        let violated = match kind.is_list {
            true => split_list(value).find_map(|item| self.violated(item, kind)),
            false => self.violated(value, kind),
        }?;
        Some(match &self.constraint_description {
            Some(description) => format!(
                "Parameter {} failed to satisfy constraint: {description}",
                self.name
            ),
            None => format!("Parameter '{}' {violated}", self.name),
        })
    }

    /// The constraint that one value, or one item of a list, does not meet.
    fn violated(&self, value: &str, kind: ParameterType) -> Option<String> {
        if kind.is_number {
            let Some(number) = number(value) else {
                return Some("must be a number.".to_owned());
            };
            if let Some(least) = self.min_value.filter(|least| number < *least) {
                return Some(format!("must be a number not less than {least}"));
            }
            if let Some(largest) = self.max_value.filter(|largest| number > *largest) {
                return Some(format!("must be a number not greater than {largest}"));
            }
        }
        if !self.allowed_values.is_empty() && !self.allowed_values.iter().any(|one| one == value) {
            return Some("must be one of AllowedValues".to_owned());
        }
        let length = value.chars().count() as u64;
        if let Some(least) = self.min_length.filter(|least| length < *least) {
            return Some(format!("must contain at least {least} characters"));
        }
        if let Some(largest) = self.max_length.filter(|largest| length > *largest) {
            return Some(format!("must contain at most {largest} characters"));
        }
        if let Some(pattern) = &self.allowed_pattern {
            let matches = whole(pattern).is_ok_and(|regex| regex.is_match(value).unwrap_or(false));
            if !matches {
                return Some(format!("must match pattern {pattern}"));
            }
        }
        None
    }
}

/// A number as the type Number takes it.
pub(crate) fn number(text: &str) -> Option<f64> {
    let number: f64 = text.trim().parse().ok()?;
    number.is_finite().then_some(number)
}

/// A pattern that has to match all of a text.
pub(crate) fn whole(pattern: &str) -> Result<Regex, Box<fancy_regex::Error>> {
    Regex::new(&format!(r"\A(?:{pattern})\z")).map_err(Box::new)
}

/// The items of a list, without the space around them.
fn split_list(text: &str) -> impl Iterator<Item = &str> {
    text.split(',')
        .map(str::trim)
        .take_while(move |_| !text.is_empty())
}
