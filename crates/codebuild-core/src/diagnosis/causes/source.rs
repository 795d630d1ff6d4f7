//! DOWNLOAD_SOURCE: repositories and what is in the way to them.
//!
//! Messages: published build records; on your own machine git's own, in the same words where they
//! are known.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "source-not-found",
        exam_task: "1.1",
        sign: Sign::When(|failure| source_error(failure, &["repository not found"])),
        what: "CodeBuild found no repository at the project's source location.",
        why: "There is no repository at this URL, or it is private and nobody is logged in.",
        fix: "Check source.location. For a private repository, connect CodeBuild to the provider first.",
    },
    Cause {
        id: "source-access-denied",
        exam_task: "1.1",
        sign: Sign::When(|failure| {
            source_error(
                failure,
                &[
                    "authorization failed",
                    "authentication required",
                    "No Access token found",
                ],
            )
        }),
        what: "The source provider did not let CodeBuild in.",
        why: "The repository wants a login that CodeBuild does not have, or that is no longer valid.",
        fix: "Connect CodeBuild to the provider again (import-source-credentials or a connection).",
    },
    Cause {
        id: "source-version-not-found",
        exam_task: "1.1",
        sign: Sign::When(|failure| {
            source_error(
                failure,
                &["reference not found", "couldn't find", "object not found"],
            )
        }),
        what: "The repository does not have the version that the build asks for.",
        why: "It has no branch, tag or commit of this name. A shallow clone may not have the commit.",
        fix: "Check sourceVersion, or leave it out to build the default branch.",
    },
    Cause {
        id: "source-certificate-not-trusted",
        exam_task: "6.2",
        sign: Sign::When(|failure| source_error(failure, &["x509:", "certificate"])),
        what: "CodeBuild does not trust the certificate of the source provider.",
        why: "A GitHub Enterprise or GitLab server of your own often has a certificate that it signed \
              itself.",
        fix: "Put the certificate into S3 and name it in environment.certificate. insecureSsl only helps \
              for a test.",
    },
    Cause {
        id: "source-out-of-reach",
        exam_task: "1.1",
        sign: Sign::When(|failure| {
            source_error(
                failure,
                &[
                    "could not resolve host",
                    "no such host",
                    "dial tcp",
                    "timed out",
                    "timeout",
                    "connection refused",
                    "failed to connect",
                ],
            )
        }),
        what: "CodeBuild could not reach the source provider.",
        why: "The host's name is wrong, or the network does not let the build out: a project in a VPC \
              needs a NAT gateway, and your own machine a connection.",
        fix: "Check the host in source.location, then the network. Offline, serve a checkout of your own \
              with `guided-demo serve`.",
    },
    Cause {
        id: "source-not-served-here",
        exam_task: "1.1",
        sign: Sign::When(|failure| source_error(failure, &["The local AWS"])),
        what: "The local AWS cannot fetch this source.",
        why: "It does not have every kind of source that CodeBuild has.",
        fix: "Use a source that the message names, or run this build on AWS.",
    },
];

/// What can be said of any other failure of DOWNLOAD_SOURCE.
pub(in super::super) const OTHERWISE: &[Cause] = &[Cause {
    id: "source-error",
    exam_task: "1.1",
    sign: Sign::When(|failure| source_error(failure, &[""])),
    what: "CodeBuild could not get what the build needs before its first command.",
    why: "The message says what the source provider answered.",
    fix: "Check source.location, sourceVersion and the access to the repository.",
}];

fn source_error(failure: &Failure<'_>, texts: &[&str]) -> Option<String> {
    (failure.phase == "DOWNLOAD_SOURCE" && failure.status == "FAILED")
        .then(|| failure.message_with(texts))?
}
