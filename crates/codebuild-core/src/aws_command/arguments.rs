//! The words of a command line, made into an operation and its input.

use std::path::Path;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use serde_json::Map;
use serde_json::Value;

use super::command_error::CommandError;
use super::command_error::Place;
use super::command_error::Suggestion;
use super::deploy::Deploy;
use super::global_options;
use super::global_options::GlobalOptions;
use super::operations::Operation;
use super::operations::Pages;
use super::operations::SERVICES;
use super::operations::Service;
use super::operations::command_case;
use super::parameter;
use super::s3_commands::S3Command;
use super::service_model::Member;
use super::service_model::Shape;
use super::service_model::Structure;
use super::skeleton::Skeleton;
use super::tail::Tail;
use super::validation;
use super::waiter::Waiter;

/// Commands of the AWS CLI that are no operation of the API, and what to do instead. An empty service
/// means any.
const CLI_ONLY: [(&str, &str, &str); 8] = [
    (
        "cloudformation",
        "package",
        "upload what the template names with your own tools",
    ),
    (
        "codecommit",
        "credential-helper",
        "use the AWS CLI's, or credentials in the URL of the remote",
    ),
    (
        "ecr",
        "get-login",
        "AWS CLI version 2 has it no more: use `ecr get-login-password`",
    ),
    ("logs", "start-live-tail", "use `logs tail GROUP --follow`"),
    (
        "s3",
        "sync",
        "use `s3 ls`, `s3 cp s3://BUCKET/KEY -` and `s3 rm`",
    ),
    (
        "s3",
        "mv",
        "use `s3 ls`, `s3 cp s3://BUCKET/KEY -` and `s3 rm`",
    ),
    (
        "codebuild",
        "wait",
        "the AWS CLI has no waiter either: ask with batch-get-builds until the build is complete",
    ),
    (
        "",
        "help",
        "see https://docs.aws.amazon.com/cli/latest/reference/",
    ),
];

/// A command line understood.
#[derive(Clone, Debug)]
pub(crate) struct Arguments {
    pub(crate) service: &'static Service,
    pub(crate) operation: &'static Operation,
    /// The words after the service, such as `create-stack` or `wait stack-exists`.
    pub(crate) command: String,
    pub(crate) input: Value,
    pub(crate) global: GlobalOptions,
    pub(crate) action: Action,
}

/// What the command does.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    /// Calls the operation.
    Call,
    /// Prints a sample of the operation's input or output.
    Skeleton(Skeleton),
    /// Shows a log as it grows.
    Tail(Tail),
    /// A command of `aws s3`.
    S3(S3Command),
    /// Asks until a condition holds.
    Wait(Waiter),
    /// Deploys a stack.
    Deploy(Deploy),
    /// Prints a password for `docker login`.
    LoginPassword,
}

/// What is called, and which words say so.
struct Named {
    operation: &'static Operation,
    waiter: Option<Waiter>,
    words: [usize; 2],
}

/// An option of an operation, and what it does to the input.
enum OptionKind<'a> {
    Member(&'a Member),
    /// `--flag` or `--no-flag`.
    Switch(&'a Member, bool),
    Global,
    GlobalSwitch,
    Skeleton,
}

/// The words, with their places.
struct Words<'a> {
    words: &'a [String],
    directory: &'a Path,
}

