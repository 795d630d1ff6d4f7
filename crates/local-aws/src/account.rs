//! Whose AWS this is: account, region, endpoint, and the ARNs made of them.

/// The account that everything belongs to.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    /// Such as `eu-central-1`.
    pub(crate) region: String,
    /// Twelve digits.
    pub(crate) id: String,
    /// Such as `http://127.0.0.1:4566`.
    pub(crate) endpoint: String,
}

impl Account {
    /// The IAM user that the keys belong to. `initiator` of the builds that it starts.
    pub(crate) const USER: &'static str = "student";

    /// `arn:aws:iam::ACCOUNT:user/NAME`.
    pub(crate) fn user_arn(&self) -> String {
        format!("arn:aws:iam::{}:user/{}", self.id, Self::USER)
    }

    /// `arn:aws:iam::ACCOUNT:role/PATH/NAME`; the path begins and ends with a slash.
    pub(crate) fn role_arn(&self, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:role{path}{name}", self.id)
    }

    /// `arn:aws:iam::ACCOUNT:policy/PATH/NAME`.
    pub(crate) fn policy_arn(&self, path: &str, name: &str) -> String {
        format!("arn:aws:iam::{}:policy{path}{name}", self.id)
    }

    /// `arn:aws:sts::ACCOUNT:assumed-role/ROLE/SESSION`.
    pub(crate) fn assumed_role_arn(&self, role: &str, session: &str) -> String {
        format!("arn:aws:sts::{}:assumed-role/{role}/{session}", self.id)
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:project/NAME`.
    pub(crate) fn project_arn(&self, name: &str) -> String {
        format!(
            "arn:aws:codebuild:{}:{}:project/{name}",
            self.region, self.id
        )
    }

    /// The name in a project's ARN of this account and region; anything else is returned as it is.
    pub(crate) fn project_name<'a>(&self, name_or_arn: &'a str) -> &'a str {
        let prefix = self.project_arn("");
        name_or_arn.strip_prefix(&prefix).unwrap_or(name_or_arn)
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:build/PROJECT:UUID`.
    pub(crate) fn build_arn(&self, id: &str) -> String {
        format!("arn:aws:codebuild:{}:{}:build/{id}", self.region, self.id)
    }

    /// The id in a build's ARN of this account and region; anything else is returned as it is.
    pub(crate) fn build_id<'a>(&self, id_or_arn: &'a str) -> &'a str {
        let prefix = self.build_arn("");
        id_or_arn.strip_prefix(&prefix).unwrap_or(id_or_arn)
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:build-batch/PROJECT:UUID`.
    pub(crate) fn build_batch_arn(&self, id: &str) -> String {
        format!(
            "arn:aws:codebuild:{}:{}:build-batch/{id}",
            self.region, self.id
        )
    }

    /// The id in a batch build's ARN of this account and region; anything else is returned as it is.
    pub(crate) fn build_batch_id<'a>(&self, id_or_arn: &'a str) -> &'a str {
        let prefix = self.build_batch_arn("");
        id_or_arn.strip_prefix(&prefix).unwrap_or(id_or_arn)
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:sandbox/PROJECT:UUID`.
    pub(crate) fn sandbox_arn(&self, id: &str) -> String {
        format!("arn:aws:codebuild:{}:{}:sandbox/{id}", self.region, self.id)
    }

