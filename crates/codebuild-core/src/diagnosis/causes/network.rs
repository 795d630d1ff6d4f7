//! Hosts that commands of the build cannot reach.
//!
//! Texts: curl, wget, git, npm, pip, Maven, Go, the AWS CLI and the resolvers of glibc and musl.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "host-not-resolved",
        exam_task: "5.3",
        sign: Sign::Output(&[
            "could not resolve host",
            "couldn't resolve host",
            "unable to resolve host",
            "temporary failure in name resolution",
            "temporary failure resolving",
            "name or service not known",
            "bad address '",
            "getaddrinfo ENOTFOUND",
            "getaddrinfo EAI_AGAIN",
            "UnknownHostException",
            "Unknown host",
            "no such host",
            "Could not connect to the endpoint URL",
            "Failed to resolve '",
            "nodename nor servname provided",
        ]),
        what: "A command did not find the address of a host.",
        why: "The host's name is mistyped, or the build has no way to the internet: a project in a VPC \
              needs a private subnet with a NAT gateway, or an endpoint for the AWS service.",
        fix: "Check the name, the region in it, and the project's vpcConfig.",
    },
    Cause {
        id: "certificate-not-trusted",
        exam_task: "6.2",
        sign: Sign::Output(&[
            "SSL certificate problem",
            "certificate verify failed",
            "certificate signed by unknown authority",
            "self signed certificate",
            "self-signed certificate",
            "unable to get local issuer certificate",
            "PKIX path building failed",
            "server certificate verification failed",
        ]),
        what: "A command does not trust the certificate of a host.",
        why: "The build image has no or old authorities, or a proxy or server uses an authority of the \
              company's own.",
        fix: "Install ca-certificates in the image, or add the company's authority to it. Do not switch \
              the check off.",
    },
    Cause {
        id: "host-out-of-reach",
        exam_task: "5.3",
        sign: Sign::Output(&[
            "connection timed out",
            "connect timed out",
            "operation timed out",
            "connection refused",
            "network is unreachable",
            "no route to host",
            "ETIMEDOUT",
            "ECONNREFUSED",
            "ECONNRESET",
            "connection reset by peer",
            "i/o timeout",
            "failed to connect to",
        ]),
        what: "A command could not reach a host.",
        why: "Nothing listens there (a server that the build started may not be ready yet), or a security \
              group, a network ACL or a missing NAT gateway is in the way.",
        fix: "For a server of the build: wait for it in a loop with `timeout`. In a VPC: allow outgoing \
              traffic and use a private subnet with a NAT gateway.",
    },
];
