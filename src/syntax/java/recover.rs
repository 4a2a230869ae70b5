//! Error recovery's remains put together: where a brace is lost, tree-sitter leaves headers, braces and finished
//! members as loose pieces in ERROR nodes. Types and methods are read from those pieces as from tokens.

use smallvec::SmallVec;
use tree_sitter::Node;

use crate::base::Name;
use crate::base::Span;
use crate::facts::{ExprId, ExprKind, FunctionId, TypeDeclId, TypeKind};

use super::decl::{Members, type_kind};
use super::kinds::{Kind, kind};
use super::{Field, Kid, Kids, Lower, index, of, span};

/// Pieces in source order, ERROR nodes dissolved.
struct Pieces<'t> {
    kids: Vec<Kid<'t>>,
    at: usize,
}

impl<'t> Pieces<'t> {
    fn kind(&self, ahead: usize) -> Option<Kind> {
        self.kids.get(self.at + ahead).map(|kid| kid.kind)
    }

    /// The end of the last piece that was taken.
    fn end(&self) -> u32 {
        self.at.checked_sub(1).and_then(|at| self.kids.get(at)).map_or(0, |kid| span(kid.node).end)
    }
}

impl<'t> Lower<'t> {
    /// Children of a type's body or of the file, among which there is an ERROR.
    pub(super) fn recover_members(&mut self, kids: Kids<'t>, members: &mut Members) {
        let mut pieces = self.pieces(&kids);
        pieces.at = usize::from(pieces.kind(0) == Some(Kind::OpenBrace));
        self.torn_members(&mut pieces, members, false);
    }

    /// Children of a block, among which there is an ERROR.
    pub(super) fn recover_statements(&mut self, kids: Kids<'t>) -> Vec<ExprId> {
        let mut pieces = self.pieces(&kids);
        pieces.at = usize::from(pieces.kind(0) == Some(Kind::OpenBrace));
        self.torn_statements(&mut pieces, false, false)
    }

    /// Something that is not understood; whatever is understood in it is kept.
    pub(super) fn fragments(&mut self, node: Node<'t>) -> ExprId {
        let kids = Kids::from_slice(&[Kid { node, kind: Kind::Error, field: Field::Other }]);
        let mut pieces = self.pieces(&kids);
        let parts = self.torn_statements(&mut pieces, false, false);
        self.push(ExprKind::Missing(parts), span(node))
    }

    /// ERROR nodes in places where lowering did not look: their declarations belong to the type and function
    /// around them.
    pub(super) fn leftovers(&mut self, root: Node<'t>) {
        let mut pending = vec![root];
        while let Some(node) = pending.pop() {
            if node.is_error() && !self.recovered.contains(&node.id()) {
                let place = span(node);
                let (owner, function) = (self.type_around(place), self.function_around(place));
                self.within(owner, function, |lower| lower.fragments(node));
            }
            pending.extend(self.kids(node).iter().rev().map(|kid| kid.node).filter(Node::has_error));
        }
    }

    fn type_around(&self, place: Span) -> Option<TypeDeclId> {
        let around = self.facts.types.iter().rposition(|decl| decl.span.contains(place));
        around.map(|at| TypeDeclId(index(at)))
    }

    fn function_around(&self, place: Span) -> Option<FunctionId> {
        let around = self.facts.functions.iter().rposition(|decl| decl.span.contains(place));
        around.map(|at| FunctionId(index(at)))
    }

