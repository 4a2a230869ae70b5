//! What the terminal can do: colour, characters, width. The only reader of environment variables for output.

use std::io::IsTerminal;

use crate::report::Style;

use super::args::When;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Stream {
    Out,
    Err,
}

/// Width of reports that go elsewhere.
const WIDTH: usize = 100;

pub(super) fn style(when: When, stream: Stream, max_findings: usize) -> Style {
    let terminal = match stream {
        Stream::Out => std::io::stdout().is_terminal(),
        Stream::Err => std::io::stderr().is_terminal(),
    };
    let variable = |name: &str| std::env::var_os(name).map(|it| it.to_string_lossy().into_owned());
    Style {
        color: color(when, terminal, variable),
        unicode: unicode(variable),
        width: if terminal { width() } else { WIDTH },
        max_findings: if max_findings == 0 { usize::MAX } else { max_findings },
    }
}

fn color(when: When, terminal: bool, variable: impl Fn(&str) -> Option<String>) -> bool {
    let set = |name: &str| variable(name).is_some_and(|it| !it.is_empty());
    let forced = |name: &str| variable(name).is_some_and(|it| !it.is_empty() && it != "0");
    match when {
        When::Always => true,
        When::Never => false,
        When::Auto if set("NO_COLOR") => false,
        When::Auto if forced("FORCE_COLOR") || forced("CLICOLOR_FORCE") => true,
        When::Auto => terminal && !is_dumb(variable),
    }
}

fn unicode(variable: impl Fn(&str) -> Option<String>) -> bool {
    if is_dumb(&variable) {
        return false;
    }
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"].into_iter().filter_map(&variable).find(|it| !it.is_empty());
    match locale {
        Some(locale) => locale.to_ascii_lowercase().replace('-', "").contains("utf8"),
        // Windows has no such variables, and terminals that show Unicode.
        None => cfg!(windows),
    }
}

fn is_dumb(variable: impl Fn(&str) -> Option<String>) -> bool {
    variable("TERM").is_some_and(|it| it == "dumb")
}

fn width() -> usize {
    terminal_size::terminal_size().map_or(WIDTH, |(width, _)| usize::from(width.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn among<'a>(variables: &'a [(&'a str, &'a str)]) -> impl Fn(&str) -> Option<String> + 'a {
        |name| variables.iter().find(|it| it.0 == name).map(|it| it.1.to_owned())
    }

    #[test]
    fn colour_precedence() {
        let auto = |terminal, variables: &[(&str, &str)]| color(When::Auto, terminal, among(variables));
        assert!(auto(true, &[]) && !auto(false, &[]));
        assert!(!auto(true, &[("NO_COLOR", "1")]) && auto(true, &[("NO_COLOR", "")]));
        assert!(!auto(true, &[("NO_COLOR", "1"), ("FORCE_COLOR", "1")]));
        assert!(auto(false, &[("FORCE_COLOR", "1")]) && !auto(false, &[("FORCE_COLOR", "0")]));
        assert!(auto(false, &[("CLICOLOR_FORCE", "1")]));
        assert!(!auto(true, &[("TERM", "dumb")]));
        assert!(color(When::Always, false, among(&[("NO_COLOR", "1")])));
        assert!(!color(When::Never, true, among(&[("FORCE_COLOR", "1")])));
    }

    #[test]
    fn ascii_unless_the_locale_is_utf8() {
        let of = |variables: &[(&str, &str)]| unicode(among(variables));
        assert!(of(&[("LANG", "de_DE.UTF-8")]) && of(&[("LC_ALL", "C.utf8")]));
        assert!(!of(&[("LC_ALL", "C"), ("LANG", "de_DE.UTF-8")]));
        assert!(of(&[("LC_ALL", ""), ("LANG", "de_DE.UTF-8")]));
        assert!(!of(&[("LANG", "de_DE.UTF-8"), ("TERM", "dumb")]));
    }
}
