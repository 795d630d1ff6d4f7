"""The calls through the AWS CLI."""

import json
import re

import botocore.session
from botocore import xform_name

from aws_cli import AwsCli
from calls import Answer

PAGINATORS = botocore.session.get_session().get_paginator_model("codebuild")


class ThroughCli:
    """Input as JSON, output as JSON."""

    # Seconds between two looks at something that is awaited: each is a process.
    pause = 1

    def __init__(self, program):
        self.cli = AwsCli(program)
        self.name = self.cli.version

    def call(self, operation, parameters, valid):
        return self.run(operation, parameters)

    def run(self, operation, parameters, *options):
        code, out, err = self.cli.run(
            "codebuild",
            xform_name(operation, "-"),
            "--cli-input-json",
            json.dumps(parameters),
            "--output",
            "json",
            *options,
        )
        if code == 0:
            # The CLI prints nothing for an output without members.
            return Answer(output=json.loads(out) if out.strip() else {})
        error = re.search(
            r"An error occurred \((\w+)\) when calling the \w+ operation"
            r"(?: \(reached max retries: \d+\))?: (.*)",
            err,
        )
        if error:
            return Answer(code=error[1], message=error[2])
        unknown = "nvalid choice" in err or "Unknown parameter in input" in err
        return Answer(refused=True, message=f"exit code {code}: {err}", unknown=unknown)

    def paging_problems(self, operation, parameters, whole):
        """--page-size, and --max-items with --starting-token, show the same as one call."""
        try:
            paginator = PAGINATORS.get_paginator(operation)
        except ValueError:
            yield "botocore has no paginator"
            return
        key = paginator["result_key"]
        if len(whole[key]) < 2:
            return
        # Where the CLI pages, the size of a page is its own option.
        parameters = {name: x for name, x in parameters.items() if name != "maxResults"}
        if "limit_key" in paginator:
            paged = self.run(operation, parameters, "--page-size", "1")
            if paged.output is None or paged.output[key] != whole[key]:
                yield f"--page-size 1 shows {paged}, and all at once {whole[key]}"
        items, token = [], None
        while True:
            options = ["--max-items", "1"] + (["--starting-token", token] if token else [])
            part = self.run(operation, parameters, *options)
            if part.output is None or len(part.output[key]) > 1:
                yield f"{options} shows {part}"
                return
            items += part.output[key]
            token = part.output.get("NextToken")
            if token is None:
                break
            if len(items) > len(whole[key]):
                break
        if items != whole[key]:
            yield f"--max-items 1 shows {items}, and all at once {whole[key]}"
