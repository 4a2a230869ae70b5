//! The inventory for programs.

use std::io::{self, Write};

use serde::Serialize;

use super::{Inventory, Row};

#[derive(Serialize)]
struct Document<'i> {
    version: u8,
    root: &'i str,
    files: usize,
    modules: usize,
    work: Vec<Piece<'i>>,
}

#[derive(Serialize)]
struct Piece<'i> {
    module: &'i str,
    path: &'i str,
    line: u32,
    symbol: &'i str,
    what: &'i str,
    api: &'i str,
    urgency: &'i str,
    persistence: &'i str,
    certainty: &'i str,
    reasons: &'i [String],
    recommended: &'i str,
    verdict: &'static str,
}

pub(super) fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let work = inventory.rows.iter().map(piece).collect();
    let document = Document {
        version: 1,
        root: &inventory.root,
        files: inventory.files,
        modules: inventory.modules,
        work,
    };
    serde_json::to_writer_pretty(&mut *out, &document)?;
    writeln!(out)
}

fn piece(row: &Row) -> Piece<'_> {
    Piece {
        module: &row.module,
        path: &row.path,
        line: row.line,
        symbol: &row.symbol,
        what: &row.what,
        api: &row.api,
        urgency: row.urgency,
        persistence: row.persistence,
        certainty: row.certainty,
        reasons: &row.reasons,
        recommended: &row.recommended,
        verdict: if row.change { "change" } else { "ok" },
    }
}
