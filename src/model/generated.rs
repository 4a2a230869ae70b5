//! Classes that the build makes of layouts and queries: what the module adds to what their files say.

use std::collections::BTreeMap;

use crate::base::Name;
use crate::facts::gradle::Database;
use crate::findings::FileId;
use crate::syntax::sqldelight;

use super::project::{Module, ModuleId, ProjectFile};

/// Puts the classes of layouts into their module's package, one for all variants of a layout.
pub(super) fn name_bindings(files: &mut [ProjectFile], modules: &[Module]) {
    let mut first: BTreeMap<(ModuleId, Name), usize> = BTreeMap::new();
    let is_layout = |file: &ProjectFile| file.layout.is_some();
    let mut layouts: Vec<usize> = (0..files.len()).filter(|at| is_layout(&files[*at])).collect();
    // `layout/` before `layout-land/`.
    layouts.sort_by_key(|at| (!files[*at].path.contains("/layout/"), *at));
    for at in layouts {
        let module = files[at].module;
        let Some(mut facts) = files[at].facts.take() else { continue };
        let (Some(namespace), Some(class)) = (modules[module.0 as usize].namespace, facts.types.first())
        else {
            continue;
        };
        let Some(earlier) = first.get(&(module, class.name)) else {
            first.insert((module, class.name), at);
            facts.package = namespace.join(Name::new("databinding"));
            files[at].facts = Some(facts);
            continue;
        };
        let Some(whole) = &mut files[*earlier].facts else { continue };
        let span = whole.types[0].span;
        for mut field in facts.properties {
            if whole.properties.iter().all(|it| it.name != field.name) {
                (field.span, field.name_span) = (span, span);
                whole.properties.push(field);
            }
        }
    }
}

/// Gives the classes of a module's queries their base class, and every database a class of its own, in the build
/// script that names it. `old`: SQLDelight 1.
pub(super) fn name_queries(
    files: &mut [ProjectFile],
    module: ModuleId,
    databases: &[(FileId, &Database)],
    old: bool,
) {
    let suspends = databases.iter().any(|(_, database)| database.suspends);
    let base = match (old, suspends) {
        (true, _) => "com.squareup.sqldelight.TransacterImpl",
        (_, true) => "app.cash.sqldelight.SuspendingTransacterImpl",
        _ => "app.cash.sqldelight.TransacterImpl",
    };
    let mut queries: Vec<Name> = Vec::new();
    let ours =
        |file: &&mut ProjectFile| file.generated && file.module == module && file.path.ends_with(".sq");
    for file in files.iter_mut().filter(ours) {
        let Some(facts) = &mut file.facts else { continue };
        queries.extend(sqldelight::complete(facts, base, suspends));
    }
    for (file, database) in databases {
        let Some(file) = files.get_mut(file.0 as usize).filter(|file| file.facts.is_none()) else { continue };
        file.facts = Some(sqldelight::database(database, base, &queries));
        file.generated = true;
    }
}
