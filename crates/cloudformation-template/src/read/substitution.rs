//! The text of `Fn::Sub`.

use crate::expression::Part;

/// AWS's refusal of a name between `${` and `}`.
pub(super) const BAD_NAME: &str = "Template error: variable names in Fn::Sub syntax must contain \
     only alphanumeric characters, underscores, periods, and colons";

/// Takes a text apart. `is_own` says whether a name is in the function's own map.
pub(super) fn parts(text: &str, is_own: impl Fn(&str) -> bool) -> Result<Vec<Part>, &'static str> {
    let mut parts = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some(begin) = rest.find("${") {
        let (before, from) = rest.split_at(begin);
        let within = from.get(2..).unwrap_or_default();
        let Some(end) = within.find('}') else {
            break;
        };
        literal.push_str(before);
        let name = within.get(..end).unwrap_or_default();
        rest = within.get(end + 1..).unwrap_or_default();
        if let Some(escaped) = name.strip_prefix('!') {
            literal.push_str("${");
            literal.push_str(escaped);
            literal.push('}');
            continue;
        }
        let is_good = !name.is_empty()
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | ':'));
        if !is_good {
            return Err(BAD_NAME);
        }
        if !literal.is_empty() {
            parts.push(Part::Text(std::mem::take(&mut literal)));
        }
        parts.push(match name.split_once('.') {
            Some((logical_id, attribute)) if !is_own(name) => Part::Attribute {
                logical_id: logical_id.to_owned(),
                name: attribute.to_owned(),
            },
            _ => Part::Name(name.to_owned()),
        });
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        parts.push(Part::Text(literal));
    }
    Ok(parts)
}
