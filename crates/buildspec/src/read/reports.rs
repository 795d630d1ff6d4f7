//! `reports`.

use super::Reader;
use crate::error::BuildspecError;
use crate::keys;
use crate::node::Entry;
use crate::node::Node;
use crate::node::Value;
use crate::spec::ReportFiles;
use crate::spec::ReportFormat;

impl Reader<'_> {
    pub(super) fn reports(&mut self, section: &Entry) -> Result<Vec<ReportFiles>, BuildspecError> {
        if matches!(section.value.value, Value::Null) {
            self.empty(section);
            return Ok(Vec::new());
        }
        let groups = self.mapping(&section.value, "reports")?;
        if let Some(first_too_many) = groups.get(keys::REPORT_GROUPS) {
            return Err(self
                .key_error(
                    first_too_many,
                    format!(
                        "reports names {} report groups; at most {} are allowed",
                        groups.len(),
                        keys::REPORT_GROUPS
                    ),
                )
                .with_help("`files` of one group can name several files of the same format"));
        }
        groups
            .iter()
            .map(|group| self.report_group(group))
            .collect()
    }

    fn report_group(&mut self, group: &Entry) -> Result<ReportFiles, BuildspecError> {
        let what = format!("the report group {}", group.key);
        if group.key.trim().is_empty() {
            return Err(self.key_error(group, "a report group has no name"));
        }
        let mut report = ReportFiles {
            group: group.key.clone(),
            files: Vec::new(),
            file_format: ReportFormat::default(),
            base_directory: None,
            discard_paths: false,
        };
        for entry in self.section(&group.value, &what)? {
            let value = &entry.value;
            let name = format!("{} of {what}", entry.key);
            match entry.key.as_str() {
                "files" => report.files = self.some_texts(entry, &name)?,
                "file-format" => report.file_format = self.report_format(value)?,
                "base-directory" => report.base_directory = Some(self.some_text(value, &name)?),
                "discard-paths" => report.discard_paths = self.yes_or_no(value, &name)?,
                _ => self.unknown_in(entry, &keys::REPORT, &what),
            }
        }
        if report.files.is_empty() {
            return Err(self
                .key_error(group, format!("{what} has no files"))
                .with_help("give it `files:`, such as `- '**/TEST-*.xml'`"));
        }
        Ok(report)
    }

    fn report_format(&self, node: &Node) -> Result<ReportFormat, BuildspecError> {
        let text = self.text(node, "file-format")?;
        let format = ReportFormat::ALL
            .into_iter()
            .find(|format| format.as_str().eq_ignore_ascii_case(&text));
        format.ok_or_else(|| {
            let known: Vec<&str> = keys::report_formats().collect();
            let error = node.error(
                self.text,
                format!("file-format is {text:?}; there are {}", known.join(", ")),
            );
            match keys::nearest(&text, known) {
                Some(near) => error.with_help(&format!("Did you mean {near}?")),
                None => error,
            }
        })
    }
}
