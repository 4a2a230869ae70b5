//! How text is written: colour, characters, width.

use crate::findings::Severity;

/// What the reader's terminal can do, and how much is wanted.
#[derive(Clone, Copy, Debug)]
pub struct Style {
    pub color: bool,
    /// Else plain ASCII in everything but quoted source text.
    pub unicode: bool,
    pub width: usize,
    /// Findings written by text formats; the summary names the rest.
    pub max_findings: usize,
    /// Rule ids are links to their pages.
    pub links: bool,
}

impl Style {
    /// The character, or what stands for it in plain ASCII.
    pub(super) fn pick(&self, unicode: &'static str, ascii: &'static str) -> &'static str {
        if self.unicode { unicode } else { ascii }
    }

    pub(super) fn bold(&self, text: &str) -> String {
        self.painted("1", text)
    }

    /// A text in the colour of a severity.
    pub(super) fn severity(&self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Error => "1;31",
            Severity::Warning => "1;33",
            Severity::Info => "36",
        };
        self.painted(code, text)
    }

    /// A text that leads somewhere when clicked.
    pub(super) fn linked(&self, text: &str, url: &str) -> String {
        if self.links { format!("\u{1b}]8;;{url}\u{1b}\\{text}\u{1b}]8;;\u{1b}\\") } else { text.to_owned() }
    }

    fn painted(&self, code: &str, text: &str) -> String {
        if self.color { format!("\u{1b}[{code}m{text}\u{1b}[0m") } else { text.to_owned() }
    }
}
