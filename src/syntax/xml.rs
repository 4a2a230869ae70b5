//! Elements, attributes and comments of an XML file with exact byte spans; the only user of quick-xml.

use quick_xml::Reader;
use quick_xml::errors::{Error, IllFormedError};
use quick_xml::escape::unescape;
use quick_xml::events::{BytesStart, Event};

use crate::base::{Name, Span};
use crate::facts::manifest::Value;

const ANDROID: &str = "http://schemas.android.com/apk/res/android";
const TOOLS: &str = "http://schemas.android.com/tools";

/// A start tag. Attributes have the usual prefixes (`android:name`, `tools:node`), whatever the file binds.
#[derive(Debug)]
pub(super) struct Tag<'t> {
    pub(super) name: &'t str,
    pub(super) attributes: Vec<(Name, Value)>,
    pub(super) span: Span,
}

impl Tag<'_> {
    pub(super) fn attribute(&self, name: &str) -> Option<&Value> {
        self.attributes.iter().find(|(key, _)| *key == name).map(|(_, value)| value)
    }
}

/// What a reader of XML is told, in file order. Every element ends, those of `<a/>` at once; elements that the
/// file leaves open end where reading ends.
pub(super) trait Visitor {
    fn start(&mut self, tag: &Tag<'_>);
    /// `element` spans the whole element.
    fn end(&mut self, element: Span);
    fn comment(&mut self, _text: &str, _span: Span) {}
}

/// Why and where reading stopped.
#[derive(Debug)]
pub(super) struct Broken {
    pub(super) span: Span,
    pub(super) message: String,
}

/// Reads the file to its end or its first error; an attribute that is wrong only loses itself.
pub(super) fn read(text: &str, visitor: &mut impl Visitor) -> Option<Broken> {
    let mut walk = Walk { text, open: Vec::new(), bindings: Vec::new(), broken: None, visitor };
    let mut reader = Reader::from_str(text);
    // The reader drops a byte order mark without counting it.
    let mark = if text.starts_with('\u{feff}') { 3 } else { 0 };
    loop {
        match reader.read_event() {
            Ok(Event::Start(tag)) => walk.start(&tag, false),
            Ok(Event::Empty(tag)) => walk.start(&tag, true),
            Ok(Event::End(tag)) => {
                let end = walk.offset(tag.name().into_inner()) + tag.name().into_inner().len();
                let end = text[end..].find('>').map_or(text.len(), |close| end + close + 1);
                walk.end(end);
            }
            Ok(Event::Comment(comment)) => {
                let body = comment.into_inner();
                let start = walk.offset(&body);
                walk.visitor.comment(&body, Span::new(start.saturating_sub(4), start + body.len() + 3));
            }
            Ok(Event::Eof) => break,
            Ok(_) => {}
            Err(error) => {
                let at = usize::try_from(reader.error_position()).unwrap_or(0) + mark;
                walk.fail(at, &describe(&error));
                break;
            }
        }
    }
    walk.finish()
}

struct Walk<'t, 'v, V> {
    text: &'t str,
    /// Start of every open element, its name, and how many bindings there were before it.
    open: Vec<(usize, String, usize)>,
    bindings: Vec<(String, &'static str)>,
    broken: Option<Broken>,
    visitor: &'v mut V,
}

impl<V: Visitor> Walk<'_, '_, V> {
    /// Where a part of the text lies in it; the reader borrows, so addresses tell.
    fn offset(&self, part: &str) -> usize {
        (part.as_ptr() as usize).saturating_sub(self.text.as_ptr() as usize).min(self.text.len())
    }

    fn start(&mut self, tag: &BytesStart<'_>, empty: bool) {
        let qualified = tag.name().into_inner();
        let start = self.offset(qualified).saturating_sub(1);
        let end = start + 1 + tag.len() + if empty { 2 } else { 1 };
        let before = self.bindings.len();
        let mut raw = Vec::new();
        for attribute in tag.attributes() {
            match attribute {
                Ok(attribute) => {
                    let key = attribute.key.into_inner();
                    let at = self.offset(&attribute.value);
                    let span = Span::new(at, at + attribute.value.len());
                    if let Some(prefix) = key.strip_prefix("xmlns:") {
                        let known = match attribute.value.as_ref() {
                            ANDROID => "android",
                            TOOLS => "tools",
                            _ => "",
                        };
                        self.bindings.push((prefix.to_owned(), known));
                    } else {
                        let text = unescape(&attribute.value)
                            .map_or(Name::new(&attribute.value), |it| Name::new(&it));
                        raw.push((key.to_owned(), Value { text, span }));
                    }
                }
                Err(error) => self.fail(start, &format!("attribute of <{qualified}>: {error}")),
            }
        }
        let attributes = raw.into_iter().map(|(key, value)| (self.usual(&key), value)).collect();
        let tag = Tag { name: qualified, attributes, span: Span::new(start, end) };
        self.visitor.start(&tag);
        self.open.push((start, qualified.to_owned(), before));
        if empty {
            self.end(end);
        }
    }

    /// The attribute's name with the prefix everybody uses. A prefix that nothing binds stays as it is.
    fn usual(&self, key: &str) -> Name {
        let Some((prefix, local)) = key.split_once(':') else { return Name::new(key) };
        match self.bindings.iter().rev().find(|(bound, _)| bound == prefix) {
            Some((_, known)) if !known.is_empty() => Name::new(&format!("{known}:{local}")),
            // `android` bound to something else is not Android's.
            Some(_) => Name::new(&format!("other:{local}")),
            None => Name::new(key),
        }
    }

    fn end(&mut self, end: usize) {
        if let Some((start, _, bindings)) = self.open.pop() {
            self.bindings.truncate(bindings);
            self.visitor.end(Span::new(start, end));
        }
    }

    fn fail(&mut self, at: usize, message: &str) {
        let span = Span::new(at.min(self.text.len()), at.min(self.text.len()));
        self.broken.get_or_insert(Broken { span, message: message.to_owned() });
    }

    fn finish(mut self) -> Option<Broken> {
        if let Some((start, name, _)) = self.open.last() {
            let (start, message) = (*start, format!("<{name}> is never closed"));
            self.fail(start, &message);
        }
        while !self.open.is_empty() {
            self.end(self.text.len());
        }
        self.broken
    }
}

fn describe(error: &Error) -> String {
    match error {
        Error::IllFormed(IllFormedError::MismatchedEndTag { expected, found }) => {
            format!("expected `</{expected}>`, found `</{found}>`")
        }
        other => other.to_string(),
    }
}
