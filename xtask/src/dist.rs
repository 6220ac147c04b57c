//! `cargo xtask dist`: what a release gives to others. An archive with the program, its manual pages and completions, a wheel for Python, and a Debian package.

mod debian;
mod wheel;

use anyhow::{Context, Result, bail, ensure};
use sha2::{Digest, Sha256};
use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use crate::command::{cargo, environment, output, root, run};

/// Nothing that is given to others may have more bytes.
const LIMIT: usize = 25_000_000;

/// What the parts of a release share.
struct Release {
    version: String,
    /// The stripped program.
    program: PathBuf,
    /// Where archive and package go.
    folder: PathBuf,
}

/// Builds the program, packs it, and tries what was packed.
pub fn make() -> Result<()> {
    run(&mut cargo(["build", "--locked", "--profile", "dist", "--package", "countersign"]))?;
    let folder = target().join("dist");
    let program = folder.join("countersign");
    let size = fs::metadata(&program).context("the build left no program")?.len();
    let version = said_version(&program)?;
    let release = Release { version, program, folder };
    let mut made = vec![archive(&release)?, wheel::wheel(&release)?];
    match debian::package(&release)? {
        Some(package) => made.push(package),
        None => eprintln!("==> dpkg-deb is not there: no Debian package was made"),
    }
    let mut sums = String::new();
    for file in &made {
        let bytes = fs::read(file).with_context(|| format!("{} cannot be read", file.display()))?;
        ensure!(bytes.len() <= LIMIT, "{} has {} bytes, and may have {LIMIT}", file.display(), bytes.len());
        sums.push_str(&format!("{}  {}\n", hex::encode(Sha256::digest(&bytes)), name_of(file)));
        println!("{} ({:.1} MiB)", file.display(), bytes.len() as f64 / f64::from(1 << 20));
    }
    write(&release.folder.join("SHA256SUMS"), sums)?;
    println!("{} ({:.1} MiB before packing)", release.program.display(), size as f64 / f64::from(1 << 20));
    Ok(())
}

/// Makes the archive, unpacks it and runs the program in it.
fn archive(release: &Release) -> Result<PathBuf> {
    let name = format!("countersign-{}-{}-unknown-linux-gnu", release.version, std::env::consts::ARCH);
    let stage = emptied(&release.folder.join("archive"))?;
    let content = stage.join(&name);
    copy(&release.program, &content.join("countersign"))?;
    for file in ["LICENSE", "README.md", "CHANGELOG.md"] {
        copy(&root().join(file), &content.join(file))?;
    }
    copy_folder(&root().join("docs"), &content.join("docs"))?;
    copy_folder(&root().join("packaging/systemd"), &content.join("systemd"))?;
    manual_pages(release, &content.join("man"))?;
    completions(release, &content.join("completions"))?;
    let file = release.folder.join(format!("{name}.tar.gz"));
    let mut tar = Command::new("tar");
    tar.args(["--sort=name", "--owner=0", "--group=0", "--numeric-owner", "--use-compress-program=gzip -9n", "-cf"]);
    run(tar.arg(&file).arg("-C").arg(&stage).arg(format!("--mtime=@{}", time()?)).arg(&name))?;

    let tried = emptied(&release.folder.join("tried"))?;
    output(Command::new("tar").arg("-xzf").arg(&file).arg("-C").arg(&tried))?;
    try_program(release, &tried.join(&name).join("countersign"))?;
    Ok(file)
}

/// Writes a page for each command.
fn manual_pages(release: &Release, folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    output(Command::new(&release.program).arg("man").arg(folder)).map(drop)
}

/// Writes the completions under the names that the shells look for.
fn completions(release: &Release, folder: &Path) -> Result<()> {
    for (shell, name) in [("bash", "countersign"), ("zsh", "_countersign"), ("fish", "countersign.fish")] {
        let text = output(Command::new(&release.program).args(["completions", shell]))?;
        write(&folder.join(shell).join(name), text + "\n")?;
    }
    Ok(())
}

/// Runs a program that was packed and unpacked again.
fn try_program(release: &Release, program: &Path) -> Result<()> {
    let version = said_version(program)?;
    ensure!(version == release.version, "{} says that it is {version}", program.display());
    eprintln!("==> {} runs", program.display());
    Ok(())
}

/// The version that a program says.
fn said_version(program: &Path) -> Result<String> {
    let said = output(Command::new(program).arg("--version"))?;
    said.strip_prefix("countersign ").map(str::to_owned).with_context(|| format!("a version that says `{said}`"))
}

/// When the packed state was committed, in seconds since 1970, so that packing twice gives the same bytes.
fn time() -> Result<String> {
    output(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()))
}

/// Cargo's folder of what was built.
fn target() -> PathBuf {
    environment("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), |folder| root().join(folder))
}

fn emptied(folder: &Path) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("{} cannot be removed", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    Ok(folder.to_owned())
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::copy(from, to).map(drop).with_context(|| format!("{} cannot be copied", from.display()))
}

/// Copies a folder with what is in it.
fn copy_folder(from: &Path, to: &Path) -> Result<()> {
    for entry in fs::read_dir(from).with_context(|| format!("{} cannot be read", from.display()))? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() { copy_folder(&entry.path(), &target)? } else { copy(&entry.path(), &target)? }
    }
    Ok(())
}

fn write(file: &Path, text: String) -> Result<()> {
    if let Some(folder) = file.parent() {
        fs::create_dir_all(folder).with_context(|| format!("{} cannot be made", folder.display()))?;
    }
    fs::write(file, text).with_context(|| format!("{} cannot be written", file.display()))
}

fn name_of(file: &Path) -> String {
    file.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// The name of an architecture in Debian.
fn debian_architecture() -> Result<&'static str> {
    match std::env::consts::ARCH {
        "x86_64" => Ok("amd64"),
        "aarch64" => Ok("arm64"),
        other => bail!("Debian's name of {other} is not known here"),
    }
}
