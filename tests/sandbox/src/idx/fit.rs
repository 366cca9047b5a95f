//! Whether a posted body fits one of the forms that the current step offers at that address.
//!
//! The reply itself is the contract: a field that is fixed must come as it was given, a field that is
//! required must come, a choice must be one of its options, a boolean must be a JSON boolean. Members
//! that no field names are ignored.

use serde_json::Value;

/// What does not fit.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Mismatch {
    /// The path of the field, `credentials.passcode`.
    pub(crate) field: String,
    pub(crate) rule: String,
}

/// What is told of a fixed value that did not come back.
const OTHER_VALUE: &str = " must be sent back as it was given.";

/// Checks `body` against forms; the first form's mismatch is told when none fits.
pub(crate) fn check<'a>(forms: impl Iterator<Item = &'a Value>, body: &Value) -> Result<(), Mismatch> {
    let mut told = None;
    for form in forms {
        match fields(form["value"].as_array(), body, "") {
            Ok(()) => return Ok(()),
            Err(mismatch) => told = told.or(Some(mismatch)),
        }
    }
    Err(told.unwrap_or_else(|| Mismatch {
        field: String::new(),
        rule: "the current step has no form at this address".to_owned(),
    }))
}

fn fields(fields: Option<&Vec<Value>>, given: &Value, path: &str) -> Result<(), Mismatch> {
    for described in fields.into_iter().flatten() {
        let name = described["name"].as_str().unwrap_or_default();
        let path = if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
        field(described, given.get(name).filter(|value| !value.is_null()), &path)?;
    }
    Ok(())
}

fn field(described: &Value, given: Option<&Value>, path: &str) -> Result<(), Mismatch> {
    let mismatch = |rule: String| Err(Mismatch { field: path.to_owned(), rule });
    let required = described["required"] == true;
    let inner = described["form"]["value"].as_array().or_else(|| described["value"]["form"]["value"].as_array());
    let Some(given) = given.filter(|given| given.as_str() != Some("") || !required) else {
        return match required || inner.is_some_and(|inner| inner.iter().any(is_required)) {
            true => mismatch(format!("'{path}' is required.")),
            false => Ok(()),
        };
    };
    if described["mutable"] == false && inner.is_none() && described["value"] != *given {
        return mismatch(format!("'{path}'{OTHER_VALUE}"));
    }
    if let Some(inner) = inner {
        return match given.is_object() {
            true => fields(Some(inner), given, path),
            false => mismatch(format!("'{path}' must be a JSON object.")),
        };
    }
    if described["type"] == "boolean" && !given.is_boolean() {
        return mismatch(format!("'{path}' must be a JSON boolean."));
    }
    options(described["options"].as_array(), given, path)
}

fn is_required(field: &Value) -> bool {
    field["required"] == true
}

/// A choice: one of several forms, or one of several values. How a field is drawn is no choice.
fn options(options: Option<&Vec<Value>>, given: &Value, path: &str) -> Result<(), Mismatch> {
    let Some(options) = options.filter(|options| !options.iter().any(|option| option["label"] == "display")) else {
        return Ok(());
    };
    let forms: Vec<_> = options.iter().filter_map(|option| option["value"]["form"]["value"].as_array()).collect();
    if forms.is_empty() {
        return match options.iter().any(|option| option["value"] == *given) {
            true => Ok(()),
            false => Err(Mismatch { field: path.to_owned(), rule: format!("'{path}' must be one of its options.") }),
        };
    }
    let mut mismatches = Vec::new();
    for form in forms {
        match fields(Some(form), given, path) {
            Ok(()) => return Ok(()),
            Err(mismatch) => mismatches.push(mismatch),
        }
    }
    // Of the alternative that was meant, its fixed values fit; so something else of it is told.
    let meant = mismatches.iter().position(|mismatch| !mismatch.rule.ends_with(OTHER_VALUE)).unwrap_or(0);
    Err(mismatches.swap_remove(meant))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::check;

    fn form() -> Value {
        json!({ "value": [
            { "name": "authenticator", "type": "object", "options": [
                { "label": "A", "value": { "form": { "value": [{ "name": "id", "value": "a", "mutable": false, "required": true }] } } },
                { "label": "B", "value": { "form": { "value": [
                    { "name": "id", "value": "b", "mutable": false, "required": true },
                    { "name": "methodType", "options": [{ "value": "sms" }, { "value": "voice" }] },
                ] } } },
            ] },
            { "name": "rememberMe", "type": "boolean" },
            { "name": "stateHandle", "value": "SH", "required": true, "mutable": false },
        ] })
    }

    #[test]
    fn a_body_that_follows_the_form_fits() {
        for body in [
            json!({ "authenticator": { "id": "a" }, "stateHandle": "SH" }),
            json!({ "authenticator": { "id": "b", "methodType": "sms" }, "stateHandle": "SH", "rememberMe": true, "more": 1 }),
        ] {
            assert_eq!(check([form()].iter(), &body), Ok(()), "{body}");
        }
    }

    #[test]
    fn a_body_that_does_not_is_told_which_field_and_why() {
        for (body, rule) in [
            (
                json!({ "authenticator": { "id": "c" }, "stateHandle": "SH" }),
                "'authenticator.id' must be sent back as it was given.",
            ),
            (
                json!({ "authenticator": { "id": "b", "methodType": "fax" }, "stateHandle": "SH" }),
                "'authenticator.methodType' must be one of its options.",
            ),
            (
                json!({ "authenticator": { "id": "a" }, "rememberMe": "yes", "stateHandle": "SH" }),
                "'rememberMe' must be a JSON boolean.",
            ),
            (json!({ "authenticator": { "id": "a" } }), "'stateHandle' is required."),
        ] {
            assert_eq!(check([form()].iter(), &body).expect_err("a mismatch").rule, rule);
        }
    }
}
