//! `.aidl`: the interface that the build makes of a definition, with its `Stub`.
//! Source: developer.android.com/develop/background-work/services/aidl

use crate::base::{Name, Span};
use crate::facts::{FileFacts, Import, Modifiers, TypeRef};

use super::declare::{Declarations, generic, named};
use super::words::words;

/// The declarations of an interface; none for a file that only names a parcelable.
pub fn parse(text: &str) -> FileFacts {
    let mut made = Declarations::new();
    let token = |(at, text): (usize, _)| Token { text, span: Span::new(at, at + str::len(text)) };
    let tokens: Vec<Token<'_>> = words(text, "//", b"\"", b"").into_iter().map(token).collect();
    let mut reader = Reader { tokens: &tokens, at: 0 };
    while let Some(token) = reader.next() {
        match token.text {
            "package" => made.facts.package = Name::new(&reader.until(";")),
            "import" => {
                let path = Name::new(&reader.until(";"));
                let alias = Name::new(path.last());
                made.facts.imports.push(Import {
                    path,
                    alias,
                    star: false,
                    is_static: false,
                    span: token.span,
                });
            }
            "interface" => reader.interface(&mut made),
            _ => {}
        }
    }
    made.facts
}

struct Token<'t> {
    text: &'t str,
    span: Span,
}

struct Reader<'t> {
    tokens: &'t [Token<'t>],
    at: usize,
}

impl<'t> Reader<'t> {
    fn next(&mut self) -> Option<&'t Token<'t>> {
        let token = self.tokens.get(self.at)?;
        self.at += 1;
        Some(token)
    }

    fn peek(&self) -> &'t str {
        self.tokens.get(self.at).map_or("", |token| token.text)
    }

    fn until(&mut self, end: &str) -> String {
        let mut text = String::new();
        while let Some(token) = self.next().filter(|token| token.text != end) {
            text.push_str(token.text);
        }
        text
    }

    fn interface(&mut self, made: &mut Declarations) {
        let Some(name) = self.next() else { return };
        let class = made.interface(name.text, &["android.os.IInterface"], name.span);
        let stub = made.nested(class, "Stub", &["android.os.Binder", name.text], name.span);
        let binder = vec![(Name::new("binder"), Some(named("android.os.IBinder", name.span)))];
        let own = named(name.text, name.span);
        made.function(stub, "asInterface", Modifiers::STATIC, binder, own, name.span);
        if self.peek() != "{" {
            return;
        }
        self.at += 1;
        while !matches!(self.peek(), "}" | "") {
            match self.peek() {
                "const" | "parcelable" | "enum" => {
                    self.until(";");
                }
                "oneway" | ";" => self.at += 1,
                _ => self.method(made, class),
            }
        }
    }

    fn method(&mut self, made: &mut Declarations, class: crate::facts::TypeDeclId) {
        let Some(result) = self.ty() else { return };
        let Some(name) = self.next().filter(|_| self.peek() == "(") else { return };
        self.at += 1;
        let mut params = Vec::new();
        while !matches!(self.peek(), ")" | "") {
            if matches!(self.peek(), "in" | "out" | "inout" | ",") {
                self.at += 1;
                continue;
            }
            let Some(ty) = self.ty() else { return };
            let Some(param) = self.next() else { return };
            params.push((Name::new(param.text), Some(ty)));
        }
        self.until(";");
        made.function(class, name.text, Modifiers::ABSTRACT, params, result, name.span);
    }

    /// `@nullable List<Foo>`, `int[]`.
    fn ty(&mut self) -> Option<TypeRef> {
        while self.peek() == "@" {
            self.at += 2;
            if self.peek() == "(" {
                self.until(")");
            }
        }
        let first = self.next()?;
        let mut name = first.text.to_owned();
        while self.peek() == "." {
            self.at += 1;
            name = format!("{name}.{}", self.next()?.text);
        }
        let mut args = Vec::new();
        if self.peek() == "<" {
            self.at += 1;
            while !matches!(self.peek(), ">" | "") {
                if self.peek() == "," {
                    self.at += 1;
                } else {
                    args.push(self.ty()?);
                }
            }
            self.at += 1;
        }
        let name = match name.as_str() {
            "void" => "Unit",
            "boolean" => "Boolean",
            "byte" => "Byte",
            "char" => "Char",
            "int" => "Int",
            "long" => "Long",
            "float" => "Float",
            "double" => "Double",
            "List" => "java.util.List",
            "Map" => "java.util.Map",
            other => other,
        };
        let mut ty = generic(name, args, first.span);
        while self.peek() == "[" {
            self.until("]");
            ty = generic("Array", vec![ty], first.span);
        }
        Some(ty)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_interface_and_its_stub() {
        let text = "// A player.\npackage com.example;\nimport com.example.Track;\n\
            interface IPlayer {\n  const int MAX = 3;\n  void play(in Track track, int at) = 1;\n\
            /* all */ @nullable List<Track> tracks(out byte[] data);\n  oneway void stop();\n}\n";
        let facts = parse(text);
        assert_eq!(
            (facts.package.as_str(), facts.imports[0].path.as_str()),
            ("com.example", "com.example.Track")
        );
        let types: Vec<&str> = facts.types.iter().map(|it| it.name.as_str()).collect();
        assert_eq!(types, ["IPlayer", "Stub"]);
        let shown: Vec<String> = facts
            .functions
            .iter()
            .map(|it| {
                let ty = |ty: Option<&TypeRef>| ty.map_or("", |ty| ty.name.as_str()).to_owned();
                let params: Vec<String> = it.params.iter().map(|param| ty(param.ty.as_ref())).collect();
                format!("{}({}): {}", it.name, params.join(", "), ty(it.result.as_ref()))
            })
            .collect();
        let expected = [
            "asInterface(android.os.IBinder): IPlayer",
            "play(Track, Int): Unit",
            "tracks(Array): java.util.List",
            "stop(): Unit",
        ];
        assert_eq!(shown, expected);
        assert!(parse("parcelable Track;").types.is_empty());
        assert!(parse("interface Broken { void a(").functions.len() <= 2);
    }
}
