//! The columns that a CSV may have: the names of the API, each with how its cells are read.
//!
//! Words, durations and numbers of phones go to the daemon as they stand; here is only what JSON has no text for.

use client::MessageRequest;

/// A column, and what a cell of it does to the row's request.
pub(super) struct Column {
    pub(super) name: &'static str,
    /// Takes a cell that is not empty.
    pub(super) set: fn(&mut MessageRequest, &str) -> Result<(), String>,
}

/// Every field of a message that a row can have.
pub(super) static COLUMNS: [Column; 18] = [
    column("to", |row, cell| text(&mut row.to, cell)),
    column("text", |row, cell| text(&mut row.text, cell)),
    column("class", |row, cell| word(&mut row.class, cell)),
    column("expires_in", |row, cell| word(&mut row.expires_in, cell)),
    column("key", |row, cell| word(&mut row.key, cell)),
    column("app", |row, cell| word(&mut row.app, cell)),
    column("route", |row, cell| word(&mut row.route, cell)),
    column("report", |row, cell| yes_or_no(&mut row.report, cell)),
    column("in_doubt", |row, cell| word(&mut row.in_doubt, cell)),
    column("send_at", |row, cell| word(&mut row.send_at, cell)),
    column("encoding", |row, cell| word(&mut row.encoding, cell)),
    column("national_tables", |row, cell| {
        list(&mut row.national_tables, cell)
    }),
    column("transliterate", |row, cell| {
        word(&mut row.transliterate, cell)
    }),
    column("flash", |row, cell| yes_or_no(&mut row.flash, cell)),
    column("replace", |row, cell| number(&mut row.replace, cell)),
    column("data", |row, cell| word(&mut row.data, cell)),
    column("destination_port", |row, cell| {
        number(&mut row.destination_port, cell)
    }),
    column("source_port", |row, cell| {
        number(&mut row.source_port, cell)
    }),
];

/// The names of all columns, for people.
pub(super) fn names() -> String {
    COLUMNS.each_ref().map(|column| column.name).join(", ")
}

const fn column(
    name: &'static str,
    set: fn(&mut MessageRequest, &str) -> Result<(), String>,
) -> Column {
    Column { name, set }
}

fn text(field: &mut String, cell: &str) -> Result<(), String> {
    cell.clone_into(field);
    Ok(())
}

fn word(field: &mut Option<String>, cell: &str) -> Result<(), String> {
    *field = Some(cell.to_owned());
    Ok(())
}

fn yes_or_no(field: &mut Option<bool>, cell: &str) -> Result<(), String> {
    *field = match cell.trim().to_ascii_lowercase().as_str() {
        "true" | "yes" | "1" => Some(true),
        "false" | "no" | "0" => Some(false),
        _ => return Err(format!("{cell:?} is neither true nor false")),
    };
    Ok(())
}

fn number<T: TryFrom<u32>>(field: &mut Option<T>, cell: &str) -> Result<(), String> {
    let number: Option<u32> = cell.trim().parse().ok();
    let number = number.and_then(|number| T::try_from(number).ok());
    *field = Some(number.ok_or_else(|| format!("{cell:?} is no number, or out of range"))?);
    Ok(())
}

/// Names between blanks, commas or semicolons; `none` for none.
fn list(field: &mut Option<Vec<String>>, cell: &str) -> Result<(), String> {
    let names = cell.split([' ', ',', ';']).filter(|name| !name.is_empty());
    *field = Some(
        names
            .filter(|name| *name != NONE)
            .map(str::to_owned)
            .collect(),
    );
    Ok(())
}

/// How an empty list is written where an empty cell means the default.
pub(crate) const NONE: &str = "none";
