//! The tables of the record: their columns, their keys, and the digest of a row.

use crate::{
    StoreError,
    conn::Sql,
    value::{Kind, Value},
};
use domain::Digest;
use serde_json::{Map, Value as JsonValue, json};

#[cfg(test)]
mod tests;

/// A column of such a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableColumn {
    /// Its name.
    pub name: &'static str,
    /// Its type.
    pub kind: Kind,
    /// Where a migration added the column to a table that may have had rows. Names and digests of rows leave the column out while its
    /// value is [`Later::nothing`], so that rows from before keep theirs.
    pub later: Option<Later>,
}

/// How a column came to a table after the table's first rows.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Later {
    /// The number of the migration that added the column.
    pub since: i64,
    /// The value that says no more than no column would: NULL, or the default that the migration gave to the rows that were there.
    pub nothing: Value,
}

/// A table of governance. Its rows are changed only together with an event that carries their digests.
pub struct Table {
    /// Its name.
    pub name: &'static str,
    /// Its columns in order, the key's first.
    pub columns: Vec<TableColumn>,
    /// How many columns the key has.
    pub key: usize,
    /// Whether each row bears a seal, in a last column that is none of `columns`.
    pub sealed: bool,
    insert: &'static str,
    update: &'static str,
    delete: &'static str,
    page: &'static str,
    one: &'static str,
}

/// How a row came to be as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Written {
    /// It was not there before.
    Inserted,
    /// It was another one.
    Updated,
}

/// What must not be there beside a row: a query that counts it, and the error where it is there.
pub struct Exclusion {
    pub(crate) sql: Sql,
    pub(crate) args: Vec<Value>,
    pub(crate) error: StoreError,
}

/// A row of such a table.
pub trait Record: Sized + Send {
    /// Its table.
    fn table() -> &'static Table;

    /// Its values, in the order of the table's columns.
    fn values(&self) -> Vec<Value>;

    /// Statements that write the index of people for the row; run after each insertion and change.
    fn index(&self, _written: Written) -> Vec<(Sql, Vec<Value>)> {
        Vec::new()
    }

    /// What must not be there beside the row, where no constraint of the database says so; looked at before each insertion and change.
    fn exclusion(&self) -> Option<Exclusion> {
        None
    }

    /// The payload digest of the statement that the row holds, where it holds a signed one. The event names it.
    fn statement(&self) -> Option<Digest> {
        None
    }

    /// From values in that order.
    ///
    /// # Errors
    /// A stored value that this program does not write.
    fn from_values(values: Vec<Value>) -> Result<Self, StoreError>;
}

impl Table {
    /// A table; its statements are put together once and kept for the life of the program.
    pub(crate) fn new(name: &'static str, key: usize, sealed: bool, columns: Vec<TableColumn>) -> Self {
        let names: Vec<_> = columns.iter().map(|column| column.name).chain(sealed.then_some("seal")).collect();
        let holders: Vec<_> = (1..=names.len()).map(|number| format!("${number}")).collect();
        let equals =
            |range: std::ops::Range<usize>| range.map(|index| format!("{} = ${}", names[index], index + 1)).collect::<Vec<_>>();
        let by_key = equals(0..key).join(" AND ");
        let keep = |text: String| -> &'static str { text.leak() };
        let key_names = names[..key].join(", ");
        Self {
            name,
            key,
            sealed,
            insert: keep(format!("INSERT INTO {name} ({}) VALUES ({})", names.join(", "), holders.join(", "))),
            update: keep(if key == names.len() {
                String::new()
            } else {
                format!("UPDATE {name} SET {} WHERE {by_key}", equals(key..names.len()).join(", "))
            }),
            delete: keep(format!("DELETE FROM {name} WHERE {by_key}")),
            page: keep(format!("SELECT {} FROM {name} ORDER BY {key_names} LIMIT $1 OFFSET $2", names.join(", "))),
            one: keep(format!("SELECT {} FROM {name} WHERE {by_key}", names.join(", "))),
            columns,
        }
    }

    pub(crate) fn insert(&self) -> Sql {
        Sql::both(self.insert)
    }

    /// Sets every column but the key's.
    pub(crate) fn update(&self) -> Sql {
        Sql::both(self.update)
    }

    pub(crate) fn delete(&self) -> Sql {
        Sql::both(self.delete)
    }

    /// A page of all rows, with their seals: limit, offset.
    pub(crate) fn page(&self) -> Sql {
        Sql::both(self.page)
    }

    /// The row with this key, with its seal.
    pub(crate) fn one(&self) -> Sql {
        Sql::both(self.one)
    }

    pub(crate) fn kinds(&self) -> Vec<Kind> {
        self.columns.iter().map(|column| column.kind).collect()
    }

    /// The kinds of [`Self::list`].
    pub(crate) fn listed_kinds(&self) -> Vec<Kind> {
        self.columns.iter().map(|column| column.kind).chain(self.sealed.then_some(Kind::Bytes)).collect()
    }

