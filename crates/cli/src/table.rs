//! Aligned tables for people: columns as wide as their widest cell, two spaces apart, no frame.
//!
//! Widths are counted in characters; what we print is ASCII but for message texts, which come last in a row.

use crate::paint::{Colours, Tint};
use crate::plain::on_one_line;

/// How a column is aligned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Align {
    /// Words.
    Left,
    /// Numbers.
    Right,
}

/// A table being gathered.
pub(crate) struct Table {
    columns: Vec<(&'static str, Align)>,
    rows: Vec<Vec<Cell>>,
}

/// One cell: its text, and the tint it gets on a terminal.
pub(crate) struct Cell {
    text: String,
    tint: Tint,
}

impl Cell {
    pub(crate) fn tinted(text: impl Into<String>, tint: Tint) -> Cell {
        Cell {
            text: text.into(),
            tint,
        }
    }
}

impl<T: ToString> From<T> for Cell {
    fn from(value: T) -> Cell {
        Cell {
            text: value.to_string(),
            tint: Tint::Plain,
        }
    }
}

impl Table {
    /// A table with these headings, in capitals by custom.
    pub(crate) fn new(columns: &[(&'static str, Align)]) -> Table {
        Table {
            columns: columns.to_vec(),
            rows: Vec::new(),
        }
    }

    /// Adds a row, one cell a column.
    pub(crate) fn row(&mut self, cells: Vec<Cell>) {
        assert_eq!(cells.len(), self.columns.len(), "one cell a column");
        self.rows.push(cells);
    }

    /// The table as lines, without a line end after the last. A cell never breaks its row.
    pub(crate) fn render(&self, colours: Colours) -> String {
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|column| self.width(column))
            .collect();
        let headings: Vec<Cell> = self
            .columns
            .iter()
            .map(|(name, _)| Cell::tinted(*name, Tint::Dim))
            .collect();
        let mut lines = vec![self.line(&headings, &widths, colours)];
        lines.extend(self.rows.iter().map(|row| self.line(row, &widths, colours)));
        lines.join("\n")
    }

    fn width(&self, column: usize) -> usize {
        let cells = self.rows.iter().map(|row| row[column].text.chars().count());
        cells.max().unwrap_or(0).max(self.columns[column].0.len())
    }

    fn line(&self, cells: &[Cell], widths: &[usize], colours: Colours) -> String {
        let mut line = String::new();
        for (index, (cell, &width)) in cells.iter().zip(widths).enumerate() {
            let text = on_one_line(&cell.text);
            let gap = " ".repeat(width - text.chars().count());
            if index > 0 {
                line.push_str("  ");
            }
            if self.columns[index].1 == Align::Right {
                line.push_str(&gap);
            }
            line.push_str(&colours.paint(&text, cell.tint));
            if self.columns[index].1 == Align::Left {
                line.push_str(&gap);
            }
        }
        line.trim_end().to_owned()
    }
}

#[cfg(test)]
mod tests;
