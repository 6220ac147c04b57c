//! A file that rotates at a size and keeps some earlier files.

use super::options::QueryLogOptions;
use std::{
    fs::{self, File},
    io::{self, BufWriter, Read, Seek, SeekFrom, Write},
    os::unix::fs::OpenOptionsExt,
    path::{Path, PathBuf},
};

/// The file.
pub(super) struct RotatingFile {
    path: PathBuf,
    most_bytes: u64,
    kept: usize,
    /// `None` after a failure: the next write opens it again.
    open: Option<(BufWriter<File>, u64)>,
}

impl RotatingFile {
    pub(super) fn open(options: &QueryLogOptions) -> io::Result<Self> {
        let QueryLogOptions { file, file_bytes, kept, .. } = options.clone();
        let open = Some(open(&file)?);
        Ok(Self { path: file, most_bytes: file_bytes, kept, open })
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    /// Writes a line, into a new file where it does not fit into the present one.
    pub(super) fn write(&mut self, line: &[u8]) -> io::Result<()> {
        let (mut file, mut length) = match self.open.take() {
            Some(open) => open,
            None => open(&self.path)?,
        };
        if length > 0 && length + line.len() as u64 > self.most_bytes {
            file.flush()?;
            self.rotate()?;
            (file, length) = open(&self.path)?;
        }
        file.write_all(line)?;
        self.open = Some((file, length + line.len() as u64));
        Ok(())
    }

    /// Gives the written bytes to the operating system.
    pub(super) fn flush(&mut self) -> io::Result<()> {
        let Some((mut file, length)) = self.open.take() else { return Ok(()) };
        file.flush()?;
        self.open = Some((file, length));
        Ok(())
    }

    fn rotate(&self) -> io::Result<()> {
        let numbered = |number: usize| {
            let mut name = self.path.clone().into_os_string();
            name.push(format!(".{number}"));
            PathBuf::from(name)
        };
        if self.kept == 0 {
            return fs::remove_file(&self.path);
        }
        for number in (1..self.kept).rev() {
            if fs::exists(numbered(number))? {
                fs::rename(numbered(number), numbered(number + 1))?;
            }
        }
        fs::rename(&self.path, numbered(1))
    }
}

fn open(path: &Path) -> io::Result<(BufWriter<File>, u64)> {
    // It may hold personal data: only the node's own user reads it.
    let file = File::options().append(true).create(true).mode(0o600).open(path)?;
    let mut length = file.metadata()?.len();
    let mut file = BufWriter::new(file);
    // A line that was cut off must not spoil the next line.
    if length > 0 && last_byte(path)? != b'\n' {
        file.write_all(b"\n")?;
        length += 1;
    }
    Ok((file, length))
}

fn last_byte(path: &Path) -> io::Result<u8> {
    let (mut file, mut last) = (File::open(path)?, [0]);
    file.seek(SeekFrom::End(-1))?;
    file.read_exact(&mut last)?;
    Ok(last[0])
}
