"""What a student sees whose client is set up wrongly.

    authentication.py boto3 [--no-engine] | authentication.py PATH_OF_AWS_CLI

The good settings come from the environment. Prints one JSON object.
"""

import base64
import contextlib
import datetime
import json
import os
import re
import subprocess
import sys
import time
import types
from unittest import mock

UNKNOWN_KEY = "AKIAIOSFODNN7EXAMPLE"
STAMP = r"\d{8}T\d{6}Z"
INVALID_TOKEN = (
    "UnrecognizedClientException",
    r"The security token included in the request is invalid\.",
)
NO_MATCH = (
    "InvalidSignatureException",
    r"The request signature we calculated does not match the signature you provided\. Check your "
    r"AWS Secret Access Key and signing method\. Consult the service documentation for details\.",
)
# Each with the settings that are wrong, and the error's code and whole message.
SETTINGS = {
    "another key id": ({"AWS_ACCESS_KEY_ID": UNKNOWN_KEY}, *INVALID_TOKEN),
    "another secret": ({"AWS_SECRET_ACCESS_KEY": "wrong"}, *NO_MATCH),
    "another region": (
        {"AWS_DEFAULT_REGION": "us-east-1", "AWS_REGION": "us-east-1"},
        "InvalidSignatureException",
        r"Credential should be scoped to a valid region, not 'us-east-1'\.",
    ),
    "a session token of before": ({"AWS_SESSION_TOKEN": "FwoGZXIvYXdzEXAMPLE"}, *INVALID_TOKEN),
}
UNSIGNED = ("MissingAuthenticationTokenException", "Missing Authentication Token")
WITHOUT_KEYS = {
    "AWS_ACCESS_KEY_ID": None,
    "AWS_SECRET_ACCESS_KEY": None,
    # Otherwise the client asks the machine it runs on.
    "AWS_EC2_METADATA_DISABLED": "true",
}


class Judge:
    def __init__(self):
        self.failures = []
        self.cases = 0

    def expect(self, case, seen, code, message):
        """`seen` is code and message; code None means that the call went well."""
        self.cases += 1
        if seen[0] != code or not re.fullmatch(message, seen[1] or ""):
            self.failures.append(f"{case}: expected {code}: {message}, saw {seen[0]}: {seen[1]}")


def changed(settings):
    environment = {**os.environ, **settings}
    return {name: value for name, value in environment.items() if value is not None}


def through_cli(judge, program):
    def call(settings, *options):
        done = subprocess.run(
            [
                program,
                "--endpoint-url",
                os.environ["AWS_ENDPOINT_URL"],
                *options,
                "codebuild",
                "list-projects",
            ],
            env=changed(settings),
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
        )
        if done.returncode == 0:
            return None, ""
        error = re.search(
            r"An error occurred \((\w+)\) when calling the ListProjects operation"
            r"(?: \(reached max retries: \d+\))?: (.*)",
            done.stderr,
        )
        return (error[1], error[2]) if error else ("client", done.stderr.strip())

    judge.expect("good settings", call({}), None, "")
    for case, (settings, code, message) in SETTINGS.items():
        judge.expect(case, call(settings), code, message)
    judge.expect("unsigned", call({}, "--no-sign-request"), *UNSIGNED)
    judge.expect(
        "no keys", call(WITHOUT_KEYS), "client", r".*Unable to locate credentials\. You can .*"
    )


@contextlib.contextmanager
def clock_wrong_by(**difference):
    """botocore signs with the time of this clock."""
    import botocore.auth

    difference = datetime.timedelta(**difference)

    def shifted(remove_tzinfo=True):
        now = datetime.datetime.now(datetime.timezone.utc) + difference
        return now.replace(tzinfo=None) if remove_tzinfo else now

    if hasattr(botocore.auth, "get_current_datetime"):
        patch = mock.patch.object(botocore.auth, "get_current_datetime", shifted)
    else:
        # As botocore did it until 2025.
        clock = types.SimpleNamespace(datetime=types.SimpleNamespace(utcnow=shifted))
        patch = mock.patch.object(botocore.auth, "datetime", clock)
    with patch:
        yield


