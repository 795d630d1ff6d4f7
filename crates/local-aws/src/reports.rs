//! Test reports and code coverage: what the raw files that test tools write say, and the records
//! that CodeBuild makes of them.
//!
//! See [test reports](https://docs.aws.amazon.com/codebuild/latest/userguide/test-reporting.html).

mod add;
mod clover_xml;
mod cobertura_xml;
mod coverage;
mod cucumber_json;
mod expiry;
mod export;
mod jacoco_xml;
mod json_document;
mod junit_xml;
mod nunit3_xml;
mod nunit_xml;
mod read_error;
mod simplecov;
mod summary;
mod test_case;
mod testng_xml;
mod visual_studio_trx;
mod xml_document;

use std::path::PathBuf;

use buildspec::ReportFormat;

pub(crate) use add::add;

use coverage::Coverage;
use read_error::ReadError;
use test_case::TestCase;

/// A report as a build hands it in: one entry of the buildspec's `reports` section and its files.
#[derive(Clone, Debug)]
pub struct NewReport {
    /// The ARN of the build. It becomes the report's `executionId`.
    pub build_arn: String,
    /// The name of the build's project. It begins the name of a group that the buildspec names.
    pub project: String,
    /// The report group: an ARN, or a name to which the project's name and a dash are added.
    pub group: String,
    /// What the files are.
    pub format: ReportFormat,
    /// The raw data, in the order in which it is read.
    pub files: Vec<ReportFile>,
}

/// One file of raw data.
#[derive(Clone, Debug)]
pub struct ReportFile {
    /// Where it was in the build, as `testRawDataPath` shows it.
    pub path: PathBuf,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// What the files of a report hold.
#[derive(Debug)]
enum Contents {
    Tests(Vec<TestCase>),
    Coverage(Coverage),
}

/// Reads all files. What one file holds is kept when another one cannot be read.
fn read(format: ReportFormat, files: &[ReportFile]) -> (Contents, Vec<ReadError>) {
    let mut unreadable = Vec::new();
    if format.is_code_coverage() {
        let mut coverage = Coverage::default();
        for file in files {
            // What a file says before its error is not half believed.
            match read_coverage(format, file) {
                Ok(read) => coverage.merge(read),
                Err(error) => unreadable.push(error),
            }
        }
        return (Contents::Coverage(coverage), unreadable);
    }
    let mut cases = Vec::new();
    for file in files {
        match read_tests(format, file) {
            Ok(mut read) => {
                let path = file.path.to_string_lossy();
                for case in &mut read {
                    case.raw_data_path = path.clone().into_owned();
                }
                cases.append(&mut read);
            }
            Err(error) => unreadable.push(error),
        }
    }
    (Contents::Tests(cases), unreadable)
}

fn read_tests(format: ReportFormat, file: &ReportFile) -> Result<Vec<TestCase>, ReadError> {
    let path = file.path.to_string_lossy();
    let content = file.content.as_slice();
    match format {
        ReportFormat::CucumberJson => json_document::read(&path, content, cucumber_json::cases),
        ReportFormat::NunitXml => xml_document::read(&path, content, nunit_xml::cases),
        ReportFormat::Nunit3Xml => xml_document::read(&path, content, nunit3_xml::cases),
        ReportFormat::TestngXml => xml_document::read(&path, content, testng_xml::cases),
        ReportFormat::VisualStudioTrx => {
            xml_document::read(&path, content, visual_studio_trx::cases)
        }
        _ => xml_document::read(&path, content, junit_xml::cases),
    }
}

fn read_coverage(format: ReportFormat, file: &ReportFile) -> Result<Coverage, ReadError> {
    let path = file.path.to_string_lossy();
    let content = file.content.as_slice();
    match format {
        ReportFormat::CloverXml => xml_document::read(&path, content, clover_xml::coverage),
        ReportFormat::JacocoXml => xml_document::read(&path, content, jacoco_xml::coverage),
        ReportFormat::Simplecov => json_document::read(&path, content, simplecov::coverage),
        _ => xml_document::read(&path, content, cobertura_xml::coverage),
    }
}

#[cfg(test)]
mod tests;
