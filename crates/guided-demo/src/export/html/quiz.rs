//! Questions that can be answered on the page, and without its script.

use super::escape::escape;
use super::prose::prose;
use super::terms::Terms;
use crate::export::pattern;
use crate::export::pattern::Dialect;
use crate::export::pattern::translate;
use crate::script::Answers;
use crate::script::Quiz;

/// The question. `id` is unique on the page; `explanation` stands in it, or, for a prediction, later.
pub(super) fn question(id: &str, quiz: &Quiz, terms: &mut Terms) -> String {
    let (answer, accept, inputs) = match &quiz.answers {
        Answers::Choice { options, right } => {
            let numbers: Vec<String> = right.iter().map(|at| (at + 1).to_string()).collect();
            let kind = if right.len() == 1 {
                "radio"
            } else {
                "checkbox"
            };
            let options: String = options
                .iter()
                .enumerate()
                .map(|(at, option)| {
                    format!(
                        "<li><label><input type=\"{kind}\" name=\"{id}\" value=\"{}\"> <span>{}</span></label></li>\n",
                        at + 1,
                        inline(&prose(option, terms))
                    )
                })
                .collect();
            let several = match right.len() {
                1 => String::new(),
                count => format!("<p class=\"faint\">Choose {count}.</p>\n"),
            };
            let inputs = format!("{several}<ol>\n{options}</ol>\n");
            (numbers.join(","), String::new(), inputs)
        }
        Answers::Text { answer, accept } => {
            let accept =
                translate(pattern::answer(accept), Dialect::JavaScript).unwrap_or_default();
            let input = format!(
                "<p><input type=\"text\" aria-label=\"Your answer\" autocomplete=\"off\" name=\"{id}\"></p>\n"
            );
            (answer.clone(), accept, input)
        }
    };
    let later = if quiz.reveal_later {
        " data-later=\"yes\""
    } else {
        ""
    };
    let button = match quiz.reveal_later {
        true => "That is my answer",
        false => "Check my answer",
    };
    let explained = match quiz.reveal_later {
        true => String::new(),
        false => explanation(id, quiz, terms),
    };
    format!(
        "<fieldset class=\"quiz\" data-answer=\"{}\" data-accept=\"{}\" data-explained=\"{id}-why\"{later}>\n\
         <legend>Question</legend>\n{}{inputs}\
         <div class=\"answering\" hidden><button type=\"button\">{button}</button>\
         <span class=\"verdict\" role=\"status\"></span></div>\n{explained}</fieldset>\n",
        escape(&answer),
        escape(&accept),
        prose(&quiz.question, terms)
    )
}

/// The right answer and why, folded.
pub(super) fn explanation(id: &str, quiz: &Quiz, terms: &mut Terms) -> String {
    let asked = match quiz.reveal_later {
        true => prose(&format!("You were asked: {}", quiz.question), terms),
        false => String::new(),
    };
    format!(
        "<details id=\"{id}-why\">\n<summary>Answer</summary>\n{asked}<p class=\"good\">{}</p>\n{}</details>\n",
        escape(&quiz.right()),
        prose(&quiz.explanation, terms)
    )
}

/// A single paragraph needs no tags of its own.
fn inline(html: &str) -> &str {
    html.trim()
        .strip_prefix("<p>")
        .and_then(|html| html.strip_suffix("</p>"))
        .filter(|html| !html.contains("<p>"))
        .unwrap_or(html)
}