def through_boto3(judge, engine):
    import boto3
    import botocore
    from botocore.config import Config
    from botocore.exceptions import ClientError
    from botocore.exceptions import NoCredentialsError

    def client(settings, service="codebuild", **options):
        with mock.patch.dict(os.environ, changed(settings), clear=True):
            return boto3.session.Session().client(service, **options)

    def call(made):
        try:
            made.list_projects()
        except ClientError as error:
            return error.response["Error"]["Code"], error.response["Error"]["Message"]
        except NoCredentialsError as error:
            return "client", str(error)
        return None, ""

    judge.expect("good settings", call(client({})), None, "")
    for case, (settings, code, message) in SETTINGS.items():
        judge.expect(case, call(client(settings)), code, message)
    unsigned = client({}, config=Config(signature_version=botocore.UNSIGNED))
    judge.expect("unsigned", call(unsigned), *UNSIGNED)
    judge.expect("no keys", call(client(WITHOUT_KEYS)), "client", "Unable to locate credentials")

    other_service = client({})
    other_service._request_signer._signing_name = "logs"
    judge.expect(
        "signed for another service",
        call(other_service),
        "InvalidSignatureException",
        r"Credential should be scoped to correct service: 'codebuild'\.",
    )

    for minutes in (-4, 4):
        with clock_wrong_by(minutes=minutes):
            judge.expect(f"clock {minutes} minutes wrong", call(client({})), None, "")
    with clock_wrong_by(minutes=-6):
        judge.expect(
            "clock 6 minutes slow",
            call(client({})),
            "InvalidSignatureException",
            rf"Signature expired: {STAMP} is now earlier than {STAMP} \({STAMP} - 5 min\.\)",
        )
    with clock_wrong_by(minutes=6):
        judge.expect(
            "clock 6 minutes fast",
            call(client({})),
            "InvalidSignatureException",
            rf"Signature not yet current: {STAMP} is still later than {STAMP} "
            rf"\({STAMP} \+ 5 min\.\)",
        )
    if engine:
        expired = client(keys_of_a_build_that_is_over(client({}), client({}, "logs")))
        judge.expect(
            "a session token that is expired",
            call(expired),
            "ExpiredTokenException",
            "The security token included in the request is expired",
        )


def keys_of_a_build_that_is_over(codebuild, logs):
    """A log hides keys as they are, but not in base64."""
    command = 'echo "KEYS $(printf "%s %s %s" "$AWS_ACCESS_KEY_ID" "$AWS_SECRET_ACCESS_KEY" "$AWS_SESSION_TOKEN" | base64 | tr -d "\\n")"'
    buildspec = {"version": 0.2, "phases": {"build": {"commands": [command]}}}
    codebuild.create_project(
        name="keys",
        source={"type": "NO_SOURCE", "buildspec": json.dumps(buildspec)},
        artifacts={"type": "NO_ARTIFACTS"},
        environment={
            "type": "LINUX_CONTAINER",
            "image": "docker:dind",
            "computeType": "BUILD_GENERAL1_SMALL",
        },
        serviceRole="arn:aws:iam::000000000000:role/service-role/codebuild-demo",
    )
    build = codebuild.start_build(projectName="keys")["build"]
    deadline = time.monotonic() + 180
    while not build["buildComplete"] and time.monotonic() < deadline:
        time.sleep(0.1)
        build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
    events = logs.get_log_events(
        logGroupName=build["logs"]["groupName"],
        logStreamName=build["logs"]["streamName"],
        startFromHead=True,
    )["events"]
    log = "".join(event["message"] for event in events)
    printed = re.search(r"^KEYS (\S+)$", log, re.MULTILINE)
    if not printed:
        raise SystemExit(f"the build printed no keys: {build['buildStatus']}\n{log}")
    key, secret, token = base64.b64decode(printed[1]).decode().split()
    return {
        "AWS_ACCESS_KEY_ID": key,
        "AWS_SECRET_ACCESS_KEY": secret,
        "AWS_SESSION_TOKEN": token,
    }


def main():
    judge = Judge()
    if sys.argv[1] == "boto3":
        through_boto3(judge, engine="--no-engine" not in sys.argv)
    else:
        through_cli(judge, sys.argv[1])
    print(json.dumps({"cases": judge.cases, "failures": judge.failures}, indent=1))


main()
