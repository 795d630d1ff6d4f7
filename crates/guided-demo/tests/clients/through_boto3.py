"""The calls through boto3."""

import datetime
import json
import threading

import boto3
import botocore
import botocore.model
from botocore import xform_name
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.exceptions import ParamValidationError

from calls import Answer


class Boto3:
    """One client that checks its input, as boto3 does, and one that lets the service do it."""

    # Seconds between two looks at something that is awaited.
    pause = 0.1

    def __init__(self, protocol="json"):
        # botocore takes the first of its own list that the service model has too.
        if protocol != "json":
            others = botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS
            botocore.model.PRIORITY_ORDERED_SUPPORTED_PROTOCOLS = (protocol, *others)
        self.protocol = protocol
        self.name = f"boto3 {boto3.__version__}, botocore {botocore.__version__}, {protocol}"
        self.checking = boto3.client("codebuild")
        self.trusting = boto3.client("codebuild", config=Config(parameter_validation=False))
        self.bodies = threading.local()
        for client in (self.checking, self.trusting):
            client.meta.events.register("before-parse.codebuild", self.keep_body)

    def keep_body(self, response_dict, **_):
        self.bodies.last = response_dict

    def call(self, operation, parameters, valid):
        client = self.checking if valid else self.trusting
        try:
            method = getattr(client, xform_name(operation))
        except AttributeError:
            return Answer(unknown=True)
        try:
            output = method(**parameters)
        except ParamValidationError as error:
            # An older boto3 does not know every member.
            unknown = "Unknown parameter in input" in str(error)
            return Answer(refused=True, message=str(error), unknown=unknown)
        except ClientError as error:
            status = error.response["ResponseMetadata"]["HTTPStatusCode"]
            details = error.response["Error"]
            code = details["Code"] if 400 <= status < 500 else f"HTTP {status} {details['Code']}"
            return Answer(code=code, message=details["Message"])
        if self.protocol != "json":
            assert self.bodies.last["headers"]["smithy-protocol"] == "rpc-v2-cbor"
            output.pop("ResponseMetadata")
            return Answer(output=as_sent(output))
        return Answer(output=json.loads(self.bodies.last["body"]))

    def paging_problems(self, operation, parameters, whole):
        """Page by page there is the same to see as at once."""
        name = xform_name(operation)
        if not self.checking.can_paginate(name):
            yield "boto3 has no paginator"
            return
        paginator = self.checking.get_paginator(name)
        config = {"PageSize": 1} if paginator._limit_key else {}
        pages = list(paginator.paginate(**parameters, PaginationConfig=config))
        key = paginator.result_keys[0].expression
        paged = json.loads(json.dumps([item for page in pages for item in page[key]], default=str))
        if len(paged) != len(whole[key]) or (
            all(isinstance(item, str) for item in paged) and paged != whole[key]
        ):
            yield f"pages hold {paged}, and all at once {whole[key]}"
        if paginator._limit_key and len(pages) < len(paged):
            yield f"pages of one hold more: {len(pages)} pages, {len(paged)} items"


def as_sent(value):
    """What boto3 made of a reply, with times as the numbers that a reply has."""
    if isinstance(value, dict):
        return {name: as_sent(member) for name, member in value.items()}
    if isinstance(value, list):
        return [as_sent(element) for element in value]
    if isinstance(value, datetime.datetime):
        return value.timestamp()
    return value
