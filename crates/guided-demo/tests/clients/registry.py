"""Calls every ECR operation of the local AWS and logs in to its registry.

    registry.py boto3|PATH_OF_AWS_CLI

Endpoint, region and keys come from the environment, as for any client. Prints one JSON object.
"""

import base64
import hashlib
import json
import os
import re
import sys
import tempfile
import urllib.error
import urllib.request

import boto3
import botocore.session
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError

import shapes
from aws_cli import AwsCli

MODEL = botocore.session.get_session().get_service_model("ecr")
# Not in the model, and yet any AWS service may answer so.
COMMON_ERRORS = {"ValidationException"}
REPOSITORY = {"repositoryName": "team/app"}
ABSENT = {"repositoryName": "absent"}
POLICY = json.dumps(
    {
        "rules": [
            {
                "rulePriority": 1,
                "description": "Untagged images go after two weeks",
                "selection": {
                    "tagStatus": "untagged",
                    "countType": "sinceImagePushed",
                    "countUnit": "days",
                    "countNumber": 14,
                },
                "action": {"type": "expire"},
            }
        ]
    }
)


class Boto3:
    """Lets the service check the input."""

    def __init__(self):
        self.client = boto3.client("ecr", config=Config(parameter_validation=False))
        self.client.meta.events.register("before-parse.ecr", self.keep_body)

    def keep_body(self, response_dict, **_):
        self.body = response_dict["body"]

    def call(self, operation, parameters):
        try:
            getattr(self.client, xform_name(operation))(**parameters)
        except ClientError as error:
            return None, error.response["Error"]["Code"]
        return json.loads(self.body), None

    def password(self):
        data = self.client.get_authorization_token()["authorizationData"][0]
        return base64.b64decode(data["authorizationToken"]).decode().removeprefix("AWS:")


class Cli:
    """The AWS CLI."""

    def __init__(self, program):
        self.cli = AwsCli(program)

    def call(self, operation, parameters):
        arguments = ["ecr", xform_name(operation, "-"), "--output", "json"]
        blob = parameters.pop("layerPartBlob", None)
        with tempfile.NamedTemporaryFile() as file:
            if blob is not None:
                file.write(blob)
                file.flush()
                arguments += ["--layer-part-blob", f"fileb://{file.name}"]
            arguments += ["--cli-input-json", json.dumps(parameters)]
            code, printed, complaint = self.cli.run(*arguments)
        if code == 0:
            return json.loads(printed or "{}"), None
        found = re.search(r"\((\w+)\) when calling", complaint)
        return None, found[1] if found else complaint

    def password(self):
        return self.cli.run("ecr", "get-login-password")[1].strip()


def digest(text):
    return "sha256:" + hashlib.sha256(text).hexdigest()


def manifest():
    part = {"digest": digest(b"{}"), "size": 2}
    kind = "application/vnd.docker.distribution.manifest.v2+json"
    config = part | {"mediaType": "application/vnd.docker.container.image.v1+json"}
    return json.dumps(
        {"schemaVersion": 2, "mediaType": kind, "config": config, "layers": []}
    )


