"""Calls every CloudFormation operation of the local AWS through a client, with good and with bad input, waits with its
waiters, and lets the AWS CLI deploy.

    stacks.py boto3|PATH_OF_AWS_CLI

Endpoint, region and keys come from the environment, as for any client. Prints one JSON object.
"""

import json
import pathlib
import re
import sys
import tempfile
import time

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

import shapes
from aws_cli import AwsCli

MODEL = botocore.session.get_session().get_service_model("cloudformation")
COMMON_ERRORS = {"ValidationError"}
TEMPLATE = """
Parameters:
  Days: {Type: Number, Default: 7}
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /stacks/demo, RetentionInDays: !Ref Days}
  Topic: {Type: AWS::SNS::Topic}
Outputs:
  Arn:
    Value: !Ref Topic
    Export: {Name: topic}
"""
IMPORTER = """
Resources:
  Group:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: !Join ["/", ["", stacks, !Select [5, !Split [":", !ImportValue topic]]]]}
"""
FAILING = """
Resources:
  Taken:
    Type: AWS::Logs::LogGroup
    Properties: {LogGroupName: /stacks/demo}
"""
POLICY = json.dumps(
    {"Statement": [{"Effect": "Allow", "Action": "Update:*", "Principal": "*", "Resource": "*"}]}
)


class Boto3:
    def __init__(self):
        config = Config(parameter_validation=False)
        self.client = boto3.client("cloudformation", config=config)

    def call(self, operation, parameters):
        try:
            output = getattr(self.client, xform_name(operation))(**parameters)
        except ClientError as error:
            return None, error.response["Error"]["Code"]
        output.pop("ResponseMetadata")
        # Times as numbers, as JSON services have them.
        return json.loads(json.dumps(output, default=lambda time: time.timestamp())), None

    def wait(self, waiter, name):
        self.client.get_waiter(waiter).wait(StackName=name, WaiterConfig={"Delay": 1, "MaxAttempts": 60})

    def deploy(self, template, days):
        """boto3 has no such command."""


class Cli:
    def __init__(self, program):
        self.cli = AwsCli(program)
        self.deployed_at = 0

    def call(self, operation, parameters):
        code, out, err = self.cli.run(
            "cloudformation",
            xform_name(operation, "-"),
            "--cli-input-json",
            json.dumps(parameters),
            "--output",
            "json",
        )
        if code == 0:
            return json.loads(out) if out.strip() else {}, None
        error = re.search(r"An error occurred \((\w+)\) when calling", err)
        return None, error[1] if error else f"exit code {code}: {err}"

    def wait(self, waiter, name):
        code, _, err = self.cli.run(
            "cloudformation", "wait", waiter.replace("_", "-"), "--stack-name", name
        )
        assert code == 0, err

    def deploy(self, template, days):
        """What the command says at last."""
        # The AWS CLI names a change set after the second: two within one have the same name.
        while int(time.time()) <= self.deployed_at:
            time.sleep(0.05)
        with tempfile.TemporaryDirectory() as directory:
            file = pathlib.Path(directory, "template.yaml")
            file.write_text(template)
            code, out, err = self.cli.run(
                "cloudformation", "deploy", "--stack-name", "deployed", "--template-file", str(file),
                "--parameter-overrides", f"Days={days}", "--no-fail-on-empty-changeset",
            )
        self.deployed_at = int(time.time())
        assert code == 0, err
        return out.strip().splitlines()[-1]


