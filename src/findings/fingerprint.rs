//! A finding's identity across edits: what baselines and code scanning compare.
//!
//! Made of rule, enclosing symbol and the rule's own key. Not of path, line, message, severity, entry or the calls in
//! between: moving a file or rewording a rule keeps it. Two equal calls in one declaration share a fingerprint;
//! reports that need distinct ones add an ordinal of their own.

use xxhash_rust::xxh3::xxh3_64;

use super::finding::Finding;

/// `v1:` and 16 hexadecimal digits.
pub fn fingerprint(finding: &Finding) -> String {
    let text = [finding.rule, &finding.symbol, &finding.key].join("\0");
    format!("v1:{:016x}", xxh3_64(text.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::super::finding::testing::finding;
    use super::*;

    #[test]
    fn stays_what_it_was() {
        // Baselines in the field hold these: a changed value here breaks every one of them.
        let mut finding = finding("DatabaseOnMainThread", 3, 10..20);
        finding.symbol = "org.example.feed.FeedRepository.latest".into();
        finding.key = "SQLiteDatabase.rawQuery".into();
        let first = fingerprint(&finding);
        assert_eq!(first, "v1:b2d3ac8226553c44");
        finding.message.push_str(" reworded");
        finding.place.file.0 = 9;
        finding.place.span.start = 5;
        assert_eq!(fingerprint(&finding), first);
    }

    #[test]
    fn fields_do_not_run_together() {
        let (mut one, mut other) = (finding("A", 0, 0..1), finding("A", 0, 0..1));
        (one.symbol, one.key) = ("ab".into(), "c".into());
        (other.symbol, other.key) = ("a".into(), "bc".into());
        assert_ne!(fingerprint(&one), fingerprint(&other));
    }
}
