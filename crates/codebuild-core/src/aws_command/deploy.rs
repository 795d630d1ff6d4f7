//! `aws cloudformation deploy`: makes a change set of a template, shows where it is, carries it out.
//!
//! As `awscli/customizations/cloudformation` of version 2 does it, but for uploads to S3.

use std::path::Path;

use jiff::Timestamp;
use serde_json::Map;
use serde_json::Value;
use serde_json::json;

use super::logs_operations::list;
use super::logs_operations::structure;
use super::model_services::CLOUDFORMATION;
use super::operations::Operation;
use super::operations::Source;
use super::service_model::Shape;
use super::waiter::Waited;
use crate::call_error::CallError;
use crate::session::Session;
use crate::template_parameters::template_parameters;

/// What a template may measure that is sent in the request itself.
const LARGEST: usize = 51_200;

/// Seconds between two polls, and how many there are: of a change set, and of a stack.
const CHANGE_SET_PACE: (u64, u64) = (5, 120);
const STACK_PACE: (u64, u64) = (30, 120);

/// The command among the operations.
pub(super) const COMMAND: Operation = Operation {
    name: "Deploy",
    positional: &[],
    pages: None,
    source: Source::Command(|| {
        structure(
            "DeployInput",
            vec![
                ("TemplateFile", Shape::String),
                ("StackName", Shape::String),
                ("ParameterOverrides", list(Shape::Document)),
                ("Capabilities", list(Shape::String)),
                ("NoExecuteChangeset", Shape::Boolean),
                ("DisableRollback", Shape::Boolean),
                ("NoDisableRollback", Shape::Boolean),
                ("RoleArn", Shape::String),
                ("NotificationArns", list(Shape::String)),
                ("FailOnEmptyChangeset", Shape::Boolean),
                ("NoFailOnEmptyChangeset", Shape::Boolean),
                ("Tags", list(Shape::String)),
            ],
        )
    }),
};

/// A stack to deploy.
#[derive(Clone, Debug)]
pub(crate) struct Deploy {
    stack: String,
    template: String,
    overrides: Map<String, Value>,
    /// CreateChangeSet's input as far as the options say it.
    request: Map<String, Value>,
    execute: bool,
    disable_rollback: bool,
    fail_on_empty: bool,
}

impl Deploy {
    /// Reads the options, and the template's file; the option and the reason if they do not fit.
    pub(super) fn read(input: &Value, directory: &Path) -> Result<Self, (&'static str, String)> {
        let text = |name: &str| input.get(name).and_then(Value::as_str).unwrap_or_default();
        let on = |name: &str| input.get(name).and_then(Value::as_bool) == Some(true);
        let option = "--template-file";
        let file = text("TemplateFile");
        let template = std::fs::read_to_string(directory.join(file))
            .map_err(|error| (option, format!("Invalid template path {file}: {error}")))?;
        if template.len() > LARGEST {
            let reason = "Templates with a size greater than 51,200 bytes must be deployed via an \
                          S3 Bucket, which is not supported here; upload the template and use \
                          create-change-set --template-url";
            return Err((option, reason.to_owned()));
        }
        let mut request = Map::new();
        for (from, to) in [
            ("RoleArn", "RoleARN"),
            ("NotificationArns", "NotificationARNs"),
        ] {
            if let Some(value) = input.get(from) {
                request.insert(to.to_owned(), value.clone());
            }
        }
        let capabilities = input.get("Capabilities").cloned();
        request.insert(
            "Capabilities".to_owned(),
            capabilities.unwrap_or_else(|| json!([])),
        );
        let tags = pairs(input.get("Tags"), "--tags")?;
        let tags = tags
            .iter()
            .map(|(key, value)| json!({"Key": key, "Value": value}))
            .collect();
        request.insert("Tags".to_owned(), tags);
        Ok(Self {
            stack: text("StackName").to_owned(),
            template,
            overrides: pairs(input.get("ParameterOverrides"), "--parameter-overrides")?,
            request,
            execute: !on("NoExecuteChangeset"),
            disable_rollback: on("DisableRollback") && !on("NoDisableRollback"),
            fail_on_empty: on("FailOnEmptyChangeset") && !on("NoFailOnEmptyChangeset"),
        })
    }

