//! Queries as constants, so that a test can prepare each of them on both databases.

use crate::{
    StoreError,
    conn::Sql,
    guard::{Guard, Seen},
    record::Record,
    value::{Kind, Value},
};
use domain::Digest;
use std::{marker::PhantomData, sync::OnceLock};
use uuid::Uuid;

/// What a query gives: the row of a table, or rows of several tables that belong together.
pub(crate) trait Rows: Sized {
    /// `SELECT` with every column, from the first of the tables; the tail joins the others.
    fn select(tail: &str) -> String;

    /// The types of the columns.
    fn kinds() -> Vec<Kind>;

    /// From values in that order, with their seals. What was seen of them goes to `seen`.
    ///
    /// # Errors
    /// A row without its seal; a stored value that this program does not write.
    fn read(values: Vec<Value>, guard: &Guard, seen: &mut Seen) -> Result<Self, StoreError>;
}

impl<R: Record> Rows for R {
    fn select(tail: &str) -> String {
        format!("SELECT {} FROM {} {tail}", R::table().list(), R::table().name)
    }

    fn kinds() -> Vec<Kind> {
        R::table().listed_kinds()
    }

    fn read(values: Vec<Value>, guard: &Guard, seen: &mut Seen) -> Result<Self, StoreError> {
        R::from_values(guard.opened(R::table(), values, seen)?)
    }
}

macro_rules! together {
    ($first:ident $($more:ident)*) => {
        impl<$first: Record, $($more: Record),*> Rows for ($first, $($more),*) {
            fn select(tail: &str) -> String {
                let lists = [$first::table().list(), $($more::table().list()),*].join(", ");
                format!("SELECT {lists} FROM {} {tail}", $first::table().name)
            }

            fn kinds() -> Vec<Kind> {
                [$first::table().listed_kinds(), $($more::table().listed_kinds()),*].concat()
            }

            fn read(values: Vec<Value>, guard: &Guard, seen: &mut Seen) -> Result<Self, StoreError> {
                let mut values = values.into_iter();
                Ok((
                    $first::read(values.by_ref().take($first::table().listed_kinds().len()).collect(), guard, seen)?,
                    $($more::read(values.by_ref().take($more::table().listed_kinds().len()).collect(), guard, seen)?),*
                ))
            }
        }
    };
}
together! { A B }
together! { A B C }
together! { A B C D }
together! { A B C D E F }

/// What stands in a tail for the ids of the first parameter.
const LISTED: (&str, Sql) = (
    "LISTED",
    Sql {
        sqlite: "SELECT unhex(replace(value, '-', '')) FROM json_each($1)",
        postgres: "SELECT CAST(value AS UUID) FROM jsonb_array_elements_text(CAST($1 AS JSONB)) AS found (value)",
    },
);

/// What stands in a tail for the texts of the first parameter.
const TEXTS: (&str, Sql) = (
    "TEXTS",
    Sql {
        sqlite: "SELECT value FROM json_each($1)",
        postgres: "SELECT value FROM jsonb_array_elements_text(CAST($1 AS JSONB)) AS found (value)",
    },
);

/// Digests as one parameter: a JSON array of their hexadecimal digits.
pub(crate) fn listed_digests(digests: impl IntoIterator<Item = Digest>) -> Value {
    Value::Text(serde_json::Value::from_iter(digests.into_iter().map(|digest| digest.to_string())).to_string())
}

/// Ids as one parameter: a JSON array, which both databases take apart again.
pub(crate) fn listed(ids: impl IntoIterator<Item = Uuid>) -> Value {
    Value::Text(serde_json::Value::from_iter(ids.into_iter().map(|id| id.to_string())).to_string())
}

/// The same for texts.
pub(crate) fn listed_texts<'a>(texts: impl IntoIterator<Item = &'a str>) -> Value {
    Value::Text(serde_json::Value::from_iter(texts).to_string())
}

/// A query for [`Rows`]: their columns, then this tail.
pub(crate) struct Query<R> {
    tail: Sql,
    text: OnceLock<Sql>,
    row: PhantomData<fn() -> R>,
}

impl<R: Rows> Query<R> {
    pub const fn new(tail: Sql) -> Self {
        Self { tail, text: OnceLock::new(), row: PhantomData }
    }

    /// The whole text.
    pub fn sql(&self) -> Sql {
        let text = |tail, listed, texts| R::select(tail).replace(LISTED.0, listed).replace(TEXTS.0, texts).leak();
        *self.text.get_or_init(|| Sql {
            sqlite: text(self.tail.sqlite, LISTED.1.sqlite, TEXTS.1.sqlite),
            postgres: text(self.tail.postgres, LISTED.1.postgres, TEXTS.1.postgres),
        })
    }
}

/// Declares queries for rows (`NAME: Row = "WHERE …"`) and statements of other shapes (`NAME = "SELECT …"`), and lists them all.
/// `IN (LISTED)` in a tail means: among the ids of the first parameter, which is [`listed`]; `IN (TEXTS)`: among its texts.
macro_rules! queries {
    ($($name:ident: $row:ty = $tail:expr;)* $(; $($other:ident = $sql:expr;)*)?) => {
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
