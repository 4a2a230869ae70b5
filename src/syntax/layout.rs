//! `res/layout*/*.xml`: the binding class that the build makes of a layout, with a field per view that has an id.
//! Source: developer.android.com/topic/libraries/view-binding, …/data-binding/generated-binding

use crate::base::problem::ProblemKind;
use crate::base::{Name, Problem, Span};
use crate::facts::layout::{Handler, LayoutFacts};
use crate::facts::manifest::Value;
use crate::facts::{FileFacts, Modifiers, TypeDeclId, TypeRef};

use super::declare::{Declarations, camel_case, generic, named, small_first};
use super::problem_at;
use super::xml::{self, Tag, Visitor};

/// The declarations of a layout's binding class, and the code that it names. The package of the class is the module's
/// namespace and `.databinding`; whoever knows the namespace sets it. Layouts that want no class have no declarations.
pub fn parse(text: &str, path: &str) -> (FileFacts, LayoutFacts, Vec<Problem>) {
    let file = path.rsplit('/').next().unwrap_or(path);
    let name = camel_case(file.strip_suffix(".xml").unwrap_or(file)) + "Binding";
    let mut reader = Reader {
        made: Declarations::new(),
        layout: LayoutFacts::default(),
        variables: Vec::new(),
        imports: Vec::new(),
        name,
        class: None,
        depth: 0,
        kind: Kind::Views,
    };
    let broken = xml::read(text, &mut reader);
    let problems = broken.map(|broken| {
        let message = format!("broken XML: {}", broken.message);
        problem_at(ProblemKind::Syntax, path, text, Some(broken.span), message)
    });
    (reader.made.facts, reader.layout, problems.into_iter().collect())
}

#[derive(PartialEq)]
enum Kind {
    Views,
    /// `<layout>`: data binding.
    Data,
    Ignored,
}

struct Reader {
    made: Declarations,
    layout: LayoutFacts,
    /// Names and classes of data binding's variables, and its imports.
    variables: Vec<(Name, Name)>,
    imports: Vec<Name>,
    name: String,
    class: Option<TypeDeclId>,
    depth: u32,
    kind: Kind,
}

impl Reader {
    /// The class, as soon as the type of its root is known.
    fn open(&mut self, root: &str, span: Span) {
        let base = match self.kind {
            Kind::Data => "androidx.databinding.ViewDataBinding",
            _ => "androidx.viewbinding.ViewBinding",
        };
        let class = self.made.class(&self.name, &[base], span);
        let own = || named(&self.name, span);
        let param = |name: &str, ty: &str| (name.into(), Some(named(ty, span)));
        let inflater = || param("inflater", "android.view.LayoutInflater");
        let (parent, attach) =
            (param("parent", "android.view.ViewGroup"), param("attachToParent", "Boolean"));
        let statics = Modifiers::STATIC;
        self.made.function(class, "inflate", statics, vec![inflater()], own(), span);
        self.made.function(class, "inflate", statics, vec![inflater(), parent, attach], own(), span);
        self.made.function(class, "bind", statics, vec![param("view", "android.view.View")], own(), span);
        self.made.function(class, "getRoot", Modifiers::FINAL, Vec::new(), named(root, span), span);
        self.class = Some(class);
    }
}

impl Reader {
    fn data(&mut self, tag: &Tag<'_>) {
        let (Some(ty), name) = (tag.attribute("type"), tag.attribute("name")) else { return };
        match (tag.name, name) {
            ("import", _) => self.imports.push(ty.text),
            ("variable", Some(name)) => {
                let raw = Name::new(ty.text.split('<').next().unwrap_or_default());
                let imported = self.imports.iter().find(|import| import.last() == raw.as_str());
                self.variables.push((name.text, imported.copied().unwrap_or(raw)));
            }
            _ => {}
        }
    }

    fn handlers(&mut self, tag: &Tag<'_>) {
        for (key, value) in &tag.attributes {
            let text = value.text.as_str();
            if let Some(expression) = text.strip_prefix("@{") {
                self.expression(expression, value.span);
            } else if *key == "android:onClick" && !text.starts_with('@') && !text.is_empty() {
                self.layout.handlers.push(Handler { on: None, member: value.text, span: value.span });
            } else if *key == "tools:context" {
                self.layout.context = Some(value.text);
            }
        }
    }

    /// `variable.member` and `variable::member` anywhere in an expression.
    fn expression(&mut self, text: &str, span: Span) {
        let word = |letter: char| letter.is_alphanumeric() || letter == '_';
        let (mut before, mut rest) = ("", text);
        while let Some(start) = rest.find(word) {
            let (sign, tail) = rest.split_at(start);
            let end = tail.find(|letter| !word(letter)).unwrap_or(tail.len());
            let name = &tail[..end];
            if matches!(sign.trim(), "." | "::" | "?.")
                && let Some((_, class)) = self.variables.iter().find(|(variable, _)| *variable == before)
            {
                let handler = Handler { on: Some(*class), member: Name::new(name), span };
                if !self.layout.handlers.contains(&handler) {
                    self.layout.handlers.push(handler);
                }
            }
            (before, rest) = (name, &tail[end..]);
        }
    }
}

