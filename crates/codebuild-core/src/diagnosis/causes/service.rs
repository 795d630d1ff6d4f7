//! Ends that the build service itself brings about.
//!
//! Status codes and messages: published build records, and "Troubleshooting" in the CodeBuild user
//! guide.

use super::super::cause::Cause;
use super::super::cause::Sign;
use super::super::record::Failure;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "build-stopped",
        exam_task: "5.3",
        sign: Sign::When(|failure| has_status(failure, "STOPPED")),
        what: "The build was stopped before its end.",
        why: "Somebody or something called StopBuild.",
        fix: "Start it again with start-build, or with retry-build, which takes the same settings.",
    },
    Cause {
        id: "container-died",
        exam_task: "5.3",
        sign: Sign::When(|failure| {
            failure
                .is_in_commands()
                .then(|| failure.message_with(&["build container found dead"]))?
        }),
        what: "The build container ended while a command ran in {phase}.",
        why: "Its main process was killed: usually the machine had no memory left, or a command killed \
              every process.",
        fix: "Take a larger compute type, or run fewer things at a time. Look at the last command in \
              the log.",
    },
    Cause {
        id: "account-limit-exceeded",
        exam_task: "5.3",
        sign: Sign::Message(&[
            "AccountLimitExceeded",
            "builds in queue for the account",
            "active builds for the account",
        ]),
        what: "The account may not run more builds now.",
        why: "There is a quota of builds that run at the same time, for each kind of compute.",
        fix: "Wait for other builds to end, or ask for a higher quota in Service Quotas.",
    },
    Cause {
        id: "queued-too-long",
        exam_task: "5.3",
        sign: Sign::When(|failure| {
            (failure.phase == "QUEUED").then(|| failure.context_line().unwrap_or_default())
        }),
        what: "The build waited in the queue for longer than its queue time allows.",
        why: "Other builds had all the places: the project's concurrent build limit or the account's \
              quota.",
        fix: "Raise queuedTimeoutInMinutes or the limit, or run fewer builds at a time.",
    },
    Cause {
        id: "subnet-without-addresses",
        exam_task: "3.2",
        sign: Sign::Message(&["INSUFFICIENT_SUBNET", "not enough free addresses"]),
        what: "The project's subnets have no free IP address for the build.",
        why: "A build in a VPC takes an address of one of the project's subnets.",
        fix: "Add a larger subnet to the project's vpcConfig, or free addresses.",
    },
    Cause {
        id: "vpc-not-allowed",
        exam_task: "6.1",
        sign: Sign::Message(&[
            "VPC_CLIENT_ERROR",
            "Unexpected EC2 error: UnauthorizedOperation",
        ]),
        what: "CodeBuild could not connect the build to the project's VPC.",
        why: "The service role may not make network interfaces, or the VPC, a subnet or a security \
              group of the project does not exist.",
        fix: "Allow the role ec2:CreateNetworkInterface, ec2:DescribeSubnets and the like, and check \
              the ids in vpcConfig.",
    },
    Cause {
        id: "container-not-started",
        exam_task: "5.3",
        sign: Sign::Message(&["The build container could not be started"]),
        what: "The Docker Engine could not start the build container.",
        why: "The message has the engine's reason. It is about the machine and not about your build.",
        fix: "Check the engine: `docker info`, and `docker run` with the same image.",
    },
    Cause {
        id: "build-interrupted",
        exam_task: "5.3",
        sign: Sign::When(|failure| {
            // Its container is the image's matter: see the build image's causes.
            let has_died = failure.message.contains("found dead");
            (!has_died || failure.is_in_commands()).then(|| has_status(failure, "FAULT"))?
        }),
        what: "The build ended because of what runs it, not because of its commands.",
        why: "FAULT means that the build service failed. On your own machine: the program that ran the \
              build ended, or the Docker Engine under it did.",
        fix: "Run it again with retry-build. If it happens again, look at the phase's message and at \
              the Docker Engine.",
    },
];

/// The build's time was up: said after the causes that tell why a command hung.
pub(in super::super) const TIME_OVER: &[Cause] = &[Cause {
    id: "build-timed-out",
    exam_task: "5.3",
    sign: Sign::When(|failure| {
        let is_over = failure.status == "TIMED_OUT" || failure.code == "BUILD_TIMED_OUT";
        (is_over && failure.phase != "QUEUED").then(|| failure.context_line().unwrap_or_default())
    }),
    what: "The build took longer than its {minutes} minutes and was ended in {phase}.",
    why: "A command hangs (often one that asks a question, or a server in the foreground), or the \
          work needs more time.",
    fix: "Look at the last command in the log. If it only needs longer, raise timeoutInMinutes (5 to \
          2160), or use a larger compute type or a cache.",
}];

fn has_status(failure: &Failure<'_>, status: &str) -> Option<String> {
    (failure.status == status).then(|| failure.context_line().unwrap_or_default())
}
