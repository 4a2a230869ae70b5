//! Project-wide ids. Each indexes a table of the model; the order is that of files by path, then of declarations.

macro_rules! id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub u32);

        impl $name {
            pub fn new(index: usize) -> $name {
                $name(u32::try_from(index).unwrap_or(u32::MAX))
            }

            pub fn index(self) -> usize {
                self.0 as usize
            }
        }
    };
}

id!(
    /// A function of the project.
    FnId
);
id!(
    /// A type declared in the project.
    TypeId
);
id!(
    /// A property or field of the project.
    PropId
);
id!(
    /// A call site.
    SiteId
);
