//! The section Parameters.

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
    /// What it is for.
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
