//! Parameters and secrets.

use serde_json::Value;
use serde_json::json;

use super::Started;

#[tokio::test]
async fn a_parameter_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::SSM::Parameter";
    let aws = Started::new().await;
    let old = json!({
        "Name": "/web/port",
        "Type": "String",
        "Value": 8080,
        "Description": "d",
        "Tags": { "k": "v" },
    });
    let made = aws.made(TYPE, &old).await;
    assert_eq!(made.physical_id, "/web/port");
    assert_eq!(made.attributes["Value"], "8080");
    assert_eq!(aws.find(TYPE, &old).await.as_ref(), Some(&made));
    let mut expected = old.clone();
    expected["Value"] = json!("8080");
    let live = aws.read(TYPE, "/web/port", &old).await;
    assert_eq!(live, Some(expected));
    let failure = aws.refused(TYPE, &old).await;
    assert!(
        failure.reason.contains(
            "Resource of type 'AWS::SSM::Parameter' with identifier '/web/port' already exists."
        ),
        "{failure:?}"
    );
    let new =
        json!({ "Name": "/web/port", "Type": "String", "Value": "8081", "Tags": { "l": "v" } });
    aws.update(TYPE, "/web/port", &old, &new).await;
    let live = aws.read(TYPE, "/web/port", &new).await;
    assert_eq!(live.as_ref(), Some(&new));
    aws.delete(TYPE, "/web/port", &new).await;
    aws.is_gone(TYPE, "/web/port", &new).await;

    let by_hand = json!({ "Name": "/web/port", "Type": "String", "Value": "1" });
    aws.call("ssm", "PutParameter", by_hand.clone()).await;
    assert_eq!(aws.find(TYPE, &by_hand).await, None);
}

#[tokio::test]
async fn a_secret_from_its_creation_to_its_end() {
    const TYPE: &str = "AWS::SecretsManager::Secret";
    let aws = Started::new().await;
    let old = json!({
        "Description": "d",
        "GenerateSecretString": {
            "SecretStringTemplate": "{\"username\":\"admin\"}",
            "GenerateStringKey": "password",
            "PasswordLength": "20",
            "ExcludePunctuation": true,
        },
        "Tags": [{ "Key": "k", "Value": "v" }],
    });
    let made = aws.made(TYPE, &old).await;
    let arn = made.physical_id.as_str();
    let start = "arn:aws:secretsmanager:eu-central-1:123456789012:secret:Thing-";
    assert!(arn.starts_with(start), "{arn}");
    assert_eq!(aws.find(TYPE, &old).await.as_ref(), Some(&made));
    let value = async || {
        let value = aws.call(
            "secretsmanager",
            "GetSecretValue",
            json!({ "SecretId": arn }),
        );
        value.await["SecretString"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    };
    let first = value().await;
    let parsed: Value = serde_json::from_str(&first).expect("the secret is an object");
    assert_eq!(parsed["username"], "admin");
    assert_eq!(parsed["password"].as_str().map(str::len), Some(20));

    // Another description makes no other password.
    let mut new = old.clone();
    new["Description"] = json!("e");
    aws.update(TYPE, arn, &old, &new).await;
    assert_eq!(value().await, first);
    let live = aws
        .read(TYPE, arn, &new)
        .await
        .expect("the secret is there");
    assert_eq!(live["Description"], "e");
    assert_eq!(live["Tags"], new["Tags"]);

    let given = json!({ "SecretString": "s3cret" });
    aws.update(TYPE, arn, &new, &given).await;
    assert_eq!(value().await, "s3cret");
    aws.delete(TYPE, arn, &given).await;
    aws.is_gone(TYPE, arn, &given).await;

    let mut both = old;
    both["SecretString"] = json!("x");
    let failure = aws.refused(TYPE, &both).await;
    assert_eq!(failure.handler_error_code, "InvalidRequest");
}
