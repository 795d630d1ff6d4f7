"""The AWS CLI as a program that is run."""

import atexit
import json
import os
import pathlib
import queue
import shutil
import subprocess

# Python starts slowly; two cores are kept busy by a few.
AT_ONCE = 4


class AwsCli:
    """Runs commands, several at once if threads ask for it."""

    def __init__(self, program):
        self.program = shutil.which(program)
        self.version = subprocess.run(
            [self.program, "--version"], capture_output=True, text=True, check=True
        ).stdout.split()[0]
        self.endpoint = os.environ["AWS_ENDPOINT_URL"]
        self.servers = None
        interpreter = python_of(self.program)
        if interpreter:
            script = pathlib.Path(__file__).with_name("fork_server.py")
            self.servers = queue.SimpleQueue()
            for _ in range(AT_ONCE):
                server = subprocess.Popen(
                    [interpreter, script],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    text=True,
                )
                atexit.register(server.communicate)
                self.servers.put(server)

    def run(self, *arguments):
        """Exit code, standard output, standard error."""
        # Versions before 1.29 and 2.13 do not read the variable.
        arguments = ["--endpoint-url", self.endpoint, *arguments]
        if self.servers is None:
            done = subprocess.run(
                [self.program, *arguments],
                stdin=subprocess.DEVNULL,
                capture_output=True,
                text=True,
            )
            return done.returncode, done.stdout, done.stderr
        server = self.servers.get()
        try:
            server.stdin.write(json.dumps(arguments) + "\n")
            server.stdin.flush()
            return json.loads(server.stdout.readline())
        finally:
            self.servers.put(server)


def python_of(program):
    """The interpreter of a CLI that is a Python script; None if it is anything else."""
    with open(program, "rb") as file:
        first = file.readline()
    if not first.startswith(b"#!"):
        return None
    words = first[2:].decode().split()
    interpreter = words[-1] if words[0].endswith("/env") else words[0]
    if "python" not in os.path.basename(interpreter):
        return None
    importable = subprocess.run([interpreter, "-c", "import awscli.clidriver"], capture_output=True)
    return interpreter if importable.returncode == 0 else None
