//! COBERTURAXML: what Cobertura, coverage.py, coverlet, gcovr, istanbul and others write.

use roxmltree::Node;

use super::coverage::Coverage;
use super::read_error::Misread;
use super::xml_document::all;
use super::xml_document::children;
use super::xml_document::is;
use super::xml_document::misread_at;
use super::xml_document::number;
use super::xml_document::wrong_root;

pub(super) fn coverage(root: Node<'_, '_>) -> Result<Coverage, Misread> {
    if !is(root, "coverage") {
        return Err(wrong_root(root, "COBERTURAXML", "<coverage>"));
    }
    let mut coverage = Coverage::default();
    for class in all(root, "class") {
        let Some(path) = class.attribute("filename") else {
            return Err(misread_at(class, "this <class> has no attribute filename"));
        };
        let file = coverage.file(path);
        // The lines of the methods are here again.
        let lines = children(class, "lines").flat_map(|lines| children(lines, "line"));
        for line in lines {
            let at = number(line, "number")?;
            file.line(at, number(line, "hits")? > 0);
            if let Some(condition) = line.attribute("condition-coverage") {
                let (taken, total) = fraction(condition).ok_or_else(|| {
                    misread_at(
                        line,
                        format!("condition-coverage is '{condition}', not such as '50% (1/2)'"),
                    )
                })?;
                file.branches(at.to_string(), taken, total);
            }
        }
    }
    Ok(coverage)
}

/// `(1, 2)` of `50% (1/2)`. A percentage alone has no branches to count.
fn fraction(text: &str) -> Option<(u32, u32)> {
    let Some((percentage, counts)) = text.split_once('(') else {
        return text.trim().ends_with('%').then_some((0, 0));
    };
    let (taken, total) = counts.trim_end().strip_suffix(')')?.split_once('/')?;
    let _ = percentage.trim().strip_suffix('%')?;
    Some((taken.trim().parse().ok()?, total.trim().parse().ok()?))
}
