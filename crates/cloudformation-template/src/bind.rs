//! From a template to one for given parameters.

/// What AWS knows of the stack, for `AWS::Region` and so on.
#[derive(Clone, Debug, Default, Eq, PartialEq)]
pub struct PseudoParameters {
    /// `AWS::Region`.
    pub region: String,
    /// `AWS::AccountId`.
    pub account_id: String,
    /// `AWS::Partition`.
    pub partition: String,
    /// `AWS::URLSuffix`.
    pub url_suffix: String,
    /// `AWS::StackName`.
    pub stack_name: String,
    /// `AWS::StackId`.
    pub stack_id: String,
    /// `AWS::NotificationARNs`.
    pub notification_arns: Vec<String>,
}

/// Why a template cannot be used with these parameters. The text is AWS's message of a
/// `ValidationError`.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum BindError {
    /// Parameters without default have no value.
    #[error("Parameters: [{}] must have values", .0.join(", "))]
    Missing(Vec<String>),
    /// The template declares no such parameters.
    #[error("Parameters: [{}] do not exist in the template", .0.join(", "))]
    Unknown(Vec<String>),
    /// A value is not one of AllowedValues, not a number, and so on.
    #[error("{message}")]
    Refused {
        /// The parameter.
        parameter: String,
        /// AWS's message.
        message: String,
    },
    /// An SSM parameter does not exist.
    #[error("Parameters [{}] referenced by template not found in Parameter Store", .0.join(", "))]
    NotStored(Vec<String>),
    /// A rule of the section Rules refuses the values.
    #[error("Template validation error: Rule {rule} has been violated: {}", .descriptions.join(", "))]
    Rule {
        /// The rule.
        rule: String,
        /// What its assertions say.
        descriptions: Vec<String>,
    },
    /// A condition, a rule or an order cannot be evaluated.
    #[error(transparent)]
    Evaluation(#[from] crate::values::EvaluationError),
    /// An active resource refers to one whose condition is false.
    #[error("Template format error: Unresolved resource dependencies [{}] in the {block} block of the template", .resources.join(", "))]
    Unresolved {
        /// The resources that are not there.
        resources: Vec<String>,
        /// `Resources` or `Outputs`.
        block: &'static str,
    },
}
