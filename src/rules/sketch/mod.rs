//! Short ready code for what a finding's help says, with the user's own names, in the file's language. What is left to
//! fill in says so.

mod source;
mod threads;
mod work;

use crate::facts::Language;
use crate::findings::Sketch;

pub(super) use threads::{off_main, scope, without_run_blocking};
pub(super) use work::{Job, When, worker};

fn sketch(language: Language, lines: Vec<String>) -> Sketch {
    let word = match language {
        Language::Kotlin => "kotlin",
        Language::Java => "java",
    };
    Sketch { language: word, code: lines.join("\n") }
}
