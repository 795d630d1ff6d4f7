//! Dynamic references.

use cloudformation_template::SecretService;

use super::Known;
use super::bound;
use super::evaluated;
use super::evaluation_error;
use super::template_with;

#[test]
fn dynamic_references_are_resolved_wherever_they_stand() {
    assert_eq!(evaluated("'{{resolve:ssm:/a/b:3}}'"), "secret of /a/b");
    assert_eq!(
        evaluated(
            "!Sub 'x-{{resolve:secretsmanager:${AWS::StackName}:SecretString:user}}-{{resolve:ssm:b}}'"
        ),
        "x-secret of demo-secret of b"
    );
    assert_eq!(evaluated("'{{other:ssm:a}}'"), "{{other:ssm:a}}");
    assert_eq!(
        evaluation_error("'{{resolve:ssm:missing}}'"),
        "Parameters: [ssm:missing] cannot be found."
    );
    assert_eq!(
        evaluation_error("'{{resolve:ssm:a:b}}'"),
        "Incorrect format is used in the following SSM reference: [{{resolve:ssm:a:b}}]"
    );
    assert_eq!(
        evaluation_error("[a, '{{resolve:ssm-secure:a:1}}']"),
        "SSM Secure reference is not supported in: [AWS::SNS::Topic/Properties/Value/1]"
    );
}

#[test]
fn dynamic_references_can_be_looked_up_first() {
    let arn = "arn:aws:secretsmanager:eu-central-1:012345678901:secret:name-abc123";
    let text = template_with(&format!(
        "['{{{{resolve:secretsmanager:{arn}:SecretString:key:AWSPREVIOUS}}}}', '{{{{resolve:ssm:b}}}}']"
    ));
    let bound = bound(&text, &[]);
    let found = bound.dynamic_references("Tested", &Known::default());
    let found: Vec<_> = found.unwrap().into_iter().collect();
    assert_eq!(found[0].service, SecretService::Ssm);
    assert_eq!(found[0].to_string(), "{{resolve:ssm:b}}");
    assert_eq!(found[1].name, arn);
    assert_eq!(found[1].json_key.as_deref(), Some("key"));
    assert_eq!(found[1].version_stage.as_deref(), Some("AWSPREVIOUS"));
    assert_eq!(
        found[1].to_string(),
        format!("{{{{resolve:secretsmanager:{arn}:SecretString:key:AWSPREVIOUS}}}}")
    );
    let lenient = Known {
        is_lenient: true,
        ..Known::default()
    };
    let value = bound.properties("Tested", &lenient).unwrap();
    assert_eq!(value["Value"][1], "{{resolve:ssm:b}}");
}
