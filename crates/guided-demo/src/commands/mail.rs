//! `guided-demo mail`: the e-mails that SNS would have sent.

use std::time::Duration;

use codebuild_core::confirm_subscription;
use local_aws::Email;
use local_aws::Mailbox;

use crate::cli::MailArgs;
use crate::cli::MailCommand;
use crate::command_error::CommandError;
use crate::exit_code::ExitCode;
use crate::state::StateDirectory;
use crate::target;
use crate::target::TargetChoice;
use crate::target::TargetOptions;
use crate::ui::Ui;

/// How often `--follow` looks.
const PAUSE: Duration = Duration::from_millis(300);

/// Lists the mailbox, shows a message, or follows the link in one.
pub(crate) async fn mail(
    ui: &Ui,
    args: MailArgs,
    state: StateDirectory,
) -> Result<ExitCode, CommandError> {
    let mailbox = Mailbox::of(&state.local_aws());
    match args.command {
        Some(MailCommand::Read { number }) => show(ui, &find(&mailbox, number, &state)?, number),
        Some(MailCommand::Confirm { number }) => {
            confirm(ui, &find(&mailbox, number, &state)?, number, state).await?;
        }
        None if args.follow => follow(ui, &mailbox).await?,
        None => list(ui, &messages(&mailbox)?, args.json, &state),
    }
    Ok(ExitCode::DONE)
}

fn messages(mailbox: &Mailbox) -> Result<Vec<Email>, CommandError> {
    mailbox.messages().map_err(|error| {
        CommandError::prerequisite(format!("the mailbox cannot be read: {error}"))
            .hinted("Check the rights of the state directory, or name another one.")
    })
}

/// A message by its number in the list.
fn find(mailbox: &Mailbox, number: usize, state: &StateDirectory) -> Result<Email, CommandError> {
    let mut messages = messages(mailbox)?;
    if number == 0 || number > messages.len() {
        return Err(CommandError::usage(format!(
            "there is no message {number}: the mailbox has {}",
            messages.len()
        ))
        .hinted(format!("List them with `{}`.", state.invocation("mail"))));
    }
    Ok(messages.swap_remove(number - 1))
}

fn list(ui: &Ui, messages: &[Email], json: bool, state: &StateDirectory) {
    if json {
        let text = serde_json::to_string_pretty(messages).unwrap_or_default();
        ui.line(&text);
        return;
    }
    if messages.is_empty() {
        ui.line("The mailbox is empty: SNS has sent no e-mail.");
        ui.line("Subscribe an address to a topic with the protocol `email`, then publish to it.");
        return;
    }
    for (at, message) in messages.iter().enumerate() {
        ui.line(&headline(message, at + 1));
    }
    ui.status(&format!(
        "Read one with `{}`.",
        state.invocation("mail read N")
    ));
}

fn headline(message: &Email, number: usize) -> String {
    let at = message.sent.strftime("%Y-%m-%d %H:%M:%S UTC");
    format!("{number:>4}  {at}  {}  {}", message.to, message.subject)
}

fn show(ui: &Ui, message: &Email, number: usize) {
    ui.line(&format!("From: {}", message.from));
    ui.line(&format!("To: {}", message.to));
    ui.line(&format!(
        "Date: {}",
        message.sent.strftime("%a, %d %b %Y %H:%M:%S +0000")
    ));
    ui.line(&format!("Subject: {}", message.subject));
    ui.line("");
    ui.line(message.text.trim_end());
    if message.confirm_url.is_some() {
        ui.status(&format!(
            "Follow the link with `guided-demo mail confirm {number}`, or open it in a browser while \
             the local AWS runs."
        ));
    }
}

async fn confirm(
    ui: &Ui,
    message: &Email,
    number: usize,
    state: StateDirectory,
) -> Result<(), CommandError> {
    let token = message
        .confirm_url
        .as_deref()
        .and_then(token)
        .ok_or_else(|| {
            CommandError::usage(format!(
                "message {number} asks for no confirmation: it is “{}”",
                message.subject
            ))
        })?;
    let options = TargetOptions {
        choice: TargetChoice::Local,
        profile: None,
        region: None,
        account: None,
        engine_host: None,
        state,
    };
    let opened = target::open(&options, Vec::new(), None).await?;
    let confirmed = confirm_subscription(&opened.session, &message.topic_arn, token).await;
    opened.close().await;
    let arn = confirmed.map_err(|error| {
        CommandError::from(error).hinted(
            "A link counts once its topic and subscription are there: a newer message may have \
             another one.",
        )
    })?;
    ui.line(&format!(
        "{} is subscribed to {}.",
        message.to, message.topic_arn
    ));
    ui.line(&format!("Subscription: {arn}"));
    Ok(())
}

/// The token in the link of a message.
fn token(url: &str) -> Option<&str> {
    let (_, query) = url.split_once('?')?;
    let token = query
        .split('&')
        .find_map(|pair| pair.strip_prefix("Token="))?;
    token
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric())
        .then_some(token)
}

/// Shows each message that comes, until Ctrl-C.
async fn follow(ui: &Ui, mailbox: &Mailbox) -> Result<(), CommandError> {
    let mut last = messages(mailbox)?.pop().map(|message| message.id);
    ui.status("Waiting for e-mails. Ctrl-C ends this.");
    loop {
        tokio::select! {
            _ = tokio::signal::ctrl_c() => return Ok(()),
            () = tokio::time::sleep(PAUSE) => {}
        }
        let messages = messages(mailbox)?;
        let seen = messages
            .iter()
            .position(|message| Some(&message.id) == last.as_ref())
            .map_or(0, |at| at + 1);
        for (at, message) in messages.iter().enumerate().skip(seen) {
            show(ui, message, at + 1);
            ui.line("");
            last = Some(message.id.clone());
        }
        if ui.is_closed() {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::token;

    #[test]
    fn a_link_has_a_token() {
        let url = "http://127.0.0.1:1/?Action=ConfirmSubscription&TopicArn=a%3Ab&Token=0af";
        assert_eq!(token(url), Some("0af"));
        assert_eq!(token("http://127.0.0.1:1/"), None);
        assert_eq!(token("http://127.0.0.1:1/?Token=a%26b"), None);
    }
}
