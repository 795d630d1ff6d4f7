//! The `reports` section.

/// One report group of the `reports` section.
#[derive(Clone, Debug, PartialEq)]
pub struct ReportFiles {
    /// The group: an ARN, or a name to which CodeBuild puts the project's name and a dash.
    pub group: String,
    /// `files`: paths and patterns of the raw data, relative to the source directory or to
    /// `base-directory`.
    pub files: Vec<String>,
    /// `file-format`.
    pub file_format: ReportFormat,
    /// `base-directory`: a directory or a pattern for directories.
    pub base_directory: Option<String>,
    /// `discard-paths`: whether all files land in one directory.
    pub discard_paths: bool,
}

/// What `file-format` can name.
#[derive(Clone, Copy, Debug, Default, Eq, PartialEq)]
pub enum ReportFormat {
    /// `CUCUMBERJSON`
    CucumberJson,
    /// `JUNITXML`, the default
    #[default]
    JunitXml,
    /// `NUNITXML`
    NunitXml,
    /// `NUNIT3XML`
    Nunit3Xml,
    /// `TESTNGXML`
    TestngXml,
    /// `VISUALSTUDIOTRX`
    VisualStudioTrx,
    /// `CLOVERXML`, code coverage
    CloverXml,
    /// `COBERTURAXML`, code coverage
    CoberturaXml,
    /// `JACOCOXML`, code coverage
    JacocoXml,
    /// `SIMPLECOV`, code coverage
    Simplecov,
}

impl ReportFormat {
    /// All formats, those of tests first.
    pub const ALL: [Self; 10] = [
        Self::CucumberJson,
        Self::JunitXml,
        Self::NunitXml,
        Self::Nunit3Xml,
        Self::TestngXml,
        Self::VisualStudioTrx,
        Self::CloverXml,
        Self::CoberturaXml,
        Self::JacocoXml,
        Self::Simplecov,
    ];

    /// The name in a buildspec, where upper and lower case count the same.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::CucumberJson => "CUCUMBERJSON",
            Self::JunitXml => "JUNITXML",
            Self::NunitXml => "NUNITXML",
            Self::Nunit3Xml => "NUNIT3XML",
            Self::TestngXml => "TESTNGXML",
            Self::VisualStudioTrx => "VISUALSTUDIOTRX",
            Self::CloverXml => "CLOVERXML",
            Self::CoberturaXml => "COBERTURAXML",
            Self::JacocoXml => "JACOCOXML",
            Self::Simplecov => "SIMPLECOV",
        }
    }

    /// Whether it holds code coverage, not the results of tests.
    #[must_use]
    pub const fn is_code_coverage(self) -> bool {
        matches!(
            self,
            Self::CloverXml | Self::CoberturaXml | Self::JacocoXml | Self::Simplecov
        )
    }
}
