//! A write transaction that remembers what it changes, for the journal.

use std::borrow::Borrow;
use std::cell::Cell;
use std::cell::RefCell;
use std::ops::Deref;

use redb::Key;
use redb::StorageError;
use redb::TableDefinition;
use redb::TableError;
use redb::TableHandle;
use redb::Value;
use redb::WriteTransaction;

use super::journal::Changes;

/// The transaction that a write runs in.
pub(crate) struct Write<'t> {
    transaction: &'t WriteTransaction,
    changes: RefCell<Changes>,
    has_news: Cell<bool>,
}

impl<'t> Write<'t> {
    pub(super) fn new(transaction: &'t WriteTransaction) -> Self {
        Self {
            transaction,
            changes: RefCell::default(),
            has_news: Cell::default(),
        }
    }

    /// Wakes who waits for [`super::Store::news`] when this write is committed.
    pub(crate) fn tell_followers(&self) {
        self.has_news.set(true);
    }

    pub(super) fn has_news(&self) -> bool {
        self.has_news.get()
    }

    /// Opens a table to read and to write. Only one handle of a table may be open at a time.
    pub(crate) fn open_table<K: Key + 'static, V: Value + 'static>(
        &self,
        definition: TableDefinition<'_, K, V>,
    ) -> Result<Table<'_, K, V>, TableError> {
        Ok(Table {
            inner: self.transaction.open_table(definition)?,
            changes: &self.changes,
        })
    }

    pub(super) fn into_changes(self) -> Changes {
        self.changes.into_inner()
    }
}

/// A table of a [`Write`].
pub(crate) struct Table<'t, K: Key + 'static, V: Value + 'static> {
    inner: redb::Table<'t, K, V>,
    changes: &'t RefCell<Changes>,
}

impl<K: Key + 'static, V: Value + 'static> Table<'_, K, V> {
    /// Adds or replaces an entry.
    pub(crate) fn insert<'k, 'v>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
        value: impl Borrow<V::SelfType<'v>>,
    ) -> Result<(), StorageError> {
        self.changes.borrow_mut().insert(
            self.inner.name(),
            K::as_bytes(key.borrow()).as_ref(),
            V::as_bytes(value.borrow()).as_ref(),
        );
        self.inner.insert(key, value)?;
        Ok(())
    }

    /// Removes an entry if it is there.
    pub(crate) fn remove<'k>(
        &mut self,
        key: impl Borrow<K::SelfType<'k>>,
    ) -> Result<(), StorageError> {
        self.changes
            .borrow_mut()
            .remove(self.inner.name(), K::as_bytes(key.borrow()).as_ref());
        self.inner.remove(key)?;
        Ok(())
    }
}

impl<'t, K: Key + 'static, V: Value + 'static> Deref for Table<'t, K, V> {
    type Target = redb::Table<'t, K, V>;

    fn deref(&self) -> &Self::Target {
        &self.inner
    }
}
