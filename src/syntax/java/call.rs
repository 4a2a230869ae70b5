//! Calls, creations, member access and method references.

use tree_sitter::Node;

use crate::base::{Name, Span};
use crate::facts::{Arg, Call, ExprId, ExprKind};

use super::kinds::{Field, Kind};
use super::types::TypePath;
use super::{Kid, Kids, Lower, at, of, span};

impl<'t> Lower<'t> {
    /// `receiver.<T>name(args)`, `name(args)`.
    pub(super) fn invocation(&mut self, kids: &Kids<'t>, receiver: Option<ExprId>, place: Span) -> ExprId {
        let name = at(kids, Field::Name);
        let type_args = at(kids, Field::TypeArguments).map(|kid| self.type_args(kid.node));
        let args = at(kids, Field::Arguments).map(|kid| self.args(kid.node));
        let call = Call {
            receiver,
            name: name.map_or(Name::default(), |kid| self.name(kid.node)),
            name_span: name.map_or(place, |kid| span(kid.node)),
            type_args: type_args.unwrap_or_default(),
            args: args.unwrap_or_default(),
            safe: false,
        };
        self.push(ExprKind::Call(Box::new(call)), place)
    }

    /// A call without receiver, or `Outer.super.name(args)`.
    pub(super) fn invocation_on_super(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let receiver = at(kids, Field::Object).map(|object| self.qualified_super(object));
        self.invocation(kids, receiver, place)
    }

    fn qualified_super(&mut self, outer: Kid<'t>) -> ExprId {
        let label = self.dotted(outer.node).last();
        self.push(ExprKind::Super(Some(Name::new(label))), span(outer.node))
    }

    pub(super) fn field_access(&mut self, kids: &Kids<'t>, receiver: ExprId, place: Span) -> ExprId {
        let Some(field) = at(kids, Field::Selected) else {
            return self.push(ExprKind::Missing(vec![receiver]), place);
        };
        let (name, name_span) = (self.name(field.node), span(field.node));
        self.push(ExprKind::Member { receiver, name, name_span, safe: false }, place)
    }

    /// `Outer.this`, `Outer.super.name`.
    pub(super) fn field_of_super(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let Some(object) = at(kids, Field::Object) else {
            return self.push(ExprKind::Missing(Vec::new()), place);
        };
        if at(kids, Field::Selected).is_some_and(|field| field.kind == Kind::This) {
            let label = self.dotted(object.node).last();
            return self.push(ExprKind::This(Some(Name::new(label))), place);
        }
        let receiver = self.qualified_super(object);
        self.field_access(kids, receiver, place)
    }

    pub(super) fn args(&mut self, list: Node<'t>) -> Vec<Arg> {
        if list.child_count() <= 2 {
            return Vec::new();
        }
        if let Some(only) = self.only_kid(list, 1, 3) {
            return vec![Arg { name: None, value: self.expr(only), trailing: false }];
        }
        let kids = self.kids(list);
        let values = self.exprs(&kids);
        values.into_iter().map(|value| Arg { name: None, value, trailing: false }).collect()
    }

    /// `new a.B<T>(x)`, `outer.new Inner()`, `new T() { … }`.
    pub(super) fn creation(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let Some(ty) = at(kids, Field::Type) else {
            return self.push(ExprKind::Missing(Vec::new()), place);
        };
        let outer = kids.iter().take_while(|kid| kid.kind != Kind::NewToken);
        let outer = outer.filter(|kid| kid.kind.is_expression()).map(|kid| kid.node).next();
        let outer = outer.map(|node| self.expr(node));
        let args = at(kids, Field::Arguments).map(|kid| self.args(kid.node)).unwrap_or_default();
        if let Some(body) = of(kids, Kind::ClassBody) {
            let ty = self.type_ref(ty.node);
            return self.anonymous(ty, args, body.node, place);
        }
        let path = self.type_path(ty.node);
        let TypePath { mut segments, args: type_args } = path;
        let (name, name_span) = segments.pop().unwrap_or((Name::default(), span(ty.node)));
        let mut receiver = outer;
        for (segment, segment_span) in segments {
            receiver = Some(self.select(receiver, segment, segment_span));
        }
        let call = Call { receiver, name, name_span, type_args, args, safe: false };
        self.push(ExprKind::Call(Box::new(call)), place)
    }

    /// `A::b`, `this::b`, `Outer.super::b`, `A<T>::new`, `int[]::new`.
    pub(super) fn method_reference(&mut self, kids: &Kids<'t>, place: Span) -> ExprId {
        let constructor = of(kids, Kind::NewToken).is_some();
        let receiver = kids.first().map(|kid| match kid.kind {
            Kind::ArrayType => {
                let ty = self.type_ref(kid.node);
                self.push(ExprKind::ClassLiteral(Box::new(ty)), span(kid.node))
            }
            kind if kind.is_type() => {
                let mut path = None;
                let segments = self.type_path(kid.node).segments;
                // The grammar takes `Outer.super` for a type.
                if let [.., (outer, _), (last, _)] = segments.as_slice()
                    && *last == "super"
                {
                    let label = Some(*outer);
                    return self.push(ExprKind::Super(label), span(kid.node));
                }
                for (segment, segment_span) in segments {
                    path = Some(self.select(path, segment, segment_span));
                }
                path.unwrap_or_else(|| self.push(ExprKind::Missing(Vec::new()), span(kid.node)))
            }
            _ => self.expr(kid.node),
        });
        let name = kids.iter().skip(1).rfind(|kid| kid.kind == Kind::Identifier);
        let name = if constructor {
            Name::new("<init>")
        } else {
            name.map_or(Name::default(), |kid| self.name(kid.node))
        };
        self.push(ExprKind::FunctionRef { receiver, name }, place)
    }

    /// `this(args)`, `super(args)`, `outer.super(args)` as a constructor's first statement.
    pub(super) fn constructor_call(&mut self, node: Node<'t>) -> ExprId {
        let kids = self.kids(node);
        let receiver = at(&kids, Field::Object).map(|kid| self.expr(kid.node));
        let name = at(&kids, Field::Constructor);
        let type_args = at(&kids, Field::TypeArguments).map(|kid| self.type_args(kid.node));
        let args = at(&kids, Field::Arguments).map(|kid| self.args(kid.node));
        let call = Call {
            receiver,
            name: name.map_or(Name::default(), |kid| self.name(kid.node)),
            name_span: name.map_or(span(node), |kid| span(kid.node)),
            type_args: type_args.unwrap_or_default(),
            args: args.unwrap_or_default(),
            safe: false,
        };
        self.push(ExprKind::Call(Box::new(call)), span(node))
    }
}
