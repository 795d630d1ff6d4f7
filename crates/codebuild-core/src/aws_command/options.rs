//! The options that a command line has in effect, for those who compare two lines.

use std::collections::BTreeMap;

use serde_json::Value;

use super::AwsCommand;
use super::arguments::Action;

impl AwsCommand {
    /// The words that name what is called, such as `codebuild` and `batch-get-projects`.
    #[must_use]
    pub fn names(&self) -> (&'static str, String) {
        (self.service(), self.arguments.command.clone())
    }

    /// All options that are in effect, with their values: those that were written in whatever order
    /// and form, what `--cli-input-json` holds, and the output format also if it is the usual one.
    #[must_use]
    pub fn options(&self) -> BTreeMap<String, Value> {
        let mut options = BTreeMap::new();
        if let Value::Object(members) = &self.arguments.input {
            for (name, value) in members {
                options.insert(self.arguments.operation.option_of(name), value.clone());
            }
        }
        let global = &self.arguments.global;
        let texts = [
            ("--region", &global.region),
            ("--profile", &global.profile),
            ("--endpoint-url", &global.endpoint_url),
            ("--starting-token", &global.starting_token),
        ];
        for (name, value) in texts {
            if let Some(value) = value {
                options.insert(name.to_owned(), Value::from(value.as_str()));
            }
        }
        if let Some(query) = &global.query {
            options.insert("--query".to_owned(), Value::from(query.text()));
        }
        options.insert("--output".to_owned(), Value::from(global.output.name()));
        if let Some(items) = global.max_items {
            options.insert("--max-items".to_owned(), Value::from(items));
        }
        if let Some(size) = global.page_size {
            options.insert("--page-size".to_owned(), Value::from(size));
        }
        if global.no_paginate {
            options.insert("--no-paginate".to_owned(), Value::Bool(true));
        }
        if let Action::Skeleton(skeleton) = self.arguments.action {
            let kind = format!("{skeleton:?}").to_lowercase();
            options.insert("--generate-cli-skeleton".to_owned(), Value::from(kind));
        }
        options
    }
}
