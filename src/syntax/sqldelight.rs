//! SQLDelight's `.sq`: the class of queries that its plugin makes of a file, with a function per labelled statement.
//! Source: sqldelight.github.io/sqldelight/2.x/android_sqlite

use crate::base::{Name, Span};
use crate::facts::gradle::Database;
use crate::facts::{FileFacts, Modifiers};

use super::declare::{Declarations, capital, generic, named, small_first, supertype};
use super::words::words;

/// The result of a statement that only changes tables.
const CHANGED: &str = "app.cash.sqldelight.db.QueryResult";

/// The result of one that reads.
const READ: &str = "app.cash.sqldelight.Query";

/// The declarations of a file's queries; none if it only makes tables. What the class extends, and whether its
/// functions suspend, is the build's word. The package is the folder below `sqldelight/`.
pub fn parse(text: &str, path: &str) -> FileFacts {
    let mut made = Declarations::new();
    let (folders, file) = path.rsplit_once('/').unwrap_or(("", path));
    let package = folders.split_once("/sqldelight/").map_or("", |(_, below)| below).replace('/', ".");
    made.facts.package = Name::new(&package);
    let labelled: Vec<Statement<'_>> =
        statements(text).into_iter().filter(|it| !it.label.is_empty()).collect();
    if labelled.is_empty() {
        return made.facts;
    }
    let name = capital(file.strip_suffix(".sq").unwrap_or(file)) + "Queries";
    let class = made.class(&name, &[], Span::new(0, 0));
    for statement in labelled {
        let span = statement.span;
        let result = if statement.reads() {
            generic(READ, vec![named(&capital(statement.label), span)], span)
        } else {
            named(CHANGED, span)
        };
        let mut params: Vec<(Name, _)> = statement.arguments().into_iter().map(|name| (name, None)).collect();
        made.function(class, statement.label, Modifiers::FINAL, params.clone(), result.clone(), span);
        if statement.reads() {
            params.push((Name::new("mapper"), None));
            made.function(class, statement.label, Modifiers::FINAL, params, result, span);
        }
    }
    made.facts
}

/// Adds what the build says: the base class, and whether statements that change tables suspend. The class's name, if
/// the file has one.
pub fn complete(facts: &mut FileFacts, base: &str, suspends: bool) -> Option<Name> {
    let class = facts.types.first_mut()?;
    class.supertypes.push(supertype(base, class.span));
    for function in &mut facts.functions {
        let Some(result) = &mut function.result else { continue };
        function.modifiers.set(Modifiers::SUSPEND, result.name == CHANGED && suspends);
        // SQLDelight 1 had other packages.
        if base.starts_with("com.squareup.") && result.name == READ {
            result.name = Name::new("com.squareup.sqldelight.Query");
        }
    }
    Some(facts.package.join(class.name))
}

/// The class of a database, with a property for each class of queries.
pub fn database(database: &Database, base: &str, queries: &[Name]) -> FileFacts {
    let mut made = Declarations::new();
    made.facts.package = database.package.unwrap_or_default();
    let class = made.class(&database.name, &[base], database.span);
    for query in queries {
        made.field(class, &small_first(query.last()), named(query, database.span), database.span);
    }
    made.facts
}

/// A statement with its words and signs, texts and comments left out.
struct Statement<'t> {
    label: &'t str,
    span: Span,
    tokens: Vec<&'t str>,
}

impl Statement<'_> {
    fn reads(&self) -> bool {
        let is = |token: &str, word: &str| token.eq_ignore_ascii_case(word);
        let selects = self
            .tokens
            .first()
            .is_some_and(|first| ["select", "values", "pragma", "explain"].iter().any(|it| is(first, it)));
        let with = self.tokens.first().is_some_and(|first| is(first, "with"))
            && !self
                .tokens
                .iter()
                .any(|it| ["insert", "update", "delete", "replace"].iter().any(|word| is(it, word)));
        selects || with || self.tokens.iter().any(|it| is(it, "returning"))
    }

    /// Names of the arguments: those of `:name`, for `?` the column that it is compared with or put into.
    fn arguments(&self) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        let columns = self.inserted();
        let mut placed = 0;
        for (at, token) in self.tokens.iter().enumerate() {
            if let Some(name) = token.strip_prefix(':') {
                let name = Name::new(name);
                if !names.contains(&name) {
                    names.push(name);
                }
            } else if *token == "?" {
                let compared = self.tokens[..at].iter().rev().find(|it| {
                    it.starts_with(|letter: char| letter.is_alphabetic() || letter == '_')
                        && !["in", "like", "not", "is", "and", "between", "limit"]
                            .iter()
                            .any(|word| it.eq_ignore_ascii_case(word))
                });
                let column = columns.get(placed).or(compared).copied().unwrap_or("value");
                placed += 1;
                let taken = names.iter().filter(|it| it.trim_end_matches('_') == column).count();
                names.push(Name::new(&format!("{column}{}", "_".repeat(taken))));
            }
        }
        names
    }

    /// `INSERT INTO t(a, b)`: the columns.
    fn inserted(&self) -> Vec<&str> {
        let Some(into) = self.tokens.iter().position(|it| it.eq_ignore_ascii_case("into")) else {
            return Vec::new();
        };
        let mut rest = self.tokens[into + 1..].iter().skip(1);
        if rest.next() != Some(&"(") {
            return Vec::new();
        }
        rest.take_while(|it| **it != ")").filter(|it| **it != ",").copied().collect()
    }
}