    /// The id in a sandbox's ARN of this account and region; anything else is returned as it is.
    pub(crate) fn sandbox_id<'a>(&self, id_or_arn: &'a str) -> &'a str {
        let prefix = self.sandbox_arn("");
        id_or_arn.strip_prefix(&prefix).unwrap_or(id_or_arn)
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:fleet/NAME:UUID`.
    pub(crate) fn fleet_arn(&self, name: &str, id: &str) -> String {
        format!(
            "arn:aws:codebuild:{}:{}:fleet/{name}:{id}",
            self.region, self.id
        )
    }

    /// The name in the ARN of a fleet of this account and region.
    pub(crate) fn fleet_name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        let prefix = format!("arn:aws:codebuild:{}:{}:fleet/", self.region, self.id);
        let (name, _) = arn.strip_prefix(&prefix)?.split_once(':')?;
        Some(name)
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:report-group/NAME`.
    pub(crate) fn report_group_arn(&self, name: &str) -> String {
        format!(
            "arn:aws:codebuild:{}:{}:report-group/{name}",
            self.region, self.id
        )
    }

    /// The name in the ARN of a report group of this account and region.
    pub(crate) fn report_group_name<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.report_group_arn(""))
    }

    /// `arn:aws:codebuild:REGION:ACCOUNT:report/GROUP:UUID`.
    pub(crate) fn report_arn(&self, id: &str) -> String {
        format!("arn:aws:codebuild:{}:{}:report/{id}", self.region, self.id)
    }

    /// The id, `GROUP:UUID`, in the ARN of a report of this account and region.
    pub(crate) fn report_id<'a>(&self, arn: &'a str) -> Option<&'a str> {
        arn.strip_prefix(&self.report_arn(""))
    }

    /// `arn:aws:ssm:REGION:ACCOUNT:parameter/NAME`, with one slash before the name.
    pub(crate) fn parameter_arn(&self, name: &str) -> String {
        let name = name.strip_prefix('/').unwrap_or(name);
        format!("arn:aws:ssm:{}:{}:parameter/{name}", self.region, self.id)
    }

    /// `arn:aws:secretsmanager:REGION:ACCOUNT:secret:NAME-XXXXXX`.
    pub(crate) fn secret_arn(&self, name: &str, end: &str) -> String {
        format!(
            "arn:aws:secretsmanager:{}:{}:secret:{name}-{end}",
            self.region, self.id
        )
    }

    /// `arn:aws:cloudformation:REGION:ACCOUNT:KIND/NAME/UUID`, of kind `stack` or `changeSet`.
    pub(crate) fn cloudformation_arn(&self, kind: &str, name: &str, uuid: &str) -> String {
        format!(
            "arn:aws:cloudformation:{}:{}:{kind}/{name}/{uuid}",
            self.region, self.id
        )
    }

    /// `arn:aws:sns:REGION:ACCOUNT:NAME`.
    pub(crate) fn topic_arn(&self, name: &str) -> String {
        format!("arn:aws:sns:{}:{}:{name}", self.region, self.id)
    }

    /// `arn:aws:ecr:REGION:ACCOUNT:repository/NAME`.
    pub(crate) fn ecr_repository_arn(&self, name: &str) -> String {
        format!("arn:aws:ecr:{}:{}:repository/{name}", self.region, self.id)
    }

    /// `arn:aws:events:REGION:ACCOUNT:rule/NAME`.
    pub(crate) fn rule_arn(&self, name: &str) -> String {
        format!("arn:aws:events:{}:{}:rule/{name}", self.region, self.id)
    }

    /// `arn:aws:events:REGION:ACCOUNT:event-bus/NAME`.
    pub(crate) fn event_bus_arn(&self, name: &str) -> String {
        format!(
            "arn:aws:events:{}:{}:event-bus/{name}",
            self.region, self.id
        )
    }

    /// `arn:aws:codestar-notifications:REGION:ACCOUNT:notificationrule/ID`.
    pub(crate) fn notification_rule_arn(&self, id: &str) -> String {
        format!(
            "arn:aws:codestar-notifications:{}:{}:notificationrule/{id}",
            self.region, self.id
        )
    }

    /// `arn:aws:codecommit:REGION:ACCOUNT:NAME`.
    pub(crate) fn repository_arn(&self, name: &str) -> String {
        format!("arn:aws:codecommit:{}:{}:{name}", self.region, self.id)
    }

    /// The key that CodeBuild encrypts with when a project names none.
    pub(crate) fn default_encryption_key(&self) -> String {
        format!("arn:aws:kms:{}:{}:alias/aws/s3", self.region, self.id)
    }

    /// `arn:aws:logs:REGION:ACCOUNT:log-group:NAME`.
    pub(crate) fn log_group_arn(&self, group: &str) -> String {
        format!("arn:aws:logs:{}:{}:log-group:{group}", self.region, self.id)
    }

    /// `arn:aws:logs:REGION:ACCOUNT:log-group:GROUP:log-stream:STREAM`.
    pub(crate) fn log_stream_arn(&self, group: &str, stream: &str) -> String {
        format!("{}:log-stream:{stream}", self.log_group_arn(group))
    }

    /// AWS's page of a public build.
    pub(crate) fn public_build_url(&self, alias: &str, uuid: &str) -> String {
        let region = &self.region;
        format!("https://{region}.codebuild.aws.amazon.com/project/{alias}/build/{uuid}")
    }

    /// The console's page of an object.
    pub(crate) fn s3_deep_link(&self, bucket: &str, key: &str) -> String {
        let region = &self.region;
        format!("https://s3.console.aws.amazon.com/s3/object/{bucket}/{key}?region={region}")
    }

    /// The stream's page in the CloudWatch console. Slashes are encoded twice, as the console does.
    pub(crate) fn log_deep_link(&self, group: &str, stream: &str) -> String {
        let encode = |text: &str| text.replace('/', "$252F");
        format!(
            "https://console.aws.amazon.com/cloudwatch/home?region={}#logsV2:log-groups/log-group/{}/log-events/{}",
            self.region,
            encode(group),
            encode(stream)
        )
    }
}
