//! Blocks of lines: facts about one thing, aligned tables, sections. A block consists of cells and of words of this program, so
//! nothing in it moves a terminal's cursor.

use super::{
    cell::{Cell, Show},
    plain::{plain, plain_lines},
};
use std::{collections::BTreeMap, ops::Add};

/// Whole lines for the terminal.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text(String);

impl Text {
    /// No line.
    pub fn none() -> Self {
        Self::default()
    }

    /// One line.
    pub fn line(text: impl AsRef<str>) -> Self {
        Self(format!("{}\n", plain(text.as_ref())))
    }

    /// Text of several lines, which keeps its line breaks.
    pub fn lines(text: impl AsRef<str>) -> Self {
        let text = plain_lines(text.as_ref());
        if text.is_empty() { Self::none() } else { Self(text + "\n") }
    }

    /// The lines.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Without empty lines in front.
    pub fn without_gap_above(self) -> Self {
        Self(self.0.trim_start_matches('\n').to_owned())
    }
}

impl Add for Text {
    type Output = Self;

    fn add(self, below: Self) -> Self {
        Self(self.0 + &below.0)
    }
}

impl FromIterator<Self> for Text {
    fn from_iter<I: IntoIterator<Item = Self>>(blocks: I) -> Self {
        blocks.into_iter().fold(Self::none(), Self::add)
    }
}

/// Rows under headings, in columns that line up.
#[derive(Debug)]
pub struct Table(Vec<Vec<Cell>>);

impl Table {
    /// A table with these headings.
    pub fn new(headings: &[&str]) -> Self {
        let heading = |heading: &&str| if heading.is_empty() { Cell::blank() } else { Cell::new(heading) };
        Self(vec![headings.iter().map(heading).collect()])
    }

    /// Adds a row.
    pub fn row(&mut self, cells: &[&dyn Show]) {
        self.0.push(cells.iter().map(|value| value.cell()).collect());
    }

    /// A row for each of these things.
    pub fn of<'a, T: 'a>(headings: &[&str], things: impl IntoIterator<Item = &'a T>, row: impl Fn(&T) -> Vec<Cell>) -> Self {
        let mut table = Self::new(headings);
        table.0.extend(things.into_iter().map(row));
        table
    }

    /// The lines, one for each row; `none` where there are none. On a terminal a line is no longer than the terminal is wide, as long as
    /// each column keeps some characters.
    pub fn text(&self, none: &str) -> Text {
        match (self.0.len(), terminal_width()) {
            (1, _) => Text::lines(none),
            (_, None) => aligned(&self.0),
            (_, Some(width)) => aligned(&fitted(&self.0, width)),
        }
    }
}

/// Cells of several values, for a row of a table.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { vec![$($crate::text::Show::cell(&$value)),*] };
}
pub(crate) use cells;

/// Facts about one thing, a line each. What is not there is left out.
pub fn facts(rows: &[(&str, &dyn Show)]) -> Text {
    let rows = rows.iter().map(|(label, value)| vec![Cell::new(label), value.cell()]);
    aligned(&rows.filter(|row| !row[1].is_empty()).collect::<Vec<_>>())
}

/// `name  value` for each entry.
pub fn entries<T: Show>(entries: &BTreeMap<String, T>) -> Text {
    aligned(&entries.iter().map(|(name, value)| cells![name.as_str(), *value]).collect::<Vec<_>>())
}

/// Sentences, a line each.
pub fn sentences(sentences: &[String]) -> Text {
    sentences.iter().map(Text::line).collect()
}

/// A heading and text under it, two spaces in; nothing where the text is empty.
pub fn section(heading: &str, text: &Text) -> Text {
    if text.0.trim().is_empty() {
        return Text::none();
    }
    let lines: String = text.0.lines().map(|line| format!("  {line}\n")).collect();
    Text(format!("\n{heading}\n{lines}"))
}

/// How many characters of a column stay, whatever the width.
const LEAST: usize = 12;

