"""Runs AWS CLI commands, each in a process of its own, without importing the CLI each time.

Started with the interpreter that the CLI has. Reads a JSON list of arguments a line, and answers
with a line [exit code, standard output, standard error].
"""

import json
import os
import sys
import tempfile

import awscli.clidriver


def run(arguments):
    with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
        child = os.fork()
        if child == 0:
            os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.argv = ["aws", *arguments]
            code = 70
            try:
                code = awscli.clidriver.main()
            except SystemExit as exit:
                code = exit.code if isinstance(exit.code, int) else 1
            finally:
                sys.stdout.flush()
                sys.stderr.flush()
                os._exit(code or 0)
        _, status = os.waitpid(child, 0)
        out.seek(0)
        err.seek(0)
        texts = [file.read().decode(errors="replace") for file in (out, err)]
        return [os.waitstatus_to_exitcode(status), *texts]


def import_all():
    """Most of the CLI is imported with its first command."""
    sys.argv = ["aws", "codebuild", "list-projects", "--generate-cli-skeleton"]
    out = os.dup(1)
    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
    awscli.clidriver.main()
    sys.stdout.flush()
    os.dup2(out, 1)


def main():
    replies = os.fdopen(os.dup(1), "w")
    # What AWS CLI 2 does with threads does not outlive a fork.
    if "awscrt" not in sys.modules:
        import_all()
    for line in sys.stdin:
        replies.write(json.dumps(run(json.loads(line))) + "\n")
        replies.flush()


main()
