//! How a class and its members lie in a block: numbers of the block's tables of types and texts.

use smallvec::SmallVec;

use crate::base::Name;

use super::bytes::Cursor;
use super::signature::*;

/// Bits ahead of a class.
pub(super) const ABSTRACT: u8 = 8;
pub(super) const FINAL: u8 = 16;
pub(super) const DEPRECATED: u8 = 32;
pub(super) const COMPANION: u8 = 64;
pub(super) const SINCE: u8 = 128;

/// Bits ahead of a member, beside its kind (two bits) and its flags (five bits); then the bits of the second byte.
pub(super) const EXTRAS: u8 = 128;
pub(super) const EXTRA_SINCE: u8 = 1;
pub(super) const EXTRA_TYPE_PARAMS: u8 = 2;
pub(super) const EXTRA_RECEIVER: u8 = 4;

/// Bits ahead of a parameter.
pub(super) const VARARG: u8 = 1;
pub(super) const DEFAULT: u8 = 2;
pub(super) const NAMED: u8 = 4;

/// Bits ahead of a function type.
pub(super) const RECEIVER: u8 = 1;
pub(super) const SUSPEND: u8 = 2;

/// Numbers that stand for no class of the block's table.
pub(super) const STAR: usize = 0;
pub(super) const FUNCTION: usize = 1;
pub(super) const VARIABLE: usize = 2;
pub(super) const CLASSES: usize = 3;

/// Deeper types are no types.
const MAX_DEPTH: u8 = 32;

/// What numbers in a block stand for.
pub(super) trait Tables {
    fn class(&self, number: usize) -> Option<Name>;
    fn text(&self, number: usize) -> Option<Name>;
}

/// Reads one record.
pub(super) struct RecordReader<'b, T> {
    pub(super) cursor: Cursor<'b>,
    pub(super) tables: &'b T,
    /// Type parameters in scope.
    pub(super) variables: SmallVec<[Name; 4]>,
}

impl<T: Tables> RecordReader<'_, T> {
    /// The class; behind it the cursor is at its members.
    pub(super) fn class(&mut self, name: Name) -> Option<ClassSignature> {
        let head = self.cursor.byte()?;
        let (kind, _) = *ClassKind::ALL.get(usize::from(head & 7))?;
        let since = if head & SINCE != 0 { self.cursor.byte()? } else { 0 };
        let companion = if head & COMPANION != 0 { Some(self.text()?) } else { None };
        let params = self.type_params()?;
        let supertypes = self.types(0)?;
        Some(ClassSignature {
            name,
            kind,
            is_abstract: head & ABSTRACT != 0,
            is_final: head & FINAL != 0,
            params,
            supertypes,
            companion,
            since,
            deprecated: head & DEPRECATED != 0,
        })
    }

    /// Members of one name, up to the end of their part.
    pub(super) fn members(&mut self, name: Name, end: usize) -> Option<Vec<MemberSignature>> {
        let scope = self.variables.len();
        let mut found = Vec::new();
        while self.cursor.at < end {
            found.push(self.member(name)?);
            self.variables.truncate(scope);
        }
        Some(found)
    }

    fn member(&mut self, name: Name) -> Option<MemberSignature> {
        let head = self.cursor.byte()?;
        let (kind, _) = *MemberKind::ALL.get(usize::from(head & 3))?;
        let flags = MemberFlags::from_bits_truncate(head >> 2 & 31);
        let extras = if head & EXTRAS != 0 { self.cursor.byte()? } else { 0 };
        let since = if extras & EXTRA_SINCE != 0 { self.cursor.byte()? } else { 0 };
        let type_params = if extras & EXTRA_TYPE_PARAMS != 0 { self.type_params()? } else { Vec::new() };
        let receiver = if extras & EXTRA_RECEIVER != 0 { Some(self.ty(0)?) } else { None };
        let callable = matches!(kind, MemberKind::Function | MemberKind::Constructor);
        let params = if callable { self.params()? } else { Vec::new() };
        let result = match kind {
            MemberKind::Constructor => Ty::class(Name::new("kotlin.Unit")),
            _ => self.ty(0)?,
        };
        Some(MemberSignature { name, kind, flags, type_params, receiver, params, result, since })
    }

    fn params(&mut self) -> Option<Vec<Parameter>> {
        let head = self.cursor.number()?;
        let plain = head & 1 == 0;
        (0..head >> 1)
            .map(|_| {
                let bits = if plain { 0 } else { self.cursor.byte()? };
                let name = if bits & NAMED != 0 { Some(self.text()?) } else { None };
                let ty = self.ty(0)?;
                Some(Parameter { name, ty, vararg: bits & VARARG != 0, default: bits & DEFAULT != 0 })
            })
            .collect()
    }

    fn type_params(&mut self) -> Option<Vec<TypeParam>> {
        let count = self.cursor.number()?;
        let names: SmallVec<[Name; 4]> = (0..count).map(|_| self.text()).collect::<Option<_>>()?;
        self.variables.extend(names.iter().copied());
        let bounds = |name| Some(TypeParam { name, bounds: self.types(0)?.into() });
        names.into_iter().map(bounds).collect()
    }

    fn types(&mut self, depth: u8) -> Option<Vec<Ty>> {
        let count = self.cursor.number()?;
        (0..count).map(|_| self.ty(depth)).collect()
    }

    fn ty(&mut self, depth: u8) -> Option<Ty> {
        if depth > MAX_DEPTH {
            return None;
        }
        match self.cursor.number()? {
            STAR => Some(Ty::Star),
            FUNCTION => {
                let bits = self.cursor.byte()?;
                let receiver = if bits & RECEIVER != 0 { Some(self.ty(depth + 1)?) } else { None };
                let params = self.types(depth + 1)?;
                let result = self.ty(depth + 1)?;
                let suspend = bits & SUSPEND != 0;
                Some(Ty::Function(Box::new(FunctionTy { receiver, params, result, suspend })))
            }
            VARIABLE => {
                let number = self.cursor.number()?;
                self.variables.get(number).copied().map(Ty::Variable)
            }
            number => {
                let number = number - CLASSES;
                let class = self.tables.class(number >> 1)?;
                let args = if number & 1 == 0 { Vec::new() } else { self.types(depth + 1)? };
                Some(Ty::Class(class, args.into()))
            }
        }
    }

    fn text(&mut self) -> Option<Name> {
        let number = self.cursor.number()?;
        self.tables.text(number)
    }
}
