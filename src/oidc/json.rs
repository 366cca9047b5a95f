//! Reading JSON from others, with a limit to its depth. Its length is limited where it is received.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};

use super::limits;

/// Reads a document as serde_json does: of two members with one name the last is kept.
pub(crate) fn read(bytes: &[u8]) -> Option<Value> {
    let value: Value = serde_json::from_slice(bytes).ok()?;
    (depth(&value) <= limits::REPLY_DEPTH).then_some(value)
}

/// Reads the header or the claims of a token, which must be one object. A member that occurs twice, at any depth, is
/// refused: two readers could each take another one (RFC 7515 4, RFC 7519 4).
pub(crate) fn read_unambiguous(bytes: &[u8]) -> Option<Map<String, Value>> {
    match serde_json::from_slice::<Unambiguous>(bytes).ok()?.0 {
        value @ Value::Object(_) if depth(&value) > limits::REPLY_DEPTH => None,
        Value::Object(members) => Some(members),
        _ => None,
    }
}

/// The claim of that name, or else what the path leads to. Names come first: some have dots, as addresses do.
pub(crate) fn at<'v>(path: &str, claim: impl Fn(&str) -> Option<&'v Value>) -> Option<&'v Value> {
    if let Some(value) = claim(path) {
        return Some(value);
    }
    let (first, rest) = path.split_once('.')?;
    rest.split('.').try_fold(claim(first)?, |value, member| value.get(member))
}

/// A claim that is a text, a number or a truth value, as a text.
pub(crate) fn text(claim: &Value) -> Option<String> {
    match claim {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// A claim that lists texts, as groups and scopes are: the items of a list, or the one that stands there without a list.
/// Each is read as [`text`] does; what is none, or empty, is left out.
pub(crate) fn texts(claim: &Value) -> Vec<String> {
    let items = match claim {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    items.iter().filter_map(text).filter(|text| !text.is_empty()).collect()
}

/// Whether this is a list that holds that text.
pub(super) fn lists(claim: &Value, text: &str) -> bool {
    claim.as_array().is_some_and(|items| items.iter().any(|item| item == text))
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(items) => 1 + items.iter().map(depth).max().unwrap_or(0),
        Value::Object(members) => 1 + members.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

/// A value in which no object has a member twice.
struct Unambiguous(Value);

impl<'de> Deserialize<'de> for Unambiguous {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Once).map(Self)
    }
}

struct Once;

impl<'de> Visitor<'de> for Once {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, truth: bool) -> Result<Value, E> {
        Ok(truth.into())
    }

    fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_f64<E>(self, number: f64) -> Result<Value, E> {
        Ok(number.into())
    }

    fn visit_str<E>(self, text: &str) -> Result<Value, E> {
        Ok(text.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
        let mut read = Vec::new();
        while let Some(Unambiguous(item)) = items.next_element()? {
            read.push(item);
        }
        Ok(Value::Array(read))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Value, A::Error> {
        let mut read = Map::new();
        while let Some((name, Unambiguous(value))) = members.next_entry::<String, _>()? {
            if read.insert(name, value).is_some() {
                return Err(A::Error::custom("a member is there twice"));
            }
        }
        Ok(Value::Object(read))
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_name_with_dots_leads_into_a_claim() {
        let claims = json!({ "realm_access": { "roles": ["a"] }, "flat": "b" });
        let found = |name: &str| at(name, |name| claims.get(name)).cloned();
        assert_eq!(found("realm_access.roles"), Some(json!(["a"])));
        assert_eq!(found("realm_access"), Some(json!({ "roles": ["a"] })));
        for name in ["flat.b", "none.b", "realm_access.none"] {
            assert_eq!(found(name), None, "{name}");
        }
    }

    #[test]
    fn one_text_is_a_list_of_one_and_what_is_no_text_is_left_out() {
        for (claim, expected) in [
            (json!(["a,admin", " b ", "a,admin"]), &["a,admin", " b ", "a,admin"][..]),
            (json!("staff admins"), &["staff admins"]),
            (json!([7, true, 1.5]), &["7", "true", "1.5"]),
            (json!(7), &["7"]),
            (json!(["", null, {"a": "b"}, ["c"]]), &[]),
            (json!(""), &[]),
            (json!(null), &[]),
            (json!({"staff": true}), &[]),
        ] {
            assert_eq!(texts(&claim), expected, "{claim}");
        }
    }

    #[test]
    fn nesting_is_bounded() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(read(nested(limits::REPLY_DEPTH).as_bytes()).is_some());
        assert!(read(nested(limits::REPLY_DEPTH + 1).as_bytes()).is_none());
        assert!(read(nested(100_000).as_bytes()).is_none());
        let nested = |levels: usize| format!(r#"{{"a":{}{}}}"#, "[".repeat(levels), "]".repeat(levels));
        assert!(read_unambiguous(nested(limits::REPLY_DEPTH - 1).as_bytes()).is_some());
        assert!(read_unambiguous(nested(limits::REPLY_DEPTH).as_bytes()).is_none());
        assert!(read_unambiguous(nested(100_000).as_bytes()).is_none());
    }

    #[test]
    fn what_can_be_read_in_two_ways_is_not_read() {
        for (text, read) in [
            (r#"{"a": 1, "b": [true, null, -1, 1.5, "x", {"a": 2}]}"#, true),
            (r#"{"a": 1, "a": 1}"#, false),
            (r#"{"a": 1, "\u0061": 2}"#, false),
            (r#"{"b": [{"a": 1, "a": 2}]}"#, false),
            (r#"[{"a": 1}]"#, false),
            ("1", false),
            (r#"{"a": 1} {"a": 2}"#, false),
        ] {
            let strictly = read_unambiguous(text.as_bytes());
            assert_eq!(strictly.is_some(), read, "{text}");
            assert!(strictly.is_none_or(|members| super::read(text.as_bytes()) == Some(Value::Object(members))));
        }
    }
}