/// Parses the words that follow `aws`.
pub(crate) fn parse(words: &[String], directory: &Path) -> Result<Arguments, CommandError> {
    let words = Words { words, directory };
    let (service, service_at) = words.service()?;
    let Named {
        operation,
        waiter,
        words: named_at,
    } = words.operation(service, service_at)?;
    let operation_at = named_at[1];
    let structure = operation.input_structure();
    let name = match waiter {
        Some(waiter) => format!("wait {}", waiter.command()),
        None => operation.command(),
    };
    let command = format!("{} {name}", service.name);
    let pages = operation.pages.filter(|_| waiter.is_none());
    let options = options_of(operation, pages, &structure);

    let mut global = GlobalOptions::default();
    let mut members = Map::new();
    let mut file_input = Map::new();
    let mut skeleton = None;
    let mut next = 0;
    while next < words.words.len() {
        if next == service_at || named_at.contains(&next) {
            next += 1;
            continue;
        }
        let place = words.place(next);
        let word = &words.words[next];
        let Some((name, inline)) = option_word(word) else {
            let open = operation
                .positional
                .iter()
                .find(|member| !members.contains_key(**member));
            match open {
                Some(member) => {
                    members.insert((*member).to_owned(), Value::String(word.clone()));
                    next += 1;
                    continue;
                }
                None if operation.is_own() => return Err(words.unexpected(next, operation, &[])),
                None => {
                    let required = structure.required_members();
                    return Err(words.unexpected(next, operation, required));
                }
            }
        };
        let (option, kind) = find_option(name, &options, &command, &place)?;
        next += 1;
        match kind {
            OptionKind::Switch(..) | OptionKind::GlobalSwitch => {
                if let Some(value) = inline {
                    return Err(CommandError::UnexpectedValue {
                        option: option.clone(),
                        value: value.to_owned(),
                        place,
                    });
                }
                match kind {
                    OptionKind::Switch(member, on) => {
                        members.insert(member.name.clone(), Value::Bool(*on));
                    }
                    _ => global.set(option, "", &place)?,
                }
            }
            OptionKind::Skeleton => {
                let word = words
                    .words
                    .get(next)
                    .filter(|word| option_word(word).is_none());
                let value = inline.or(word.map(String::as_str));
                if inline.is_none() && word.is_some() {
                    next += 1;
                }
                let chosen = Skeleton::parse(value.unwrap_or("input"));
                skeleton = Some(chosen.map_err(|reason| CommandError::BadValue {
                    option: option.clone(),
                    reason,
                    place,
                })?);
            }
            OptionKind::Global => {
                let (values, after) = words.values(next, inline, false, option, &place)?;
                next = after;
                let value = values.first().map(String::as_str).unwrap_or_default();
                if option == "--cli-input-json" {
                    file_input = words.input_json(value, &place)?;
                } else {
                    global.set(option, value, &place)?;
                }
            }
            OptionKind::Member(member) => {
                let many = matches!(member.shape, Shape::List(_));
                let (values, after) = words.values(next, inline, many, option, &place)?;
                next = after;
                let is_blob = member.shape == Shape::Blob;
                let values = words.load_files(values, is_blob, option, &place)?;
                let value = parameter::parse(&member.shape, &values).map_err(|reason| {
                    CommandError::BadValue {
                        option: option.clone(),
                        reason,
                        place,
                    }
                })?;
                members.insert(member.name.clone(), value);
            }
        }
    }
    // Options win over members of --cli-input-json, member by member, as in the AWS CLI.
    let has_file = !file_input.is_empty();
    file_input.extend(members);
    // A sample of the input is for those who do not know yet what is required.
    let is_checked = skeleton != Some(Skeleton::Input);
    if is_checked && !has_file {
        require_options(&structure, &file_input, operation)?;
    }
    let input = Value::Object(file_input);
    if is_checked {
        validation::validate(&structure, &input)?;
    }
    let action = match skeleton {
        Some(skeleton) => Action::Skeleton(skeleton),
        None if service.name == "s3" => {
            let command = S3Command::read(operation.name, &input);
            Action::S3(command.map_err(|reason| CommandError::BadValue {
                option: "path".to_owned(),
                reason,
                place: words.place(operation_at),
            })?)
        }
        None if operation.name == "Deploy" => {
            let deploy = Deploy::read(&input, directory).map_err(|(option, reason)| {
                let place = words.place_of(option).unwrap_or(words.place(operation_at));
                let option = option.to_owned();
                if option == "--template-file" {
                    CommandError::File {
                        path: input["TemplateFile"]
                            .as_str()
                            .unwrap_or_default()
                            .to_owned(),
                        option,
                        reason,
                        place,
                    }
                } else {
                    CommandError::BadValue {
                        option,
                        reason,
                        place,
                    }
                }
            });
            Action::Deploy(deploy?)
        }
        None if operation.name == "GetLoginPassword" => Action::LoginPassword,
        None if operation.is_own() => {
            let tail = Tail::read(&input).map_err(|(option, reason)| CommandError::BadValue {
                place: words.place_of(option).unwrap_or(words.place(operation_at)),
                option: option.to_owned(),
                reason,
            })?;
            Action::Tail(tail)
        }
        None => waiter.map_or(Action::Call, Action::Wait),
    };
    Ok(Arguments {
        service,
        operation,
        command: name,
        input,
        global,
        action,
    })
}

