//! Quotas, read from a server that answers as Service Quotas does.

use codebuild_core::builds_quota;
use serde_json::json;

use crate::canned_aws::CannedAws;

#[tokio::test]
async fn the_quota_of_builds_is_found_on_a_later_page() {
    let server = CannedAws::start(|operation, _, before| {
        assert_eq!(operation, "ListServiceQuotas");
        let other = "Concurrently running builds for Linux/Large environment";
        let small = "Concurrently running builds for Linux/Small environment";
        let page = match before {
            0 => json!({ "Quotas": [{ "QuotaName": other, "Value": 1.0 }], "NextToken": "next" }),
            _ => json!({ "Quotas": [{ "QuotaName": small, "Value": 20.0 }] }),
        };
        (200, page)
    })
    .await;
    let found = builds_quota(&server.session().await).await.unwrap();
    assert_eq!(found, Some(20.0));
    let asked = server.take_asked();
    assert_eq!(asked[0].1["ServiceCode"], "codebuild");
    assert_eq!(asked[1].1["NextToken"], "next");
}

#[tokio::test]
async fn a_quota_that_nobody_tells_is_not_known() {
    let server = CannedAws::start(|_, _, _| (200, json!({ "Quotas": [] }))).await;
    assert_eq!(builds_quota(&server.session().await).await.unwrap(), None);
}
