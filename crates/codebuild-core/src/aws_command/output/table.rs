//! `--output table`: boxes (AWS CLI user guide, "Table output format").
//!
//! A section has a title and either one row of names and rows of values, or, for a single object,
//! name and value side by side. Objects and lists inside of others are sections of their own,
//! indented by one `|` a level.

use serde_json::Map;
use serde_json::Value;

use super::is_scalar;
use super::scalar;

struct Section {
    title: String,
    level: usize,
    header: Option<Vec<String>>,
    rows: Vec<Vec<String>>,
}

pub(super) fn render(value: &Value, title: &str) -> String {
    let mut sections = Vec::new();
    build(value, title, 0, &mut sections);
    if sections.is_empty() {
        return String::new();
    }
    sections.iter_mut().for_each(Section::stand_up);
    draw(&sections)
}

fn build(value: &Value, title: &str, level: usize, sections: &mut Vec<Section>) {
    let mut section = Section {
        title: title.to_owned(),
        level,
        header: None,
        rows: Vec::new(),
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            let (scalars, nested) = split([members].into_iter());
            if !scalars.is_empty() {
                section.rows.push(cells(members, &scalars));
                section.header = Some(scalars.into_iter().cloned().collect());
            }
            sections.push(section);
            build_nested(members, &nested, level, sections);
        }
        Value::Array(elements) if elements.iter().any(Value::is_object) => {
            let objects: Vec<&Map<String, Value>> =
                elements.iter().filter_map(Value::as_object).collect();
            let (scalars, nested) = split(objects.iter().copied());
            section.header = Some(scalars.iter().copied().cloned().collect());
            if nested.is_empty() {
                section.rows = objects
                    .iter()
                    .map(|object| cells(object, &scalars))
                    .collect();
                sections.push(section);
            } else {
                for object in objects {
                    sections.push(Section {
                        title: title.to_owned(),
                        level,
                        header: section.header.clone(),
                        rows: vec![cells(object, &scalars)],
                    });
                    build_nested(object, &nested, level, sections);
                }
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            section.rows = elements
                .iter()
                .map(|element| match element {
                    Value::Array(row) => row.iter().map(inline).collect(),
                    other => vec![scalar(other)],
                })
                .collect();
            sections.push(section);
        }
        Value::Object(_) | Value::Array(_) | Value::Null => {}
        value => {
            section.rows.push(vec![scalar(value)]);
            sections.push(section);
        }
    }
}

fn build_nested(
    members: &Map<String, Value>,
    names: &[&String],
    level: usize,
    sections: &mut Vec<Section>,
) {
    for name in names {
        if let Some(value) = members.get(*name) {
            build(value, name, level + 1, sections);
        }
    }
}

/// The names of scalar and of other members, each in alphabetical order.
fn split<'a>(
    objects: impl Iterator<Item = &'a Map<String, Value>>,
) -> (Vec<&'a String>, Vec<&'a String>) {
    let (mut scalars, mut nested) = (Vec::new(), Vec::new());
    for (name, value) in objects.flat_map(|object| object.iter()) {
        if is_scalar(value) {
            scalars.push(name);
        } else {
            nested.push(name);
        }
    }
    for names in [&mut scalars, &mut nested] {
        names.sort();
        names.dedup();
    }
    (scalars, nested)
}

fn cells(members: &Map<String, Value>, names: &[&String]) -> Vec<String> {
    names
        .iter()
        .map(|name| members.get(*name).map(inline).unwrap_or_default())
        .collect()
}

fn inline(value: &Value) -> String {
    if is_scalar(value) {
        // A line break would tear the box.
        scalar(value).replace(['\n', '\r', '\t'], " ")
    } else {
        value.to_string()
    }
}

impl Section {
    /// A single row reads better as pairs of name and value.
    fn stand_up(&mut self) {
        if let ([row], Some(header)) = (self.rows.as_slice(), &self.header) {
            let pairs = header
                .iter()
                .zip(row)
                .map(|(name, value)| vec![name.clone(), value.clone()])
                .collect();
            self.rows = pairs;
            self.header = None;
        }
    }

    fn all_rows(&self) -> impl Iterator<Item = &Vec<String>> {
        self.header.iter().chain(&self.rows)
    }