impl<'a> Words<'a> {
    fn place(&self, word: usize) -> Place {
        let before: usize = self
            .words
            .iter()
            .take(word)
            .map(|word| word.chars().count() + 1)
            .sum();
        Place {
            word,
            column: "aws ".len() + before + 1,
        }
    }

    /// Where an option is.
    fn place_of(&self, option: &str) -> Option<Place> {
        let is_option = |word: &String| option_word(word).is_some_and(|(name, _)| name == option);
        self.words
            .iter()
            .position(is_option)
            .map(|at| self.place(at))
    }

    fn service(&self) -> Result<(&'static Service, usize), CommandError> {
        let names = || SERVICES.iter().map(|service| service.name);
        let known = || names().collect::<Vec<_>>().join(", ");
        let Some(at) = self.positional(0)? else {
            return Err(CommandError::Incomplete {
                expected: "a service".to_owned(),
                known: known(),
            });
        };
        let name = &self.words[at];
        let service = SERVICES.into_iter().find(|service| service.name == name);
        match service {
            Some(service) => Ok((service, at)),
            None => Err(CommandError::UnknownService {
                name: name.clone(),
                suggestion: Suggestion::for_name(name, names()),
                known: known(),
                place: self.place(at),
            }),
        }
    }

    fn operation(
        &self,
        service: &'static Service,
        service_at: usize,
    ) -> Result<Named, CommandError> {
        let operations = service.operations();
        let mut commands: Vec<String> = operations.iter().map(Operation::command).collect();
        if !service.waiters().is_empty() {
            commands.push("wait".to_owned());
        }
        let known = commands.join(", ");
        let Some(at) = self.positional(service_at + 1)? else {
            return Err(CommandError::Incomplete {
                expected: format!("an operation of {}", service.name),
                known,
            });
        };
        let name = &self.words[at];
        if let Some((_, _, instead)) = CLI_ONLY
            .iter()
            .find(|(of, command, _)| (*of == service.name || of.is_empty()) && command == name)
        {
            return Err(CommandError::Unsupported {
                name: format!("{} {name}", service.name),
                instead: (*instead).to_owned(),
                place: self.place(at),
            });
        }
        if name == "wait" && !service.waiters().is_empty() {
            return self.waiter(service, at);
        }
        let operation = operations
            .iter()
            .find(|operation| operation.command() == *name);
        match operation {
            Some(operation) => Ok(Named {
                operation,
                waiter: None,
                words: [at, at],
            }),
            None => Err(CommandError::UnknownOperation {
                service: service.name.to_owned(),
                name: name.clone(),
                suggestion: Suggestion::for_name(name, commands.iter().map(String::as_str)),
                known,
                place: self.place(at),
            }),
        }
    }

    /// What `wait` waits for.
    fn waiter(&self, service: &'static Service, wait_at: usize) -> Result<Named, CommandError> {
        let waiters = service.waiters();
        let commands: Vec<String> = waiters.iter().map(|waiter| waiter.command()).collect();
        let known = commands.join(", ");
        let Some(at) = self.positional(wait_at + 1)? else {
            return Err(CommandError::Incomplete {
                expected: format!("what {} is to wait for", service.name),
                known,
            });
        };
        let name = &self.words[at];
        let waiter = waiters.iter().find(|waiter| waiter.command() == *name);
        let operation = waiter.and_then(|waiter| {
            let mut operations = service.operations().iter();
            operations.find(|operation| operation.name == waiter.operation())
        });
        match (waiter, operation) {
            (Some(&waiter), Some(operation)) => Ok(Named {
                operation,
                waiter: Some(waiter),
                words: [wait_at, at],
            }),
            _ => Err(CommandError::UnknownOperation {
                service: format!("{} wait", service.name),
                name: name.clone(),
                suggestion: Suggestion::for_name(name, commands.iter().map(String::as_str)),
                known,
                place: self.place(at),
            }),
        }
    }

