//! `--output table`: boxes (AWS CLI user guide, "Table output format").
//!
//! A section has a title, names in a row and values in rows below. Objects and lists inside of
//! others are sections of their own, indented by one `|` a level. A table that is wider than a
//! terminal shows single rows as pairs of name and value. Measures are the AWS CLI's, so that the
//! same answer gives the same table.

use serde_json::Map;
use serde_json::Value;
use unicode_width::UnicodeWidthStr;

use super::is_scalar;
use super::scalar;

/// The width beyond which the AWS CLI turns single rows, when it knows no terminal.
const TERMINAL_WIDTH: usize = 80;

/// What a column is wider than its widest cell.
const PADDING: usize = 4;

/// The edges of a section.
const EDGES: usize = 2;

struct Section {
    title: String,
    level: usize,
    header: Vec<String>,
    rows: Vec<Vec<String>>,
}

pub(super) fn render(value: &Value, title: &str) -> String {
    let mut sections = Vec::new();
    build(value, title, 0, &mut sections);
    if sections.is_empty() {
        return String::new();
    }
    if table_width(&sections) > TERMINAL_WIDTH {
        sections.iter_mut().for_each(Section::turn);
    }
    draw(&sections)
}

fn table_width(sections: &[Section]) -> usize {
    sections.iter().map(Section::width).max().unwrap_or(0)
}

