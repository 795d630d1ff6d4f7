//! Members that a request must have: nothing marks them in the SDK's types.
//!
//! From the service models of CodeBuild (2016-10-06), CloudWatch Logs (2014-03-28), S3 (2006-03-01),
//! Systems Manager (2014-11-06) and Secrets Manager (2017-10-17).

/// The required members of a structure, by the service model's name.
pub(super) fn of(structure: &str) -> &'static [&'static str] {
    match structure {
        "BatchDeleteBuildsInput"
        | "BatchGetBuildBatchesInput"
        | "BatchGetBuildsInput"
        | "BatchGetSandboxesInput" => &["ids"],
        "BatchGetCommandExecutionsInput" => &["sandboxId", "commandExecutionIds"],
        "BatchGetFleetsInput" | "BatchGetProjectsInput" => &["names"],
        "BatchGetReportGroupsInput" => &["reportGroupArns"],
        "BatchGetReportsInput" => &["reportArns"],
        "CloudWatchLogsConfig" | "S3LogsConfig" => &["status"],
        "CreateFleetInput" => &["name", "baseCapacity", "environmentType", "computeType"],
        "CreateLogGroupInput" | "DeleteLogGroupInput" | "DeleteRetentionPolicyInput" => {
            &["logGroupName"]
        }
        "CreateBucketInput" | "DeleteBucketInput" | "HeadBucketInput" | "ListObjectsV2Input" => {
            &["Bucket"]
        }
        "CreateLogStreamInput" | "DeleteLogStreamInput" => &["logGroupName", "logStreamName"],
        "CreateProjectInput" => &["name", "source", "artifacts", "environment", "serviceRole"],
        "CreateReportGroupInput" => &["name", "type", "exportConfig"],
        "CreateSecretInput" => &["Name"],
        "CreateWebhookInput"
        | "DeleteWebhookInput"
        | "InvalidateProjectCacheInput"
        | "ListBuildsForProjectInput"
        | "ListSandboxesForProjectInput"
        | "StartBuildBatchInput"
        | "StartBuildInput"
        | "UpdateWebhookInput" => &["projectName"],
        "DeleteBuildBatchInput" | "StopBuildBatchInput" | "StopBuildInput" | "StopSandboxInput" => {
            &["id"]
        }
        "DeleteFleetInput"
        | "DeleteReportGroupInput"
        | "DeleteReportInput"
        | "DeleteSourceCredentialsInput"
        | "UpdateFleetInput"
        | "UpdateReportGroupInput" => &["arn"],
        "DeleteObjectInput" => &["Bucket", "Key"],
        "DeleteParameterInput" | "GetParameterInput" => &["Name"],
        "DeleteParametersInput" | "GetParametersInput" => &["Names"],
        "DeleteProjectInput" | "UpdateProjectInput" => &["name"],
        "DeleteResourcePolicyInput" | "GetResourcePolicyInput" | "ListTagsForResourceInput" => {
            &["resourceArn"]
        }
        "DeleteSecretInput" | "DescribeSecretInput" | "GetSecretValueInput" => &["SecretId"],
        "DeployInput" => &["TemplateFile", "StackName"],
        "DescribeCodeCoveragesInput" | "DescribeTestCasesInput" => &["reportArn"],
        "DockerServer" => &["computeType"],
        "EnvironmentVariable" => &["name", "value"],
        "FleetProxyRule" => &["type", "effect", "entities"],
        "GetLogEventsInput" => &["logStreamName"],
        "GetParametersByPathInput" => &["Path"],
        "GetReportGroupTrendInput" => &["reportGroupArn", "trendField"],
        "GitSubmodulesConfig" => &["fetchSubmodules"],
        "ImportSourceCredentialsInput" => &["token", "serverType", "authType"],
        "InputLogEvent" => &["timestamp", "message"],
        "ListCommandExecutionsForSandboxInput" | "StartSandboxConnectionInput" => &["sandboxId"],
        "ListReportsForReportGroupInput" => &["reportGroupArn"],
        "CpInput" => &["path", "to"],
        "MbInput" | "RbInput" | "RmInput" => &["path"],
        "ParameterStringFilter" => &["Key"],
        "ProjectArtifacts" | "ProjectCache" | "ProjectSource" | "SourceAuth" => &["type"],
        "ProjectEnvironment" => &["type", "image", "computeType"],
        "ProjectSourceVersion" => &["sourceIdentifier", "sourceVersion"],
        "PullRequestBuildPolicy" => &["requiresCommentApproval"],
        "PutLogEventsInput" => &["logGroupName", "logStreamName", "logEvents"],
        "PutParameterInput" => &["Name", "Value"],
        "PutResourcePolicyInput" => &["policy", "resourceArn"],
        "PutRetentionPolicyInput" => &["logGroupName", "retentionInDays"],
        "PutSecretValueInput" => &["SecretId"],
        "RegistryCredential" => &["credential", "credentialProvider"],
        "ScopeConfiguration" => &["name", "scope"],
        "StartCommandExecutionInput" => &["sandboxId", "command"],
        "SecretTag" | "SsmTag" => &["Key", "Value"],
        "TailInput" => &["groupName"],
        "TagResourceInput" => &["resourceArn", "tags"],
        "UntagResourceInput" => &["resourceArn", "tagKeys"],
        "UpdateProjectVisibilityInput" => &["projectArn", "projectVisibility"],
        "WebhookFilter" => &["type", "pattern"],
        _ => &[],
    }
}
