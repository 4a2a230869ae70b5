//! The inventory for a pull request or a job summary: the table of kinds, what should change, the rest folded.

use std::io::{self, Write};

use super::{Inventory, PERSISTENCES, Row, URGENCIES, cells, summary};

/// Rows of the folded part; more belong into another format. GitHub takes 65,536 characters in a comment.
const MOST: usize = 150;

pub(super) fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "## Background work\n\n{}.\n", summary(inventory))?;
    writeln!(out, "| | persistent | impersistent |\n|---|---:|---:|")?;
    let cells = cells(&inventory.rows);
    for urgency in URGENCIES {
        write!(out, "| **{urgency}** |")?;
        for persistence in PERSISTENCES {
            let (all, change) = cells.get(&(urgency, persistence)).copied().unwrap_or_default();
            match change {
                0 => write!(out, " {all} |")?,
                change => write!(out, " {all} ({change} to change) |")?,
            }
        }
        writeln!(out)?;
    }
    let (change, fine): (Vec<&Row>, Vec<&Row>) = inventory.rows.iter().partition(|row| row.change);
    if !change.is_empty() {
        writeln!(out, "\n### To change\n")?;
        list(&change, out)?;
    }
    if !fine.is_empty() {
        writeln!(out, "\n<details><summary>As it should be ({})</summary>\n", fine.len())?;
        list(&fine, out)?;
        writeln!(out, "\n</details>")?;
    }
    Ok(())
}

fn list(rows: &[&Row], out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "| Work | Started | Kind | Why | Recommended |\n|---|---|---|---|---|")?;
    for row in rows.iter().take(MOST) {
        let what = if row.what.is_empty() { row.api.clone() } else { format!("{} ({})", row.what, row.api) };
        writeln!(
            out,
            "| {} | `{}:{}` | {}, {} | {} | {} |",
            cell(&what),
            row.path.replace('`', ""),
            row.line,
            row.urgency,
            row.persistence,
            cell(&row.reasons.join("; ")),
            cell(&row.recommended)
        )?;
    }
    if rows.len() > MOST {
        writeln!(out, "\n… and {} more", rows.len() - MOST)?;
    }
    Ok(())
}

/// Text in a table cell.
fn cell(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '|' | '\\' | '`' | '*' | '_' | '<' | '>' | '[' | ']' => {
                safe.push('\\');
                safe.push(letter);
            }
            '\n' | '\r' => safe.push(' '),
            _ => safe.push(letter),
        }
    }
    safe
}
