//! The Debian package, from the files in `packaging/`. Made by `dpkg-deb`, unpacked again and tried.

use anyhow::{Context, Result};
use std::{
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use super::{Release, completions, copy, copy_folder, debian_architecture, emptied, manual_pages, time, try_program, write};
use crate::command::{output, root, run};

/// What dpkg runs.
const SCRIPTS: [&str; 3] = ["postinst", "prerm", "postrm"];

/// Makes the package. None where `dpkg-deb` is missing.
pub(super) fn package(release: &Release) -> Result<Option<PathBuf>> {
    if output(Command::new("dpkg-deb").arg("--version")).is_err() {
        return Ok(None);
    }
    let tree = emptied(&release.folder.join("debian"))?;
    let source = root().join("packaging/debian");
    copy(&release.program, &tree.join("usr/bin/countersign"))?;
    copy_folder(&root().join("packaging/systemd"), &tree.join("usr/lib/systemd/system"))?;
    copy(&source.join("countersign.toml"), &tree.join("etc/countersign/countersign.toml"))?;
    copy(&source.join("countersign-node.default"), &tree.join("etc/default/countersign-node"))?;
    documentation(release, &tree.join("usr/share"))?;
    control(release, &source, &tree)?;
    permissions(&tree)?;

    let architecture = debian_architecture()?;
    let file = release.folder.join(format!("countersign_{}_{architecture}.deb", release.version));
    let mut build = Command::new("dpkg-deb");
    run(build.env("SOURCE_DATE_EPOCH", time()?).args(["--root-owner-group", "--build"]).arg(&tree).arg(&file))?;

    let tried = emptied(&release.folder.join("tried"))?;
    output(Command::new("dpkg-deb").arg("-x").arg(&file).arg(&tried))?;
    try_program(release, &tried.join("usr/bin/countersign"))?;
    Ok(Some(file))
}

/// Manual pages, completions, the guide and the licence.
fn documentation(release: &Release, share: &Path) -> Result<()> {
    let own = share.join("doc/countersign");
    copy(&root().join("LICENSE"), &own.join("copyright"))?;
    for file in ["README.md", "CHANGELOG.md"] {
        copy(&root().join(file), &own.join(file))?;
    }
    copy_folder(&root().join("docs"), &own.join("docs"))?;
    // Beside the guide as in the repository, so that its links lead there.
    copy_folder(&root().join("packaging/proxies"), &own.join("packaging/proxies"))?;
    let pages = share.join("man/man1");
    manual_pages(release, &pages)?;
    for page in fs::read_dir(&pages).context("the manual pages cannot be listed")? {
        output(Command::new("gzip").arg("-9n").arg(page?.path()))?;
    }
    let all = share.join("completions");
    completions(release, &all)?;
    copy(&all.join("bash/countersign"), &share.join("bash-completion/completions/countersign"))?;
    copy(&all.join("zsh/_countersign"), &share.join("zsh/vendor-completions/_countersign"))?;
    copy(&all.join("fish/countersign.fish"), &share.join("fish/vendor_completions.d/countersign.fish"))?;
    fs::remove_dir_all(all).context("the completions cannot be moved")
}

/// What dpkg reads: the description with its figures, the scripts, the files that an operator changes.
fn control(release: &Release, source: &Path, tree: &Path) -> Result<()> {
    let template = fs::read_to_string(source.join("control")).context("the description of the package cannot be read")?;
    let bytes = fs::read(&release.program).context("the program cannot be read")?;
    let text = template
        .replace("@VERSION@", &release.version)
        .replace("@ARCHITECTURE@", debian_architecture()?)
        .replace("@SIZE@", &kibibytes(tree)?.to_string())
        .replace("@GLIBC@", &newest_glibc(&bytes).context("the program names no version of glibc")?);
    let folder = tree.join("DEBIAN");
    write(&folder.join("control"), text)?;
    SCRIPTS.iter().chain(&["conffiles"]).try_for_each(|name| copy(&source.join(name), &folder.join(name)))
}

/// Files are for everybody to read, and programs and scripts to run.
fn permissions(tree: &Path) -> Result<()> {
    output(Command::new("chmod").arg("-R").arg("u=rwX,go=rX").arg(tree))?;
    let scripts = SCRIPTS.map(|name| tree.join("DEBIAN").join(name));
    for file in scripts.iter().chain(&[tree.join("usr/bin/countersign")]) {
        fs::set_permissions(file, fs::Permissions::from_mode(0o755))
            .with_context(|| format!("{} cannot be made to run", file.display()))?;
    }
    Ok(())
}

/// How much room the files of a folder take.
fn kibibytes(folder: &Path) -> Result<u64> {
    let mut sum = 0;
    for entry in fs::read_dir(folder).with_context(|| format!("{} cannot be listed", folder.display()))? {
        let entry = entry?;
        sum += if entry.file_type()?.is_dir() { kibibytes(&entry.path())? } else { entry.metadata()?.len().div_ceil(1024) };
    }
    Ok(sum)
}

/// The newest version of glibc whose symbols a program names: older systems cannot run the program.
pub(super) fn newest_glibc(program: &[u8]) -> Option<String> {
    const NAME: &[u8] = b"GLIBC_2.";
    let numbers = program.windows(NAME.len() + 3).filter(|window| window.starts_with(NAME)).filter_map(|window| {
        let digits = window[NAME.len()..].iter().take_while(|byte| byte.is_ascii_digit());
        digits.map(|byte| char::from(*byte)).collect::<String>().parse::<u32>().ok()
    });
    numbers.max().map(|minor| format!("2.{minor}"))
}

#[cfg(test)]
mod tests {
    use super::newest_glibc;

    #[test]
    fn the_newest_glibc_is_found_among_symbols() {
        let names = b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.17\0GLIBC_ABI_DT_RELR\0";
        assert_eq!(newest_glibc(names).as_deref(), Some("2.34"));
        assert_eq!(newest_glibc(b"nothing"), None);
    }
}
