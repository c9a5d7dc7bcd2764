//! `simfleet causes`: what the codes of refusals mean, and what is done about them.

use daemon::config::{CauseEntry, Causes, Config};
use serde_json::json;

use crate::args::CausesArguments;
use crate::failure::Failure;
use crate::output::Output;
use crate::table::{Align, Table};

/// Explains one code, or lists all.
pub(crate) fn causes(out: &mut Output, asked: &CausesArguments) -> Result<(), Failure> {
    let causes = match &asked.config {
        None => Causes::built_in(),
        Some(config) => {
            let config = Config::load(config)
                .map_err(|faults| Failure::Configuration(faults.to_string()))?;
            config.settings().causes.clone()
        }
    };
    let entries = match &asked.code {
        None => causes.entries(),
        Some(code) => causes.explain(code),
    };
    if let (Some(code), true) = (&asked.code, entries.is_empty()) {
        return Err(Failure::Usage(format!(
            "`{code}` is no cause: write a number from 0 to 65535, cms_38, cme_14, error, no_prompt or line_lost"
        )));
    }
    if out.is_json() {
        return entries
            .iter()
            .try_for_each(|entry| out.object(&object(entry)));
    }
    if asked.code.is_some() {
        return entries.iter().try_for_each(|entry| explain(out, entry));
    }
    list(out, &entries)
}

fn object(entry: &CauseEntry) -> serde_json::Value {
    let rule = &entry.rule;
    let suspect = rule.suspect.map(|suspect| suspect.as_str());
    json!({
        "scope": entry.scope.to_string(), "family": entry.family, "code": entry.code, "name": rule.name,
        "class": rule.class.as_str(), "wait_s": rule.wait.as_secs(), "count": rule.count,
        "then": rule.then.as_str(), "suspect": suspect, "note": rule.note,
    })
}

fn explain(out: &mut Output, entry: &CauseEntry) -> Result<(), Failure> {
    let rule = &entry.rule;
    let family = title(entry.family);
    out.line(format_args!(
        "{family} {} ({}): {}",
        entry.code, entry.scope, rule.name
    ))?;
    out.line(format_args!(
        "  class    {}: {}",
        rule.class.as_str(),
        rule.class.meaning()
    ))?;
    if rule.then != rule.class {
        out.line(format_args!(
            "  then     {} after {} refusals of one message: {}",
            rule.then.as_str(),
            rule.count,
            rule.then.meaning()
        ))?;
    }
    out.line(format_args!(
        "  wait     {} s at first, doubled at each refusal",
        rule.wait.as_secs()
    ))?;
    if let Some(suspect) = rule.suspect {
        out.line(format_args!(
            "  suspect  {}: {}",
            suspect.as_str(),
            suspect.meaning()
        ))?;
    }
    match &rule.note {
        Some(note) => out.line(format_args!("  note     {note}")),
        None => Ok(()),
    }
}

fn list(out: &mut Output, entries: &[CauseEntry]) -> Result<(), Failure> {
    let left = |name| (name, Align::Left);
    let mut table = Table::new(&[
        left("WHERE"),
        left("CODE"),
        left("CLASS"),
        ("WAIT", Align::Right),
        left("THEN"),
        left("NAME"),
    ]);
    for entry in entries {
        let rule = &entry.rule;
        let then = if rule.then == rule.class {
            String::new()
        } else {
            format!("{} after {}", rule.then.as_str(), rule.count)
        };
        table.row(vec![
            (&entry.scope).into(),
            format!("{} {}", title(entry.family), entry.code).into(),
            rule.class.as_str().into(),
            format!("{} s", rule.wait.as_secs()).into(),
            then.into(),
            (&rule.name).into(),
        ]);
    }
    out.table(&table)
}

fn title(family: &str) -> &'static str {
    match family {
        "cms" => "+CMS ERROR",
        "cme" => "+CME ERROR",
        _ => "other",
    }
}