    fn pieces(&mut self, kids: &Kids<'t>) -> Pieces<'t> {
        let mut pending = kids.iter().rev().copied().collect::<Vec<_>>();
        let mut flat: Vec<Kid<'t>> = Vec::new();
        while let Some(kid) = pending.pop() {
            if kid.kind == Kind::Error {
                self.recovered.insert(kid.node.id());
                pending.extend(self.kids(kid.node).into_iter().rev());
                continue;
            }
            if kid.kind == Kind::FormalParameters
                && let Some(declared) = flat.pop_if(|last| last.kind == Kind::LocalVariable)
            {
                self.header_pieces(declared, &mut flat);
            }
            flat.push(kid);
        }
        Pieces { kids: flat, at: 0 }
    }

    /// In a block `void f(` is taken for the variable `void f` with its semicolon missing.
    fn header_pieces(&mut self, declared: Kid<'t>, flat: &mut Vec<Kid<'t>>) {
        for kid in self.kids(declared.node) {
            if kid.kind == Kind::Declarator {
                flat.extend(of(&self.kids(kid.node), Kind::Identifier));
            } else if kid.kind == Kind::Modifiers || kid.kind.is_type() {
                flat.push(kid);
            }
        }
    }

    /// `nested`: the body began with a brace among the pieces, so one of them may end it.
    fn torn_members(&mut self, pieces: &mut Pieces<'t>, members: &mut Members, nested: bool) {
        while let Some(kid) = pieces.kids.get(pieces.at).copied() {
            if self.torn_type(pieces, Some(members)).is_some() || self.torn_method(pieces, members, true) {
                continue;
            }
            pieces.at += 1;
            match kid.kind {
                Kind::CloseBrace if nested => return,
                // The body of something whose header is beyond recognition.
                Kind::OpenBrace => drop(self.torn_statements(pieces, true, true)),
                Kind::Block if !in_type_body(kid.node) => self.orphan(kid),
                Kind::LocalVariable | Kind::Block => self.member(kid, members),
                kind if kind.is_member() || kind.is_type_declaration() => self.member(kid, members),
                kind if kind.is_statement() || kind.is_expression() => self.orphan(kid),
                _ => {}
            }
        }
    }

    /// A statement outside every function is never run, as far as facts tell; types in it are declared.
    fn orphan(&mut self, kid: Kid<'t>) {
        if kid.kind != Kind::Identifier {
            self.statement(kid, &mut Vec::new());
        }
    }

    /// `in_type`: whoever called reads a type's pieces, and goes on with a member that no function can contain.
    fn torn_statements(&mut self, pieces: &mut Pieces<'t>, nested: bool, in_type: bool) -> Vec<ExprId> {
        let mut out = Vec::new();
        while let Some(kid) = pieces.kids.get(pieces.at).copied() {
            if in_type && (kid.kind.is_member() || method_header(pieces).is_some()) {
                return out;
            }
            if let Some(id) = self.torn_type(pieces, None) {
                out.push(self.push(ExprKind::LocalType(id), span(kid.node)));
                continue;
            }
            if self.torn_member_of_owner(pieces) {
                continue;
            }
            pieces.at += 1;
            match kid.kind {
                Kind::CloseBrace if nested => return out,
                Kind::OpenBrace => {
                    let inner = self.deeper(kid.node, |lower| lower.torn_statements(pieces, true, in_type));
                    let place = Span { end: pieces.end(), ..span(kid.node) };
                    out.push(self.push(ExprKind::Block(inner.unwrap_or_default()), place));
                }
                kind if kind.is_statement() || kind.is_expression() => self.statement(kid, &mut out),
                _ => {}
            }
        }
        out
    }

    /// A member where only statements can be: its type is the innermost one.
    fn torn_member_of_owner(&mut self, pieces: &mut Pieces<'t>) -> bool {
        let Some(kid) = pieces.kids.get(pieces.at).copied() else { return false };
        let complete = kid.kind.is_member();
        if !complete && method_header(pieces).is_none() {
            return false;
        }
        let mut members = match self.owner {
            Some(id) => {
                let decl = &self.facts[id];
                Members::new(Some(id), decl.kind, decl.name, decl.span)
            }
            None => Members::new(None, TypeKind::Class, Name::default(), span(kid.node)),
        };
        if complete {
            pieces.at += 1;
            self.within(self.owner, None, |lower| lower.member(kid, &mut members));
        } else {
            self.torn_method(pieces, &mut members, false);
        }
        self.finish_initializers(members);
        true
    }

    /// `modifiers class Name … {`, and all members up to its end.
    fn torn_type(&mut self, pieces: &mut Pieces<'t>, outer: Option<&Members>) -> Option<TypeDeclId> {
        let marked = usize::from(pieces.kind(0) == Some(Kind::Modifiers));
        let token = pieces.kind(marked)?;
        let is_header = matches!(
            token,
            Kind::ClassToken
                | Kind::InterfaceToken
                | Kind::EnumToken
                | Kind::RecordToken
                | Kind::AtInterfaceToken
        ) && pieces.kind(marked + 1) == Some(Kind::Identifier);
        if !is_header {
            return None;
        }
        let start = pieces.at;
        pieces.at += marked + 2;
        let in_header = |kind: Kind| {
            matches!(
                kind,
                Kind::TypeParameters
                    | Kind::Superclass
                    | Kind::SuperInterfaces
                    | Kind::ExtendsInterfaces
                    | Kind::FormalParameters
                    | Kind::TypeList
                    | Kind::Other
            )
        };
        while pieces.kind(0).is_some_and(in_header) {
            pieces.at += 1;
        }
        let header: Kids<'t> = SmallVec::from_slice(&pieces.kids[start..pieces.at]);
        let place = Span { start: span(header[0].node).start, end: pieces.end() };
        let id = self.type_header(&header, type_kind(token), place, outer);
        let mut members = Members::new(Some(id), type_kind(token), self.facts[id].name, place);
        let Some(next) = pieces.kids.get(pieces.at).copied() else { return Some(id) };
        if matches!(
            next.kind,
            Kind::ClassBody | Kind::InterfaceBody | Kind::EnumBody | Kind::AnnotationTypeBody
        ) {
            pieces.at += 1;
            self.type_body(next.node, members);
        } else if next.kind == Kind::OpenBrace {
            pieces.at += 1;
            self.deeper(next.node, |lower| {
                lower.within(Some(id), None, |lower| {
                    lower.torn_members(pieces, &mut members, true);
                    lower.finish_initializers(members);
                });
            });
        }
        self.facts.types[id.0 as usize].span.end = pieces.end();
        Some(id)
    }

    /// `modifiers T name(parameters) {`, and all statements up to its end.
    fn torn_method(&mut self, pieces: &mut Pieces<'t>, members: &mut Members, in_type: bool) -> bool {
        let Some(length) = method_header(pieces) else { return false };
        let start = pieces.at;
        pieces.at += length;
        let next = pieces.kids.get(pieces.at).copied();
        let body =
            next.filter(|kid| matches!(kid.kind, Kind::Block | Kind::ConstructorBody | Kind::OpenBrace));
        let end = pieces.at + usize::from(body.is_some());
        let header: Kids<'t> = SmallVec::from_slice(&pieces.kids[start..end]);
        let place = Span { start: span(header[0].node).start, end: span(header[header.len() - 1].node).end };
        let id = self.method_header(&header, members, place);
        let Some(body) = body else { return true };
        pieces.at = end;
        let block = self.within(members.owner, Some(id), |lower| {
            if body.kind != Kind::OpenBrace {
                return lower.block(body.node);
            }
            let inner = lower.deeper(body.node, |lower| lower.torn_statements(pieces, true, in_type));
            lower.push(ExprKind::Block(inner.unwrap_or_default()), span(body.node))
        });
        let end = pieces.end();
        let function = &mut self.facts.functions[id.0 as usize];
        function.body = Some(block);
        function.span.end = function.span.end.max(end);
        true
    }
}

/// How many pieces from here are the header of a method or constructor.
fn method_header(pieces: &Pieces) -> Option<usize> {
    let mut length = 0;
    let mut take = |accept: fn(Kind) -> bool| {
        let found = pieces.kind(length).is_some_and(accept);
        length += usize::from(found);
        found
    };
    take(|kind| kind == Kind::Modifiers);
    take(|kind| kind == Kind::TypeParameters);
    take(Kind::is_type);
    if !take(|kind| kind == Kind::Identifier) || !take(|kind| kind == Kind::FormalParameters) {
        return None;
    }
    while take(|kind| matches!(kind, Kind::Throws | Kind::Dimensions)) {}
    Some(length)
}

fn in_type_body(node: Node) -> bool {
    node.parent().is_some_and(|parent| {
        matches!(kind(parent), Kind::ClassBody | Kind::EnumBodyDeclarations | Kind::InterfaceBody)
    })
}
