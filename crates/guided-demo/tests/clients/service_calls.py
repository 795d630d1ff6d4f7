"""Calls operations of several services through a client, with good and with bad input.

    service_calls.py CALLS boto3|PATH_OF_AWS_CLI STATE_DIRECTORY

The calls are in the file CALLS beside this one. Endpoint, region and keys come from the environment, as for any
client. Prints one JSON object.
"""

import json
import pathlib
import re
import sys

import boto3
import botocore.session
import jmespath
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

from aws_cli import AwsCli
from calls import Answer
from calls import substitute

DATA = json.loads(pathlib.Path(__file__).with_name(sys.argv[1]).read_text())
MODELS = {
    name: botocore.session.get_session().get_service_model(name)
    for name in {call["service"] for call in DATA["calls"]}
}
# Not in the models, and yet any of the services may answer so.
COMMON_ERRORS = {"AccessDenied", "ValidationError", "ValidationException"}
TRUST = {
    "Version": "2012-10-17",
    "Statement": [
        {
            "Effect": "Allow",
            "Principal": {"Service": "codebuild.amazonaws.com", "AWS": "*"},
            "Action": "sts:AssumeRole",
        }
    ],
}
POLICY = {
    "Version": "2012-10-17",
    "Statement": [{"Effect": "Allow", "Action": "s3:Get*", "Resource": "*"}],
}


class ThroughBoto3:
    def __init__(self):
        # The service is to check its input, not the client.
        config = Config(parameter_validation=False)
        self.clients = {name: boto3.client(name, config=config) for name in MODELS}

    def call(self, service, operation, parameters):
        try:
            output = getattr(self.clients[service], xform_name(operation))(**parameters)
        except ClientError as error:
            details = error.response["Error"]
            return Answer(code=details["Code"], message=details["Message"])
        output.pop("ResponseMetadata")
        return Answer(output=output)


class ThroughCli:
    def __init__(self, program):
        self.cli = AwsCli(program)

    def call(self, service, operation, parameters):
        code, out, err = self.cli.run(
            service,
            xform_name(operation, "-"),
            "--cli-input-json",
            json.dumps(parameters),
            "--output",
            "json",
        )
        if code == 0:
            return Answer(output=json.loads(out) if out.strip() else {})
        error = re.search(
            r"An error occurred \((\w+)\) when calling the \w+ operation"
            r"(?: \(reached max retries: \d+\))?: (.*)",
            err,
        )
        if error:
            return Answer(code=error[1], message=error[2])
        return Answer(refused=True, message=f"exit code {code}: {err}")


def mails(state):
    return [json.loads(file.read_text()) for file in sorted((state / "mailbox").glob("*.json"))]


def known_errors(service, operation):
    shapes = MODELS[service].operation_model(operation).error_shapes
    return COMMON_ERRORS | {shape.metadata.get("error", {}).get("code", shape.name) for shape in shapes}


def judge(call, answer):
    """What is not as expected."""
    if "error" in call:
        if answer.code != call["error"]:
            yield f"got {answer}, not {call['error']}"
        elif answer.code not in known_errors(call["service"], call["call"]):
            yield f"the model does not declare {answer.code}"
        elif not answer.message:
            yield f"{answer.code} has no message"
    elif answer.output is None:
        yield f"was refused: {answer}"
    elif "sees" in call and jmespath.search(call["sees"], answer.output) is not True:
        yield f"not `{call['sees']}`: {answer.output}"


def main():
    client = ThroughBoto3() if sys.argv[2] == "boto3" else ThroughCli(sys.argv[2])
    state = pathlib.Path(sys.argv[3])
    variables = {"TRUST": json.dumps(TRUST), "POLICY": json.dumps(POLICY)}
    failures = []
    good, bad = set(), set()
    for call in DATA["calls"]:
        operation = call["call"]
        if "$TOKEN" in json.dumps(call["input"]):
            variables["TOKEN"] = mails(state)[-1]["confirm_url"].split("Token=")[1]
        try:
            call = substitute(call, variables)
        except KeyError as missing:
            failures.append(f"{operation}: {missing} is not known, as an earlier call failed")
            continue
        answer = client.call(call["service"], operation, call["input"])
        problems = list(judge(call, answer))
        if "mail" in call and not mails(state)[-1]["text"].startswith(call["mail"]):
            problems.append(f"the last e-mail is {mails(state)[-1]}")
        failures += [f"{operation} {call['input']}: {problem}" for problem in problems]
        (bad if "error" in call else good).add(operation)
        if not problems:
            for name, path in call.get("keep", {}).items():
                variables[name] = jmespath.search(path, answer.output)
    for operation in good - bad - set(DATA["without invalid input"]):
        failures.append(f"{sys.argv[1]} lacks bad input for {operation}")
    for operation in bad - good:
        failures.append(f"{sys.argv[1]} lacks good input for {operation}")
    print(json.dumps({"operations": len(good), "failures": failures}, indent=1))


main()
