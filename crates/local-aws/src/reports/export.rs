//! The raw data of a report for S3, if its group exports it.

use std::io::Cursor;
use std::io::Write;

use zip::ZipWriter;
use zip::write::SimpleFileOptions;

use super::ReportFile;
use crate::codebuild::Report;

/// The objects to write to a bucket.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RawDataExport {
    pub(crate) bucket: String,
    /// Keys and contents.
    pub(crate) objects: Vec<(String, Vec<u8>)>,
}

impl RawDataExport {
    /// `None` if the group exports nothing. Below the group's path, each report has a directory
    /// named after its UUID; with ZIP packaging, a file.
    pub(super) fn of(report: &Report, files: Vec<ReportFile>) -> Option<Self> {
        let destination = report.export_config.s3_destination.as_ref()?;
        let uuid = report.arn.rsplit(':').next().unwrap_or_default();
        let path = destination.path.as_deref().unwrap_or_default();
        let path = path.trim_matches('/');
        let key = if path.is_empty() {
            uuid.to_owned()
        } else {
            format!("{path}/{uuid}")
        };
        let names = files.into_iter().map(|file| {
            let path = file.path.to_string_lossy().replace('\\', "/");
            let name: Vec<&str> = path
                .split('/')
                .filter(|part| !matches!(*part, "" | "." | ".."))
                .collect();
            (name.join("/"), file.content)
        });
        let objects = if destination.packaging.as_deref() == Some("ZIP") {
            vec![(format!("{key}.zip"), zipped(names)?)]
        } else {
            names
                .map(|(name, content)| (format!("{key}/{name}"), content))
                .collect()
        };
        Some(Self {
            bucket: destination.bucket.clone(),
            objects,
        })
    }
}

/// Files of the same name are there once.
fn zipped(files: impl Iterator<Item = (String, Vec<u8>)>) -> Option<Vec<u8>> {
    let mut archive = ZipWriter::new(Cursor::new(Vec::new()));
    let mut written = std::collections::HashSet::new();
    for (name, content) in files {
        if written.insert(name.clone()) {
            archive
                .start_file(name, SimpleFileOptions::default())
                .ok()?;
            archive.write_all(&content).ok()?;
        }
    }
    Some(archive.finish().ok()?.into_inner())
}

#[cfg(test)]
mod tests {
    use std::io::Read;

    use super::*;
    use crate::codebuild::ReportExportConfig;
    use crate::codebuild::S3ReportExportConfig;
    use crate::timestamp::EpochSeconds;

    fn report(packaging: &str) -> Report {
        let now = EpochSeconds::now();
        Report {
            arn: "arn:aws:codebuild:eu-central-1:123456789012:report/demo-unit:42".to_owned(),
            r#type: "TEST".to_owned(),
            name: "demo-unit".to_owned(),
            report_group_arn: String::new(),
            execution_id: String::new(),
            status: "SUCCEEDED".to_owned(),
            created: now,
            expired: now,
            export_config: ReportExportConfig {
                export_config_type: "S3".to_owned(),
                s3_destination: Some(S3ReportExportConfig {
                    bucket: "raw".to_owned(),
                    path: Some("/tests/".to_owned()),
                    packaging: Some(packaging.to_owned()),
                    ..S3ReportExportConfig::default()
                }),
            },
            truncated: false,
            test_summary: None,
            code_coverage_summary: None,
        }
    }

    fn files() -> Vec<ReportFile> {
        vec![ReportFile {
            path: "out/../a.xml".into(),
            content: b"<a/>".to_vec(),
        }]
    }

    #[test]
    fn raw_data_goes_below_the_groups_path() {
        let export = RawDataExport::of(&report("NONE"), files()).unwrap();
        assert_eq!(export.bucket, "raw");
        assert_eq!(
            export.objects,
            [("tests/42/out/a.xml".to_owned(), b"<a/>".to_vec())]
        );
    }

    #[test]
    fn zip_packaging_makes_one_archive() {
        let export = RawDataExport::of(&report("ZIP"), files()).unwrap();
        let [(key, content)] = export.objects.as_slice() else {
            panic!("{export:?}");
        };
        assert_eq!(key, "tests/42.zip");
        let mut archive = zip::ZipArchive::new(Cursor::new(content)).unwrap();
        let mut text = String::new();
        let mut file = archive.by_name("out/a.xml").unwrap();
        file.read_to_string(&mut text).unwrap();
        assert_eq!(text, "<a/>");
    }
}
