//! The page around every report in HTML: head, styles, script, filters. One file, nothing from elsewhere; what is inside
//! is the report's business.

use std::fmt;
use std::io::{self, Write};

const STYLE: &str = include_str!("page.css");
const SCRIPT: &str = include_str!("page.js");

/// Nothing is loaded, sent or embedded.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; base-uri 'none'; form-action 'none'";

/// A page: `parts` in order, each with its heading.
pub(crate) struct Page {
    pub(crate) title: String,
    /// HTML below the title: counts, tool, scope.
    pub(crate) head: String,
    /// HTML of the filters, if there is anything to filter.
    pub(crate) filters: Option<String>,
    pub(crate) parts: Vec<Part>,
    /// A line at the end, as text.
    pub(crate) foot: String,
}

/// A section with a heading and a name to link to.
pub(crate) struct Part {
    pub(crate) id: &'static str,
    pub(crate) title: String,
    /// HTML.
    pub(crate) body: String,
}

/// Writes a page.
///
/// # Errors
/// Those of `out`.
pub(crate) fn write(page: &Page, out: &mut dyn Write) -> io::Result<()> {
    writeln!(out, "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")?;
    writeln!(out, "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">")?;
    writeln!(out, "<meta name=\"color-scheme\" content=\"light dark\">")?;
    writeln!(out, "<meta http-equiv=\"Content-Security-Policy\" content=\"{POLICY}\">")?;
    writeln!(out, "<meta name=\"robots\" content=\"noindex\">")?;
    writeln!(out, "<title>{}</title>\n<style>\n{STYLE}</style>\n</head>", Escaped(&page.title))?;
    writeln!(out, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the report</a>")?;
    writeln!(out, "<header class=\"top\">\n<h1>{}</h1>\n{}\n</header>", Escaped(&page.title), page.head)?;
    let columns = if page.filters.is_some() { "columns" } else { "column" };
    writeln!(out, "<div class=\"{columns}\">")?;
    if let Some(filters) = &page.filters {
        writeln!(
            out,
            "<aside aria-label=\"Filters\" class=\"filters\" hidden>\n<details open><summary>Filters</summary>\n{filters}\n</details>\n</aside>"
        )?;
    }
    writeln!(out, "<main id=\"main\" tabindex=\"-1\">")?;
    if page.parts.len() > 1 {
        writeln!(out, "<nav aria-label=\"Parts of this page\" class=\"parts\"><ul>")?;
        for part in &page.parts {
            writeln!(out, "<li><a href=\"#{}\">{}</a></li>", part.id, Escaped(&part.title))?;
        }
        writeln!(out, "</ul></nav>")?;
    }
    for part in &page.parts {
        writeln!(out, "<section id=\"{0}\" aria-labelledby=\"{0}-title\">", part.id)?;
        writeln!(
            out,
            "<h2 id=\"{}-title\">{}</h2>\n{}\n</section>",
            part.id,
            Escaped(&part.title),
            part.body
        )?;
    }
    writeln!(out, "</main>\n</div>\n<footer>{}</footer>", Escaped(&page.foot))?;
    writeln!(out, "<script>\n{SCRIPT}</script>\n</body>\n</html>")
}

/// A text as content or attribute; what would move the cursor or the direction is replaced.
pub(crate) struct Escaped<'t>(pub(crate) &'t str);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for letter in self.0.chars() {
            match letter {
                '&' => f.write_str("&amp;")?,
                '<' => f.write_str("&lt;")?,
                '>' => f.write_str("&gt;")?,
                '"' => f.write_str("&quot;")?,
                '\'' => f.write_str("&#39;")?,
                '\t' | '\n' => write!(f, "{letter}")?,
                _ if letter.is_control() => f.write_str("\u{fffd}")?,
                '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => f.write_str("\u{fffd}")?,
                _ => write!(f, "{letter}")?,
            }
        }
        Ok(())
    }
}

/// A `<select>` with a label; the empty choice is everything.
pub(crate) fn choice(name: &str, label: &str, all: &str, values: &[(String, usize)]) -> String {
    let mut html = format!(
        "<p><label for=\"filter-{name}\">{label}</label>\n<select id=\"filter-{name}\" data-filter=\"{name}\">\n\
         <option value=\"\">{all}</option>\n"
    );
    for (value, count) in values {
        html.push_str(&format!("<option value=\"{0}\">{0} ({count})</option>\n", Escaped(value)));
    }
    html.push_str("</select></p>\n");
    html
}

/// Check boxes, all checked.
pub(crate) fn boxes(name: &str, legend: &str, values: &[(&str, usize)]) -> String {
    let mut html = format!("<fieldset>\n<legend>{legend}</legend>\n");
    for (value, count) in values {
        html.push_str(&format!(
            "<label class=\"box\"><input type=\"checkbox\" checked data-filter=\"{name}\" value=\"{value}\"> \
             <span class=\"chip {value}\">{value}</span> {count}</label>\n"
        ));
    }
    html.push_str("</fieldset>\n");
    html
}

/// A text field, how many entries are left, and a way back. Goes with every set of filters.
pub(crate) fn search(label: &str) -> String {
    format!(
        "<p><label for=\"filter-text\">{label}</label>\n\
         <input id=\"filter-text\" type=\"search\" data-filter=\"text\" autocomplete=\"off\" spellcheck=\"false\"></p>\n\
         <p role=\"status\" id=\"shown\"></p>\n<p><button type=\"button\" id=\"reset\">Show all</button></p>\n"
    )
}