    /// Every column and the seal, as `SELECT` names them.
    pub(crate) fn list(&self) -> String {
        let names = self.columns.iter().map(|column| column.name).chain(self.sealed.then_some("seal"));
        names.map(|name| format!("{}.{name}", self.name)).collect::<Vec<_>>().join(", ")
    }

    /// The columns with their values, but for columns that came later and say nothing.
    pub(crate) fn saying<'a>(&'a self, values: &'a [Value]) -> impl Iterator<Item = (&'a TableColumn, &'a Value)> {
        let all = self.columns.iter().zip(values);
        all.filter(|(column, value)| column.later.as_ref().is_none_or(|later| later.nothing != **value))
    }

    /// How the record names a row: `table/key/key`, then `/column=key` for each column of the key that came later and says something.
    pub(crate) fn row_name(&self, values: &[Value]) -> String {
        let mut name = self.name.to_owned();
        for (column, value) in self.columns.iter().zip(values).take(self.key) {
            let text = match value.to_json() {
                JsonValue::String(text) => text,
                other => other.to_string(),
            };
            match &column.later {
                None => name.extend(["/", &text]),
                Some(later) if later.nothing == *value => {}
                Some(_) => name.extend(["/", column.name, "=", &text]),
            }
        }
        name
    }

    /// The SHA-256 of the row's canonical JSON. A column that came later is not in it while it says nothing.
    pub(crate) fn row_digest(&self, values: &[Value]) -> Result<Digest, StoreError> {
        let row: Map<_, _> = self.saying(values).map(|(column, value)| (column.name.to_owned(), value.to_json())).collect();
        let bytes = proof::canonical::to_vec(&json!({ "table": self.name, "row": row }))?;
        Ok(Digest::from_bytes(*proof::Sha256::of(&bytes).as_bytes()))
    }
}

/// Declares a row's struct, its table and how one becomes the other. The number in brackets is how many of the first columns are the key;
/// `found by` names what gives the statements of [`Record::index`], `unique by` what gives [`Record::exclusion`], `signed by` what gives [`Record::statement`].
/// A table that the record does not cover is `unsealed`.
///
/// `due_at since 9: Option<Timestamp>` is a column that migration 9 added to a table that may have had rows: NULL says nothing, and then
/// names and digests of rows leave the column out. `step since 9: Step = "review"` does so while the value is this default.
macro_rules! table {
    (@sealed) => { true };
    (@sealed unsealed) => { false };
    (@later) => { None };
    (@later $since:literal $type:ty) => { crate::record::table!(@later $since $type = crate::value::Value::Null(<$type as crate::value::Column>::KIND)) };
    (@later $since:literal $type:ty = $nothing:expr) => {
        Some(crate::record::Later { since: $since, nothing: crate::value::Value::from($nothing) })
    };
    ($(#[$doc:meta])* $row:ident in $table:literal [$key:literal] $(($unsealed:ident))? $(found by $index:path)? $(, unique by $exclusion:path)? $(, signed by $statement:path)? {
        $($(#[$field_doc:meta])* $field:ident $(since $since:literal)?: $type:ty $(= $nothing:expr)?),* $(,)?
    }) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq)]
        pub struct $row { $($(#[$field_doc])* pub $field: $type),* }

        impl crate::record::Record for $row {
            fn table() -> &'static crate::record::Table {
                static TABLE: std::sync::LazyLock<crate::record::Table> = std::sync::LazyLock::new(|| {
                    let sealed = crate::record::table!(@sealed $($unsealed)?);
                    crate::record::Table::new($table, $key, sealed, vec![$(crate::record::TableColumn {
                        name: stringify!($field),
                        kind: <$type as crate::value::Column>::KIND,
                        later: crate::record::table!(@later $($since $type)? $(= $nothing)?),
                    }),*])
                });
                &TABLE
            }

            fn values(&self) -> Vec<crate::value::Value> {
                vec![$(crate::value::Column::to_value(&self.$field)),*]
            }

            $(fn index(&self, written: crate::record::Written) -> Vec<(crate::conn::Sql, Vec<crate::value::Value>)> {
                $index(self, written)
            })?

            $(fn exclusion(&self) -> Option<crate::record::Exclusion> {
                $exclusion(self)
            })?

            $(fn statement(&self) -> Option<domain::Digest> {
                $statement(self)
            })?

            fn from_values(values: Vec<crate::value::Value>) -> Result<Self, crate::StoreError> {
                let mut values = values.into_iter();
                Ok(Self { $($field: crate::record::column(values.next(), $table, stringify!($field))?),* })
            }
        }
    };
}
pub(crate) use table;

/// Reads one column.
pub(crate) fn column<T: crate::value::Column>(
    value: Option<Value>,
    table: &'static str,
    column: &'static str,
) -> Result<T, StoreError> {
    let value = value.ok_or_else(|| StoreError::Unreadable { table, column, reason: "it is not there".to_owned() })?;
    T::from_value(value).map_err(|reason| StoreError::Unreadable { table, column, reason })
}
