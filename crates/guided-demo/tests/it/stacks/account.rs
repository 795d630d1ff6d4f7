//! What `guided-demo doctor` finds out about an account.

use crate::command_line::guided_demo;
use crate::serving::Serving;

#[test]
fn the_doctor_asks_what_the_caller_may_do_and_names_what_cannot_be_read() {
    let state = tempfile::tempdir().unwrap();
    let serving = Serving::start(state.path(), &[]);
    let keys = serving.client("true");
    let keys = keys
        .get_envs()
        .filter_map(|(name, value)| Some((name, value?)))
        .filter(|(name, _)| *name != "AWS_ENDPOINT_URL");
    let own = tempfile::tempdir().unwrap();
    let output = guided_demo(own.path())
        .envs(keys)
        .args(["doctor", "--target", serving.endpoint()])
        .output()
        .unwrap();
    let said = String::from_utf8(output.stdout).unwrap();
    let said = said.split_whitespace().collect::<Vec<_>>().join(" ");
    assert!(
        said.contains("IAM's simulator allows all 48 actions")
            || said.contains("credentials of the account's root user"),
        "{said}"
    );
    assert!(
        said.contains("how many builds may run at a time was not read"),
        "{said}"
    );
}
