//! What docker prints when it builds, pulls, pushes and runs.

use super::builds::Failed;

/// Cause, command, exit status, what the command prints.
const DOCKER: &[(&str, &str, i32, &[&str])] = &[
    (
        "docker-socket-permission",
        "docker ps",
        1,
        &[
            "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: Get \"http://%2Fvar%2Frun%2Fdocker.sock/v1.47/containers/json\": dial unix /var/run/docker.sock: connect: permission denied",
        ],
    ),
    (
        "docker-api-version",
        "docker ps",
        1,
        &[
            "Error response from daemon: client version 1.99 is too new. Maximum supported API version is 1.41",
        ],
    ),
    (
        "docker-api-version",
        "docker ps",
        1,
        &[
            "Error response from daemon: client version 1.24 is too old. Minimum supported API version is 1.44, please upgrade your client to a newer version",
        ],
    ),
    (
        "image-pull-limit",
        "docker build .",
        1,
        &[
            "toomanyrequests: You have reached your unauthenticated pull rate limit. https://www.docker.com/increase-rate-limit",
        ],
    ),
    (
        "image-schema-1",
        "docker pull old",
        1,
        &[
            "[DEPRECATION NOTICE] Docker Image Format v1 and Docker Image manifest version 2, schema 1 support is disabled by default and will be removed in an upcoming release.",
        ],
    ),
    (
        "image-other-architecture",
        "docker run --rm arm",
        1,
        &["exec /bin/sh: exec format error"],
    ),
    (
        "image-other-architecture",
        "docker pull a",
        1,
        &["no matching manifest for linux/arm64/v8 in the manifest list entries"],
    ),
    (
        "image-other-architecture",
        "./tool",
        126,
        &["script.sh: 4: ./tool: Exec format error"],
    ),
    (
        "registry-without-tls",
        "docker pull 10.0.0.2:5000/a",
        1,
        &[
            "Error response from daemon: Get \"https://10.0.0.2:5000/v2/\": http: server gave HTTP response to HTTPS client",
        ],
    ),
    (
        "registry-certificate-not-trusted",
        "docker pull r.example.com/a",
        1,
        &[
            "Error response from daemon: Get \"https://r.example.com/v2/\": x509: certificate signed by unknown authority",
        ],
    ),
    (
        "ecr-login-expired",
        "docker push r",
        1,
        &["denied: Your authorization token has expired. Reauthenticate and try again."],
    ),
    (
        "registry-login-refused",
        "docker login -u a --password-stdin",
        1,
        &[
            "Error response from daemon: Get \"https://registry-1.docker.io/v2/\": unauthorized: incorrect username or password",
        ],
    ),
    (
        "registry-login-refused",
        "docker login -u a --password-stdin r",
        1,
        &[
            "Error response from daemon: login attempt to http://127.0.0.1:5000/v2/ failed with status: 401 Unauthorized",
        ],
    ),
    (
        "registry-login-missing",
        "docker push r",
        1,
        &["no basic auth credentials"],
    ),
    (
        "registry-login-missing",
        "docker pull 127.0.0.1:5000/a",
        1,
        &[
            "Error response from daemon: Head \"http://127.0.0.1:5000/v2/a/manifests/latest\": unauthorized: authentication required",
        ],
    ),
    (
        "image-access-denied",
        "docker build .",
        1,
        &[
            "pull access denied for mavn, repository does not exist or may require 'docker login': denied: requested access to the resource is denied",
        ],
    ),
    (
        "image-access-denied",
        "docker push helloworld",
        1,
        &[
            "The push refers to repository [docker.io/library/helloworld]",
            "denied: requested access to the resource is denied",
        ],
    ),
    (
        "image-tag-not-found",
        "docker pull maven:9",
        1,
        &[
            "Error response from daemon: manifest for maven:9 not found: manifest unknown: manifest unknown",
        ],
    ),
    (
        "image-tag-not-found",
        "docker build .",
        1,
        &[
            "ERROR: failed to solve: maven:9: failed to resolve source metadata for docker.io/library/maven:9: docker.io/library/maven:9: not found",
        ],
    ),
    (
        "image-to-push-missing",
        "docker push r/a",
        1,
        &[
            "The push refers to repository [r/a]",
            "An image does not exist locally with the tag: r/a",
        ],
    ),
    (
        "image-to-push-missing",
        "docker tag a b",
        1,
        &["Error response from daemon: No such image: a:latest"],
    ),
    (
        "registry-out-of-reach",
        "docker build .",
        1,
        &[
            "Step 1/1 : FROM alpine",
            "Get \"https://registry-1.docker.io/v2/\": dial tcp: lookup registry-1.docker.io on 10.0.0.2:53: no such host",
        ],
    ),
    (
        "registry-out-of-reach",
        "docker run helloworld",
        125,
        &[
            "Unable to find image 'helloworld:latest' locally",
            "docker: Error response from daemon: Get \"http://127.0.0.1:9/v2/\": dial tcp 127.0.0.1:9: connect: connection refused",
        ],
    ),
    (
        "ecr-repository-missing",
        "docker push 123456789012.dkr.ecr.eu-central-1.amazonaws.com/a",
        1,
        &[
            "name unknown: The repository with name 'a' does not exist in the registry with id '123456789012'",
        ],
    ),
    (
        "ecr-tag-immutable",
        "docker push 123456789012.dkr.ecr.eu-central-1.amazonaws.com/a:1",
        1,
        &[
            "tag invalid: The image tag '1' already exists in the 'a' repository and cannot be overwritten because the repository is immutable.",
        ],
    ),
    (
        "buildx-missing",
        "docker build .",
        1,
        &["ERROR: BuildKit is enabled but the buildx component is missing or broken."],
    ),
    (
        "dockerfile-missing",
        "docker build .",
        1,
        &[
            "unable to prepare context: unable to evaluate symlinks in Dockerfile path: lstat /b/Dockerfile: no such file or directory",
        ],
    ),
    (
        "dockerfile-missing",
        "docker build .",
        1,
        &[
            "ERROR: failed to solve: failed to read dockerfile: open Dockerfile: no such file or directory",
        ],
    ),
    (
        "dockerfile-copy-missing",
        "docker build .",
        1,
        &[
            "COPY failed: file not found in build context or excluded by .dockerignore: stat app.jar: file does not exist",
        ],
    ),
    (
        "dockerfile-copy-missing",
        "docker build .",
        1,
        &[
            "ERROR: failed to solve: failed to compute cache key: failed to calculate checksum of ref a::b: \"/app.jar\": not found",
        ],
    ),
    (
        "dockerfile-not-valid",
        "docker build .",
        1,
        &["Error response from daemon: dockerfile parse error line 1: unknown instruction: FORM"],
    ),
    (
        "dockerfile-not-valid",
        "docker build -t $REPO:1 .",
        1,
        &["ERROR: invalid tag \":1\": invalid reference format"],
    ),
    (
        "dockerfile-run-failed",
        "docker build .",
        3,
        &[
            "Step 2/2 : RUN exit 3",
            "The command '/bin/sh -c exit 3' returned a non-zero code: 3",
        ],
    ),
    (
        "dockerfile-run-failed",
        "docker build .",
        1,
        &[
            "ERROR: failed to solve: process \"/bin/sh -c exit 3\" did not complete successfully: exit code: 3",
        ],
    ),
    (
        "package-manager-missing",
        "docker build .",
        127,
        &[
            "/bin/sh: apt-get: not found",
            "The command '/bin/sh -c apt-get update' returned a non-zero code: 127",
        ],
    ),
    (
        "no-space-left",
        "docker build .",
        1,
        &["failed to register layer: write /a: no space left on device"],
    ),
    (
        "out-of-memory",
        "docker build .",
        137,
        &["The command '/bin/sh -c mvn package' returned a non-zero code: 137"],
    ),
    ("command-killed", "docker run --rm -m 6m a", 137, &[]),
    (
        "cgroup-threaded-mode",
        "docker run -m 1g a",
        125,
        &[
            "docker: Error response from daemon: failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: unable to apply cgroup configuration: cannot enter cgroupv2 \"/sys/fs/cgroup/docker\" with domain controllers -- it is in threaded mode",
        ],
    ),
    (
        "no-terminal",
        "docker run -it a sh",
        1,
        &["the input device is not a TTY"],
    ),
    (
        "container-name-in-use",
        "docker run --name db a",
        125,
        &[
            "docker: Error response from daemon: Conflict. The container name \"/db\" is already in use by container \"0a\". You have to remove (or rename) that container to be able to reuse that name.",
        ],
    ),
    (
        "port-in-use",
        "docker run -p 2375:80 a",
        125,
        &[
            "docker: Error response from daemon: driver failed programming external connectivity on endpoint a: Error starting userland proxy: listen tcp4 0.0.0.0:2375: bind: address already in use",
        ],
    ),
    (
        "program-missing-in-image",
        "docker run a bash",
        127,
        &[
            "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"bash\": executable file not found in $PATH: unknown",
        ],
    ),
    (
        "program-missing-in-image",
        "docker run a /etc",
        126,
        &[
            "docker: Error response from daemon: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: exec: \"/etc\": permission denied: unknown",
        ],
    ),
];

pub(super) fn told() -> Vec<(&'static str, Failed)> {
    DOCKER
        .iter()
        .map(|(id, command, status, printed)| (*id, Failed::command(command, *status, printed)))
        .collect()
}