    /// The first word from here on that is neither a global option nor its value.
    fn positional(&self, from: usize) -> Result<Option<usize>, CommandError> {
        let mut at = from;
        while let Some(word) = self.words.get(at) {
            let Some((name, inline)) = option_word(word) else {
                return Ok(Some(at));
            };
            let takes_value = global_options::WITH_VALUE.contains(&name);
            if !takes_value && !global_options::SWITCHES.contains(&name) {
                let place = self.place(at);
                return Err(match unsupported(name, &place) {
                    Some(error) => error,
                    None => CommandError::UnexpectedWord {
                        word: word.clone(),
                        hint: format!(
                            ", but only global options can stand before the service and the \
                             operation: {}",
                            global_options::WITH_VALUE.join(", ")
                        ),
                        place,
                    },
                });
            }
            at += 1;
            if takes_value && inline.is_none() {
                at += 1;
            }
        }
        Ok(None)
    }

    /// The values of an option: those up to the next option if it takes many, else one.
    fn values(
        &self,
        from: usize,
        inline: Option<&str>,
        many: bool,
        option: &str,
        place: &Place,
    ) -> Result<(Vec<String>, usize), CommandError> {
        if let Some(value) = inline {
            return Ok((vec![value.to_owned()], from));
        }
        let limit = if many { usize::MAX } else { 1 };
        let values: Vec<String> = self
            .words
            .iter()
            .skip(from)
            .take(limit)
            .take_while(|word| option_word(word).is_none())
            .cloned()
            .collect();
        if values.is_empty() {
            return Err(CommandError::MissingValue {
                option: option.to_owned(),
                expected: if many {
                    "at least one argument"
                } else {
                    "one argument"
                },
                place: place.clone(),
            });
        }
        let after = from + values.len();
        Ok((values, after))
    }

    /// Replaces a single `file://PATH` by the file's text, and `fileb://PATH` by its bytes in base64.
    fn load_files(
        &self,
        values: Vec<String>,
        is_blob: bool,
        option: &str,
        place: &Place,
    ) -> Result<Vec<String>, CommandError> {
        match values.as_slice() {
            [only] if is_blob && only.starts_with("fileb://") => {
                let path = only.trim_start_matches("fileb://");
                let path = self.directory.join(path);
                let bytes = std::fs::read(&path).map_err(|error| CommandError::File {
                    option: option.to_owned(),
                    path: path.display().to_string(),
                    reason: error.to_string(),
                    place: place.clone(),
                })?;
                Ok(vec![BASE64_STANDARD.encode(bytes)])
            }
            [only] => Ok(vec![self.load(only, option, place)?]),
            _ => Ok(values),
        }
    }

    fn load(&self, value: &str, option: &str, place: &Place) -> Result<String, CommandError> {
        if value.starts_with("fileb://") {
            return Err(CommandError::Unsupported {
                name: "fileb://".to_owned(),
                instead: "use file://: this member is not binary".to_owned(),
                place: place.clone(),
            });
        }
        let Some(path) = value.strip_prefix("file://") else {
            return Ok(value.to_owned());
        };
        let path = self.directory.join(path);
        std::fs::read_to_string(&path).map_err(|error| CommandError::File {
            option: option.to_owned(),
            path: path.display().to_string(),
            reason: error.to_string(),
            place: place.clone(),
        })
    }

    fn input_json(&self, value: &str, place: &Place) -> Result<Map<String, Value>, CommandError> {
        let option = "--cli-input-json";
        let bad = |reason: String| CommandError::BadValue {
            option: option.to_owned(),
            reason,
            place: place.clone(),
        };
        let text = self.load(value, option, place)?;
        match serde_json::from_str(&text) {
            Ok(Value::Object(members)) => Ok(members),
            Ok(_) => Err(bad(
                "Invalid JSON: it must be an object with the operation's members".to_owned(),
            )),
            Err(error) => Err(bad(format!("Invalid JSON: {error}"))),
        }
    }

    /// A word where an option should be; a positional value is the usual slip.
    fn unexpected(&self, at: usize, operation: &Operation, required: &[&str]) -> CommandError {
        let hint = match required {
            [only] => format!("; is it meant for {}?", operation.option_of(only)),
            _ => String::new(),
        };
        CommandError::UnexpectedWord {
            word: self.words[at].clone(),
            hint,
            place: self.place(at),
        }
    }
}

