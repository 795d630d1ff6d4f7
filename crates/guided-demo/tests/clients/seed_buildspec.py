"""A boto3 client runs a course's well-known buildspec on the local AWS, unchanged.

The endpoint, region and keys come from the environment, as for any boto3 program. The first
argument is the GitHub URL of the source. Prints one JSON object; exits 1 if the build did not
succeed.
"""

import json
import sys
import time

import boto3

BUILDSPEC = """\
version: 0.2

phases:
  install:
    commands:
      - nohup /usr/local/bin/dockerd --host=unix:///var/run/docker.sock --host=tcp://127.0.0.1:2375 --storage-driver=overlay2 &
      - timeout 15 sh -c "until docker info; do echo .; sleep 1; done"
  pre_build:
    commands:
      - docker build -t helloworld .
  build:
    commands:
      - docker images
      - docker run helloworld echo "Hello, World!"
"""

NAME = "seed-buildspec"

codebuild = boto3.client("codebuild")
logs = boto3.client("logs")
codebuild.create_project(
    name=NAME,
    source={"type": "GITHUB", "location": sys.argv[1], "gitCloneDepth": 1, "buildspec": BUILDSPEC},
    artifacts={"type": "NO_ARTIFACTS"},
    environment={
        "type": "LINUX_CONTAINER",
        "image": "docker:dind",
        "computeType": "BUILD_GENERAL1_SMALL",
        "privilegedMode": True,
        "imagePullCredentialsType": "SERVICE_ROLE",
    },
    serviceRole="arn:aws:iam::000000000000:role/service-role/codebuild-demo",
)
build = codebuild.start_build(projectName=NAME)["build"]

lines = []
lines_while_running = 0
cursor = {}
deadline = time.monotonic() + 300
while True:
    build = codebuild.batch_get_builds(ids=[build["id"]])["builds"][0]
    location = build["logs"]
    if "groupName" in location:
        try:
            page = logs.get_log_events(
                logGroupName=location["groupName"],
                logStreamName=location["streamName"],
                startFromHead=True,
                **cursor,
            )
            cursor = {"nextToken": page["nextForwardToken"]}
            lines += [event["message"] for event in page["events"]]
        except logs.exceptions.ResourceNotFoundException:
            page = {"events": []}
    if build["buildComplete"] and not page["events"]:
        break
    if not build["buildComplete"]:
        lines_while_running = len(lines)
    if time.monotonic() > deadline:
        break
    time.sleep(0.1)

codebuild.delete_project(name=NAME)
print(
    json.dumps(
        {
            "status": build["buildStatus"],
            "phases": {phase["phaseType"]: phase.get("phaseStatus") for phase in build["phases"]},
            "lines": len(lines),
            "lines_while_running": lines_while_running,
            "log": "".join(lines),
        }
    )
)
sys.exit(build["buildStatus"] != "SUCCEEDED")
