//! The service role that every account has from the start, for the demos' projects.

use std::collections::BTreeMap;

use serde_json::json;

use super::ids;
use super::record;
use super::record::Role;
use crate::account::Account;
use crate::error::AwsError;
use crate::store;
use crate::store::Store;
use crate::timestamp::EpochSeconds;

const NAME: &str = "codebuild-demo";

/// Makes the role if it is not there.
pub(crate) async fn ensure(store: &Store, account: &Account) -> Result<(), AwsError> {
    let key = record::key(NAME);
    let is_there = store.read(|transaction| {
        let table = transaction.open_table(store::IAM_ROLES)?;
        Ok(store::get::<Role>(&table, &key)?.is_some())
    })?;
    if is_there {
        return Ok(());
    }
    let role = role(account)?;
    store
        .write(move |transaction| {
            let mut table = transaction.open_table(store::IAM_ROLES)?;
            store::put(&mut table, &key, &role)
        })
        .await
}

fn role(account: &Account) -> Result<Role, AwsError> {
    let trust = json!({
        "Version": "2012-10-17",
        "Statement": [{
            "Effect": "Allow",
            "Principal": { "Service": "codebuild.amazonaws.com" },
            "Action": "sts:AssumeRole",
        }],
    });
    Ok(Role {
        name: NAME.to_owned(),
        path: "/service-role/".to_owned(),
        id: ids::random("AROA")?,
        created: EpochSeconds::now().whole(),
        trust: trust.to_string(),
        description: Some("For the CodeBuild projects of the demos".to_owned()),
        max_session_duration: 3600,
        boundary: None,
        tags: Vec::new(),
        attached: Vec::new(),
        inline: BTreeMap::from([(NAME.to_owned(), rights(account))]),
    })
}

/// What a build needs: to write its log and its test reports.
fn rights(account: &Account) -> String {
    let (region, id) = (&account.region, &account.id);
    let groups = ["/aws/codebuild/*", "/demo-cert-devops/codebuild"];
    let groups: Vec<String> = groups
        .iter()
        .flat_map(|group| {
            let arn = account.log_group_arn(group);
            [format!("{arn}:*"), arn]
        })
        .collect();
    json!({
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "Logs",
                "Effect": "Allow",
                "Action": ["logs:CreateLogGroup", "logs:CreateLogStream", "logs:PutLogEvents"],
                "Resource": groups,
            },
            {
                "Sid": "Reports",
                "Effect": "Allow",
                "Action": [
                    "codebuild:CreateReportGroup",
                    "codebuild:CreateReport",
                    "codebuild:UpdateReport",
                    "codebuild:BatchPutTestCases",
                    "codebuild:BatchPutCodeCoverages",
                ],
                "Resource": format!("arn:aws:codebuild:{region}:{id}:report-group/*"),
            },
        ],
    })
    .to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::check_identity_policy;
    use crate::policy::check_trust_policy;

    #[test]
    fn iam_would_take_its_policies() {
        let account = Account {
            region: "eu-central-1".to_owned(),
            id: "123456789012".to_owned(),
            endpoint: String::new(),
        };
        let role = role(&account).unwrap();
        assert!(check_trust_policy(&role.trust).is_ok());
        assert!(
            role.inline
                .values()
                .all(|text| check_identity_policy(text).is_ok())
        );
    }
}
