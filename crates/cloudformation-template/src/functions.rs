//! The names of CloudFormation's functions.

/// The short forms and the functions that they stand for.
const SHORT_FORMS: [(&str, &str); 26] = [
    ("And", "Fn::And"),
    ("Base64", "Fn::Base64"),
    ("Cidr", "Fn::Cidr"),
    ("Condition", "Condition"),
    ("Contains", "Fn::Contains"),
    ("EachMemberEquals", "Fn::EachMemberEquals"),
    ("EachMemberIn", "Fn::EachMemberIn"),
    ("Equals", "Fn::Equals"),
    ("FindInMap", "Fn::FindInMap"),
    ("GetAZs", "Fn::GetAZs"),
    ("GetAtt", "Fn::GetAtt"),
    ("If", "Fn::If"),
    ("ImportValue", "Fn::ImportValue"),
    ("Join", "Fn::Join"),
    ("Length", "Fn::Length"),
    ("Not", "Fn::Not"),
    ("Or", "Fn::Or"),
    ("Ref", "Ref"),
    ("RefAll", "Fn::RefAll"),
    ("Select", "Fn::Select"),
    ("Split", "Fn::Split"),
    ("Sub", "Fn::Sub"),
    ("ToJsonString", "Fn::ToJsonString"),
    ("Transform", "Fn::Transform"),
    ("ValueOf", "Fn::ValueOf"),
    ("ValueOfAll", "Fn::ValueOfAll"),
];

/// The function that a short form stands for.
pub(crate) fn of_short_form(name: &str) -> Option<&'static str> {
    let (_, function) = SHORT_FORMS.iter().find(|(short, _)| *short == name)?;
    Some(function)
}

/// The short form that somebody probably meant.
pub(crate) fn closest_short_form(name: &str) -> Option<&'static str> {
    closest(name, SHORT_FORMS.iter().map(|(short, _)| *short))
}

/// The function that somebody probably meant.
pub(crate) fn closest_function(name: &str) -> Option<&'static str> {
    closest(name, SHORT_FORMS.iter().map(|(_, function)| *function))
}

/// The name that comes closest to what is written, if any comes close.
pub(crate) fn closest<'a>(
    written: &str,
    names: impl IntoIterator<Item = &'a str>,
) -> Option<&'a str> {
    let distance = |name: &str| {
        strsim::damerau_levenshtein(&name.to_ascii_lowercase(), &written.to_ascii_lowercase())
    };
    names
        .into_iter()
        .map(|name| (distance(name), name))
        .filter(|(distance, name)| *distance <= name.chars().count().div_ceil(3))
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}
