//! Types as the model knows them: a class and its type arguments. Nullability is dropped: nothing here depends on it.

use crate::base::Name;

/// A resolved type. `class` is the qualified name of a project or library class, or
/// - `kotlin.Function` for function types: `args` are the receiver (if `shape.receiver`), the parameters, the result;
/// - `$T` for a type parameter, whose bound, if any, is the only argument;
/// - `?Foo` for a name that nothing in the project or the catalogue explains.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Type {
    pub class: Name,
    pub args: Vec<Type>,
    pub shape: Option<Shape>,
}

/// What a function type is beyond its arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Shape {
    pub receiver: bool,
    pub suspend: bool,
    /// `@Composable () -> Unit`.
    pub composable: bool,
}

impl Type {
    pub fn class(class: Name) -> Type {
        Type { class, args: Vec::new(), shape: None }
    }

    pub fn of(class: &str) -> Type {
        Type::class(Name::new(class))
    }

    pub fn with(class: Name, args: Vec<Type>) -> Type {
        Type { class, args, shape: None }
    }

    pub fn function(receiver: Option<Type>, params: Vec<Type>, result: Type, suspend: bool) -> Type {
        let shape = Shape { receiver: receiver.is_some(), suspend, composable: false };
        let args = receiver.into_iter().chain(params).chain([result]).collect();
        Type { class: Name::new("kotlin.Function"), args, shape: Some(shape) }
    }

    pub fn variable(name: Name, bound: Option<Type>) -> Type {
        Type { class: Name::new(&format!("${name}")), args: bound.into_iter().collect(), shape: None }
    }

    pub fn unresolved(name: &str) -> Type {
        Type::class(Name::new(&format!("?{name}")))
    }

    pub fn is_variable(&self) -> bool {
        self.class.starts_with('$')
    }

    pub fn is_unresolved(&self) -> bool {
        self.class.starts_with('?')
    }

    pub fn is_function(&self) -> bool {
        self.shape.is_some()
    }

    /// The type to look members up on: a type parameter stands for its bound.
    pub fn upper(&self) -> Option<&Type> {
        let mut ty = self;
        while ty.is_variable() {
            ty = ty.args.first()?;
        }
        Some(ty)
    }

    pub fn receiver(&self) -> Option<&Type> {
        self.shape.filter(|shape| shape.receiver).and_then(|_| self.args.first())
    }

    /// Parameters of a function type, without receiver and result.
    pub fn params(&self) -> &[Type] {
        let Some(shape) = self.shape else { return &[] };
        let end = self.args.len().saturating_sub(1);
        self.args.get(usize::from(shape.receiver)..end).unwrap_or(&[])
    }

    pub fn result(&self) -> Option<&Type> {
        self.shape.and_then(|_| self.args.last())
    }

    /// Replaces type parameters by what `bindings` say.
    pub fn substitute(&self, bindings: &[(Name, Type)]) -> Type {
        if bindings.is_empty() || (self.args.is_empty() && !self.is_variable()) {
            return self.clone();
        }
        if self.is_variable() {
            let name = &self.class.as_str()[1..];
            return match bindings.iter().find(|(variable, _)| *variable == *name) {
                Some((_, ty)) => ty.clone(),
                None => self.clone(),
            };
        }
        Type {
            class: self.class,
            args: self.args.iter().map(|arg| arg.substitute(bindings)).collect(),
            shape: self.shape,
        }
    }
}
