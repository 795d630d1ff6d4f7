//! Environment variables whose values are in Parameter Store or Secrets Manager.
//!
//! Messages: Systems Manager's and Secrets Manager's own, which CodeBuild passes on with
//! `Decrypted Variables Error` or `Secrets Manager Error` as the status code.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "parameter-does-not-exist",
        exam_task: "1.1",
        sign: Sign::Message(&["parameter does not exist", "ParameterNotFound"]),
        what: "A variable of the build comes from a parameter that is not there.",
        why: "A variable of type PARAMETER_STORE holds the parameter's name, not its value. The \
              parameter has to be in the build's region.",
        fix: "Create the parameter with `aws ssm put-parameter`, or correct its name: it often begins \
              with a slash.",
    },
    Cause {
        id: "secret-key-missing",
        exam_task: "6.2",
        sign: Sign::Message(&[
            "specified json key",
            "json key not found",
            "invalid json key",
        ]),
        what: "A variable of the build asks for a JSON key that the secret does not have.",
        why: "secrets-manager values read secret-id:json-key:version-stage:version-id. The text after \
              the first colon is a key in the secret's JSON.",
        fix: "Correct the key, or leave it out to get the whole secret: only the secret's name.",
    },
    Cause {
        id: "secret-version-missing",
        exam_task: "6.2",
        sign: Sign::Message(&["can't find the specified secret value for"]),
        what: "The secret that a variable comes from has no version as it is asked for.",
        why: "The version stage or id in secret-id:json-key:version-stage:version-id does not exist. A \
              secret that was never given a value has no AWSCURRENT.",
        fix: "Leave stage and id out to get the current version, or give the secret a value.",
    },
    Cause {
        id: "secret-does-not-exist",
        exam_task: "6.2",
        sign: Sign::Message(&["can't find the specified secret"]),
        what: "A variable of the build comes from a secret that is not there.",
        why: "Secrets Manager has no secret of this name or ARN in the build's region.",
        fix: "Check the name with `aws secretsmanager list-secrets`. An ARN ends in six characters of \
              its own.",
    },
    Cause {
        id: "variable-not-reachable",
        exam_task: "1.1",
        sign: Sign::Message(&["comes from a place that this build does not reach"]),
        what: "A variable of the build comes from Parameter Store or Secrets Manager, and this build \
               runs without them.",
        why: "Whoever ran the build gave it no place to look up secrets.",
        fix: "Give the value with --environment-variables-override, as PLAINTEXT.",
    },
];
