//! `guided-demo check`: finds the mistakes in demo scripts, buildspecs and templates of
//! CloudFormation, all of them in one run, and explains what a build of a buildspec does.

mod finding;
mod report;
mod run_demos;
mod template;
mod watch;

use std::collections::BTreeSet;
use std::path::Path;
use std::path::PathBuf;

use buildspec::Buildspec;
use buildspec::BuildspecError;
use buildspec::LintContext;
use buildspec::Plan;
use buildspec::Warning;

use crate::cli::CheckArgs;
use crate::command_error::CommandError;
use crate::command_error::ErrorKind;
use crate::demos::DEFAULT_DEMO;
use crate::demos::Repository;
use crate::exit_code::ExitCode;
use crate::script;
use crate::script::GLOSSARY;
use crate::script::check_glossary;
use crate::ui::Ui;
use crate::ui::wrap;

use self::finding::Finding;

/// The buildspec that CodeBuild takes when a project names no other.
const DEFAULT_BUILDSPEC: &str = "buildspec.yml";

/// The usual name of a template.
const DEFAULT_TEMPLATE: &str = "template.yaml";

/// A file to check.
enum Checked {
    Demo(PathBuf),
    Glossary(PathBuf),
    Buildspec(PathBuf),
    Template(PathBuf),
}

/// What came of checking all files.
#[derive(Default)]
struct Round {
    /// A file has a mistake.
    has_mistakes: bool,
    /// What is wrong, if it is wanted as data; else it has been shown.
    findings: Option<Vec<Finding>>,
    /// The files that were looked at, there or not.
    files: BTreeSet<PathBuf>,
    /// The demos without mistakes.
    good_demos: Vec<PathBuf>,
}

/// Checks the files that are named; or the buildspec and the template of this directory, and all
/// demos.
pub(crate) fn check(ui: &Ui, args: &CheckArgs) -> Result<ExitCode, CommandError> {
    if args.watch {
        return super::with_runtime(watch::watch(ui, args));
    }
    let round = round(ui, args)?;
    if let Some(findings) = &round.findings {
        ui.line(&finding::json(findings)?);
    }
    let code = match round.has_mistakes {
        true => ExitCode::BAD_DEMO,
        false => ExitCode::DONE,
    };
    if !args.run {
        return Ok(code);
    }
    let walked = super::with_runtime(run_demos::run_demos(ui, &round.good_demos))?;
    Ok(match walked {
        ExitCode::DONE => code,
        failed => failed,
    })
}

/// `guided-demo run DEMO --mode check`: looks for mistakes in one demo and walks through it.
pub(super) fn check_demo_by_walking(ui: &Ui, demo: Option<&str>) -> Result<ExitCode, CommandError> {
    let args = CheckArgs {
        paths: vec![PathBuf::from(demo.unwrap_or(DEFAULT_DEMO))],
        run: true,
        ..CheckArgs::default()
    };
    check(ui, &args)
}

/// Checks all files once.
fn round(ui: &Ui, args: &CheckArgs) -> Result<Round, CommandError> {
    let mut round = Round {
        findings: args.json.then(Vec::new),
        ..Round::default()
    };
    let files = match args.paths.is_empty() {
        true => default_files(args, &mut round)?,
        false => args.paths.iter().map(|path| kind(path)).collect(),
    };
    for file in files {
        let good = match file {
            Checked::Demo(path) | Checked::Glossary(path) if args.explain => {
                return Err(CommandError::usage(format!(
                    "--explain is for buildspecs; {} is a demo script",
                    path.display()
                ))
                .hinted("Name a buildspec, such as: guided-demo check --explain buildspec.yml"));
            }
            Checked::Template(path) if args.explain => {
                return Err(CommandError::usage(format!(
                    "--explain is for buildspecs; {} is a template of CloudFormation",
                    path.display()
                ))
                .hinted("Name a buildspec, such as: guided-demo check --explain buildspec.yml"));
            }
            Checked::Demo(path) => check_demo(ui, path, &mut round),
            Checked::Glossary(path) => check_terms(ui, path, &mut round),
            Checked::Buildspec(path) => {
                round.files.insert(path.clone());
                check_buildspec(ui, &path, args, &mut round)
            }
            Checked::Template(path) => template::check(ui, &path, &mut round),
        };
        round.has_mistakes |= !good;
    }
    Ok(round)
}

