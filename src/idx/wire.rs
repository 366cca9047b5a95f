//! Reading JSON whose members may be of any type: what is missing or of another type is left out.

use serde_json::Value;

use super::limits;

/// A member that is a string, a number or a boolean, as text.
pub(super) fn words(value: &Value, member: &str) -> Option<String> {
    as_words(value.get(member)?)
}

/// The same, unless it is empty.
pub(super) fn filled(value: &Value, member: &str) -> Option<String> {
    words(value, member).filter(|words| !words.is_empty())
}

/// A string, a number or a boolean, as text.
pub(super) fn as_words(value: &Value) -> Option<String> {
    match value {
        Value::String(words) => Some(words.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        _ => None,
    }
}

/// A member that is a boolean, or one of the strings `"true"` and `"false"`, which some replies have.
pub(super) fn truth(value: &Value, member: &str) -> Option<bool> {
    match value.get(member)? {
        Value::Bool(truth) => Some(*truth),
        Value::String(words) => words.parse().ok(),
        _ => None,
    }
}

/// A member that is a whole number, or a string of digits.
pub(super) fn number(value: &Value, member: &str) -> Option<u64> {
    match value.get(member)? {
        Value::Number(number) => number.as_u64(),
        Value::String(words) => words.parse().ok(),
        _ => None,
    }
}

/// The items of a list, at most [`limits::LIST_ITEMS`]: of an array, or of Ion's `{"type":"array","value":[…]}`.
pub(super) fn items(value: Option<&Value>) -> &[Value] {
    let list = value.and_then(|list| list.as_array().or_else(|| list.get("value")?.as_array()));
    let list = list.map(Vec::as_slice).unwrap_or_default();
    list.get(..limits::LIST_ITEMS).unwrap_or(list)
}

/// What is made of those items that can be read.
pub(super) fn list<'v, T>(value: Option<&'v Value>, read: impl FnMut(&'v Value) -> Option<T>) -> Vec<T> {
    items(value).iter().filter_map(read).collect()
}

/// The object within Ion's `{"type":"object","value":{…}}`, or the object itself.
pub(super) fn object(value: &Value) -> &Value {
    match value.get("value") {
        Some(inner @ Value::Object(_)) => inner,
        _ => value,
    }
}

/// The value that `relatesTo` points at, by a path such as `$.authenticators.value[2]`, which may be the only item of
/// an array. Segments that do not exist are skipped, as Okta's own SDK does; a path without any that exists gives
/// nothing.
pub(super) fn related<'a>(root: &'a Value, form: &Value) -> Option<&'a Value> {
    let path = match form.get("relatesTo")? {
        Value::String(path) => path.as_str(),
        Value::Array(paths) => paths.first()?.as_str()?,
        _ => return None,
    };
    let mut at = root;
    let mut moved = false;
    for segment in path.split(['.', '[', ']']).filter(|segment| !segment.is_empty() && *segment != "$") {
        let next = match segment.parse::<usize>() {
            Ok(index) => at.get(index),
            Err(_) => at.get(segment),
        };
        if let Some(next) = next {
            at = next;
            moved = true;
        }
    }
    (moved && at.is_object()).then(|| object(at))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_reference_is_followed_in_every_spelling() {
        let root = json!({
            "currentAuthenticator": {"type": "object", "value": {"key": "a"}},
            "authenticators": {"value": [{"key": "b"}, {"key": "c"}]},
            "bare": {"key": "d"},
        });
        for (reference, key) in [
            (json!({"relatesTo": "$.currentAuthenticator"}), Some("a")),
            (json!({"relatesTo": ["$.currentAuthenticator"]}), Some("a")),
            (json!({"relatesTo": "$.authenticators.value[1]"}), Some("c")),
            (json!({"relatesTo": ["bare"]}), Some("d")),
            (json!({"relatesTo": "$.nowhere"}), None),
            (json!({"relatesTo": 7}), None),
            (json!({}), None),
        ] {
            let found = related(&root, &reference).and_then(|found| found["key"].as_str());
            assert_eq!(found, key, "{reference}");
        }
    }
}