def operations(run, account):
    """Calls in an order in which they build on one another."""
    arn = f"arn:aws:ecr:{os.environ['AWS_DEFAULT_REGION']}:{account}:repository/team/app"
    tags = [{"Key": "course", "Value": "DOP-C02"}]
    made = run("CreateRepository", REPOSITORY | {"tags": tags})
    endpoint = os.environ["AWS_ENDPOINT_URL"].removeprefix("http://")
    assert made["repository"]["repositoryUri"] == f"{endpoint}/team/app", made
    run("CreateRepository", REPOSITORY, "RepositoryAlreadyExistsException")
    run("CreateRepository", {"repositoryName": "Bad Name"}, "InvalidParameterException")
    run("DescribeRepositories", {"repositoryNames": ["team/app"]})
    run("DescribeRepositories", {"repositoryNames": ["absent"]}, "RepositoryNotFoundException")
    run("TagResource", {"resourceArn": arn, "tags": [{"Key": "a", "Value": "b"}]})
    run("TagResource", {"resourceArn": f"{arn}x", "tags": tags}, "RepositoryNotFoundException")
    run("ListTagsForResource", {"resourceArn": arn})
    run("ListTagsForResource", {"resourceArn": "arn:x"}, "InvalidParameterException")
    run("UntagResource", {"resourceArn": arn, "tagKeys": ["a"]})
    run("UntagResource", {"resourceArn": f"{arn}x", "tagKeys": ["a"]}, "RepositoryNotFoundException")

    run("InitiateLayerUpload", ABSENT, "RepositoryNotFoundException")
    upload = {"uploadId": run("InitiateLayerUpload", REPOSITORY)["uploadId"]} | REPOSITORY
    part = {"partFirstByte": 0, "partLastByte": 1, "layerPartBlob": b"{}"}
    run("UploadLayerPart", upload | part | {"partFirstByte": 1}, "InvalidLayerPartException")
    run("UploadLayerPart", upload | part)
    complete = {"layerDigests": [digest(b"{}")]}
    run("CompleteLayerUpload", upload | complete)
    run("CompleteLayerUpload", upload | complete, "UploadNotFoundException")
    run("BatchCheckLayerAvailability", REPOSITORY | complete)
    run("BatchCheckLayerAvailability", ABSENT | complete, "RepositoryNotFoundException")
    run("GetDownloadUrlForLayer", REPOSITORY | {"layerDigest": digest(b"{}")})
    missing = {"layerDigest": digest(b"absent")}
    run("GetDownloadUrlForLayer", REPOSITORY | missing, "LayersNotFoundException")

    image = {"imageManifest": manifest(), "imageTag": "v1"}
    run("PutImage", REPOSITORY | image)
    run("PutImage", REPOSITORY | image, "ImageAlreadyExistsException")
    run("PutImage", REPOSITORY | {"imageManifest": "{}"}, "InvalidParameterException")
    ids = {"imageIds": [{"imageTag": "v1"}]}
    assert run("ListImages", REPOSITORY)["imageIds"] == [
        {"imageDigest": digest(manifest().encode()), "imageTag": "v1"}
    ]
    run("ListImages", ABSENT, "RepositoryNotFoundException")
    run("DescribeImages", REPOSITORY | ids)
    run("DescribeImages", REPOSITORY | {"imageIds": [{"imageTag": "v9"}]}, "ImageNotFoundException")
    assert run("BatchGetImage", REPOSITORY | ids)["images"][0]["imageManifest"] == manifest()
    run("BatchGetImage", ABSENT | ids, "RepositoryNotFoundException")

    immutable = {"imageTagMutability": "IMMUTABLE"}
    run("PutImageTagMutability", REPOSITORY | immutable)
    run("PutImageTagMutability", ABSENT | immutable, "RepositoryNotFoundException")
    scanning = {"imageScanningConfiguration": {"scanOnPush": True}}
    run("PutImageScanningConfiguration", REPOSITORY | scanning)
    run("PutImageScanningConfiguration", ABSENT | scanning, "RepositoryNotFoundException")
    scan = REPOSITORY | {"imageId": {"imageTag": "v1"}}
    for operation in ("StartImageScan", "DescribeImageScanFindings"):
        run(operation, scan, "ValidationException")
    run("GetRegistryScanningConfiguration", {}, "ValidationException")
    run("PutRegistryScanningConfiguration", {}, "ValidationException")
    names = {"repositoryNames": ["team/app"]}
    run("BatchGetRepositoryScanningConfiguration", names, "ValidationException")
    run("DescribeRegistry", {})

    policy = {"policyText": '{"Version": "2012-10-17", "Statement": []}'}
    run("GetRepositoryPolicy", REPOSITORY, "RepositoryPolicyNotFoundException")
    run("SetRepositoryPolicy", REPOSITORY | policy)
    run("SetRepositoryPolicy", REPOSITORY | {"policyText": "no"}, "InvalidParameterException")
    run("GetRepositoryPolicy", REPOSITORY)
    run("DeleteRepositoryPolicy", REPOSITORY)
    run("DeleteRepositoryPolicy", REPOSITORY, "RepositoryPolicyNotFoundException")

    policy = {"lifecyclePolicyText": POLICY}
    wrong = {"lifecyclePolicyText": POLICY.replace("untagged", "strange")}
    run("GetLifecyclePolicyPreview", REPOSITORY, "LifecyclePolicyPreviewNotFoundException")
    run("StartLifecyclePolicyPreview", REPOSITORY, "LifecyclePolicyNotFoundException")
    run("StartLifecyclePolicyPreview", REPOSITORY | policy)
    run("GetLifecyclePolicyPreview", REPOSITORY)
    run("GetLifecyclePolicy", REPOSITORY, "LifecyclePolicyNotFoundException")
    run("PutLifecyclePolicy", REPOSITORY | policy)
    run("PutLifecyclePolicy", REPOSITORY | wrong, "InvalidParameterException")
    run("GetLifecyclePolicy", REPOSITORY)
    run("DeleteLifecyclePolicy", REPOSITORY)
    run("DeleteLifecyclePolicy", REPOSITORY, "LifecyclePolicyNotFoundException")

    run("GetAuthorizationToken", {})
    run("GetAuthorizationToken", {"registryIds": ["1" * 12]}, "InvalidParameterException")
    run("DeleteRepository", REPOSITORY, "RepositoryNotEmptyException")
    run("BatchDeleteImage", REPOSITORY | ids)
    run("BatchDeleteImage", ABSENT | ids, "RepositoryNotFoundException")
    run("DeleteRepository", REPOSITORY)
    run("DeleteRepository", REPOSITORY, "RepositoryNotFoundException")


def ping(password):
    """What the registry says to a login."""
    request = urllib.request.Request(os.environ["AWS_ENDPOINT_URL"] + "/v2/")
    login = base64.b64encode(f"AWS:{password}".encode()).decode()
    request.add_header("Authorization", f"Basic {login}")
    try:
        with urllib.request.urlopen(request) as response:
            return response.status
    except urllib.error.HTTPError as error:
        return error.code


def main():
    client = Boto3() if sys.argv[1] == "boto3" else Cli(sys.argv[1])
    failures, seen = [], set()

    def run(operation, parameters, error=None):
        output, code = client.call(operation, dict(parameters))
        model = MODEL.operation_model(operation)
        seen.add(operation)
        if code != error:
            failures.append(f"{operation} {parameters}: {code}, not {error}")
        known = {shape.name for shape in model.error_shapes} | COMMON_ERRORS
        if code and code not in known:
            failures.append(f"{operation}: the model does not declare {code}")
        if output is not None and model.output_shape is not None:
            failures.extend(shapes.problems(model.output_shape, output))
        return output

    operations(run, boto3.client("sts").get_caller_identity()["Account"])
    password = client.password()
    if ping(password) != 200 or ping("wrong") != 401:
        failures.append(f"the registry says {ping(password)} and {ping('wrong')}")
    print(json.dumps({"failures": failures, "operations": sorted(seen)}, indent=1))


main()
