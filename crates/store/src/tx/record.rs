//! The tables of the record: their columns, their keys, and the digest of a row.

use crate::{
    StoreError,
    conn::Sql,
    value::{Kind, Value},
};
use domain::{Digest, VersionId};
use proof::canonical;

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
    update_read: &'static str,
    delete: &'static str,
    first_page: &'static str,
    next_page: &'static str,
    one: &'static str,
    /// The places of the columns in the order of their names, as canonical JSON has them.
    by_name: Vec<usize>,
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

/// A signed statement, as the event tells of it that is recorded with it.
pub struct SignedStatement {
    pub(crate) payload: Digest,
    pub(crate) version: VersionId,
    pub(crate) model_digest: Digest,
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

    /// The signed statement that the row holds, where it holds one.
    fn statement(&self) -> Option<SignedStatement> {
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
        let all = names.join(", ");
        let behind = (2..key + 2).map(|number| format!("${number}")).collect::<Vec<_>>().join(", ");
        let mut by_name: Vec<_> = (0..columns.len()).collect();
        by_name.sort_by_key(|place| columns[*place].name);
        let update = match key == names.len() {
            true => String::new(),
            false => format!("UPDATE {name} SET {} WHERE {by_key}", equals(key..names.len()).join(", ")),
        };
        Self {
            name,
            key,
            sealed,
            update_read: keep(format!("{update} AND seal = ${}", names.len() + 1)),
            update: keep(update),
            insert: keep(format!("INSERT INTO {name} ({}) VALUES ({})", names.join(", "), holders.join(", "))),
            delete: keep(format!("DELETE FROM {name} WHERE {by_key}")),
            first_page: keep(format!("SELECT {all} FROM {name} ORDER BY {key_names} LIMIT $1")),
            next_page: keep(format!("SELECT {all} FROM {name} WHERE ({key_names}) > ({behind}) ORDER BY {key_names} LIMIT $1")),
            one: keep(format!("SELECT {all} FROM {name} WHERE {by_key}")),
            by_name,
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

    /// The same, if the row still bears the seal that comes last.
    pub(crate) fn update_read(&self) -> Sql {
        Sql::both(self.update_read)
    }

    pub(crate) fn delete(&self) -> Sql {
        Sql::both(self.delete)
    }

    /// The first rows in the order of their keys, with their seals: limit.
    pub(crate) fn first_page(&self) -> Sql {
        Sql::both(self.first_page)
    }

    /// The rows behind a row, with their seals: limit, and the row's key.
    pub(crate) fn next_page(&self) -> Sql {
        Sql::both(self.next_page)
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
        self.columns.iter().zip(values).filter(says)
    }

    /// How the record names a row: `table/key/key`, then `/column=key` for each column of the key that came later and says something.
    pub(crate) fn row_name(&self, values: &[Value]) -> String {
        let mut name = self.name.to_owned();
        for (column, value) in self.columns.iter().zip(values).take(self.key) {
            let text = value.text().unwrap_or_else(|| value.to_json().to_string().into());
            match &column.later {
                None => name.extend(["/", &*text]),
                Some(later) if later.nothing == *value => {}
                Some(_) => name.extend(["/", column.name, "=", &*text]),
            }
        }
        name
    }

    /// The SHA-256 of the row's canonical JSON, `{"row":{…},"table":…}`. A column that came later is not in it while it says nothing.
    pub(crate) fn row_digest(&self, values: &[Value]) -> Digest {
        Digest::from_bytes(*proof::Sha256::of(&self.canonical_row(values)).as_bytes())
    }

    /// Written by hand, since every row is digested whenever the store is verified. A test compares it with [`proof::canonical`].
    fn canonical_row(&self, values: &[Value]) -> Vec<u8> {
        let mut out = b"{\"row\":{".to_vec();
        let said = self.by_name.iter().map(|place| (&self.columns[*place], &values[*place]));
        for (index, (column, value)) in said.filter(says).enumerate() {
            if index > 0 {
                out.push(b',');
            }
            canonical::write_string(column.name, &mut out);
            out.push(b':');
            match value.text() {
                Some(text) => canonical::write_string(&text, &mut out),
                None => out.extend_from_slice(value.to_json().to_string().as_bytes()),
            }
        }
        out.extend_from_slice(b"},\"table\":");
        canonical::write_string(self.name, &mut out);
        out.push(b'}');
        out
    }
}

/// Whether a column says anything: a column that came later may not.
fn says((column, value): &(&TableColumn, &Value)) -> bool {
    column.later.as_ref().is_none_or(|later| later.nothing != **value)
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

            $(fn statement(&self) -> Option<crate::record::SignedStatement> {
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
