//! SIMPLECOV: `.resultset.json` and `coverage.json` of Ruby's SimpleCov.

use serde_json::Map;
use serde_json::Value;

use super::coverage::Coverage;
use super::coverage::FileLines;
use super::read_error::Misread;

pub(super) fn coverage(document: Map<String, Value>) -> Result<Coverage, Misread> {
    let mut coverage = Coverage::default();
    // `coverage.json` has the files at its top, `.resultset.json` one level down, by test suite.
    let mut suites = Vec::new();
    if document.contains_key("coverage") {
        suites.push(("the file", &document));
    } else {
        for (name, suite) in &document {
            match suite {
                Value::Object(suite) => suites.push((name.as_str(), suite)),
                _ => return Err(misread(name, "is not an object")),
            }
        }
    }
    for (name, suite) in suites {
        let Some(Value::Object(files)) = suite.get("coverage") else {
            return Err(misread(name, "has no object coverage"));
        };
        for (path, figures) in files {
            let file = coverage.file(path);
            match figures {
                // Before SimpleCov 0.18.
                Value::Array(lines) => read_lines(file, path, lines)?,
                Value::Object(figures) => {
                    let Some(Value::Array(lines)) = figures.get("lines") else {
                        return Err(misread(path, "has no array lines"));
                    };
                    read_lines(file, path, lines)?;
                    if let Some(branches) = figures.get("branches") {
                        read_branches(file, path, branches)?;
                    }
                }
                _ => return Err(misread(path, "is neither an array nor an object")),
            }
        }
    }
    Ok(coverage)
}

/// One entry a line: how often it ran, or null or `"ignored"` for a line that cannot run.
fn read_lines(file: &mut FileLines, path: &str, lines: &[Value]) -> Result<(), Misread> {
    for (index, hits) in lines.iter().enumerate() {
        match hits {
            Value::Number(hits) => {
                let number = u32::try_from(index + 1).unwrap_or(u32::MAX);
                file.line(number, is_positive(hits));
            }
            Value::Null | Value::String(_) => {}
            _ => {
                let what = format!("has something other than a number for line {}", index + 1);
                return Err(misread(path, &what));
            }
        }
    }
    Ok(())
}

/// By decision, then by branch: how often it was taken. `coverage.json` has a list of branches.
fn read_branches(file: &mut FileLines, path: &str, branches: &Value) -> Result<(), Misread> {
    match branches {
        Value::Object(decisions) => {
            for (decision, taken) in decisions {
                let Value::Object(taken) = taken else {
                    return Err(misread(path, "has a decision without branches"));
                };
                let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
                let covered = taken
                    .values()
                    .filter(|hits| matches!(hits, Value::Number(hits) if is_positive(hits)))
                    .count();
                file.branches(decision.as_str(), count(covered), count(taken.len()));
            }
        }
        Value::Array(list) => {
            for (index, branch) in list.iter().enumerate() {
                let hits = branch.get("coverage");
                let covered = matches!(hits, Some(Value::Number(hits)) if is_positive(hits));
                file.branches(index.to_string(), u32::from(covered), 1);
            }
        }
        Value::Null => {}
        _ => {
            return Err(misread(
                path,
                "has branches that are neither list nor object",
            ));
        }
    }
    Ok(())
}

fn is_positive(number: &serde_json::Number) -> bool {
    number.as_f64().is_some_and(|number| number > 0.0)
}

fn misread(what: &str, reason: &str) -> Misread {
    Misread::at_start(format!(
        "this is not a result of SimpleCov: {what} {reason}"
    ))
}