def operations(run, client):
    stack = {"StackName": "demo"}
    absent = {"StackName": "absent"}
    body = {"TemplateBody": TEMPLATE}

    def settled(name):
        while True:
            found = run("DescribeStacks", {"StackName": name})["Stacks"][0]
            if not found["StackStatus"].endswith("_IN_PROGRESS"):
                return found
            time.sleep(0.2)

    def expect(seen, wanted):
        if seen != wanted:
            raise AssertionError(f"{seen}, not {wanted}")

    run("ValidateTemplate", body)
    run("ValidateTemplate", {"TemplateBody": "Resources: 1"}, "ValidationError")
    run("GetTemplateSummary", body)
    run("GetTemplateSummary", {}, "ValidationError")
    run("EstimateTemplateCost", body, "ValidationError")
    run("DescribeAccountLimits", {})
    run("CreateStack", stack | body)
    client.wait("stack_create_complete", "demo")
    run("CreateStack", stack | body, "AlreadyExistsException")
    run("CreateStack", {"StackName": "a_b"} | body, "ValidationError")
    found = settled("demo")
    expect(found["Outputs"][0]["ExportName"], "topic")
    run("DescribeStacks", absent, "ValidationError")
    run("ListStacks", {"StackStatusFilter": ["CREATE_COMPLETE"]})
    expect(len(run("DescribeStackEvents", stack)["StackEvents"]), 8)
    run("DescribeStackEvents", absent, "ValidationError")
    run("DescribeStackResource", stack | {"LogicalResourceId": "Group"})
    run("DescribeStackResource", stack | {"LogicalResourceId": "X"}, "ValidationError")
    expect(len(run("DescribeStackResources", stack)["StackResources"]), 2)
    expect(len(run("ListStackResources", stack)["StackResourceSummaries"]), 2)
    run("GetTemplate", stack)
    run("GetTemplate", absent, "ValidationError")
    run("SetStackPolicy", stack | {"StackPolicyBody": POLICY})
    run("SetStackPolicy", stack | {"StackPolicyBody": "{"}, "ValidationError")
    run("GetStackPolicy", stack)
    protected = {"EnableTerminationProtection": True}
    run("UpdateTerminationProtection", stack | protected)
    run("DeleteStack", stack, "ValidationError")
    run("UpdateTerminationProtection", stack | {"EnableTerminationProtection": False})

    run("UpdateStack", stack | body, "ValidationError")
    run("UpdateStack", stack | {"TemplateBody": TEMPLATE.replace("7", "14")})
    client.wait("stack_update_complete", "demo")
    run("CancelUpdateStack", stack, "ValidationError")
    run("ContinueUpdateRollback", stack, "ValidationError")
    run("CreateStack", {"StackName": "failed", "TemplateBody": FAILING, "OnFailure": "DO_NOTHING"})
    expect(settled("failed")["StackStatus"], "CREATE_FAILED")
    run("RollbackStack", {"StackName": "failed"})
    expect(settled("failed")["StackStatus"], "ROLLBACK_COMPLETE")
    run("RollbackStack", {"StackName": "failed"}, "ValidationError")

    change = stack | {"ChangeSetName": "change"}
    days = {"UsePreviousTemplate": True, "Parameters": [{"ParameterKey": "Days", "ParameterValue": "30"}]}
    run("CreateChangeSet", change | days)
    run("CreateChangeSet", change | days, "AlreadyExistsException")
    changes = run("DescribeChangeSet", change)["Changes"]
    expect([found["ResourceChange"]["LogicalResourceId"] for found in changes], ["Group"])
    run("DescribeChangeSet", stack | {"ChangeSetName": "x"}, "ChangeSetNotFound")
    expect(len(run("ListChangeSets", stack)["Summaries"]), 1)
    run("ExecuteChangeSet", change)
    client.wait("stack_update_complete", "demo")
    run("ExecuteChangeSet", change, "InvalidChangeSetStatus")
    run("CreateChangeSet", stack | {"ChangeSetName": "empty", "UsePreviousTemplate": True}
        | {"Parameters": [{"ParameterKey": "Days", "UsePreviousValue": True}]})
    expect(run("DescribeChangeSet", stack | {"ChangeSetName": "empty"})["Status"], "FAILED")
    run("DeleteChangeSet", stack | {"ChangeSetName": "empty"})

    run("ListExports", {})
    run("ListImports", {"ExportName": "topic"}, "ValidationError")
    run("CreateStack", {"StackName": "importer", "TemplateBody": IMPORTER})
    client.wait("stack_create_complete", "importer")
    expect(run("ListImports", {"ExportName": "topic"})["Imports"], ["importer"])

    detection = run("DetectStackDrift", stack)
    detection = {"StackDriftDetectionId": detection["StackDriftDetectionId"]}
    while True:
        found = run("DescribeStackDriftDetectionStatus", detection)
        if found["DetectionStatus"] != "DETECTION_IN_PROGRESS":
            break
        time.sleep(0.2)
    expect(found["StackDriftStatus"], "IN_SYNC")
    expect(len(run("DescribeStackResourceDrifts", stack)["StackResourceDrifts"]), 2)
    run("DetectStackResourceDrift", stack | {"LogicalResourceId": "Topic"})
    run("DetectStackDrift", absent, "ValidationError")

    said = client.deploy(TEMPLATE.replace("/stacks/demo", "/stacks/other").replace("{Name: topic}", "{Name: other}"), 7)
    if said:
        expect("Successfully created/updated stack - deployed" in said, True)
        again = TEMPLATE.replace("/stacks/demo", "/stacks/other").replace("{Name: topic}", "{Name: other}")
        expect("No changes to deploy. Stack deployed is up to date" in client.deploy(again, 7), True)
        expect("Successfully created/updated" in client.deploy(again, 14), True)
    for name in ("importer", "demo"):
        run("DeleteStack", {"StackName": name})
        client.wait("stack_delete_complete", name)
    run("DescribeStacks", stack, "ValidationError")


def main():
    client = Boto3() if sys.argv[1] == "boto3" else Cli(sys.argv[1])
    failures, seen = [], set()

    def run(operation, parameters, error=None):
        output, code = client.call(operation, parameters)
        model = MODEL.operation_model(operation)
        seen.add(operation)
        if code != error:
            failures.append(f"{operation} {parameters}: {code}, not {error}")
        known = {shape.metadata.get("error", {}).get("code", shape.name) for shape in model.error_shapes}
        if code and code not in known | COMMON_ERRORS:
            failures.append(f"{operation}: the model does not declare {code}")
        if output is not None and model.output_shape is not None and sys.argv[1] == "boto3":
            failures.extend(shapes.problems(model.output_shape, output))
        return output

    try:
        operations(run, client)
    except (AssertionError, KeyError, TypeError) as error:
        failures.append(f"after {len(seen)} operations: {type(error).__name__} {error}")
    print(json.dumps({"failures": failures, "operations": sorted(seen)}, indent=1))


main()