    /// Widths of the columns with two spaces on each side.
    fn widths(&self) -> Vec<usize> {
        let mut widths = Vec::new();
        for row in self.all_rows() {
            for (index, cell) in row.iter().enumerate() {
                let width = width(cell) + 4;
                match widths.get_mut(index) {
                    Some(known) => *known = width.max(*known),
                    None => widths.push(width),
                }
            }
        }
        widths
    }

    /// The width that the section needs between its own edges.
    fn needed(&self) -> usize {
        let widths = self.widths();
        let columns = widths.iter().sum::<usize>() + widths.len().saturating_sub(1);
        columns.max(width(&self.title) + 4) + 2 * self.level
    }
}

fn width(text: &str) -> usize {
    text.chars().count()
}

fn draw(sections: &[Section]) -> String {
    let inner = sections.iter().map(Section::needed).max().unwrap_or(0);
    let mut out = format!("{}\n", "-".repeat(inner + 2));
    for section in sections {
        let edge = "|".repeat(section.level);
        let room = inner - 2 * section.level;
        let mut put = |line: &str| out.push_str(&format!("{edge}{line}{edge}\n"));
        put(&format!("|{:^room$}|", section.title));
        if section.rows.is_empty() {
            put(&format!("+{}+", "-".repeat(room)));
            continue;
        }
        let widths = stretched(section.widths(), room);
        let rule = widths
            .iter()
            .map(|width| "-".repeat(*width))
            .collect::<Vec<_>>()
            .join("+");
        put(&format!("+{rule}+"));
        if let Some(header) = &section.header {
            put(&row(header, &widths, true));
            put(&format!("+{rule}+"));
        }
        for cells in &section.rows {
            put(&row(cells, &widths, false));
        }
        put(&format!("+{rule}+"));
    }
    out
}

/// Gives the columns the room that is left over, evenly, the last ones more.
fn stretched(mut widths: Vec<usize>, room: usize) -> Vec<usize> {
    let columns = widths.len();
    let used = widths.iter().sum::<usize>() + columns.saturating_sub(1);
    let spare = room.saturating_sub(used);
    for (index, width) in widths.iter_mut().enumerate() {
        *width += spare / columns + usize::from(columns - index <= spare % columns);
    }
    widths
}

fn row(cells: &[String], widths: &[usize], centred: bool) -> String {
    let columns: Vec<String> = widths
        .iter()
        .enumerate()
        .map(|(index, width)| {
            let cell = cells.get(index).map(String::as_str).unwrap_or_default();
            if centred {
                format!("{cell:^width$}")
            } else {
                format!("  {cell:<rest$}", rest = width - 2)
            }
        })
        .collect();
    format!("|{}|", columns.join("|"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;

    #[test]
    fn lists_of_names_and_nested_objects_are_boxed() {
        insta::assert_snapshot!(render(&json!({"projects": ["demo", "other"]}), "ListProjects"), @r#"
        ------------------
        |  ListProjects  |
        +----------------+
        ||   projects   ||
        |+--------------+|
        ||  demo        ||
        ||  other       ||
        |+--------------+|
        "#);
        insta::assert_snapshot!(render(&json!({"build": {"id": "demo:1", "buildNumber": 7, "phases": [
            {"phaseType": "QUEUED", "durationInSeconds": 1},
            {"phaseType": "COMPLETED"},
        ]}}), "StartBuild"), @r#"
        -----------------------------------------
        |              StartBuild               |
        +---------------------------------------+
        ||                build                ||
        |+--------------------+----------------+|
        ||  buildNumber       |  7             ||
        ||  id                |  demo:1        ||
        |+--------------------+----------------+|
        |||              phases               |||
        ||+---------------------+-------------+||
        |||  durationInSeconds  |  phaseType  |||
        ||+---------------------+-------------+||
        |||  1                  |  QUEUED     |||
        |||                     |  COMPLETED  |||
        ||+---------------------+-------------+||
        "#);
    }

    #[test]
    fn every_line_is_as_wide_as_the_others() {
        let table = render(
            &json!([{"a": "x", "b": {"c": [1, 2]}}, {"a": "long value\nin two lines"}]),
            "T",
        );
        let widths: Vec<usize> = table.lines().map(|line| line.chars().count()).collect();
        assert!(widths.iter().all(|width| *width == widths[0]), "{table}");
    }
}
