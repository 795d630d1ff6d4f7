//! What AWS refuses: the service role, S3, and commands of the AWS CLI in the build.
//!
//! Messages: the services' own error codes and texts, which CodeBuild passes on and the AWS CLI
//! prints after `An error occurred`.

use super::super::cause::Cause;
use super::super::cause::Sign;

pub(in super::super) const CAUSES: &[Cause] = &[
    Cause {
        id: "service-role-not-usable",
        exam_task: "6.1",
        sign: Sign::Message(&["sts:AssumeRole", "Invalid service role"]),
        what: "CodeBuild could not take on the project's service role.",
        why: "The role does not exist, its name is written differently, or its trust policy does not \
              name codebuild.amazonaws.com.",
        fix: "Check the role's ARN in the project and allow sts:AssumeRole for \
              codebuild.amazonaws.com in its trust policy.",
    },
    Cause {
        id: "ecr-repository-missing",
        exam_task: "1.3",
        sign: Sign::Output(&[
            "name unknown: The repository with name",
            "RepositoryNotFoundException",
        ]),
        what: "Amazon ECR has no repository of the name that the build pushes to or pulls from.",
        why: "A push does not create the repository. Names count per region and account.",
        fix: "Create it once (aws ecr create-repository), best in the same template as the project.",
    },
    Cause {
        id: "ecr-tag-immutable",
        exam_task: "1.3",
        sign: Sign::Output(&["repository is immutable", "ImageTagAlreadyExists"]),
        what: "Amazon ECR did not take the image: its tag is taken.",
        why: "The repository has immutable tags: a tag can be pushed once.",
        fix: "Give each build a tag of its own, such as $CODEBUILD_RESOLVED_SOURCE_VERSION.",
    },
    Cause {
        id: "kms-access-denied",
        exam_task: "6.2",
        sign: Sign::Anywhere(&[
            "authorized to perform: kms:",
            "KMSAccessDenied",
            "KMS.AccessDeniedException",
            "KMS.NotFoundException",
            "KMS.DisabledException",
            "ciphertext refers to a customer master key that does not exist",
        ]),
        what: "A KMS key that the build needs did not let it encrypt or decrypt.",
        why: "The key of the artifacts, the parameter or the secret has to allow the service role, in \
              the key's policy and in the role's. A key that is disabled or deleted lets nobody.",
        fix: "Allow the role kms:Decrypt and kms:GenerateDataKey on this key.",
    },
    Cause {
        id: "service-role-lacks-permission",
        exam_task: "6.1",
        sign: Sign::Anywhere(&[
            "not authorized to perform:",
            "Service role",
            "UnauthorizedOperation",
        ]),
        what: "The service role may not do what the build needs: {action}.",
        why: "Commands of a build have the rights of the project's service role and no others. A policy \
              of the resource or the organization can also say no.",
        fix: "Add the action, on this resource only, to a policy of the role.",
    },
    Cause {
        id: "s3-no-such-bucket",
        exam_task: "1.3",
        sign: Sign::Anywhere(&["NoSuchBucket", "specified bucket does not exist"]),
        what: "{phase} names an S3 bucket that does not exist.",
        why: "CodeBuild does not create buckets. The name is mistyped, or the bucket was deleted.",
        fix: "Create the bucket (aws s3 mb s3://NAME), or correct its name in the project.",
    },
    Cause {
        id: "s3-no-such-key",
        exam_task: "1.3",
        sign: Sign::Anywhere(&[
            "NoSuchKey",
            "specified key does not exist",
            "(404) when calling the HeadObject",
        ]),
        what: "{phase} names an object that is not in the S3 bucket.",
        why: "The path is wrong, or whatever should have uploaded the object has not done so yet.",
        fix: "Compare the path with `aws s3 ls s3://BUCKET/ --recursive`. A source location reads \
              bucket/path/file.zip.",
    },
    Cause {
        id: "s3-wrong-region",
        exam_task: "1.3",
        sign: Sign::Anywhere(&[
            "PermanentRedirect",
            "BucketRegionError",
            "AuthorizationHeaderMalformed",
            "must be addressed using the specified endpoint",
        ]),
        what: "{phase} uses an S3 bucket of another region.",
        why: "CodeBuild reads source, cache and artifacts in its own region only.",
        fix: "Use a bucket in the project's region.",
    },
    Cause {
        id: "s3-access-denied",
        exam_task: "6.1",
        sign: Sign::Anywhere(&["AccessDenied", "(403) when calling the HeadObject"]),
        what: "{phase} was denied access to AWS, usually to an S3 bucket.",
        why: "The service role needs s3:GetObject for the source and s3:PutObject for artifacts, logs and \
              cache, and the bucket's policy must not deny it. Without s3:ListBucket, S3 says this also \
              of objects that do not exist.",
        fix: "Add the action on arn:aws:s3:::BUCKET/* to the role. For another account's bucket, its \
              policy has to allow the role too.",
    },
    Cause {
        id: "aws-credentials-missing",
        exam_task: "6.1",
        sign: Sign::Output(&[
            "Unable to locate credentials",
            "NoCredentialProviders",
            "NoCredentialsError",
        ]),
        what: "A command found no AWS credentials.",
        why: "In CodeBuild they come from the service role, through \
              AWS_CONTAINER_CREDENTIALS_RELATIVE_URI. A container that the build starts does not inherit \
              that variable, and builds on your own machine have no role.",
        fix: "Pass the variable on (docker run -e AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, or assume the \
              role before). Never write keys into the buildspec.",
    },
    Cause {
        id: "aws-credentials-not-valid",
        exam_task: "6.1",
        sign: Sign::Output(&[
            "ExpiredToken",
            "InvalidClientTokenId",
            "UnrecognizedClientException",
            "security token included in the request",
            "SignatureDoesNotMatch",
        ]),
        what: "AWS did not accept the credentials of a command.",
        why: "They have expired, were deleted, or are cut off. Those that assume-role gives last an hour \
              unless asked otherwise.",
        fix: "Take away AWS_ACCESS_KEY_ID and its companions from the environment, so that the service \
              role's are used, or ask for new ones during the build.",
    },
    Cause {
        id: "aws-region-missing",
        exam_task: "1.1",
        sign: Sign::Output(&[
            "You must specify a region",
            "NoRegionError",
            "Missing Region",
        ]),
        what: "A command does not know which AWS region to call.",
        why: "CodeBuild sets AWS_REGION and AWS_DEFAULT_REGION; a container that the build starts does \
              not inherit them.",
        fix: "Pass it on: docker run -e AWS_REGION, or --region.",
    },
    Cause {
        id: "aws-throttled",
        exam_task: "5.3",
        sign: Sign::Anywhere(&[
            "ThrottlingException",
            "Rate exceeded",
            "RequestLimitExceeded",
            "SlowDown",
        ]),
        what: "AWS refused a call because there were too many in a short time.",
        why: "Each API has a limit per account and region. Many builds at once share it.",
        fix: "Make fewer calls, or let the AWS CLI try more often: AWS_MAX_ATTEMPTS=10 and \
              AWS_RETRY_MODE=adaptive.",
    },
];
