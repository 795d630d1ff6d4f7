//! What must not be shown or kept: credentials, signatures, and members that hold secrets.

use serde_json::Value;

use crate::template_parameters::template_parameters;

/// What stands in the place of a secret.
pub(crate) const MASK: &str = "***";

/// Headers that carry credentials or a signature.
const SECRET_HEADERS: [&str; 3] = ["authorization", "x-amz-security-token", "cookie"];

/// Members whose value is a secret, in lower case. Page tokens (`nextToken`) are none.
const SECRET_MEMBERS: [&str; 9] = [
    "token",
    // A webhook's: its query has a token.
    "payloadurl",
    "secret",
    "password",
    "secretstring",
    "secretbinary",
    "secretaccesskey",
    "sessiontoken",
    "authorizationtoken",
];

/// Whether a header must be left out.
pub(crate) fn is_secret_header(name: &str) -> bool {
    SECRET_HEADERS
        .iter()
        .any(|secret| name.eq_ignore_ascii_case(secret))
}

/// Masks the values of secret members, at any depth.
pub(crate) fn mask_secrets(value: &mut Value) {
    match value {
        Value::Object(members) => {
            // A parameter of Systems Manager that is encrypted.
            let is_secure = members.get("Type").and_then(Value::as_str) == Some("SecureString");
            for (name, member) in members.iter_mut() {
                let is_secret = SECRET_MEMBERS.contains(&name.to_ascii_lowercase().as_str());
                if (is_secret || (is_secure && name == "Value"))
                    && (member.is_string() || member.is_number())
                {
                    *member = Value::String(MASK.to_owned());
                } else {
                    mask_secrets(member);
                }
            }
        }
        Value::Array(elements) => elements.iter_mut().for_each(mask_secrets),
        _ => {}
    }
}

/// The parameters of a form, with the values of secret ones masked.
pub(crate) fn mask_form(form: &[u8]) -> Value {
    let parameters: Vec<(String, String)> = form_urlencoded::parse(form).into_owned().collect();
    let value_of = |name: &str| {
        let found = parameters.iter().find(|(known, _)| known == name);
        found.map(|(_, value)| value.as_str())
    };
    // What CloudFormation takes for a parameter is only shown if the template says that it may be:
    // `NoEcho` hides it, and without the template nobody knows.
    let template = value_of("TemplateBody").map(template_parameters);
    let may_be_shown = |name: &str| {
        let Some(entry) = name.strip_suffix("ParameterValue") else {
            return true;
        };
        let key = value_of(&format!("{entry}ParameterKey"));
        let mut declared = template.iter().flatten();
        declared.any(|parameter| !parameter.is_hidden && Some(parameter.name.as_str()) == key)
    };
    let masked = parameters.iter().map(|(name, value)| {
        let last = name.rsplit('.').next().unwrap_or(name).to_ascii_lowercase();
        let value = if SECRET_MEMBERS.contains(&last.as_str()) || !may_be_shown(name) {
            MASK
        } else {
            value
        };
        (name.clone(), Value::from(value))
    });
    Value::Object(masked.collect())
}

/// XML with the texts of secret elements masked.
pub(crate) fn mask_xml(xml: &str) -> String {
    let mut masked = String::with_capacity(xml.len());
    let mut rest = xml;
    while let Some((before, after)) = rest.split_once('<') {
        masked.push_str(before);
        masked.push('<');
        let name: String = after
            .chars()
            .take_while(|character| character.is_ascii_alphanumeric())
            .collect();
        let is_secret = SECRET_MEMBERS.contains(&name.to_ascii_lowercase().as_str());
        let content = after
            .split_once('>')
            .filter(|(tag, _)| is_secret && !tag.ends_with('/'));
        rest = match content {
            Some((tag, content)) => {
                masked.push_str(tag);
                masked.push('>');
                masked.push_str(MASK);
                let end = content.find('<').unwrap_or(content.len());
                &content[end..]
            }
            None => after,
        };
    }
    masked.push_str(rest);
    masked
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::is_secret_header;
    use super::mask_form;
    use super::mask_secrets;
    use super::mask_xml;

    #[test]
    fn secrets_are_masked_at_any_depth_and_page_tokens_kept() {
        let mut body = json!({
            "token": "ghp_1",
            "nextToken": "page-2",
            "idempotencyToken": "once",
            "webhook": [{"secret": "s", "url": "u"}],
            "auth": {"password": "p", "type": "OAUTH"},
            "Parameters": [
                {"Name": "/a", "Type": "SecureString", "Value": "s"},
                {"Name": "/b", "Type": "String", "Value": "plain"},
            ],
        });
        mask_secrets(&mut body);
        assert_eq!(
            body,
            json!({
                "token": "***",
                "nextToken": "page-2",
                "idempotencyToken": "once",
                "webhook": [{"secret": "***", "url": "u"}],
                "auth": {"password": "***", "type": "OAUTH"},
                "Parameters": [
                    {"Name": "/a", "Type": "SecureString", "Value": "***"},
                    {"Name": "/b", "Type": "String", "Value": "plain"},
                ],
            })
        );
    }

    #[test]
    fn forms_show_what_the_template_does_not_hide() {
        let form = "Action=CreateStack&TemplateBody=Parameters%3A%0A+A%3A+%7B%7D%0A+B%3A+%7BNoEcho%3A+true%7D\
                    &Parameters.member.1.ParameterKey=A&Parameters.member.1.ParameterValue=x\
                    &Parameters.member.2.ParameterKey=B&Parameters.member.2.ParameterValue=y";
        let masked = mask_form(form.as_bytes());
        assert_eq!(masked["Parameters.member.1.ParameterValue"], "x");
        assert_eq!(masked["Parameters.member.2.ParameterValue"], "***");
        let form = "Action=UpdateStack&Parameters.member.1.ParameterKey=A\
                    &Parameters.member.1.ParameterValue=x&NextToken=n&Token=t";
        assert_eq!(
            mask_form(form.as_bytes()),
            json!({
                "Action": "UpdateStack",
                "Parameters.member.1.ParameterKey": "A",
                "Parameters.member.1.ParameterValue": "***",
                "NextToken": "n",
                "Token": "***",
            })
        );
    }

    #[test]
    fn secret_elements_are_masked() {
        assert_eq!(
            mask_xml("<C><SessionToken>a&amp;b</SessionToken><Token/><A x='1'>c</A></C>"),
            "<C><SessionToken>***</SessionToken><Token/><A x='1'>c</A></C>"
        );
        assert_eq!(mask_xml("<SecretAccessKey"), "<SecretAccessKey");
        assert_eq!(mask_xml("no < xml"), "no < xml");
    }

    #[test]
    fn headers_with_credentials_are_secret() {
        assert!(is_secret_header("Authorization"));
        assert!(is_secret_header("x-amz-security-token"));
        assert!(!is_secret_header("x-amz-target"));
    }
}
