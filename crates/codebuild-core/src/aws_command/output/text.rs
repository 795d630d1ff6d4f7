//! `--output text`: tab-separated lines (AWS CLI user guide, "Text output format").
//!
//! The members of an object stand in alphabetical order; an object or list inside of another begins
//! with its name in capitals.

use serde_json::Map;
use serde_json::Value;

use super::is_scalar;
use super::scalar;

pub(super) fn render(value: &Value) -> String {
    let mut out = String::new();
    item(value, None, None, &mut out);
    out
}

fn item(value: &Value, name: Option<&str>, columns: Option<&[&String]>, out: &mut String) {
    match value {
        Value::Object(members) => object(members, name, columns, out),
        Value::Array(elements) => list(elements, name, out),
        value => line(&[scalar(value)], out),
    }
}

fn list(elements: &[Value], name: Option<&str>, out: &mut String) {
    if elements.is_empty() {
        return;
    }
    if elements.iter().any(Value::is_object) {
        let columns = scalar_columns(elements);
        for element in elements {
            item(element, name, Some(&columns), out);
        }
    } else {
        let scalars: Vec<String> = elements
            .iter()
            .filter(|e| is_scalar(e))
            .map(scalar)
            .collect();
        match name {
            _ if scalars.is_empty() => {}
            Some(name) => scalars
                .iter()
                .for_each(|value| line(&[name.to_uppercase(), value.clone()], out)),
            None => line(&scalars, out),
        }
        for element in elements.iter().filter(|element| !is_scalar(element)) {
            item(element, name, None, out);
        }
    }
}

/// The names of all scalar members of all objects of a list, so that their lines have the same
/// columns.
fn scalar_columns(elements: &[Value]) -> Vec<&String> {
    let mut columns: Vec<&String> = elements
        .iter()
        .filter_map(Value::as_object)
        .flat_map(|members| members.iter().filter(|(_, value)| is_scalar(value)))
        .map(|(name, _)| name)
        .collect();
    columns.sort();
    columns.dedup();
    columns
}

fn object(
    members: &Map<String, Value>,
    name: Option<&str>,
    columns: Option<&[&String]>,
    out: &mut String,
) {
    let mut names: Vec<&String> = members.keys().collect();
    names.sort();
    let (cells, nested): (Vec<String>, Vec<&String>) = match columns {
        None => {
            let (scalars, nested): (Vec<&String>, Vec<&String>) = names
                .into_iter()
                .partition(|name| members.get(*name).is_some_and(is_scalar));
            let cells = scalars
                .iter()
                .filter_map(|name| members.get(*name).map(scalar))
                .collect();
            (cells, nested)
        }
        Some(columns) => {
            let cells = columns
                .iter()
                .map(|column| members.get(*column).map(scalar).unwrap_or_default())
                .collect();
            names.retain(|name| !columns.contains(name));
            (cells, names)
        }
    };
    if !cells.is_empty() {
        let mut all: Vec<String> = name.map(str::to_uppercase).into_iter().collect();
        all.extend(cells);
        line(&all, out);
    }
    for nested_name in nested {
        if let Some(value) = members.get(nested_name) {
            item(value, Some(nested_name), None, out);
        }
    }
}

fn line(cells: &[String], out: &mut String) {
    out.push_str(&cells.join("\t"));
    out.push('\n');
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;

    #[test]
    fn text_is_as_the_cli_prints_it() {
        assert_eq!(render(&json!("demo:1")), "demo:1\n");
        assert_eq!(render(&json!(null)), "None\n");
        assert_eq!(render(&json!(["a", "b"])), "a\tb\n");
        assert_eq!(render(&json!([["a", 1], ["b", true]])), "a\t1\nb\tTrue\n");
        assert_eq!(
            render(&json!({"projects": ["a", "b"]})),
            "PROJECTS\ta\nPROJECTS\tb\n"
        );
        assert_eq!(
            render(
                &json!({"build": {"id": "demo:1", "buildNumber": 7, "phases": [
                    {"phaseType": "QUEUED", "durationInSeconds": 1},
                    {"phaseType": "COMPLETED", "contexts": [{"message": "", "statusCode": ""}]},
                ]}})
            ),
            "BUILD\t7\tdemo:1\nPHASES\t1\tQUEUED\nPHASES\t\tCOMPLETED\nCONTEXTS\t\t\n"
        );
    }
}
