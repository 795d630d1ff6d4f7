//! What does not carry over from command to command: each is a script of its own, after which only
//! the directory and the variables are kept.

use super::Lint;
use super::Seen;
use crate::shell::Simple;

impl Lint<'_> {
    pub(super) fn state(&mut self) {
        let mut functions: Vec<(String, usize)> = Vec::new();
        for seen in std::mem::take(&mut self.seen) {
            self.only_state(&seen);
            self.unknown_function(&seen, &functions);
            let line = seen.command.line;
            let defined = seen.script.functions.iter();
            functions.extend(defined.map(|name| (name.clone(), line)));
            self.seen.push(seen);
        }
    }

    /// A command that does nothing but change what ends with it.
    fn only_state(&mut self, seen: &Seen<'_>) {
        let commands = &seen.script.commands;
        let place = seen.command.place_of_line(0);
        let all = |name: &str| {
            !commands.is_empty() && commands.iter().all(|simple| simple.program() == name)
        };
        if all("set") {
            let text = commands.first().map(|simple| simple.words.join(" "));
            self.warn(
                "not-carried",
                place,
                format!(
                    "`{}` ends with this command: each command is a script of its own",
                    text.unwrap_or_default()
                ),
                "Put it at the beginning of each block that needs it. Between commands nothing is needed: the phase ends with the first that fails.",
            );
        } else if all("alias") {
            self.warn(
                "not-carried",
                place,
                "an alias ends with this command: each command is a script of its own",
                "Write a small script file and put its directory into PATH, or write the command out.",
            );
        } else if all("wait") {
            self.warn(
                "not-carried",
                place,
                "`wait` knows only background processes of its own command: each command is a script of its own",
                "Start the processes and wait for them in one block after `- |`.",
            );
        } else if let Some(last) = commands.last()
            && last.program() == "cd"
            && commands.iter().all(|simple| simple.depth > 0)
            && seen.command.text.trim_start().starts_with('(')
        {
            self.warn(
                "not-carried",
                place,
                "`cd` in parentheses changes the directory of a subshell, which ends here",
                "Leave the parentheses out: the directory carries over to the next commands.",
            );
        }
    }

    fn unknown_function(&mut self, seen: &Seen<'_>, functions: &[(String, usize)]) {
        let is_lost = |simple: &Simple| {
            functions.iter().rev().find(|(name, _)| {
                simple.words.first() == Some(name) && !seen.script.functions.contains(name)
            })
        };
        let lost = seen
            .script
            .commands
            .iter()
            .find_map(|simple| is_lost(simple).map(|function| (simple.line, function)));
        if let Some((line, (name, defined))) = lost {
            self.warn(
                "not-carried",
                seen.command.place_of_line(line),
                format!(
                    "the function {name} of line {defined} is not known here: each command is a script of its own"
                ),
                "Define and call it in one block, or put it into a script file.",
            );
        }
    }
}