/// How wide the terminal is that standard output goes to; none where it goes elsewhere, which takes everything.
fn terminal_width() -> Option<usize> {
    let terminal = console::Term::stdout();
    terminal.is_term().then(|| terminal.size_checked()).flatten().map(|(_, columns)| usize::from(columns))
}

/// The same cells, cut so that a line has at most so many characters: the widest columns first.
fn fitted(rows: &[Vec<Cell>], width: usize) -> Vec<Vec<Cell>> {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |column: usize| rows.iter().filter_map(|row| row.get(column)).map(Cell::width).max().unwrap_or(0);
    let mut widths: Vec<_> = (0..columns).map(widest).collect();
    while widths.iter().sum::<usize>() + 2 * columns.saturating_sub(1) > width {
        match widths.iter_mut().max() {
            Some(widest) if *widest > LEAST => *widest -= 1,
            _ => break,
        }
    }
    rows.iter().map(|row| row.iter().zip(&widths).map(|(cell, width)| cell.cut(*width)).collect()).collect()
}

/// Lines up the columns, two spaces apart, with nothing at the end of a line.
fn aligned(rows: &[Vec<Cell>]) -> Text {
    let columns = rows.iter().map(Vec::len).max().unwrap_or(0);
    let cells = |column: usize| rows.iter().filter_map(move |row| row.get(column));
    let widths: Vec<_> = (0..columns).map(|column| cells(column).map(Cell::width).max()).collect();
    let line = |row: &Vec<Cell>| {
        let cells: String =
            row.iter().zip(&widths).map(|(cell, width)| format!("{cell:width$}  ", width = width.unwrap_or(0))).collect();
        format!("{}\n", cells.trim_end())
    };
    Text(rows.iter().map(line).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_line_up() {
        let rows = [("a", Some("manager")), ("longer é", None)];
        let table = |rows| Table::of(&["NAME", "ROLE"], rows, |(name, role): &(&str, Option<&str>)| cells![*name, *role]);
        assert_eq!(table(&rows[..]).text("none").as_str(), "NAME      ROLE\na         manager\nlonger é  -\n");
        assert_eq!(table(&[]).text("No users.").as_str(), "No users.\n");
        assert_eq!(facts(&[("a", &1_u32), ("b", &None::<u32>)]).as_str(), "a  1\n");
    }

    #[test]
    fn a_table_fits_a_terminal_as_long_as_its_columns_can_be_read() {
        let long = "é".repeat(64);
        let rows = [cells!["NAME", "DIGEST"], cells!["tumour:1", long.as_str()]];
        let lines = |width| aligned(&fitted(&rows, width)).0.lines().map(str::to_owned).collect::<Vec<_>>();
        assert_eq!(lines(74)[1], format!("tumour:1  {long}"));
        assert_eq!(lines(30), ["NAME      DIGEST".to_owned(), format!("tumour:1  {}…", "é".repeat(19))]);
        assert_eq!(lines(1)[1].chars().count(), "tumour:1".len() + 2 + LEAST);
    }

    #[test]
    fn no_block_moves_the_cursor() {
        let hostile = "x\u{1b}[2J\u{9b}\r\u{202e}y";
        let mut table = Table::new(&["A"]);
        table.row(&[&hostile]);
        let map = BTreeMap::from([(hostile.to_owned(), hostile.to_owned())]);
        let blocks = [
            facts(&[("a", &hostile)]),
            table.text(""),
            table.text(hostile),
            Table::new(&["A"]).text(hostile),
            entries(&map),
            Text::line(hostile),
            Text::lines(format!("{hostile}\n{hostile}")),
        ];
        let text: Text = blocks.into_iter().map(|block| section("S", &block)).collect();
        assert!(text.as_str().chars().all(|c| c == '\n' || !super::super::plain::is_hidden(c)), "{text:?}");
        assert!(text.as_str().contains("x[2Jy"));
    }
}
