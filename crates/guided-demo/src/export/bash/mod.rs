//! A demo as one bash script for the AWS CLI.

mod files;
mod item;
mod quote;
mod variables;

use self::files::files;
use self::item::Items;
use self::variables::variables;
use crate::command_error::CommandError;
use crate::script::Script;
use crate::script::TargetKind;
use crate::ui::wrap;

/// How wide texts are.
const WIDTH: usize = 80;

const PRELUDE: &str = include_str!("prelude.sh");

/// The whole script, for this target.
///
/// # Errors
///
/// If a file that a command reads is missing or is no text.
pub(crate) fn bash(script: &Script, target: TargetKind) -> Result<String, CommandError> {
    let mut text = header(script, target);
    text.push_str(PRELUDE);
    text.push_str(&banner("What the demo asks for"));
    text.push_str(&format!(
        "printf '%s\\n' {}\n",
        crate::script::bash_literal(&script.title)
    ));
    text.push_str("prepare_aws\n");
    text.push_str(&variables(script, target));
    text.push_str("cd \"$scratch/work\"\n\n");
    text.push_str(&files(script, target)?);
    for (number, step) in script.steps.iter().enumerate() {
        text.push_str(&banner(&step.title));
        text.push_str(&format!(
            "step {} {} {} {}\n\n",
            number + 1,
            script.steps.len(),
            crate::script::bash_literal(&step.title),
            step.minutes
        ));
        text.push_str(&Items::new(script.directory(), target).write(step));
    }
    text.push_str("printf 'The demo is finished.\\n'\n");
    Ok(text)
}

/// What stands at the top, up to the first empty line: `--help` prints it.
fn header(script: &Script, target: TargetKind) -> String {
    let (id, title) = (&script.id, &script.title);
    let place = match target {
        TargetKind::Local => {
            "It is written for the local AWS of guided-demo. In one terminal: guided-demo serve. \
             In another: eval \"$(guided-demo env)\", then this script. A build needs DOCKERFILE or \
             other variables as your Docker Engine can use them."
        }
        TargetKind::Aws | TargetKind::Replay => {
            "It creates things in your AWS account, which may cost money, and removes them at the \
             end, also when it is interrupted or fails. With AWS_ENDPOINT_URL set, all calls go there \
             instead."
        }
    };
    let asks = format!(
        "bash {id}.sh asks for what it has to know and waits after each step. With --yes, and where \
         there is no terminal, it asks nothing: values come from the environment (NAME=value bash \
         {id}.sh --yes) or are the defaults."
    );
    let needs = "It needs bash 3.2 or later and the AWS CLI, version 1 or 2.";
    let status = "Exit status: 0 done, 1 a command or a build failed, 2 a wrong argument or value, 3 \
                  a check failed, 4 something is missing (AWS CLI, credentials, region, value), 130 \
                  interrupted.";
    let made = format!("Made by: guided-demo export bash {id}");
    let mut text = format!("#!/usr/bin/env bash\n# {title}\n#\n");
    for paragraph in [place, &asks, needs, status, &made] {
        text.push_str(&wrap(paragraph, WIDTH, "# ", "# "));
        text.push_str("\n#\n");
    }
    let text = text.trim_end_matches("#\n");
    // 2016: queries hold backquotes and dollars that are not the shell's. 2034, 2086: a demo may set
    // a variable for its reader alone, and splits no words. 2317, 2329: not every demo calls every
    // function.
    format!("{text}\n# shellcheck disable=SC2016,SC2034,SC2086,SC2317,SC2329\n\n")
}

fn banner(title: &str) -> String {
    let title: String = title
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect();
    let rest = "-".repeat(93_usize.saturating_sub(title.chars().count()));
    format!("# ---- {title} {rest}\n\n")
}
