//! The inventory as one self-contained page: the table of kinds, filters, and a list that the page's script fills.
//!
//! Rows are data, not HTML: 5,000 of them stay well under a megabyte, and only what is looked at is laid out.

use std::collections::BTreeMap;
use std::io::{self, Write};

use crate::report::html::shell::{self, Escaped, Page, Part};

use super::{Inventory, PERSISTENCES, Row, URGENCIES, cells, guide, summary};

const SCRIPT: &str = include_str!("inventory.js");
const STYLE: &str = include_str!("inventory.css");

pub(super) fn write(inventory: &Inventory, out: &mut dyn Write) -> io::Result<()> {
    let title = match inventory.root.as_str() {
        "" => "Background work".to_owned(),
        root => format!("Background work of {root}"),
    };
    let page = Page {
        title,
        head: format!("<p>{}.</p>", Escaped(&summary(inventory))),
        filters: (!inventory.rows.is_empty()).then(|| filters(&inventory.rows)),
        parts: vec![
            Part { id: "kinds", title: "Kinds".to_owned(), body: matrix(&inventory.rows) },
            Part { id: "work", title: "Work".to_owned(), body: list(&inventory.rows) },
        ],
        foot: format!("worklint {}", env!("CARGO_PKG_VERSION")),
    };
    shell::write(&page, out)
}

/// The six kinds with their counts; each is a button that filters.
fn matrix(rows: &[Row]) -> String {
    let cells = cells(rows);
    let mut html = format!(
        "<style>\n{STYLE}</style>\n<div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"Kinds of work\">\n<table class=\"kinds\">\n<caption>How many of each kind, and what the platform's guide has for it</caption>\n<thead><tr><td></td>"
    );
    for persistence in PERSISTENCES {
        html.push_str(&format!("<th scope=\"col\">{persistence}</th>"));
    }
    html.push_str("</tr></thead>\n<tbody>\n");
    for urgency in URGENCIES {
        html.push_str(&format!("<tr><th scope=\"row\">{urgency}</th>"));
        for persistence in PERSISTENCES {
            let (all, change) = cells.get(&(urgency, persistence)).copied().unwrap_or_default();
            let changes = if change > 0 {
                format!(" <span class=\"chip warning\">{change} to change</span>")
            } else {
                String::new()
            };
            html.push_str(&format!(
                "<td><span class=\"column-name\">{persistence}</span><button type=\"button\" class=\"kind\" data-urgency=\"{urgency}\" data-persistence=\"{persistence}\" \
                 aria-label=\"Show {urgency}, {persistence}: {all}, {change} to change\"><strong>{all}</strong>{changes}</button>\
                 <p class=\"guide\">{}</p></td>",
                Escaped(guide(urgency, persistence))
            ));
        }
        html.push_str("</tr>\n");
    }
    html.push_str("</tbody>\n</table>\n</div>");
    html
}

fn filters(rows: &[Row]) -> String {
    let counted = |of: &dyn Fn(&Row) -> String| -> Vec<(String, usize)> {
        let mut numbers: BTreeMap<String, usize> = BTreeMap::new();
        rows.iter().for_each(|row| *numbers.entry(of(row)).or_default() += 1);
        numbers.into_iter().collect()
    };
    let mut html = shell::search("Search in work");
    html.push_str(&shell::choice("verdict", "Verdict", "Any", &counted(&|row| verdict(row).to_owned())));
    html.push_str(&shell::choice("urgency", "Urgency", "Any", &counted(&|row| row.urgency.to_owned())));
    html.push_str(&shell::choice(
        "persistence",
        "Persistence",
        "Any",
        &counted(&|row| row.persistence.to_owned()),
    ));
    html.push_str(&shell::choice("api", "API", "Any", &counted(&|row| row.api.clone())));
    let modules = counted(&|row| row.module.clone());
    if modules.len() > 1 {
        html.push_str(&shell::choice("module", "Module", "All modules", &modules));
    }
    html
}

fn verdict(row: &Row) -> &'static str {
    if row.change { "change" } else { "ok" }
}

/// The table's head, and the rows as data.
fn list(rows: &[Row]) -> String {
    if rows.is_empty() {
        return "<p class=\"nothing\">No background work was found.</p>".to_owned();
    }
    let mut strings = Strings::default();
    let data: Vec<Vec<serde_json::Value>> = rows.iter().map(|row| fields(row, &mut strings)).collect();
    let data = serde_json::json!({ "strings": strings.all, "rows": data });
    // `</script>` in a string would end the element.
    let data = data.to_string().replace('<', "\\u003c");
    format!(
        "<noscript><p>The list needs JavaScript; <code>worklint inventory --format markdown</code> does not.</p></noscript>\n\
         <p class=\"nothing\" id=\"nothing-left\" hidden>No work matches the filters.</p>\n\
         <div class=\"wide\" tabindex=\"0\" role=\"region\" aria-label=\"List of work\">\n<table class=\"work\">\n\
         <thead><tr><th scope=\"col\">Work</th><th scope=\"col\">Kind</th><th scope=\"col\">Why</th>\
         <th scope=\"col\">Recommended</th></tr></thead>\n<tbody id=\"rows\"></tbody>\n</table>\n</div>\n\
         <p><button type=\"button\" id=\"more\" hidden>Show more</button></p>\n\
         <script type=\"application/json\" id=\"data\">{data}</script>\n<script>\n{SCRIPT}</script>"
    )
}

/// Texts, each once.
#[derive(Default)]
struct Strings {
    all: Vec<String>,
    known: BTreeMap<String, usize>,
}

impl Strings {
    fn number(&mut self, text: &str) -> serde_json::Value {
        if let Some(known) = self.known.get(text) {
            return (*known).into();
        }
        let number = self.all.len();
        self.all.push(text.to_owned());
        self.known.insert(text.to_owned(), number);
        number.into()
    }
}

/// In the order that the script reads.
fn fields(row: &Row, strings: &mut Strings) -> Vec<serde_json::Value> {
    let mut fields = vec![
        strings.number(&row.module),
        strings.number(&row.path),
        row.line.into(),
        strings.number(&row.symbol),
        strings.number(&row.what),
        strings.number(&row.api),
        strings.number(row.urgency),
        strings.number(row.persistence),
        strings.number(row.certainty),
        strings.number(&row.recommended),
        strings.number(verdict(row)),
    ];
    fields.extend(row.reasons.iter().map(|reason| strings.number(reason)));
    fields
}
