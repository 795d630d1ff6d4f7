"""Runs command lines through the AWS CLI in one process.

Each line of stdin is a JSON list of the words after `aws`; each line of stdout is a JSON object with
the exit status and what the CLI printed.
"""

import contextlib
import io
import json
import sys

import awscli.clidriver

# Reads each service model once: it takes longer than a call.
models = None

for line in sys.stdin:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            driver = awscli.clidriver.create_clidriver()
            models = models or driver.session.get_component("data_loader")
            driver.session.register_component("data_loader", models)
            status = driver.main(json.loads(line))
        except SystemExit as leave:
            status = leave.code
    answer = {"status": status, "out": out.getvalue(), "err": err.getvalue()}
    sys.__stdout__.write(json.dumps(answer) + "\n")
    sys.__stdout__.flush()