/// The name of an option, and its value if it is written `--name=value`. `None` for a value.
fn option_word(word: &str) -> Option<(&str, Option<&str>)> {
    if !word.starts_with("--") || word.len() == 2 {
        return None;
    }
    match word.split_once('=') {
        Some((name, value)) => Some((name, Some(value))),
        None => Some((word, None)),
    }
}

fn options_of<'a>(
    operation: &Operation,
    pages: Option<Pages>,
    structure: &'a Structure,
) -> Vec<(String, OptionKind<'a>)> {
    let mut options = Vec::new();
    let is_own = operation.is_own();
    for member in &structure.members {
        if operation.positional.contains(&member.name.as_str()) {
            continue;
        }
        let name = operation.option_of(&member.name);
        // IAM calls the size of a page as the AWS CLI calls the number of all items.
        if name == "--max-items" && pages.is_some() {
            continue;
        }
        if member.shape == Shape::Boolean {
            if !is_own {
                let off = format!("--no-{}", name.trim_start_matches('-'));
                options.push((off, OptionKind::Switch(member, false)));
            }
            options.push((name, OptionKind::Switch(member, true)));
        } else {
            options.push((name, OptionKind::Member(member)));
        }
    }
    for name in global_options::WITH_VALUE {
        let exists = match name {
            "--max-items" | "--starting-token" => pages.is_some(),
            "--page-size" => pages.is_some_and(|pages| pages.limit.is_some()),
            "--cli-input-json" => !is_own,
            _ => true,
        };
        if exists {
            options.push((name.to_owned(), OptionKind::Global));
        }
    }
    if !is_own {
        options.push((global_options::SKELETON.to_owned(), OptionKind::Skeleton));
    }
    for name in global_options::SWITCHES {
        options.push((name.to_owned(), OptionKind::GlobalSwitch));
    }
    options
}

/// An option by its name, or by a beginning of it that fits only one, as the AWS CLI takes it.
fn find_option<'o, 'a>(
    name: &str,
    options: &'o [(String, OptionKind<'a>)],
    command: &str,
    place: &Place,
) -> Result<(&'o String, &'o OptionKind<'a>), CommandError> {
    if let Some((option, kind)) = options.iter().find(|(option, _)| option == name) {
        return Ok((option, kind));
    }
    if let Some(error) = unsupported(name, place) {
        return Err(error);
    }
    let mut fitting = options
        .iter()
        .filter(|(option, _)| option.starts_with(name));
    match (fitting.next(), fitting.next()) {
        (Some((option, kind)), None) => Ok((option, kind)),
        (Some((first, _)), Some((second, _))) => {
            let mut matches = vec![first.as_str(), second.as_str()];
            matches.extend(fitting.map(|(option, _)| option.as_str()));
            Err(CommandError::AmbiguousOption {
                name: name.to_owned(),
                matches: matches.join(", "),
                place: place.clone(),
            })
        }
        (None, _) => {
            let known: Vec<&str> = options.iter().map(|(option, _)| option.as_str()).collect();
            Err(CommandError::UnknownOption {
                command: command.to_owned(),
                name: name.to_owned(),
                suggestion: Suggestion::for_name(name, known.iter().copied()),
                known: known.join(", "),
                place: place.clone(),
            })
        }
    }
}

fn unsupported(name: &str, place: &Place) -> Option<CommandError> {
    let (_, instead) = global_options::UNSUPPORTED
        .iter()
        .find(|(option, _)| *option == name)?;
    Some(CommandError::Unsupported {
        name: name.to_owned(),
        instead: (*instead).to_owned(),
        place: place.clone(),
    })
}

fn require_options(
    structure: &Structure,
    members: &Map<String, Value>,
    operation: &Operation,
) -> Result<(), CommandError> {
    let missing: Vec<String> = structure
        .required_members()
        .iter()
        .filter(|name| !members.contains_key(**name))
        .map(|name| {
            if operation.positional.contains(name) {
                // As the AWS CLI names it.
                command_case(name).replace('-', "_")
            } else {
                operation.option_of(name)
            }
        })
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(CommandError::MissingArguments {
        options: missing.join(", "),
    })
}
