//! JACOCOXML: the XML report of JaCoCo.

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
    if !is(root, "report") {
        return Err(wrong_root(root, "JACOCOXML", "<report>"));
    }
    let mut coverage = Coverage::default();
    for package in all(root, "package") {
        let directory = package.attribute("name").unwrap_or_default();
        for source in children(package, "sourcefile") {
            let Some(name) = source.attribute("name") else {
                return Err(misread_at(
                    source,
                    "this <sourcefile> has no attribute name",
                ));
            };
            let path = if directory.is_empty() {
                name.to_owned()
            } else {
                format!("{directory}/{name}")
            };
            let file = coverage.file(&path);
            for line in children(source, "line") {
                let at = number(line, "nr")?;
                // Covered and missed instructions and branches.
                file.line(at, number(line, "ci")? > 0);
                let taken = number_or_zero(line, "cb")?;
                let missed = number_or_zero(line, "mb")?;
                if taken > 0 || missed > 0 {
                    file.branches(at.to_string(), taken, taken.saturating_add(missed));
                }
            }
        }
    }
    Ok(coverage)
}
