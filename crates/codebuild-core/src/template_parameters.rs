//! The parameters that a CloudFormation template declares, as far as a caller has to know them.

use cloudformation_template::Template;

/// A parameter of a template.
#[derive(Clone, Debug, Eq, PartialEq)]
pub(crate) struct TemplateParameter {
    pub(crate) name: String,
    /// `NoEcho`: its value is never shown.
    pub(crate) is_hidden: bool,
}

/// The parameters of a template in JSON or YAML, in its order; none if it cannot be read, which the
/// service will say.
pub(crate) fn template_parameters(template: &str) -> Vec<TemplateParameter> {
    Template::declared_parameters(template)
        .into_iter()
        .map(|parameter| TemplateParameter {
            name: parameter.name,
            is_hidden: parameter.no_echo,
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::TemplateParameter;
    use super::template_parameters;

    fn parameter(name: &str, is_hidden: bool) -> TemplateParameter {
        TemplateParameter {
            name: name.to_owned(),
            is_hidden,
        }
    }

    #[test]
    fn parameters_are_found_in_yaml_with_short_forms_and_in_json() {
        let yaml = "Parameters:\n  Zone:\n    Type: String\n  Password:\n    Type: String\n    \
                    NoEcho: true\nConditions:\n  A: !Equals [!Ref Zone, x]\nResources:\n  \
                    Topic:\n    Type: AWS::SNS::Topic\n    Properties:\n      TopicName: !Sub '${Zone}-t'\n      \
                    X: !GetAtt A.B\n      Y: !If [A, !Ref B, !Ref 'AWS::NoValue']\n";
        let expected = [parameter("Zone", false), parameter("Password", true)];
        assert_eq!(template_parameters(yaml), expected);
        let json = r#"{"Parameters": {"Zone": {}, "Password": {"NoEcho": "true"}}}"#;
        assert_eq!(template_parameters(json), expected);
        assert_eq!(template_parameters("Resources: {}"), []);
        assert_eq!(template_parameters(": ["), []);
    }
}