fn default_files(args: &CheckArgs, round: &mut Round) -> Result<Vec<Checked>, CommandError> {
    let buildspec = Path::new(DEFAULT_BUILDSPEC);
    let mut files = Vec::new();
    if buildspec.is_file() {
        files.push(Checked::Buildspec(buildspec.to_owned()));
    }
    if args.explain {
        if files.is_empty() {
            return Err(
                CommandError::usage("there is no buildspec.yml in this directory")
                    .hinted("Name a buildspec, such as: guided-demo check --explain ci/build.yml"),
            );
        }
        return Ok(files);
    }
    let template = Path::new(DEFAULT_TEMPLATE);
    if template.is_file() {
        files.push(Checked::Template(template.to_owned()));
    }
    let repository = match Repository::find() {
        Ok(repository) => repository,
        Err(_) if !files.is_empty() => return Ok(files),
        Err(error) => return Err(error),
    };
    let demos = repository.root().join("demos");
    let glossary = demos.join(GLOSSARY);
    if glossary.is_file() {
        files.push(Checked::Glossary(glossary));
    }
    // A new demo changes the folder.
    round.files.insert(demos);
    for demo in repository.demos() {
        files.push(Checked::Demo(repository.script(&demo)?));
    }
    Ok(files)
}

/// What a path of the command line is: YAML and JSON are a template or a buildspec, all else a demo
/// script, its folder, or the name of a demo.
fn kind(path: &Path) -> Checked {
    if !path.exists()
        && path.components().count() == 1
        && let Ok(repository) = Repository::find()
        && let Ok(script) = repository.script(&path.to_string_lossy())
    {
        return Checked::Demo(script);
    }
    if path.is_dir() {
        let (script, buildspec) = (path.join("demo.md"), path.join(DEFAULT_BUILDSPEC));
        return match !script.is_file() && buildspec.is_file() {
            true => Checked::Buildspec(buildspec),
            false => Checked::Demo(script),
        };
    }
    if path.file_name().is_some_and(|name| name == GLOSSARY) {
        return Checked::Glossary(path.to_owned());
    }
    if template::is_template(path) {
        return Checked::Template(path.to_owned());
    }
    let is_yaml = path.extension().is_some_and(|extension| {
        ["yml", "yaml", "json"]
            .iter()
            .any(|yaml| extension.eq_ignore_ascii_case(yaml))
    });
    match is_yaml {
        true => Checked::Buildspec(path.to_owned()),
        false => Checked::Demo(path.to_owned()),
    }
}

fn check_demo(ui: &Ui, path: PathBuf, round: &mut Round) -> bool {
    let checked = script::check(&path);
    round.files.extend(checked.files);
    match checked.script {
        Ok(script) => {
            let steps = counted(script.steps.len(), "step");
            let minutes = script.minutes();
            let facts = format!("{steps}, {}", counted(minutes as usize, "minute"));
            if round.findings.is_none() {
                ui.line(&format!("{}: no mistakes ({facts})", path.display()));
            }
            round.good_demos.push(path);
            true
        }
        Err(errors) => {
            match &mut round.findings {
                Some(findings) => findings.extend(finding::of_script(&errors)),
                None => ui.error(&errors.into()),
            }
            false
        }
    }
}

