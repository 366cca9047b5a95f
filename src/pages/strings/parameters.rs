//! Which parameters each message of a Fluent file asks for, so that a translation, or an operator's own
//! words, can be held against ours.

use std::collections::{BTreeMap, BTreeSet};

use fluent_syntax::ast::{CallArguments, Entry, Expression, InlineExpression, Pattern, PatternElement};

/// What each message asks for, by its id; attributes as `id.attribute`.
pub(super) type Parameters = BTreeMap<String, BTreeSet<String>>;

/// Reads one file; what cannot be read is left out.
pub(super) fn parameters(text: &str) -> Parameters {
    let resource = match fluent_syntax::parser::parse(text) {
        Ok(resource) | Err((resource, _)) => resource,
    };
    let mut found = Parameters::new();
    for entry in &resource.body {
        let Entry::Message(message) = entry else { continue };
        let mut keep = |id: String, pattern: &Pattern<&str>| {
            let mut names = BTreeSet::new();
            of_pattern(pattern, &mut names);
            found.insert(id, names);
        };
        if let Some(pattern) = &message.value {
            keep(message.id.name.to_owned(), pattern);
        }
        for attribute in &message.attributes {
            keep(format!("{}.{}", message.id.name, attribute.id.name), &attribute.value);
        }
    }
    found
}

fn of_pattern(pattern: &Pattern<&str>, names: &mut BTreeSet<String>) {
    for element in &pattern.elements {
        match element {
            PatternElement::TextElement { .. } => {}
            PatternElement::Placeable { expression } => of_expression(expression, names),
        }
    }
}

fn of_expression(expression: &Expression<&str>, names: &mut BTreeSet<String>) {
    match expression {
        Expression::Inline(inline) => of_inline(inline, names),
        Expression::Select { selector, variants } => {
            of_inline(selector, names);
            variants.iter().for_each(|variant| of_pattern(&variant.value, names));
        }
    }
}

fn of_inline(inline: &InlineExpression<&str>, names: &mut BTreeSet<String>) {
    match inline {
        InlineExpression::VariableReference { id } => {
            names.insert(id.name.to_owned());
        }
        InlineExpression::Placeable { expression } => of_expression(expression, names),
        InlineExpression::FunctionReference { arguments: CallArguments { positional, named }, .. } => {
            positional.iter().for_each(|argument| of_inline(argument, names));
            named.iter().for_each(|argument| of_inline(&argument.value, names));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_are_found_in_text_plurals_and_attributes() {
        let found = parameters("a = { $x } and { $n ->\n   *[other] { $y }\n}\n    .b = { $z }\nc = plain\n");
        let said = |id: &str| found.get(id).unwrap().iter().cloned().collect::<Vec<_>>().join(" ");
        assert_eq!((said("a"), said("a.b"), said("c")), ("n x y".into(), "z".into(), String::new()));
    }
}
