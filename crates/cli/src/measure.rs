//! Why a text takes its parts, in words.

use client::MeasureView;

use crate::failure::Failure;
use crate::output::Output;

/// Prints what is worth knowing: characters that force UCS-2 or a national table, and what was replaced.
pub(crate) fn explain(out: &mut Output, measure: &MeasureView) -> Result<(), Failure> {
    for line in lines(measure) {
        out.line(line)?;
    }
    Ok(())
}

fn lines(measure: &MeasureView) -> Vec<String> {
    let mut lines = Vec::new();
    let tables = [
        (&measure.locking_shift, "locking"),
        (&measure.single_shift, "single"),
    ];
    for (language, table) in tables {
        if let Some(language) = language {
            lines.push(format!("with the {table} shift table of {language}"));
        }
    }
    if let Some(without) = measure.parts_without {
        let named: Vec<String> = measure
            .because
            .iter()
            .map(|of| {
                let times = if of.count == 1 {
                    String::new()
                } else {
                    format!(", {} times", of.count)
                };
                format!(
                    "{:?} ({}, character {}{times})",
                    of.char,
                    of.code,
                    of.position + 1
                )
            })
            .collect();
        let parts = if without == 1 { "part" } else { "parts" };
        lines.push(format!(
            "because of {}: {} not in GSM 7-bit; without, it would be {without} {parts}",
            named.join(", "),
            match measure.outside {
                1 => "1 character is".to_owned(),
                outside => format!("{outside} characters are"),
            }
        ));
    }
    for replaced in &measure.replaced {
        lines.push(format!(
            "replaced {:?} by {:?}, {} times",
            replaced.char, replaced.by, replaced.count
        ));
    }
    lines
}

#[cfg(test)]
mod tests;
