"""Calls every CodeBuild operation through a client and prints what was not as its model says.

    probe.py boto3|boto3-cbor|PATH_OF_AWS_CLI [--no-engine]

Endpoint, region and keys come from the environment, as for any client. Prints one JSON object.
"""

import json
import os
import sys

import boto3

import calls


def main():
    client_name = sys.argv[1]
    if client_name in ("boto3", "boto3-cbor"):
        from through_boto3 import Boto3

        client = Boto3("json" if client_name == "boto3" else "smithy-rpc-v2-cbor")
    else:
        from through_cli import ThroughCli

        client = ThroughCli(client_name)
    account = boto3.client("sts").get_caller_identity()["Account"]
    variables = {
        "REGION": os.environ["AWS_DEFAULT_REGION"],
        "ACCOUNT": account,
        "ROLE": f"arn:aws:iam::{account}:role/service-role/codebuild-demo",
    }
    summary = calls.run(client, variables, engine="--no-engine" not in sys.argv)
    print(json.dumps(summary, indent=1))


main()
