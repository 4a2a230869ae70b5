//! Suppressions in comments: what and how is in `syntax/suppressions.rs`.

use tree_sitter::Node;

use crate::syntax::suppressions::in_comments;

use super::Lower;
use super::kinds::kind;

impl<'t> Lower<'t> {
    /// Those of comments follow those of annotations, each in source order.
    pub(super) fn directives(&mut self, root: Node<'t>) {
        let found = in_comments(self.text, root, |node| kind(node).is_comment());
        self.facts.suppressions.extend(found);
    }
}
