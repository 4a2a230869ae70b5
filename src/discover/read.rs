//! File bytes to text: UTF-8, UTF-16 with a byte order mark, and nothing guessed.

use std::path::Path;

/// Larger files are data or generated; reading them would only cost.
const MAX_BYTES: u64 = 16 * 1024 * 1024;

/// A file's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Decoded {
    pub text: String,
    /// The file on disk is UTF-16: offsets are those of the text, not of the file, so nothing may be written back.
    pub utf16: bool,
}

/// Reads a file; the error is one sentence for a `Problem`.
pub fn read(path: &Path) -> Result<Decoded, String> {
    let (size, bytes) = (std::fs::metadata(path).map(|it| it.len()), std::fs::read(path));
    if size.is_ok_and(|size| size > MAX_BYTES) {
        return Err(format!("larger than {} MB, not read", MAX_BYTES / 1024 / 1024));
    }
    decode(bytes.map_err(|error| format!("cannot be read: {}", reason(&error)))?)
}

/// An I/O error without the operating system's number.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or(&text);
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// A UTF-8 byte order mark stays in the text, so that offsets are those of the file.
pub fn decode(bytes: Vec<u8>) -> Result<Decoded, String> {
    let units = match bytes.as_slice() {
        [0xFF, 0xFE, rest @ ..] => Some(utf16(rest, u16::from_le_bytes)),
        [0xFE, 0xFF, rest @ ..] => Some(utf16(rest, u16::from_be_bytes)),
        _ => None,
    };
    if let Some(text) = units {
        return text.map(|text| Decoded { text, utf16: true });
    }
    String::from_utf8(bytes)
        .map(|text| Decoded { text, utf16: false })
        .map_err(|error| format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Result<String, String> {
    let units = bytes.chunks(2).map(|pair| unit([pair[0], pair.get(1).copied().unwrap_or(0)]));
    let mut text = String::with_capacity(bytes.len());
    let mut at = 2;
    for letter in char::decode_utf16(units) {
        let letter = letter.map_err(|_| format!("not UTF-16 at byte {at}"))?;
        at += letter.len_utf16() * 2;
        text.push(letter);
    }
    Ok(text)
}
