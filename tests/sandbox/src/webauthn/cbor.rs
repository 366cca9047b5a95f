//! As much of CBOR (RFC 8949) as attestation objects need: integers, byte and text strings, arrays,
//! maps, and the simple values. Lengths are definite, as CTAP2's canonical form demands.

/// One item.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Item {
    Integer(i64),
    Bytes(Vec<u8>),
    Text(String),
    Array(Vec<Item>),
    Map(Vec<(Item, Item)>),
    /// `false`, `true`, `null` and their kin, by their number.
    Simple(u64),
}

/// How deep items may be nested.
const DEEPEST: usize = 8;

/// Reads one item from the front of `input` and gives what follows it.
pub(crate) fn read(input: &[u8]) -> Option<(Item, &[u8])> {
    item(input, 0)
}

fn item(input: &[u8], depth: usize) -> Option<(Item, &[u8])> {
    let (first, rest) = input.split_first()?;
    let (argument, mut rest) = argument(first & 31, rest)?;
    if depth > DEEPEST {
        return None;
    }
    let length = usize::try_from(argument).ok()?;
    Some(match first >> 5 {
        0 => (Item::Integer(i64::try_from(argument).ok()?), rest),
        1 => (Item::Integer(-1 - i64::try_from(argument).ok()?), rest),
        2 => (Item::Bytes(rest.get(..length)?.to_vec()), &rest[length..]),
        3 => (Item::Text(String::from_utf8(rest.get(..length)?.to_vec()).ok()?), &rest[length..]),
        4 => {
            let mut items = Vec::new();
            for _ in 0..length {
                let (value, after) = item(rest, depth + 1)?;
                items.push(value);
                rest = after;
            }
            (Item::Array(items), rest)
        }
        5 => {
            let mut pairs = Vec::new();
            for _ in 0..length {
                let (key, after) = item(rest, depth + 1)?;
                let (value, after) = item(after, depth + 1)?;
                pairs.push((key, value));
                rest = after;
            }
            (Item::Map(pairs), rest)
        }
        7 => (Item::Simple(argument), rest),
        _ => return None,
    })
}

/// The argument of an item's head: in the head itself, or in the 1, 2, 4 or 8 bytes after it.
fn argument(short: u8, rest: &[u8]) -> Option<(u64, &[u8])> {
    let size = match short {
        0..=23 => return Some((u64::from(short), rest)),
        24 => 1,
        25 => 2,
        26 => 4,
        27 => 8,
        _ => return None,
    };
    let value = rest.get(..size)?.iter().fold(0, |value, byte| value << 8 | u64::from(*byte));
    Some((value, &rest[size..]))
}

impl Item {
    /// The value at a key of a map.
    pub(crate) fn at(&self, wanted: &Item) -> Option<&Item> {
        match self {
            Self::Map(pairs) => pairs.iter().find(|(key, _)| key == wanted).map(|(_, value)| value),
            _ => None,
        }
    }

    pub(crate) fn bytes(&self) -> Option<&[u8]> {
        if let Self::Bytes(bytes) = self { Some(bytes) } else { None }
    }
}

#[cfg(test)]
mod tests {
    use super::{Item, read};

    #[test]
    fn rfc_8949_appendix_a() {
        for (bytes, item) in [
            (&[0x18, 0x64][..], Item::Integer(100)),
            (&[0x38, 0x63], Item::Integer(-100)),
            (&[0x44, 1, 2, 3, 4], Item::Bytes(vec![1, 2, 3, 4])),
            (&[0x64, 0x49, 0x45, 0x54, 0x46], Item::Text("IETF".to_owned())),
            (&[0x82, 1, 2], Item::Array(vec![Item::Integer(1), Item::Integer(2)])),
            (&[0xa1, 0x61, 0x61, 1], Item::Map(vec![(Item::Text("a".to_owned()), Item::Integer(1))])),
            (&[0xf5], Item::Simple(21)),
        ] {
            assert_eq!(read(bytes), Some((item, &[][..])));
        }
    }

    #[test]
    fn what_is_cut_short_is_no_item() {
        for bytes in [&[][..], &[0x44, 1, 2, 3], &[0x82, 1], &[0x1b, 0, 0], &[0x5f]] {
            assert_eq!(read(bytes), None, "{bytes:?}");
        }
    }
}
