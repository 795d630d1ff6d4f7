//! CLOVERXML: what Clover, PHPUnit and istanbul write.

use roxmltree::Node;

use super::coverage::Coverage;
use super::read_error::Misread;
use super::xml_document::all;
use super::xml_document::children;
use super::xml_document::is;
use super::xml_document::misread_at;
use super::xml_document::number;
use super::xml_document::number_or_zero;
use super::xml_document::wrong_root;

pub(super) fn coverage(root: Node<'_, '_>) -> Result<Coverage, Misread> {
    if !is(root, "coverage") {
        return Err(wrong_root(root, "CLOVERXML", "<coverage>"));
    }
    let mut coverage = Coverage::default();
    for node in all(root, "file") {
        let Some(path) = node.attribute("path").or_else(|| node.attribute("name")) else {
            return Err(misread_at(node, "this <file> has neither path nor name"));
        };
        let file = coverage.file(path);
        for line in children(node, "line") {
            let at = number(line, "num")?;
            match line.attribute("type") {
                Some("cond") => {
                    let branch = |name| number_or_zero(line, name).map(|count| count > 0);
                    let taken = [branch("truecount")?, branch("falsecount")?];
                    let covered = taken.iter().any(|taken| *taken);
                    file.line(at, covered || number_or_zero(line, "count")? > 0);
                    let taken = taken.iter().map(|taken| u32::from(*taken)).sum();
                    file.branches(at.to_string(), taken, 2);
                }
                // The line where a method begins is no statement.
                Some("method") => {}
                _ => file.line(at, number(line, "count")? > 0),
            }
        }
    }
    Ok(coverage)
}
