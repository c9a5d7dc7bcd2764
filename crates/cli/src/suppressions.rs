//! `suppressions`: who is on the list, and putting on and taking off.

use client::{Client, SuppressionChange, SuppressionView};

use crate::args::{SuppressionAction, SuppressionsArguments};
use crate::failure::Failure;
use crate::output::{Output, column_time};
use crate::table::Align::Left;
use crate::table::Table;

/// The whole list, or a change of it.
pub(crate) async fn suppressions(
    client: &Client,
    out: &mut Output,
    arguments: SuppressionsArguments,
) -> Result<(), Failure> {
    match arguments.action {
        None => list(client, out).await,
        Some(SuppressionAction::Add { to, reason }) => {
            let change = client.suppress(&to, reason).await?;
            done(out, &change)
        }
        Some(SuppressionAction::Remove { to }) => {
            let change = client.unsuppress(&to).await?;
            done(out, &change)
        }
    }
}

fn done(out: &mut Output, change: &SuppressionChange) -> Result<(), Failure> {
    if out.is_json() {
        return out.object(change);
    }
    out.line(if change.suppressed {
        "nothing is sent to this recipient any more"
    } else {
        "the recipient is off the list"
    })
}

/// Page by page, so that a long list is shown as it comes.
async fn list(client: &Client, out: &mut Output) -> Result<(), Failure> {
    let mut cursor = None;
    loop {
        let page = client.suppressions(cursor.as_deref()).await?;
        if out.is_json() {
            page.suppressions.iter().try_for_each(|of| out.object(of))?;
        } else if cursor.is_none() && page.suppressions.is_empty() {
            out.line("nobody is on the list")?;
        } else {
            out.table(&table(&page.suppressions))?;
        }
        cursor = page.next_cursor;
        if cursor.is_none() {
            return Ok(());
        }
    }
}

fn table(suppressions: &[SuppressionView]) -> Table {
    let mut table = Table::new(&[("RECIPIENT", Left), ("SINCE", Left), ("REASON", Left)]);
    for of in suppressions {
        table.row(vec![
            of.to.as_str().into(),
            column_time(&of.since).into(),
            of.reason.as_deref().unwrap_or("-").into(),
        ]);
    }
    table
}
