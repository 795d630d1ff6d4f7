"""Gives each operation of the AWS CLI its own skeleton back as input.

    skeletons.py PATH_OF_AWS_CLI

A skeleton's values are empty, so the CLI's own checks are off: the service has to cope. Prints one
JSON object.
"""

import concurrent.futures
import json
import os
import sys
import tempfile

from botocore import xform_name

import calls
from aws_cli import AT_ONCE
from through_cli import ThroughCli


def problem(client, operation):
    """What went wrong, None if nothing did, or the answer if the CLI is too old."""
    code, out, err = client.cli.run(
        "codebuild", xform_name(operation, "-"), "--generate-cli-skeleton"
    )
    if code != 0:
        return "unknown" if "nvalid choice" in err else f"no skeleton: exit code {code}: {err}"
    answer = client.run(operation, json.loads(out))
    if answer.refused:
        return f"the CLI refuses its own skeleton: {answer.message}"
    if answer.output is None and answer.code not in calls.known_errors(operation):
        return f"{answer.code} {answer.message}"
    return None


def main():
    with tempfile.NamedTemporaryFile("w", suffix=".config") as config:
        config.write("[default]\nparameter_validation = false\n")
        config.flush()
        os.environ["AWS_CONFIG_FILE"] = config.name
        client = ThroughCli(sys.argv[1])
        operations = calls.MODEL.operation_names
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            found = dict(zip(operations, pool.map(lambda name: problem(client, name), operations)))
    failures = [f"{name}: {what}" for name, what in found.items() if what not in (None, "unknown")]
    unknown = [name for name, what in found.items() if what == "unknown"]
    summary = {
        "client": client.name,
        "operations": len(operations) - len(unknown),
        "not in this client": unknown,
        "failures": failures,
    }
    print(json.dumps(summary, indent=1))


main()
