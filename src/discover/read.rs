//! File bytes to text: UTF-8, UTF-16 with a byte order mark, and what is neither as Latin-1.

use std::fs::File;
use std::io::Read as _;
use std::path::Path;

use crate::base::Problem;
use crate::base::problem::ProblemKind;

/// Larger files are data or generated; reading them would only cost.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A file's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// The file on disk is not UTF-8: offsets are those of the text, not of the file, so nothing may be written back.
    pub transcoded: bool,
    /// Line of the first byte that was not UTF-8 or UTF-16 and had to be guessed.
    pub guessed: Option<u32>,
}

/// Why a file has no text, in one sentence for a `Problem`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Unread {
    Failed(String),
    TooLarge,
}

impl Unread {
    pub(super) fn problem(self, path: &str) -> Problem {
        let (kind, message) = match self {
            Unread::Failed(message) => (ProblemKind::Unreadable, message),
            Unread::TooLarge => {
                let limit = MAX_BYTES / 1024 / 1024;
                (ProblemKind::Noted, format!("larger than {limit} MB, not analysed"))
            }
        };
        Problem { kind, path: path.to_owned(), span: None, line: None, message }
    }
}

impl Decoded {
    /// What is to be said of a file whose bytes were guessed at.
    pub fn doubt(&self, path: &str) -> Option<Problem> {
        let line = self.guessed?;
        let message = match self.text.contains('\u{fffd}') {
            true => "this line is not valid UTF-16, it is read as far as possible",
            false => "this line is not UTF-8, such bytes are read as Latin-1",
        };
        let (kind, message) = (ProblemKind::Noted, message.to_owned());
        Some(Problem { kind, path: path.to_owned(), span: None, line: Some(line), message })
    }
}

pub(super) fn read(path: &Path) -> Result<Decoded, Unread> {
    match bytes(path) {
        Ok(Some(bytes)) => Ok(decode(bytes)),
        Ok(None) => Err(Unread::TooLarge),
        Err(error) => Err(Unread::Failed(format!("cannot be read: {}", reason(&error)))),
    }
}

/// None when there are too many.
fn bytes(path: &Path) -> std::io::Result<Option<Vec<u8>>> {
    let file = File::open(path)?;
    let size = file.metadata()?.len();
    if size > MAX_BYTES {
        return Ok(None);
    }
    let mut bytes = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
    // What is no regular file has no size of its own.
    let read = file.take(MAX_BYTES + 1).read_to_end(&mut bytes)?;
    Ok((read as u64 <= MAX_BYTES).then_some(bytes))
}

/// An I/O error without the operating system's number.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A UTF-8 byte order mark stays in the text, so that offsets are those of the file.
pub fn decode(bytes: Vec<u8>) -> Decoded {
    match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        _ => match String::from_utf8(bytes) {
            Ok(text) => Decoded { text, ..Decoded::default() },
            Err(error) => latin(error.as_bytes()),
        },
    }
}

/// Bytes that are no UTF-8 stand for themselves: editors of old wrote Latin-1.
fn latin(bytes: &[u8]) -> Decoded {
    let mut text = String::with_capacity(bytes.len() + bytes.len() / 8);
    let mut guessed = None;
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        if !chunk.invalid().is_empty() {
            guessed = guessed.or_else(|| Some(line_after(&text)));
            text.extend(chunk.invalid().iter().map(|byte| char::from(*byte)));
        }
    }
    Decoded { text, transcoded: true, guessed }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Decoded {
    let units = bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)]));
    let mut text = String::with_capacity(bytes.len());
    let mut guessed = None;
    for letter in char::decode_utf16(units) {
        text.push(letter.unwrap_or_else(|_| {
            guessed = guessed.or_else(|| Some(line_after(&text)));
            char::REPLACEMENT_CHARACTER
        }));
    }
    Decoded { text, transcoded: true, guessed }
}

/// One-based line that the next character stands on.
fn line_after(text: &str) -> u32 {
    let breaks = memchr::memchr_iter(b'\n', text.as_bytes()).count();
    u32::try_from(breaks + 1).unwrap_or(u32::MAX)
}