impl Visitor for Reader {
    fn start(&mut self, tag: &Tag<'_>) {
        self.depth += 1;
        match tag.name {
            "import" | "variable" => self.data(tag),
            _ => self.handlers(tag),
        }
        if self.kind == Kind::Ignored || tag.name == "data" {
            return;
        }
        if self.depth == 1 {
            if tag.attribute("tools:viewBindingIgnore").is_some_and(|value| value.text == "true") {
                self.kind = Kind::Ignored;
                return;
            }
            if tag.name == "layout" {
                self.kind = Kind::Data;
            }
        }
        let root = if self.kind == Kind::Data { 2 } else { 1 };
        if self.depth == root && self.class.is_none() {
            let ty = if self.kind == Kind::Data { "android.view.View".to_owned() } else { view_class(tag) };
            self.open(&ty, tag.span);
        }
        let Some(class) = self.class else { return };
        // A <fragment> is no view.
        if tag.name == "fragment" {
            return;
        }
        if let Some(id) = tag.attribute("android:id")
            && let Some((_, name)) = id.text.as_str().split_once('/')
        {
            let name = small_first(&camel_case(name));
            self.made.field(class, &name, view_type(tag, id), id.span);
        }
    }

    fn end(&mut self, _element: Span) {
        self.depth -= 1;
    }
}

fn view_type(tag: &Tag<'_>, id: &Value) -> TypeRef {
    if tag.name == "include"
        && let Some(layout) = tag.attribute("layout")
        && let Some((_, layout)) = layout.text.as_str().split_once('/')
    {
        return generic(&(camel_case(layout) + "Binding"), Vec::new(), id.span);
    }
    named(&view_class(tag), id.span)
}

/// The class of an element; those of the platform are written without their package.
fn view_class(tag: &Tag<'_>) -> String {
    let written = match tag.name {
        "view" => tag.attribute("class").map_or("View", |class| class.text.as_str()),
        name => tag.attribute("tools:viewBindingType").map_or(name, |ty| ty.text.as_str()),
    };
    match written {
        "merge" | "include" | "requestFocus" => "android.view.View".to_owned(),
        "View" | "ViewGroup" | "ViewStub" | "SurfaceView" | "TextureView" => {
            format!("android.view.{written}")
        }
        "WebView" => "android.webkit.WebView".to_owned(),
        _ if written.contains('.') => written.replace('$', "."),
        _ => format!("android.widget.{written}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(text: &str) -> Vec<String> {
        let (facts, _, problems) = parse(text, "app/src/main/res/layout/fragment_play_list.xml");
        assert!(problems.is_empty(), "{problems:?}");
        let ty = |ty: &Option<TypeRef>| ty.as_ref().map_or("", |ty| ty.name.as_str()).to_owned();
        let classes = facts.types.iter().map(|it| format!("{}: {}", it.name, it.supertypes[0].ty.name));
        let root = facts.functions.iter().filter(|it| it.name == "getRoot");
        let root = root.map(|it| format!("root: {}", ty(&it.result)));
        let fields = facts.properties.iter().map(|it| format!("{}: {}", it.name, ty(&it.ty)));
        classes.chain(root).chain(fields).collect()
    }

    #[test]
    fn a_field_per_id() {
        let text = r#"<LinearLayout xmlns:android="http://schemas.android.com/apk/res/android"
            xmlns:tools="http://schemas.android.com/tools">
            <Button android:id="@+id/button_save" /><View />
            <com.example.Wave android:id="@+id/wave"><WebView android:id="@id/page" /></com.example.Wave>
            <include android:id="@+id/bar" layout="@layout/tool_bar" />
            <fragment android:id="@+id/map" />
            <TextView android:id="@android:id/empty" tools:viewBindingType="Chip" />
        </LinearLayout>"#;
        let expected = [
            "FragmentPlayListBinding: androidx.viewbinding.ViewBinding",
            "root: android.widget.LinearLayout",
            "buttonSave: android.widget.Button",
            "wave: com.example.Wave",
            "page: android.webkit.WebView",
            "bar: ToolBarBinding",
            "empty: android.widget.Chip",
        ];
        assert_eq!(members(text), expected);
    }

    #[test]
    fn data_binding_and_layouts_without_a_class() {
        let text = r#"<layout xmlns:android="http://schemas.android.com/apk/res/android">
            <data><variable name="model" type="Model" /></data>
            <merge><ImageView android:id="@+id/cover" /></merge></layout>"#;
        let expected = [
            "FragmentPlayListBinding: androidx.databinding.ViewDataBinding",
            "root: android.view.View",
            "cover: android.widget.ImageView",
        ];
        assert_eq!(members(text), expected);
        let ignored =
            r#"<View xmlns:tools="http://schemas.android.com/tools" tools:viewBindingIgnore="true" />"#;
        assert_eq!(members(ignored), Vec::<String>::new());
    }

    #[test]
    fn code_that_a_layout_names() {
        let text = r#"<layout xmlns:android="http://schemas.android.com/apk/res/android"
            xmlns:tools="http://schemas.android.com/tools" tools:context=".NotesActivity">
            <data><import type="a.Note" /><variable name="note" type="Note" />
                <variable name="model" type="a.NotesModel&lt;String&gt;" /></data>
            <LinearLayout>
                <Button android:onClick="@{(view) -> model.save(view, note.title)}" android:text="@string/save" />
                <Button android:onClick="@{model::open}" android:enabled="@{!note.closed}" />
                <Button android:onClick="share" />
            </LinearLayout></layout>"#;
        let (_, layout, _) = parse(text, "res/layout/notes.xml");
        let shown = layout.handlers.iter().map(|it| format!("{}.{}", it.on.unwrap_or_default(), it.member));
        let expected = ["a.NotesModel.save", "a.Note.title", "a.NotesModel.open", "a.Note.closed", ".share"];
        assert_eq!(shown.collect::<Vec<_>>(), expected);
        assert_eq!(layout.context.map(|it| it.to_string()).as_deref(), Some(".NotesActivity"));
    }
}
