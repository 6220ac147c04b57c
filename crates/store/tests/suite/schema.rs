//! The two schemas side by side: whatever the one refuses, the other refuses too.

use crate::database::{Fresh, Raw, on_postgres, on_sqlite};
use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};
use store::*;

/// A table as the database itself describes it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Description {
    /// Name, type, nullability, in order.
    pub columns: Vec<(String, String, bool)>,
    /// The columns of the primary key.
    pub key: Vec<String>,
    /// The columns of each unique constraint.
    pub unique: BTreeSet<String>,
    /// Columns, the table and columns referred to, what happens on deletion.
    foreign: BTreeSet<[String; 4]>,
    /// The words that a checked column takes.
    checks: BTreeMap<String, BTreeSet<String>>,
    /// Name, columns, whether it is partial.
    indexes: BTreeSet<[String; 3]>,
}

pub type Schema = BTreeMap<String, Description>;

/// The schema that a database has.
pub async fn describe(raw: &Raw) -> Schema {
    let tables = raw.either(
        "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        "SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public'",
    );
    let mut schema = Schema::new();
    for row in texts(raw, tables.to_owned()).await {
        let table = match raw {
            Raw::Sqlite(_) => sqlite(raw, &row[0]).await,
            Raw::Postgres(_) => postgres(raw, &row[0]).await,
        };
        schema.insert(row[0].clone(), table);
    }
    schema
}

async fn texts(raw: &Raw, sql: String) -> Vec<Vec<String>> {
    let rows = raw.texts(sql).await;
    rows.into_iter().map(|row| row.into_iter().map(Option::unwrap_or_default).collect()).collect()
}

async fn sqlite(raw: &Raw, table: &str) -> Description {
    let mut description = Description::default();
    let columns = format!("SELECT name, type, CAST(\"notnull\" AS TEXT), CAST(pk AS TEXT) FROM pragma_table_info('{table}')");
    let mut key = BTreeMap::new();
    for row in texts(raw, columns).await {
        if row[3] != "0" {
            key.insert(row[3].clone(), row[0].clone());
        }
        description.columns.push((row[0].clone(), row[1].clone(), row[2] == "0"));
    }
    description.key = key.into_values().collect();
    let indexes = format!(
        "SELECT list.name, list.origin, CAST(list.partial AS TEXT), group_concat(info.name, ',' ORDER BY info.seqno) \
         FROM pragma_index_list('{table}') AS list, pragma_index_info(list.name) AS info GROUP BY list.name"
    );
    for row in texts(raw, indexes).await {
        match row[1].as_str() {
            "u" => drop(description.unique.insert(row[3].clone())),
            "c" => drop(description.indexes.insert([row[0].clone(), row[3].clone(), row[2].clone()])),
            _ => {}
        }
    }
    let foreign = format!(
        "SELECT group_concat(\"from\", ',' ORDER BY seq), \"table\", group_concat(\"to\", ',' ORDER BY seq), on_delete \
         FROM pragma_foreign_key_list('{table}') GROUP BY id"
    );
    for row in texts(raw, foreign).await {
        description.foreign.insert([row[0].clone(), row[1].clone(), row[2].clone(), row[3].clone()]);
    }
    // SQLite tells its checks only as text.
    let text = raw.text(format!("SELECT sql FROM sqlite_schema WHERE name = '{table}'")).await;
    for (column, check) in text.lines().filter_map(|line| line.split_once("CHECK (")) {
        // A column that came later stands behind a comma.
        let column = column.trim_start_matches([',', ' ']).split_whitespace().next().unwrap();
        description.checks.insert(column.to_owned(), words(check));
    }
    description
}

async fn postgres(raw: &Raw, table: &str) -> Description {
    let mut description = Description::default();
    let columns = format!(
        "SELECT column_name::text, data_type::text || coalesce(' ' || collation_name, ''), is_nullable::text FROM information_schema.columns \
         WHERE table_schema = 'public' AND table_name = '{table}' ORDER BY ordinal_position"
    );
    for row in texts(raw, columns).await {
        description.columns.push((row[0].clone(), row[1].clone(), row[2] == "YES"));
    }
    let names = |relation: &str, numbers: &str| {
        format!(
            "(SELECT string_agg(attname, ',' ORDER BY place) FROM unnest({numbers}) WITH ORDINALITY AS numbers (number, place) \
             JOIN pg_attribute ON attrelid = {relation} AND attnum = number)"
        )
    };
    let constraints = format!(
        "SELECT contype::text, {}, confrelid::regclass::text, {}, confdeltype::text, pg_get_constraintdef(oid) \
         FROM pg_constraint WHERE conrelid = '{table}'::regclass",
        names("conrelid", "conkey"),
        names("confrelid", "confkey")
    );
    for row in texts(raw, constraints).await {
        match row[0].as_str() {
            "p" => description.key = row[1].split(',').map(str::to_owned).collect(),
            "u" => drop(description.unique.insert(row[1].clone())),
            "c" => drop(description.checks.insert(row[1].clone(), words(&row[5]))),
            "f" => {
                let on_delete = match row[4].as_str() {
                    "a" => "NO ACTION",
                    "c" => "CASCADE",
                    other => other,
                };
                description.foreign.insert([row[1].clone(), row[2].clone(), row[3].clone(), on_delete.to_owned()]);
            }
            other => panic!("{table}: a constraint of type {other}"),
        }
    }
    let indexes = format!(
        "SELECT indexrelid::regclass::text, {}, CASE WHEN indpred IS NULL THEN '0' ELSE '1' END FROM pg_index \
         WHERE indrelid = '{table}'::regclass AND NOT EXISTS (SELECT 1 FROM pg_constraint WHERE conindid = indexrelid AND contype <> 'f')",
        names("indrelid", "indkey::int[]")
    );
    for row in texts(raw, indexes).await {
        description.indexes.insert([row[0].clone(), row[1].clone(), row[2].clone()]);
    }
    description
}

