use super::*;
use std::fs;

fn environment(pairs: &[(&str, &str)]) -> Environment {
    pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn with_file(text: &str, environment: &Environment, storage: StorageArgs, listen: Option<&str>) -> Result<Config, Failure> {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("countersign.toml");
    fs::write(&file, text).unwrap();
    Config::load(&StorageArgs { config: Some(file), ..storage }, listen, environment)
}

fn refused(text: &str) -> String {
    with_file(text, &environment(&[("HOME", "/home/operator")]), StorageArgs::default(), None).unwrap_err().to_string()
}

#[test]
fn with_nothing_configured_everything_is_in_the_users_data_folder() {
    let config = Config::load(&StorageArgs::default(), None, &environment(&[("HOME", "/home/operator")])).unwrap();
    assert_eq!(config.data, Path::new("/home/operator/.local/share/countersign"));
    assert_eq!(config.database, Database::Sqlite(config.data.join("countersign.db")));
    assert_eq!(config.files, FilesConfig::Folder(config.data.join("files")));
    assert_eq!(config.base_url(config.listen), "http://127.0.0.1:8700");
    assert_eq!(config.server_name(), "127.0.0.1");
    let xdg =
        Config::load(&StorageArgs::default(), None, &environment(&[("HOME", "/home/operator"), ("XDG_DATA_HOME", "/data")]))
            .unwrap();
    assert_eq!(xdg.data, Path::new("/data/countersign"));
    assert!(Config::load(&StorageArgs::default(), None, &environment(&[])).is_err());
}

#[test]
fn flags_come_before_the_environment_and_that_before_the_file() {
    let file = "data = '/file'\nlisten = '127.0.0.1:1'\nrequests_per_minute = 7\n[log]\nformat = 'json'";
    let variables = environment(&[
        ("COUNTERSIGN_DATA", "/environment"),
        ("COUNTERSIGN_LISTEN", "127.0.0.1:2"),
        ("COUNTERSIGN_LOG_LEVEL", "debug"),
    ]);
    let config = with_file(file, &variables, StorageArgs::default(), Some("127.0.0.1:3")).unwrap();
    assert_eq!((config.data.as_path(), config.listen.port()), (Path::new("/environment"), 3));
    assert_eq!((config.requests_per_minute, config.log.format, config.log.level.as_str()), (7, LogFormat::Json, "debug"));
    let storage = StorageArgs { data: Some("/flag".into()), ..StorageArgs::default() };
    assert_eq!(with_file(file, &variables, storage, None).unwrap().data, Path::new("/flag"));
}

#[test]
fn unknown_keys_are_refused_with_the_nearest_one() {
    assert!(refused("listn = '127.0.0.1:1'").contains("there is no setting `listn`\n  hint: Did you mean `listen`?"));
    assert!(refused("[limits]\nfile_byte = 1").contains("Did you mean `limits.file_bytes`?"));
    assert!(refused("[something]\nelse = 1").contains("There are: data, database, "));
    assert!(refused("listen = ['127.0.0.1:1']").contains("`listen` is array"));
    assert!(refused("data = '/a'\ndata = '/b'").contains("cannot be used"));
}

#[test]
fn wrong_values_are_named_with_their_key() {
    for (text, words) in [
        ("listen = 'localhost'", "listen cannot be `localhost`"),
        ("requests_per_minute = -1", "requests_per_minute cannot be `-1`"),
        ("database = 'mysql://x'", "a database is sqlite:PATH or postgres://"),
        ("base_url = 'ftp://x'", "it has to begin with http:// or https://"),
        ("[log]\nformat = 'xml'", "write text or json"),
        ("[files]\nregion = 'x'", "files.region is set, but files.bucket is not"),
        ("[files]\nbucket = 'x'", "files.bucket needs files.region as well"),
        ("[files]\nbucket = 'x'\nfolder = 'y'", "choose one place"),
    ] {
        let message = refused(text);
        assert!(message.contains(words), "{message}");
    }
}

#[test]
fn a_secret_may_be_in_a_file_of_its_own_and_a_later_layer_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "postgres://countersign:password@db.example.org/countersign\n").unwrap();
    let file = format!("data = '/d'\ndatabase_file = '{}'", secret.display());
    let from_file = with_file(&file, &environment(&[]), StorageArgs::default(), None).unwrap();
    assert_eq!(from_file.database, Database::Postgres("postgres://countersign:password@db.example.org/countersign".to_owned()));
    assert!(!format!("{from_file:?}").contains("password"));
    let over = with_file(&file, &environment(&[("COUNTERSIGN_DATABASE", "sqlite:/x.db")]), StorageArgs::default(), None).unwrap();
    assert_eq!(over.database, Database::Sqlite("/x.db".into()));
    assert!(refused("database = 'sqlite:/x'\ndatabase_file = '/y'").contains("database and database_file are both set"));
    assert!(refused("database_file = '/nowhere/at/all'").contains("cannot be read"));
}

#[test]
fn a_bucket_takes_its_secret_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let secret = folder.path().join("secret");
    fs::write(&secret, "key\n").unwrap();
    let text = format!(
        "data = '/d'\n[files]\nbucket = 'models'\nregion = 'eu'\naccess_key_id = 'id'\nsecret_access_key_file = '{}'",
        secret.display()
    );
    let config = with_file(&text, &environment(&[]), StorageArgs::default(), None).unwrap();
    let FilesConfig::S3 { bucket, secret_access_key, endpoint, .. } = config.files else { panic!("not a bucket") };
    assert_eq!((bucket.as_str(), secret_access_key.as_str(), endpoint), ("models", "key", None));
}

#[test]
fn addresses_for_links_are_ones_that_a_browser_can_open() {
    let config = with_file("data = '/d'", &environment(&[]), StorageArgs::default(), Some("0.0.0.0:80")).unwrap();
    assert_eq!(config.base_url(config.listen), "http://localhost:80");
    let config =
        with_file("data = '/d'\nbase_url = 'https://countersign.example.org/'", &environment(&[]), StorageArgs::default(), None)
            .unwrap();
    assert_eq!(config.base_url(config.listen), "https://countersign.example.org");
    assert_eq!(config.server_name(), "countersign.example.org");
}
