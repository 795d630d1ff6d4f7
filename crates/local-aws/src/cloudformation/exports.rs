//! Values that stacks export and other stacks import: ListExports, ListImports.

use std::collections::BTreeMap;

use redb::ReadableTable;
use serde::Deserialize;
use serde_json::Value;
use serde_json::json;

use super::paging;
use super::record::Stack;
use super::status::Status;
use super::validation;
use crate::error::AwsError;
use crate::services::Services;
use crate::store;
use crate::store::Store;
use crate::store::StoreError;

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListExports {
    next_token: Option<String>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub(super) struct ListImports {
    export_name: String,
    next_token: Option<String>,
}

/// Who exports and who imports.
#[derive(Debug, Default)]
pub(super) struct Shared {
    /// By name: the value, the exporting stack's id and name.
    exports: BTreeMap<String, (String, String, String)>,
    /// By name: ids and names of the importing stacks.
    imports: BTreeMap<String, Vec<(String, String)>>,
}

impl Shared {
    /// As the database has it.
    pub(super) fn of(store: &Store) -> Result<Self, AwsError> {
        store.read(|transaction| Self::read(&transaction.open_table(store::STACKS)?))
    }

    /// The same inside of a write.
    pub(super) fn read(
        table: &impl ReadableTable<&'static str, &'static [u8]>,
    ) -> Result<Self, StoreError> {
        let mut shared = Self::default();
        for entry in table.iter()? {
            let stack: Stack = serde_json::from_slice(entry?.1.value())?;
            if stack.status == Status::DeleteComplete {
                continue;
            }
            for output in stack.outputs {
                if let Some(name) = output.export_name {
                    let of = (output.value, stack.id.clone(), stack.name.clone());
                    shared.exports.insert(name, of);
                }
            }
            for name in stack.imports {
                let importers = shared.imports.entry(name).or_default();
                importers.push((stack.id.clone(), stack.name.clone()));
            }
        }
        Ok(shared)
    }

    /// The values by name.
    pub(super) fn values(&self) -> BTreeMap<String, String> {
        let exports = self.exports.iter();
        exports
            .map(|(name, (value, ..))| (name.clone(), value.clone()))
            .collect()
    }

    /// The names of the stacks that import a value.
    pub(super) fn importers(&self, name: &str) -> Vec<&str> {
        let importers = self.imports.get(name).into_iter().flatten();
        importers.map(|(_, name)| name.as_str()).collect()
    }

    /// What forbids a stack to have these exports in place of those that it has, in AWS's words.
    pub(super) fn objection(
        &self,
        stack: &Stack,
        exports: &BTreeMap<&str, &str>,
    ) -> Option<String> {
        for name in exports.keys() {
            if let Some((_, id, owner)) = self.exports.get(*name)
                && *id != stack.id
            {
                return Some(format!(
                    "Export with name {name} is already exported by stack {owner}."
                ));
            }
        }
        let own = self
            .exports
            .iter()
            .filter(|(_, (_, id, _))| *id == stack.id);
        for (name, (value, ..)) in own {
            let what = match exports.get(name.as_str()) {
                None => "deleted",
                Some(new) if new != value => "updated",
                Some(_) => continue,
            };
            let importers = self.importers(name);
            if !importers.is_empty() {
                return Some(format!(
                    "Export {name} cannot be {what} as it is in use by {}",
                    importers.join(", ")
                ));
            }
        }
        None
    }
}

/// ListExports.
pub(super) fn list(services: &Services, input: &ListExports) -> Result<Value, AwsError> {
    let exports = Shared::of(&services.store)?.exports.into_iter();
    let items = exports.map(|(name, (value, stack_id, _))| {
        let shown = json!({ "ExportingStackId": stack_id, "Name": name, "Value": value });
        (name, shown)
    });
    let token = input.next_token.as_deref();
    paging::page(
        services,
        "ListExports",
        token,
        paging::ITEMS,
        "Exports",
        items.collect(),
    )
}

/// ListImports.
pub(super) fn importers(services: &Services, input: &ListImports) -> Result<Value, AwsError> {
    let name = &input.export_name;
    let shared = Shared::of(&services.store)?;
    let importers = shared.importers(name);
    if importers.is_empty() {
        return Err(validation(format!(
            "Export '{name}' is not imported by any stack."
        )));
    }
    let items = importers.into_iter();
    let items = items.map(|name| (name.to_owned(), Value::from(name)));
    let list = format!("ListImports {name}");
    let token = input.next_token.as_deref();
    paging::page(
        services,
        &list,
        token,
        paging::ITEMS,
        "Imports",
        items.collect(),
    )
}