/// Adds the sections of a value; none for what is empty.
fn build(value: &Value, title: &str, level: usize, sections: &mut Vec<Section>) {
    let mut section = Section {
        title: title.to_owned(),
        level,
        header: Vec::new(),
        rows: Vec::new(),
    };
    match value {
        Value::Object(members) if !members.is_empty() => {
            let (names, nested) = split(std::iter::once(members));
            if let [only] = names.as_slice() {
                section.rows = vec![vec![(*only).clone(), cell(members.get(*only))]];
            } else if !names.is_empty() {
                section.rows = vec![cells(members, &names)];
                section.header = names.into_iter().cloned().collect();
            }
            sections.push(section);
            build_nested(members, &nested, level, sections);
        }
        Value::Array(elements) if elements.first().is_some_and(Value::is_object) => {
            let objects: Vec<&Map<String, Value>> =
                elements.iter().filter_map(Value::as_object).collect();
            let (names, nested) = split(objects.iter().copied());
            section.header = names.iter().copied().cloned().collect();
            if nested.is_empty() {
                section.rows = objects.iter().map(|one| cells(one, &names)).collect();
                sections.push(section);
            } else {
                for object in objects {
                    sections.push(Section {
                        title: title.to_owned(),
                        level,
                        header: section.header.clone(),
                        rows: vec![cells(object, &names)],
                    });
                    build_nested(object, &nested, level, sections);
                }
            }
        }
        Value::Array(elements) if !elements.is_empty() => {
            section.rows = elements
                .iter()
                .map(|element| match element {
                    Value::Array(row) => row.iter().map(|value| cell(Some(value))).collect(),
                    other => vec![cell(Some(other))],
                })
                .collect();
            sections.push(section);
        }
        Value::Object(_) | Value::Array(_) | Value::Null | Value::Bool(false) => {}
        // The AWS CLI shows the title alone.
        _ => sections.push(section),
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
    for (name, value) in objects.flatten() {
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
    names.iter().map(|name| cell(members.get(*name))).collect()
}

/// A line break would tear the box, so it becomes a space.
fn cell(value: Option<&Value>) -> String {
    match value {
        None => String::new(),
        Some(value) if is_scalar(value) => scalar(value).replace(['\n', '\r', '\t'], " "),
        Some(value) => value.to_string(),
    }
}

impl Section {
    /// Turns a single row into pairs of name and value.
    fn turn(&mut self) {
        if let [row] = self.rows.as_slice()
            && !self.header.is_empty()
        {
            self.rows = std::mem::take(&mut self.header)
                .into_iter()
                .zip(row.clone())
                .map(|(name, value)| vec![name, value])
                .collect();
        }
    }

    /// The columns' widths, padding included.
    fn columns(&self) -> Vec<usize> {
        let mut widths: Vec<usize> = Vec::new();
        for row in std::iter::once(&self.header).chain(&self.rows) {
            for (index, cell) in row.iter().enumerate() {
                let width = cell.width() + PADDING;
                match widths.get_mut(index) {
                    Some(known) => *known = width.max(*known),
                    None => widths.push(width),
                }
            }
        }
        widths
    }

    fn width(&self) -> usize {
        let columns: usize = self.columns().iter().sum();
        columns.max(self.title.width()) + EDGES + 2 * self.level
    }
}

fn draw(sections: &[Section]) -> String {
    let width = table_width(sections);
    let mut out = format!("{}\n", "-".repeat(width));
    for section in sections {
        let edge = "|".repeat(section.level);
        let room = width - 2 * section.level;
        let mut put = |line: String| out.push_str(&format!("{edge}{line}{edge}\n"));
        put(centred(&section.title, room, "|"));
        if section.header.is_empty() && section.rows.is_empty() {
            put(format!("+{}+", "-".repeat(room.saturating_sub(EDGES))));
        }
        let widths = scaled(&section.columns(), room);
        if widths.is_empty() {
            continue;
        }
        let rule = || {
            let columns: Vec<String> = widths
                .iter()
                .enumerate()
                .map(|(index, width)| "-".repeat(width.saturating_sub(edges(index))))
                .collect();
            format!("+{}+", columns.join("+"))
        };
        if !section.header.is_empty() {
            put(rule());
            put(line(&section.header, &widths, centred));
        }
        put(rule());
        for row in &section.rows {
            put(line(row, &widths, left_aligned));
        }
        put(rule());
    }
    out
}

/// The first column has two edges, the others only a right one.
fn edges(column: usize) -> usize {
    if column == 0 { 2 } else { 1 }
}

fn line(
    cells: &[String],
    widths: &[usize],
    align: fn(text: &str, width: usize, left_edge: &str) -> String,
) -> String {
    widths
        .iter()
        .enumerate()
        .map(|(index, width)| {
            let cell = cells.get(index).map(String::as_str).unwrap_or_default();
            align(cell, *width, if index == 0 { "|" } else { "" })
        })
        .collect()
}

fn centred(text: &str, width: usize, left_edge: &str) -> String {
    let before = (width / 2).saturating_sub(text.width() / 2 + 1);
    padded(text, width, left_edge, before)
}

fn left_aligned(text: &str, width: usize, left_edge: &str) -> String {
    let fits = text.width() + 2 + left_edge.len() < width;
    padded(text, width, left_edge, if fits { 2 } else { 0 })
}

fn padded(text: &str, width: usize, left_edge: &str, before: usize) -> String {
    let used = left_edge.len() + before + text.width() + 1;
    let after = width.saturating_sub(used);
    format!(
        "{left_edge}{}{text}{}|",
        " ".repeat(before),
        " ".repeat(after)
    )
}

/// Spreads the columns over the room in proportion. What rounding leaves over goes to the last
/// columns, what is too much is taken from the first ones.
fn scaled(columns: &[usize], room: usize) -> Vec<usize> {
    let total: usize = columns.iter().sum();
    if total == 0 {
        return Vec::new();
    }
    let mut widths: Vec<usize> = columns
        .iter()
        .map(|column| round_half_even(column * room, total))
        .collect();
    let count = widths.len();
    let mut turn = 0;
    loop {
        let sum: usize = widths.iter().sum();
        let index = turn % count;
        if sum > room {
            widths[index] = widths[index].saturating_sub(1);
        } else if sum < room {
            widths[count - 1 - index] += 1;
        } else {
            return widths;
        }
        turn += 1;
    }
}

/// A fraction rounded, halves to the even neighbour.
fn round_half_even(dividend: usize, divisor: usize) -> usize {
    let (whole, rest) = (dividend / divisor, dividend % divisor);
    match (2 * rest).cmp(&divisor) {
        std::cmp::Ordering::Less => whole,
        std::cmp::Ordering::Equal => whole + whole % 2,
        std::cmp::Ordering::Greater => whole + 1,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::render;

    #[test]
    fn lists_of_names_and_nested_objects_are_boxed() {
        insta::assert_snapshot!(render(&json!({"projects": ["demo", "other"]}), "ListProjects"), @r#"
        --------------
        |ListProjects|
        +------------+
        || projects ||
        |+----------+|
        ||  demo    ||
        ||  other   ||
        |+----------+|
        "#);
        insta::assert_snapshot!(render(&json!({"build": {"id": "demo:1", "buildNumber": 7, "phases": [
            {"phaseType": "QUEUED", "durationInSeconds": 1},
            {"phaseType": "COMPLETED"},
        ]}}), "StartBuild"), @r#"
        ----------------------------------------
        |              StartBuild              |
        +--------------------------------------+
        ||                build               ||
        |+---------------------+--------------+|
        ||     buildNumber     |     id       ||
        |+---------------------+--------------+|
        ||  7                  |  demo:1      ||
        |+---------------------+--------------+|
        |||              phases              |||
        ||+--------------------+-------------+||
        |||  durationInSeconds |  phaseType  |||
        ||+--------------------+-------------+||
        |||  1                 |  QUEUED     |||
        |||                    |  COMPLETED  |||
        ||+--------------------+-------------+||
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
