//! How records become rows and rows become records: one module a table, and what they share.
//!
//! Reading trusts nothing: a value that no version wrote is a [`Fault`] that names table, row and column. The value itself
//! is shown only where the column holds words, never where it holds what apps or people wrote.

pub(crate) mod absolute;
pub(crate) mod address;
pub(crate) mod health;
pub(crate) mod kept;
pub(crate) mod message;
pub(crate) mod pin;
pub(crate) mod recipient;
pub(crate) mod record;
pub(crate) mod suppression;
pub(crate) mod text;
pub(crate) mod warning;
pub(crate) mod words;

use gateway::UnixMs;
use rusqlite::Row;
use rusqlite::types::ValueRef;

use crate::error::Fault;

/// A row being read. Its first column is `seq`.
pub(crate) struct Cells<'r> {
    row: &'r Row<'r>,
    table: &'static str,
}

impl<'r> Cells<'r> {
    pub(crate) fn new(row: &'r Row<'r>, table: &'static str) -> Self {
        Cells { row, table }
    }

    pub(crate) fn integer(&self, column: usize) -> Result<i64, Fault> {
        self.integer_or_null(column)?
            .ok_or_else(|| self.bad(column, "nothing"))
    }

    pub(crate) fn integer_or_null(&self, column: usize) -> Result<Option<i64>, Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Integer(value) => Ok(Some(value)),
            ValueRef::Real(_) | ValueRef::Text(_) | ValueRef::Blob(_) => {
                Err(self.bad(column, "no integer"))
            }
        }
    }

    /// An integer that fits a smaller type.
    pub(crate) fn number<T: TryFrom<i64>>(&self, column: usize) -> Result<T, Fault> {
        let value = self.integer(column)?;
        T::try_from(value).map_err(|_| self.bad(column, &value.to_string()))
    }

    pub(crate) fn number_or_null<T: TryFrom<i64>>(
        &self,
        column: usize,
    ) -> Result<Option<T>, Fault> {
        match self.integer_or_null(column)? {
            None => Ok(None),
            Some(_) => self.number(column).map(Some),
        }
    }

    /// A count or a record's number.
    pub(crate) fn count(&self, column: usize) -> Result<u64, Fault> {
        let count: u64 = self.number(column)?;
        if count > COUNT_MAX {
            return Err(self.bad(column, &count.to_string()));
        }
        Ok(count)
    }

    pub(crate) fn count_or_null(&self, column: usize) -> Result<Option<u64>, Fault> {
        match self.integer_or_null(column)? {
            None => Ok(None),
            Some(_) => self.count(column).map(Some),
        }
    }

    /// A pattern of 64 bits, such as a digest.
    pub(crate) fn pattern(&self, column: usize) -> Result<u64, Fault> {
        Ok(self.integer(column)?.cast_unsigned())
    }

    pub(crate) fn time(&self, column: usize) -> Result<UnixMs, Fault> {
        self.integer(column).map(UnixMs)
    }

    pub(crate) fn time_or_null(&self, column: usize) -> Result<Option<UnixMs>, Fault> {
        Ok(self.integer_or_null(column)?.map(UnixMs))
    }

    pub(crate) fn yes(&self, column: usize) -> Result<bool, Fault> {
        match self.integer(column)? {
            0 => Ok(false),
            1 => Ok(true),
            value => Err(self.bad(column, &value.to_string())),
        }
    }

    /// Text that apps or people wrote.
    pub(crate) fn text(&self, column: usize) -> Result<&'r str, Fault> {
        self.text_or_null(column)?
            .ok_or_else(|| self.bad(column, "nothing"))
    }

    pub(crate) fn text_or_null(&self, column: usize) -> Result<Option<&'r str>, Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Null => Ok(None),
            ValueRef::Text(octets) => std::str::from_utf8(octets)
                .map(Some)
                .map_err(|_| self.bad(column, "no UTF-8")),
            ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Blob(_) => {
                Err(self.bad(column, "no text"))
            }
        }
    }

    /// One of the words that `parse` knows.
    pub(crate) fn word<T>(
        &self,
        column: usize,
        parse: impl Fn(&str) -> Option<T>,
    ) -> Result<T, Fault> {
        let word = self.text(column)?;
        parse(word).ok_or_else(|| self.bad_word(column, word))
    }

    pub(crate) fn octets(&self, column: usize) -> Result<&'r [u8], Fault> {
        match self.row.get_ref(column)? {
            ValueRef::Blob(octets) => Ok(octets),
            ValueRef::Null | ValueRef::Integer(_) | ValueRef::Real(_) | ValueRef::Text(_) => {
                Err(self.bad(column, "no octets"))
            }
        }
    }

    /// The fault of a column that holds a word which `parse` does not know.
    pub(crate) fn bad_word(&self, column: usize, word: &str) -> Fault {
        let shown: String = word.chars().take(WORD_SHOWN_MAX).collect();
        self.bad(column, &format!("{shown:?}"))
    }

    /// The fault of a column that holds what no version wrote.
    pub(crate) fn bad(&self, column: usize, found: &str) -> Fault {
        let statement: &rusqlite::Statement<'_> = self.row.as_ref();
        let name = statement.column_name(column).unwrap_or("?");
        let row = match self.row.get_ref(0) {
            Ok(ValueRef::Integer(seq)) => seq.to_string(),
            Ok(_) | Err(_) => "?".to_owned(),
        };
        Fault::Damaged(format!(
            "row {row} of table `{}` holds {found} in column `{name}`, which no version of this program wrote",
            self.table
        ))
    }
}

/// Nothing is counted this far: at a million a second it takes nine years. Below it no sum and no next number overflows.
const COUNT_MAX: u64 = 1 << 48;

/// Characters of an unknown word that an error shows.
const WORD_SHOWN_MAX: usize = 40;