    /// Deploys it and tells how far it is.
    pub(super) async fn run(
        &self,
        session: &Session,
        show: &mut (dyn FnMut(&str) + Send),
    ) -> Result<(), CallError> {
        let stack = &self.stack;
        let known = self.known_parameters(session).await?;
        let mut request = self.request.clone();
        let kind = if known.is_some() { "UPDATE" } else { "CREATE" };
        let now = Timestamp::now();
        let members = json!({
            "ChangeSetName": format!("awscli-cloudformation-package-deploy-{}", now.as_second()),
            "StackName": stack,
            "TemplateBody": self.template,
            "ChangeSetType": kind,
            "Parameters": self.parameters(known.as_deref()),
            "Description": format!(
                "Created by AWS CLI at {} UTC",
                now.strftime("%Y-%m-%dT%H:%M:%S.%6f")
            ),
        });
        if let Value::Object(members) = members {
            request.extend(members);
        }
        let made = super::call(session, "CreateChangeSet", request.into()).await?;
        let change_set = made["Id"].as_str().unwrap_or_default();

        show("\nWaiting for changeset to be created..\n");
        let input = json!({"ChangeSetName": change_set, "StackName": stack});
        let waited = wait(session, "ChangeSetCreateComplete", &input, CHANGE_SET_PACE).await?;
        if let Waited::Failed { reason, last } = waited {
            let status = last["Status"].as_str().unwrap_or_default();
            let why = last["StatusReason"].as_str().unwrap_or_default();
            let is_empty = status == "FAILED"
                && why.contains("The submitted information didn't contain changes.")
                || why.contains("No updates are to be performed");
            let message = if is_empty {
                format!("No changes to deploy. Stack {stack} is up to date")
            } else {
                format!(
                    "Failed to create the changeset: Waiter ChangeSetCreateComplete failed: \
                     {reason} Status: {status}. Reason: {why}"
                )
            };
            if is_empty && !self.fail_on_empty {
                show(&format!("\n{message}\n"));
                return Ok(());
            }
            return Err(CallError::Command { message });
        }
        if !self.execute {
            show(&format!(
                "Changeset created successfully. Run the following command to review changes:\n\
                 aws cloudformation describe-change-set --change-set-name {change_set}\n"
            ));
            return Ok(());
        }
        let input = json!({
            "ChangeSetName": change_set,
            "StackName": stack,
            "DisableRollback": self.disable_rollback,
        });
        super::call(session, "ExecuteChangeSet", input).await?;

        show("Waiting for stack create/update to complete\n");
        let waiter = match kind {
            "CREATE" => "StackCreateComplete",
            _ => "StackUpdateComplete",
        };
        let waited = wait(session, waiter, &json!({"StackName": stack}), STACK_PACE).await?;
        if let Waited::Failed { .. } = waited {
            return Err(CallError::Command {
                message: format!(
                    "Failed to create/update the stack. Run the following command\nto fetch the \
                     list of events leading up to the failure\n\
                     aws cloudformation describe-stack-events --stack-name {stack}"
                ),
            });
        }
        show(&format!("Successfully created/updated stack - {stack}\n"));
        Ok(())
    }

    /// The parameters of the stack as it is; `None` if there is no stack yet.
    async fn known_parameters(&self, session: &Session) -> Result<Option<Vec<String>>, CallError> {
        let input = json!({"StackName": self.stack});
        let status = match super::call(session, "DescribeStacks", input.clone()).await {
            Ok(answer) => answer.pointer("/Stacks/0/StackStatus").cloned(),
            Err(error) if error.to_string().contains("does not exist") => None,
            Err(error) => return Err(error),
        };
        // A stack whose first change set was not carried out yet.
        if status.is_none_or(|status| status == "REVIEW_IN_PROGRESS") {
            return Ok(None);
        }
        let summary = super::call(session, "GetTemplateSummary", input).await?;
        let parameters = summary["Parameters"].as_array().into_iter().flatten();
        Ok(Some(
            parameters
                .filter_map(|parameter| parameter["ParameterKey"].as_str().map(str::to_owned))
                .collect(),
        ))
    }

    /// A value for each parameter of the template: the one that was given, or that of the stack.
    fn parameters(&self, known: Option<&[String]>) -> Value {
        let mut parameters = Vec::new();
        for parameter in template_parameters(&self.template) {
            let name = parameter.name;
            if let Some(value) = self.overrides.get(&name) {
                parameters.push(json!({"ParameterKey": name, "ParameterValue": value}));
            } else if known.is_some_and(|known| known.contains(&name)) {
                parameters.push(json!({"ParameterKey": name, "UsePreviousValue": true}));
            }
        }
        parameters.into()
    }
}

async fn wait(
    session: &Session,
    waiter: &str,
    input: &Value,
    pace: (u64, u64),
) -> Result<Waited, CallError> {
    let waiter = CLOUDFORMATION.waiters().iter().find(|it| it.name == waiter);
    let operations = CLOUDFORMATION.operations();
    let operation =
        waiter.and_then(|waiter| operations.iter().find(|it| it.name == waiter.operation()));
    match (waiter, operation) {
        (Some(waiter), Some(operation)) => waiter.wait_at(session, operation, input, pace).await,
        _ => Ok(Waited::Done),
    }
}

/// `Key=Value` words, or what a file of parameters has: CloudFormation's form or CodePipeline's.
fn pairs(
    words: Option<&Value>,
    option: &'static str,
) -> Result<Map<String, Value>, (&'static str, String)> {
    let mut pairs = Map::new();
    for word in words.and_then(Value::as_array).into_iter().flatten() {
        let wrong = || {
            let shown = word
                .as_str()
                .map_or_else(|| word.to_string(), str::to_owned);
            let reason = format!("{shown} value passed to {option} must be of format Key=Value");
            (option, reason)
        };
        match word {
            Value::String(word) => {
                let (key, value) = word.split_once('=').ok_or_else(wrong)?;
                pairs.insert(key.to_owned(), value.into());
            }
            Value::Object(members) => {
                let parameters = members.get("Parameters").and_then(Value::as_object);
                let key = members.get("ParameterKey").and_then(Value::as_str);
                match (parameters, key, members.get("ParameterValue")) {
                    (Some(parameters), ..) => pairs.extend(parameters.clone()),
                    (None, Some(key), Some(value)) => {
                        pairs.insert(key.to_owned(), value.clone());
                    }
                    _ => return Err(wrong()),
                }
            }
            _ => return Err(wrong()),
        }
    }
    Ok(pairs)
}