fn statements(text: &str) -> Vec<Statement<'_>> {
    // `:name` is one word, `label:` two.
    let tokens = words(text, "--", b"'\"`", b":");
    let mut found = Vec::new();
    let mut at = 0;
    while at < tokens.len() {
        let labelled = tokens.get(at + 1).is_some_and(|(_, sign)| matches!(*sign, ":" | "{"))
            && tokens[at].1.starts_with(|letter: char| letter.is_alphabetic() || letter == '_');
        let (start, label) = if labelled { (tokens[at].0, tokens[at].1) } else { (tokens[at].0, "") };
        // `name { … }` runs several statements in one transaction.
        let grouped = labelled && tokens[at + 1].1 == "{";
        let mut end = if labelled { at + 2 } else { at };
        let body = end;
        let mut depth = 0_u32;
        while let Some((_, token)) = tokens.get(end) {
            match *token {
                "}" if grouped => break,
                ";" if depth == 0 && !grouped => break,
                _ if token.eq_ignore_ascii_case("begin") || token.eq_ignore_ascii_case("case") => depth += 1,
                _ if token.eq_ignore_ascii_case("end") => depth = depth.saturating_sub(1),
                _ => {}
            }
            end += 1;
        }
        let words = tokens[body.min(end)..end].iter().map(|(_, token)| *token);
        // A label that is followed by nothing is none.
        if end > body {
            found.push(Statement {
                label,
                span: Span::new(start, start + label.len()),
                tokens: words.collect(),
            });
        }
        at = end + 1;
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_per_labelled_statement() {
        let text = "import kotlin.Boolean;\n\
            CREATE TABLE note(_id INTEGER PRIMARY KEY, title TEXT DEFAULT ';', open INTEGER AS Boolean);\n\
            CREATE TRIGGER touch AFTER UPDATE ON note BEGIN UPDATE note SET open = 1; END;\n\
            -- all: of them\n\
            all:\nSELECT * FROM note WHERE title = 'a: b';\n\
            byTitle:\nSELECT * FROM note WHERE title LIKE ? AND open = :open OR open != :open LIMIT ?;\n\
            add:\nINSERT INTO note(title, open) VALUES (?, ?);\n\
            close {\n UPDATE note SET open = 0 WHERE _id = :id;\n SELECT changes();\n}\n\
            lastId: INSERT INTO note(title) VALUES (:title) RETURNING _id;\n";
        let facts = parse(text, "data/src/main/sqldelight/com/example/data/note.sq");
        assert_eq!(
            (facts.package.as_str(), facts.types[0].name.as_str()),
            ("com.example.data", "NoteQueries")
        );
        let shown: Vec<String> = facts
            .functions
            .iter()
            .map(|it| {
                let params: Vec<&str> = it.params.iter().map(|param| param.name.as_str()).collect();
                let result = it.result.as_ref().map_or("", |ty| ty.name.last());
                format!("{}({}): {result}", it.name, params.join(", "))
            })
            .collect();
        let expected = [
            "all(): Query",
            "all(mapper): Query",
            "byTitle(title, open, open_): Query",
            "byTitle(title, open, open_, mapper): Query",
            "add(title, open): QueryResult",
            "close(id): QueryResult",
            "lastId(title): Query",
            "lastId(title, mapper): Query",
        ];
        assert_eq!(shown, expected);
        assert!(parse("CREATE VIEW v AS SELECT 1;", "a.sq").types.is_empty());
    }
}
