//! What a stack costs, from a small table of list prices.

use std::collections::BTreeSet;

/// When the prices were looked up.
pub const PRICES_AS_OF: &str = "May 2026";

/// Where.
pub const PRICES_SOURCE: &str =
    "AWS's price lists for us-east-1; other regions differ by a few per cent up to a half";

/// What a kind of resource costs.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct CostItem {
    /// Such as `AWS::S3::Bucket`.
    pub resource_type: &'static str,
    /// What is paid for, for a person to read.
    pub price: &'static str,
    /// Whether its being there costs nothing: only what is done with it does.
    pub idle_is_free: bool,
}

const ITEMS: [CostItem; 9] = [
    CostItem {
        resource_type: "AWS::CodeBuild::Project",
        price: "each minute of a build: USD 0.005 on general1.small, 0.01 on medium, 0.02 on large; \
                100 minutes of general1.small a month are free",
        idle_is_free: true,
    },
    CostItem {
        resource_type: "AWS::CodeCommit::Repository",
        price: "nothing for five users who use it in a month, then USD 1 a user",
        idle_is_free: true,
    },
    CostItem {
        resource_type: "AWS::ECR::Repository",
        price: "USD 0.10 for a GB of images a month",
        idle_is_free: false,
    },
    CostItem {
        resource_type: "AWS::Events::Rule",
        price: "nothing for the events of AWS services",
        idle_is_free: true,
    },
    CostItem {
        resource_type: "AWS::KMS::Key",
        price: "USD 1 a month, used or not",
        idle_is_free: false,
    },
    CostItem {
        resource_type: "AWS::Logs::LogGroup",
        price: "USD 0.50 for a GB of logs that is written, 0.03 for a GB that is kept a month; \
                5 GB are free",
        idle_is_free: false,
    },
    CostItem {
        resource_type: "AWS::S3::Bucket",
        price: "USD 0.023 for a GB that is kept a month, and fractions of a cent for requests",
        idle_is_free: false,
    },
    CostItem {
        resource_type: "AWS::SecretsManager::Secret",
        price: "USD 0.40 a month, used or not",
        idle_is_free: false,
    },
    CostItem {
        resource_type: "AWS::SNS::Topic",
        price: "nothing for 1,000 e-mails a month, then USD 2 for 100,000",
        idle_is_free: true,
    },
];

/// Types that cost nothing in themselves.
const FREE: [&str; 11] = [
    "AWS::CloudFormation::WaitConditionHandle",
    "AWS::CodeStarNotifications::NotificationRule",
    "AWS::IAM::ManagedPolicy",
    "AWS::IAM::Policy",
    "AWS::IAM::Role",
    "AWS::IAM::RolePolicy",
    "AWS::Logs::LogStream",
    "AWS::S3::BucketPolicy",
    "AWS::SNS::Subscription",
    "AWS::SNS::TopicPolicy",
    "AWS::SSM::Parameter",
];

/// What the types of a stack's resources cost, and the types that the table does not know.
#[must_use]
pub fn cost_estimate<'a>(
    resource_types: impl IntoIterator<Item = &'a str>,
) -> (Vec<CostItem>, Vec<&'a str>) {
    let mut items = Vec::new();
    let mut unknown = Vec::new();
    for resource_type in resource_types.into_iter().collect::<BTreeSet<_>>() {
        match ITEMS
            .iter()
            .find(|item| item.resource_type == resource_type)
        {
            Some(item) => items.push(*item),
            None if FREE.contains(&resource_type) => {}
            None => unknown.push(resource_type),
        }
    }
    (items, unknown)
}

#[cfg(test)]
mod tests {
    use super::cost_estimate;

    #[test]
    fn each_type_is_told_once_and_an_unknown_one_is_named() {
        let types = [
            "AWS::S3::Bucket",
            "AWS::IAM::Role",
            "AWS::S3::Bucket",
            "AWS::EC2::NatGateway",
        ];
        let (items, unknown) = cost_estimate(types);
        assert_eq!(items.len(), 1);
        assert_eq!(unknown, ["AWS::EC2::NatGateway"]);
    }
}
