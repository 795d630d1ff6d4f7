"""Runs the calls of operations.json through any client and says what was not as expected."""

import dataclasses
import json
import pathlib
import re
import threading
import time

import botocore.session
import jmespath

import shapes

DATA = json.loads(pathlib.Path(__file__).with_name("operations.json").read_text())
MODEL = botocore.session.get_session().get_service_model("codebuild")
# Not in the model, and yet any AWS service may answer so.
COMMON_ERRORS = {"ValidationException", "SerializationException"}
PATIENCE = 180


@dataclasses.dataclass
class Answer:
    """What came back: an output, an error of the service, or a refusal of the client itself."""

    output: dict | None = None
    code: str | None = None
    message: str = ""
    refused: bool = False
    # The client is too old for this operation or member.
    unknown: bool = False


class Family:
    """Calls that build on one another; those of different families do not."""

    def __init__(self, name, client, variables, engine):
        self.calls = DATA["families"][name]
        self.name = name
        self.client = client
        self.variables = dict(variables)
        self.engine = engine
        self.failures = []
        self.seen = set()
        self.made = 0
        self.unknown = set()
        # What calls would have kept that the client is too old for.
        self.never_kept = set()
        self.paged_at_the_end = []

    def run(self):
        for call in self.calls:
            operation = call["call"]
            if call.get("needs-engine") and not self.engine:
                continue
            try:
                call = substitute(call, self.variables)
            except KeyError as missing:
                if missing.args[0] in self.never_kept:
                    self.unknown.add(operation)
                else:
                    self.fail(operation, f"{missing} is not known, as an earlier call failed")
                continue
            self.one(operation, call)

    def one(self, operation, call):
        answer = self.repeat(operation, call) if "until" in call else self.make(operation, call)
        if answer.unknown:
            self.unknown.add(operation)
            self.never_kept.update(call.get("keep", ()))
            return
        self.seen.add(operation)
        if "error" in call:
            self.judge_error(operation, call, answer)
        elif answer.output is None:
            self.fail(operation, f"{call['input']} was refused: {answer.code} {answer.message}")
        else:
            self.judge_output(operation, call, answer)

    def make(self, operation, call):
        self.made += 1
        return self.client.call(operation, call["input"], valid="error" not in call)

    def repeat(self, operation, call):
        deadline = time.monotonic() + PATIENCE
        while True:
            answer = self.make(operation, call)
            if answer.output is None or jmespath.search(call["until"], answer.output):
                return answer
            if time.monotonic() > deadline:
                self.fail(operation, f"never `{call['until']}`: {answer.output}")
                return answer
            time.sleep(self.client.pause)

    def judge_error(self, operation, call, answer):
        expected = call["error"] if isinstance(call["error"], list) else [call["error"]]
        if answer.refused and call.get("client-refuses"):
            return
        if answer.output is not None:
            self.fail(operation, f"{call['input']} was accepted: {answer.output}")
        elif answer.code not in expected:
            self.fail(
                operation,
                f"{call['input']} got {answer.code}, not {expected}: {answer.message}",
            )
        elif answer.code not in known_errors(operation):
            self.fail(operation, f"the model does not declare {answer.code}")
        elif not answer.message:
            self.fail(operation, f"{answer.code} has no message")

    def judge_output(self, operation, call, answer):
        shape = MODEL.operation_model(operation).output_shape
        if shape is not None:
            for problem in shapes.problems(shape, answer.output, call.get("beyond the model", ())):
                self.fail(operation, problem)
        if "sees" in call and jmespath.search(call["sees"], answer.output) is not True:
            self.fail(operation, f"not `{call['sees']}`: {answer.output}")
        for name, path in call.get("keep", {}).items():
            value = jmespath.search(path, answer.output)
            if value is None:
                self.fail(operation, f"no {path} in {answer.output}")
            else:
                self.variables[name] = value
        if call.get("pages") == "at the end":
            self.paged_at_the_end.append(call)
        elif call.get("pages"):
            self.judge_pages(call, answer.output)

    def judge_pages(self, call, whole):
        for problem in self.client.paging_problems(call["call"], call["input"], whole):
            self.fail(call["call"], problem)

    def finish(self):
        """Pages through the lists that other families change while they run."""
        for call in self.paged_at_the_end:
            self.judge_pages(call, self.make(call["call"], call).output)

    def fail(self, operation, why):
        self.failures.append(f"{self.name}: {operation}: {why}")


def gaps():
    """Operations that the data does not call with good or with bad input."""
    calls = [call for family in DATA["families"].values() for call in family]
    good = {call["call"] for call in calls if "error" not in call} | set(DATA["without valid input"])
    bad = {call["call"] for call in calls if "error" in call} | set(DATA["without invalid input"])
    for operation in MODEL.operation_names:
        if operation not in good or operation not in bad:
            yield f"operations.json lacks good or bad input for {operation}"


def known_errors(operation):
    declared = {shape.name for shape in MODEL.operation_model(operation).error_shapes}
    return declared | COMMON_ERRORS


def substitute(value, variables):
    """Puts the values of `$NAME` into all texts, whatever they are in."""
    if isinstance(value, str):
        return re.sub(r"\$([A-Z][A-Z_]+)", lambda match: variables[match[1]], value)
    if isinstance(value, list):
        return [substitute(element, variables) for element in value]
    if isinstance(value, dict):
        return {substitute(name, variables): substitute(x, variables) for name, x in value.items()}
    return value


def run(client, variables, engine):
    """All families, at once; a summary for people and programs."""
    begin = time.monotonic()
    families = [Family(name, client, variables, engine) for name in DATA["families"]]
    errors = []

    def guarded(family):
        try:
            family.run()
        except Exception as error:  # A thread's exception would be lost.
            errors.append(f"{family.name}: {error!r}")

    threads = [threading.Thread(target=guarded, args=[family]) for family in families]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for family in families:
        family.finish()
    seen = set().union(*(family.seen for family in families))
    unknown = set().union(*(family.unknown for family in families)) - seen
    return {
        "client": client.name,
        "operations": len(seen),
        "not in this client": sorted(unknown),
        "never called": sorted(set(MODEL.operation_names) - seen - unknown),
        "calls": sum(family.made for family in families),
        "seconds": round(time.monotonic() - begin, 1),
        "failures": [*gaps(), *errors] + [failure for family in families for failure in family.failures],
    }
