//! The hash of a line by which GitHub's code scanning knows a result again when code above it moves: the same that its
//! upload action computes from a checkout (`github/codeql-action`, `src/fingerprints.ts`).

use std::collections::HashMap;

/// Units that a hash takes in, over following lines if need be.
const BLOCK: usize = 100;
const FACTOR: u64 = 37;
const END: u16 = 0xffff;

/// `hash:occurrence` of every line, in order; the last one may stand for the end of the file.
pub(super) fn line_hashes(text: &str) -> Vec<String> {
    let units = kept_units(text);
    let starts = line_starts(&units);
    let mut seen: HashMap<u64, u32> = HashMap::new();
    starts
        .into_iter()
        .map(|start| {
            let block = units[start..].iter().copied().chain(std::iter::repeat(0)).take(BLOCK);
            let hash =
                block.fold(0_u64, |hash, unit| hash.wrapping_mul(FACTOR).wrapping_add(u64::from(unit)));
            let occurrence = seen.entry(hash).or_insert(0);
            *occurrence += 1;
            format!("{hash:x}:{occurrence}")
        })
        .collect()
}

/// UTF-16 units without blanks and tabs, every line break as LF, and an end mark.
fn kept_units(text: &str) -> Vec<u16> {
    let mut units = Vec::with_capacity(text.len() + 1);
    let mut after_return = false;
    for unit in text.encode_utf16() {
        let is_return = unit == u16::from(b'\r');
        let second = after_return && unit == u16::from(b'\n');
        after_return = is_return;
        if second || unit == u16::from(b' ') || unit == u16::from(b'\t') {
            continue;
        }
        units.push(if is_return { u16::from(b'\n') } else { unit });
    }
    units.push(END);
    units
}

/// Where lines begin among the kept units: at the first one, and at the first one after each line break.
fn line_starts(units: &[u16]) -> Vec<usize> {
    let mut starts = Vec::new();
    let mut begins = true;
    for (at, unit) in units.iter().enumerate() {
        if begins {
            starts.push(at);
        }
        begins = *unit == u16::from(b'\n');
    }
    starts
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_as_the_upload_action() {
        assert_eq!(line_hashes(""), ["c129715d7a2bc9a3:1"]);
        assert_eq!(
            line_hashes(" a\nb\n  \t\tc\n d"),
            ["271789c17abda88f:1", "54703d4cd895b18:1", "180aee12dab6264:1", "a23a3dc5e078b07b:1"]
        );
        let lorem = "Lorem ipsum dolor sit amet.\n".repeat(10);
        assert_eq!(
            line_hashes(&lorem),
            [
                "a7f2ff13bc495cf2:1",
                "a7f2ff13bc495cf2:2",
                "a7f2ff13bc495cf2:3",
                "a7f2ff13bc495cf2:4",
                "a7f2ff13bc495cf2:5",
                "a7f2ff13bc495cf2:6",
                "a7f2ff1481e87703:1",
                "a9cf91f7bbf1862b:1",
                "55ec222b86bcae53:1",
                "cc97dc7b1d7d8f7b:1",
                "c129715d7a2bc9a3:1",
            ]
        );
        let kotlin = "fun a() {\n  x()\n}\n";
        let hashes = ["da3a387ea896b4f1:1", "471700b6d7905e15:1", "32dce9ccfdbc9d3e:1", "c129715d7a2bc9a3:1"];
        assert_eq!(line_hashes(kotlin), hashes);
        assert_eq!(line_hashes(&kotlin.replace('\n', "\r\n")), hashes);
        assert_eq!(line_hashes(&kotlin.replace('\n', "\r")), hashes);
    }
}
