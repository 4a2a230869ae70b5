//! The inventory for the terminal: by module and kind, three lines a piece.

use std::io::{self, Write};

use super::{Inventory, PERSISTENCES, Row, URGENCIES, cells, guide, summary};

pub(super) fn write(inventory: &Inventory, color: bool, out: &mut dyn Write) -> io::Result<()> {
    let paint = |text: &str, code: &str| {
        if color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    };
    let mut modules: Vec<&str> = inventory.rows.iter().map(|row| row.module.as_str()).collect();
    modules.sort_unstable();
    modules.dedup();
    for module in modules {
        let name = if module.is_empty() { "(no module)" } else { module };
        writeln!(out, "{}", paint(name, "1"))?;
        for urgency in URGENCIES {
            for persistence in PERSISTENCES {
                let fits = |row: &&Row| {
                    row.module == module && row.urgency == urgency && row.persistence == persistence
                };
                let rows: Vec<&Row> = inventory.rows.iter().filter(fits).collect();
                if rows.is_empty() {
                    continue;
                }
                writeln!(
                    out,
                    "\n  {}  {}",
                    paint(&format!("{urgency}, {persistence}"), "4"),
                    guide(urgency, persistence)
                )?;
                for row in rows {
                    piece(row, &paint, out)?;
                }
            }
        }
        writeln!(out)?;
    }
    matrix(inventory, out)?;
    writeln!(out, "{}", summary(inventory))
}

fn piece(row: &Row, paint: &dyn Fn(&str, &str) -> String, out: &mut dyn Write) -> io::Result<()> {
    let verdict = if row.change { paint("change", "33;1") } else { paint("ok", "32") };
    let what = if row.what.is_empty() { "?" } else { &row.what };
    writeln!(out, "    {verdict}  {what}  {}", row.api)?;
    writeln!(out, "        {}", paint(&format!("{}:{}", row.path, row.line), "2"))?;
    if !row.reasons.is_empty() {
        writeln!(out, "        because: {}", row.reasons.join("; "))?;
    }
    if row.change {
        writeln!(out, "        use: {}", row.recommended)?;
    }
    Ok(())
}

fn matrix(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let cells = cells(&inventory.rows);
    writeln!(out, "{:<14}{:>14}{:>16}", "", PERSISTENCES[0], PERSISTENCES[1])?;
    for urgency in URGENCIES {
        write!(out, "{urgency:<14}")?;
        for (persistence, width) in PERSISTENCES.into_iter().zip([14, 16]) {
            let (all, change) = cells.get(&(urgency, persistence)).copied().unwrap_or_default();
            let text = if change > 0 { format!("{all} ({change})") } else { all.to_string() };
            write!(out, "{text:>width$}")?;
        }
        writeln!(out)?;
    }
    writeln!(out, "(in parentheses: to change)\n")
}
