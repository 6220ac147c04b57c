//! Queries as constants, so that a test can prepare every one of them on both databases.

use crate::{conn::Sql, record::Record};
use std::{marker::PhantomData, sync::OnceLock};

/// A query for rows of one table: its columns, then this tail.
pub(crate) struct Query<R> {
    tail: Sql,
    text: OnceLock<Sql>,
    row: PhantomData<fn() -> R>,
}

impl<R: Record> Query<R> {
    pub const fn new(tail: Sql) -> Self {
        Self { tail, text: OnceLock::new(), row: PhantomData }
    }

    /// The whole text.
    pub fn sql(&self) -> Sql {
        *self.text.get_or_init(|| {
            let table = R::table();
            Sql { sqlite: table.select(self.tail.sqlite).leak(), postgres: table.select(self.tail.postgres).leak() }
        })
    }
}

/// Declares queries for rows (`NAME: Row = "WHERE …"`) and statements of other shapes (`NAME = "SELECT …"`), and lists them all.
macro_rules! queries {
    ($($name:ident: $row:ty = $tail:literal;)* $(; $($other:ident = $sql:expr;)*)?) => {
        $(static $name: crate::query::Query<$row> = crate::query::Query::new(crate::conn::Sql::both($tail));)*
        $($(const $other: crate::conn::Sql = crate::conn::Sql::both($sql);)*)?

        /// Every statement of this file with its name.
        #[cfg(test)]
        pub(crate) fn statements() -> Vec<(&'static str, crate::conn::Sql)> {
            vec![$((stringify!($name), $name.sql()),)* $($((stringify!($other), $other),)*)?]
        }
    };
}
pub(crate) use queries;
