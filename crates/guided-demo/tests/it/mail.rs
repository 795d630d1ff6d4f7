//! `guided-demo mail`: a subscription that is confirmed, and what comes then.

use std::io::BufRead;
use std::io::BufReader;
use std::path::Path;
use std::process::Command;
use std::process::Stdio;

use crate::command_line::guided_demo;
use crate::serving::Serving;
use crate::serving::has;

fn mail(state: &Path, words: &[&str]) -> String {
    let output = guided_demo(state).arg("mail").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

fn sns(serving: &Serving, words: &[&str]) -> String {
    let output = serving.aws_cli().arg("sns").args(words).output().unwrap();
    assert!(output.status.success(), "{words:?}: {output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn a_subscription_is_confirmed_and_mail_comes() {
    if !has("an AWS CLI", Command::new("aws").arg("--version")) {
        return;
    }
    let state = tempfile::tempdir().unwrap();
    assert!(mail(state.path(), &[]).contains("The mailbox is empty"));
    let serving = Serving::start(state.path(), &[]);
    let arn = "arn:aws:sns:eu-central-1:000000000000:builds";
    sns(&serving, &["create-topic", "--name", "builds"]);
    let ada = [
        "--protocol",
        "email",
        "--notification-endpoint",
        "ada@example.com",
    ];
    sns(
        &serving,
        &[&["subscribe", "--topic-arn", arn], &ada[..]].concat(),
    );
    let listed = mail(state.path(), &[]);
    assert!(
        listed.starts_with("   1  ") && listed.contains("ada@example.com"),
        "{listed}"
    );
    let text = mail(state.path(), &["read", "1"]);
    assert!(text.contains("To: ada@example.com\n") && text.contains("ConfirmSubscription"));

    let confirmed = mail(state.path(), &["confirm", "1"]);
    assert!(
        confirmed.contains("ada@example.com is subscribed to"),
        "{confirmed}"
    );
    assert!(
        confirmed.contains(&format!("Subscription: {arn}:")),
        "{confirmed}"
    );

    let mut following = Command::new(env!("CARGO_BIN_EXE_guided-demo"))
        .args(["mail", "--follow", "--state-dir"])
        .arg(state.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut told = String::new();
    let mut errors = BufReader::new(following.stderr.take().unwrap());
    errors.read_line(&mut told).unwrap();
    assert!(told.starts_with("Waiting for e-mails"), "{told}");
    let words = [
        "publish",
        "--topic-arn",
        arn,
        "--subject",
        "Done",
        "--message",
        "It is built",
    ];
    sns(&serving, &words);
    let lines = BufReader::new(following.stdout.take().unwrap()).lines();
    let seen: Vec<String> = lines
        .map_while(Result::ok)
        .take_while(|line| !line.contains("It is built"))
        .collect();
    following.kill().unwrap();
    following.wait().unwrap();
    assert!(seen.contains(&"Subject: Done".to_owned()), "{seen:?}");

    for (words, message) in [
        (["confirm", "2"], "asks for no confirmation"),
        (["read", "9"], "there is no message 9"),
    ] {
        let refused = guided_demo(state.path())
            .arg("mail")
            .args(words)
            .output()
            .unwrap();
        assert_eq!(refused.status.code(), Some(2));
        let text = String::from_utf8(refused.stderr).unwrap();
        assert!(text.contains(message), "{text}");
    }
}