fn check_terms(ui: &Ui, path: PathBuf, round: &mut Round) -> bool {
    round.files.insert(path.clone());
    match check_glossary(&path) {
        Ok(glossary) => {
            if round.findings.is_none() {
                let facts = counted(glossary.terms().len(), "term");
                ui.line(&format!("{}: no mistakes ({facts})", path.display()));
            }
            true
        }
        Err(errors) => {
            match &mut round.findings {
                Some(findings) => findings.extend(finding::of_script(&errors)),
                None => ui.error(&errors.into()),
            }
            false
        }
    }
}

fn check_buildspec(ui: &Ui, path: &Path, args: &CheckArgs, round: &mut Round) -> bool {
    let file = path.display().to_string();
    let text = match text_of(path) {
        Ok(text) => text,
        Err(why) => return unreadable(ui, &file, "buildspec", &why, round),
    };
    let spec = match Buildspec::parse_any(&text) {
        Ok(spec) => spec,
        Err(error) => {
            match &mut round.findings {
                Some(findings) => findings.push(finding::of_buildspec(&file, &error)),
                None => ui.error(&buildspec_error(&file, &text, &error)),
            }
            return false;
        }
    };
    let context = LintContext {
        privileged: args.privileged,
        image: args.image.as_deref(),
    };
    let mut warnings: Vec<Warning> = spec.warnings.clone();
    warnings.extend(spec.lint(&context));
    warnings.sort_by_key(|warning| (warning.line, warning.column));
    if let Some(findings) = &mut round.findings {
        findings.extend(
            warnings
                .iter()
                .map(|warning| finding::of_warning(&file, warning)),
        );
        return true;
    }
    for warning in &warnings {
        ui.status(report::warning(&file, &text, warning).trim_end());
    }
    if args.explain {
        ui.out(&explanation(&spec.explain(), ui.screen().width));
    } else {
        let facts = facts(&spec);
        let mistakes = match warnings.len() {
            0 => "no mistakes".to_owned(),
            count => format!("no mistakes, {}", counted(count, "warning")),
        };
        ui.line(&format!("{file}: {mistakes} ({facts})"));
    }
    true
}

/// A buildspec that cannot be read, with the place in its text.
pub(super) fn buildspec_error(file: &str, text: &str, error: &BuildspecError) -> CommandError {
    CommandError::new(ErrorKind::BadDemo, report::error(file, text, error))
}

/// The text of a file, or why there is none.
fn text_of(path: &Path) -> Result<String, String> {
    let bytes = std::fs::read(path).map_err(|error| error.to_string())?;
    String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text".to_owned())
}

fn unreadable(ui: &Ui, file: &str, what: &str, why: &str, round: &mut Round) -> bool {
    let message = format!("cannot read the {what}: {why}");
    match &mut round.findings {
        Some(findings) => findings.push(Finding::at_start(file, message)),
        None => ui.error(&CommandError::new(
            ErrorKind::BadDemo,
            format!("{file}: {message}"),
        )),
    }
    false
}

fn facts(spec: &Buildspec) -> String {
    let phases = spec.phases.iter().count();
    let commands = spec
        .phases
        .iter()
        .map(|(_, phase)| phase.commands.len() + phase.finally.len())
        .sum();
    let mut facts = vec![counted(phases, "phase"), counted(commands, "command")];
    if spec.batch.is_some() {
        facts.push("a batch".to_owned());
    }
    facts.join(", ")
}

fn counted(count: usize, what: &str) -> String {
    match count {
        1 => format!("1 {what}"),
        count => format!("{count} {what}s"),
    }
}

/// The plan, wrapped so that what belongs together stays indented together.
fn explanation(plan: &Plan, width: usize) -> String {
    let mut text = String::new();
    for line in plan.to_string().lines() {
        let content = line.trim_start();
        let indent = line.len() - content.len();
        let is_numbered = content.starts_with(|c: char| c.is_ascii_digit());
        let first = " ".repeat(indent);
        let rest = " ".repeat(indent + if is_numbered { 3 } else { 0 });
        text.push_str(&wrap(content, width, &first, &rest));
        text.push('\n');
    }
    text
}