/// What stands in quotes.
fn words(check: &str) -> BTreeSet<String> {
    check.split('\'').skip(1).step_by(2).map(str::to_owned).collect()
}

/// The type that SQLite has in the place of one of PostgreSQL's. Texts are compared by their bytes in both.
fn sqlite_type(postgres: &str) -> String {
    match postgres {
        "uuid" | "bytea" => "BLOB",
        "text C" => "TEXT",
        "bigint" | "boolean" => "INTEGER",
        other => panic!("the type {other} has no counterpart"),
    }
    .to_owned()
}

async fn both_schemas() -> Option<(Schema, Schema)> {
    let (mut sqlite, mut postgres) = (Schema::new(), Schema::new());
    let keep = async |fresh: Fresh, schema: &mut Schema| {
        fresh.store().await.close().await;
        *schema = describe(&fresh.raw).await;
        // That of the migrations themselves is sqlx's business.
        schema.remove("_sqlx_migrations").unwrap();
    };
    on_sqlite(|fresh| keep(fresh, &mut sqlite)).await;
    on_postgres(|fresh| keep(fresh, &mut postgres)).await;
    // Empty where the environment leaves PostgreSQL out.
    (!postgres.is_empty()).then_some((sqlite, postgres))
}

#[tokio::test]
async fn both_databases_have_the_same_schema() {
    let Some((mut sqlite, mut postgres)) = both_schemas().await else {
        return;
    };
    for table in postgres.values_mut() {
        for (_, column_type, _) in &mut table.columns {
            *column_type = sqlite_type(column_type);
        }
        // The one puts a new column behind the others, the other may have made the table anew.
        table.columns.sort();
    }
    assert_eq!(sqlite.keys().collect::<Vec<_>>(), postgres.keys().collect::<Vec<_>>());
    for (name, table) in &mut sqlite {
        table.columns.sort();
        assert_eq!(*table, postgres[name], "{name}");
        assert!(!table.key.is_empty(), "{name} has no primary key");
    }
    // That the descriptions see what they are about.
    let shares = &sqlite["shares"];
    assert_eq!(shares.key, ["deployment_id", "revision", "place"]);
    assert_eq!(shares.checks["basis"].len(), 3);
    assert!(shares.indexes.contains(&["shares_version", "version_id", "0"].map(str::to_owned)));
    assert!(sqlite["models"].unique.contains("project_id,name"));
    assert!(sqlite["upload_files"].foreign.contains(&["upload_id", "uploads", "id", "CASCADE"].map(str::to_owned)));
    assert!(sqlite["users"].columns.contains(&("email".to_owned(), "TEXT".to_owned(), true)));
    assert!(sqlite["rounds"].indexes.contains(&["rounds_not_after", "not_after", "1"].map(str::to_owned)));
}

#[tokio::test]
async fn rows_have_the_columns_of_their_tables() {
    let Some((_, postgres)) = both_schemas().await else {
        return;
    };
    macro_rules! tables {
        ($($row:ident)*) => { [$($row::table()),*] };
    }
    let tables = tables! {
        User Invitation Token Group GroupMember Project ProjectMember Model Version VersionFile Round Infrastructure
        InfrastructureMember Statement Deployment Revision Share Upload UploadedFile Node
    };
    for table in tables {
        let description = &postgres[table.name];
        let seal = table.sealed.then(|| ("seal".to_owned(), "Bytes".to_owned()));
        let columns = table.columns.iter().map(|column| (column.name.to_owned(), format!("{:?}", column.kind)));
        let columns: BTreeSet<_> = columns.chain(seal).collect();
        let kind = |column_type: &str| match column_type {
            "bigint" => "Int",
            "boolean" => "Bool",
            "bytea" => "Bytes",
            "text C" => "Text",
            "uuid" => "Uuid",
            other => panic!("the type {other}"),
        };
        // In any order: a column that came later stands last in the database, and where it belongs in the program.
        let described: BTreeSet<_> =
            description.columns.iter().map(|(name, column_type, _)| (name.clone(), kind(column_type).to_owned())).collect();
        assert_eq!(columns, described, "{}", table.name);
        let key: Vec<_> = table.columns[..table.key].iter().map(|column| column.name).collect();
        assert_eq!(key, description.key, "{}", table.name);
    }
}

#[test]
fn migrations_have_the_same_names() {
    let names = |folder: &str| {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations").join(folder);
        let files = std::fs::read_dir(folder).unwrap();
        files.map(|file| file.unwrap().file_name().into_string().unwrap()).collect::<BTreeSet<_>>()
    };
    let sqlite = names("sqlite");
    assert!(!sqlite.is_empty());
    assert_eq!(sqlite, names("postgres"));
}
