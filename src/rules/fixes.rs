//! Edits that several rules make.

use crate::base::{Name, Span};
use crate::facts::Language;
use crate::findings::{Edit, FileId, Fix, Place, Safety};
use crate::model::{CallSite, Component, MergedManifest, Model};

/// A fix that changes threads or timing, to be read before it is applied.
pub(super) fn fix_unsafely(title: &str, edits: Vec<Edit>) -> Fix {
    Fix { title: title.to_owned(), safety: Safety::Unsafe, edits }
}

/// Another text in one place.
pub(super) fn replace(title: &str, place: Place, text: impl Into<String>) -> Fix {
    fix_unsafely(title, vec![Edit { place, text: text.into() }])
}

/// Where an argument's value stands.
pub(super) fn arg_place(model: &Model, site: &CallSite, at: usize) -> Option<Place> {
    let arg = site.args.get(at)?;
    Some(Place { file: site.file, span: model.facts(site.file)[arg.value].span })
}

/// Permissions before the manifest's `<application>`; of the first of the manifests that has one.
pub(super) fn permissions<'m>(
    manifests: impl IntoIterator<Item = &'m MergedManifest>,
    permissions: &[&str],
) -> Option<Fix> {
    let application = manifests.into_iter().find_map(|manifest| manifest.application)?;
    let elements = permissions.iter().map(|it| format!("<uses-permission android:name=\"{it}\" />\n    "));
    let at = application.span.start;
    let place = Place { file: application.file, span: Span { start: at, end: at } };
    Some(replace("declare it in the manifest", place, elements.collect::<String>()))
}

/// The import of a name, if the file does not see it yet: among the others in the order of their names.
pub(super) fn import(model: &Model, file: FileId, path: &str) -> Option<Edit> {
    let facts = model.facts(file);
    let path = Name::new(path);
    let seen = facts.package == *path.qualifier()
        || facts
            .imports
            .iter()
            .any(|it| if it.star { it.path == *path.qualifier() } else { it.path == path });
    // Two things of one simple name: whoever wrote the file decides.
    let taken = facts.imports.iter().any(|it| !it.star && it.alias == *path.last());
    if seen || taken {
        return None;
    }
    let end = if facts.language == Language::Java { ";" } else { "" };
    let next = facts.imports.iter().find(|it| it.path.as_str() > path.as_str());
    let (at, text) = match (next, facts.imports.last()) {
        (Some(next), _) => (next.span.start, format!("import {path}{end}\n")),
        (None, Some(last)) => (last.span.end, format!("\nimport {path}{end}")),
        (None, None) => return None,
    };
    Some(Edit { place: Place { file, span: Span { start: at, end: at } }, text })
}

/// An attribute that a component's element does not have yet, behind its name.
pub(super) fn attribute(component: &Component, text: &str) -> Edit {
    let at = component.place.span.end + 1;
    Edit {
        place: Place { file: component.place.file, span: Span { start: at, end: at } },
        text: format!(" {text}"),
    }
}

/// A last element of `<application>`, and the name space of `tools:` for it.
pub(super) fn into_application(model: &Model, manifest: &MergedManifest, element: &str) -> Option<Vec<Edit>> {
    let application = manifest.application?;
    let text = &model.project.file(application.file).text;
    let inner = text.slice(application.span).strip_suffix("</application>")?;
    let insert = |at: usize, text: String| {
        let span = Span::new(at, at);
        Edit { place: Place { file: application.file, span }, text }
    };
    // In front of the end tag's own indentation.
    let last = inner.trim_end_matches([' ', '\t']);
    let start = application.span.start as usize;
    let line = if last.ends_with('\n') { String::new() } else { "\n".to_owned() };
    let indented: Vec<String> = element.lines().map(|it| format!("        {it}\n")).collect();
    let mut edits = vec![insert(start + last.len(), line + &indented.concat())];
    if !text.text.contains("xmlns:tools") {
        let root = text.text.find("<manifest")? + "<manifest".len();
        edits.push(insert(root, " xmlns:tools=\"http://schemas.android.com/tools\"".to_owned()));
    }
    Some(edits)
}

/// `runBlocking { }` in code that suspends already: `withContext(context) { }`, without context `coroutineScope { }`.
pub(super) fn without_blocking(model: &Model, site: &CallSite) -> Option<Fix> {
    let text = model.project.file(site.file).text.slice(site.span);
    if model.facts(site.file).language != Language::Kotlin || text.contains("@runBlocking") {
        return None;
    }
    let name = if site.args.len() > 1 { "withContext" } else { "coroutineScope" };
    let place = Place { file: site.file, span: site.name_span };
    let mut edits = vec![Edit { place, text: name.to_owned() }];
    edits.extend(import(model, site.file, &format!("kotlinx.coroutines.{name}")));
    Some(fix_unsafely(&format!("suspend with {name}"), edits))
}
