//! Posted forms, held against a step: the line is the form as a browser sends it, the reply is the step.
#![no_main]

use std::sync::LazyLock;

use idx_gateway::idx::{Field, Remediation, Reply, Shape, Step};
use idx_gateway::pages::{Control, Part};
use idx_gateway::signin::screens::{self, Posted};
use idx_gateway::web::{Request, RequestId};
use idx_gateway_fuzz::{change, halves, page, read};
use libfuzzer_sys::{fuzz_mutator, fuzz_target};
use serde_json::Value;

static HEAD: LazyLock<http::request::Parts> = LazyLock::new(|| {
    let request = http::Request::post("/f").header("host", "localhost");
    let request = request.header("content-type", "application/x-www-form-urlencoded");
    request.body(()).expect("a request").into_parts().0
});

fuzz_target!(|data: &[u8]| {
    let (line, reply) = halves(data);
    let request = Request::read(&HEAD, None, RequestId::next()).expect("a request").with_body(line.to_vec());
    let (Ok(posted), Step::Pending(reply)) = (request.form(), read(200, reply)) else { return };
    let actions = reply.actions.iter().map(|action| &action.form);
    for form in reply.remediations.iter().chain(actions).filter(|form| !form.navigates) {
        match screens::read(form, &reply, &posted, Some("+44")) {
            Ok(answers) => declared(&answers.body(&form.fields), &form.fields.iter().collect::<Vec<_>>()),
            Err(problems) => assert!(!problems.is_empty(), "refused, and nobody knows why"),
        }
        keeps_no_secret(form, &reply, &posted);
    }
});

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| { change(data, size, max_size, seed) });

/// Every member of a body is one that the reply asks for, and of the kind it asks for.
fn declared(body: &Value, fields: &[&Field]) {
    let members = body.as_object().expect("a body is an object");
    for (name, value) in members {
        let named: Vec<&Field> = fields.iter().copied().filter(|field| field.name == *name).collect();
        let of_groups: Vec<&Field> = named.iter().flat_map(|field| members_of(&field.shape)).collect();
        let fits = |field: &&Field| match &field.shape {
            Shape::Fixed(fixed) => value == fixed,
            Shape::Boolean(_) => value.is_boolean(),
            Shape::Choice(options, _) => options.iter().any(|(_, option)| option == value),
            Shape::Text(_) => value.is_string() && field.mutable,
            Shape::Group(_) | Shape::Alternatives(_) => value.is_object(),
        };
        assert!(named.iter().any(fits), "{name} was not asked for: {body}");
        if value.is_object() && !of_groups.is_empty() {
            declared(value, &of_groups);
        }
    }
    for field in fields {
        let alone = fields.iter().filter(|other| other.name == field.name).count() == 1;
        if let (Shape::Fixed(fixed), true, Some(sent)) = (&field.shape, alone, members.get(&field.name)) {
            assert_eq!(sent, fixed, "{} was changed", field.name);
        }
    }
}

fn members_of(shape: &Shape) -> Vec<&Field> {
    match shape {
        Shape::Group(members) => members.iter().collect(),
        Shape::Alternatives(sets) => sets.iter().flat_map(|set| &set.fields).collect(),
        _ => Vec::new(),
    }
}

/// What was typed into a secret's box does not come back.
fn keeps_no_secret(form: &Remediation, reply: &Reply, posted: &Posted) {
    let before = page(form, reply, &[]);
    let text = serde_json::to_string(&before).expect("a page is data");
    let again = serde_json::to_string(&page(form, reply, posted)).expect("a page is data");
    let controls = before.parts.iter().flat_map(|part| match part {
        Part::Form(form) => &form.controls[..],
        Part::Choices(choices) => &choices.controls[..],
        _ => &[],
    });
    for control in controls {
        let (Control::Secret { at, .. } | Control::NewPassword { at, .. }) = control else { continue };
        let typed = screens::value(posted, &at.name).and_then(|typed| serde_json::to_string(typed).ok());
        let elsewhere = |typed: &str| {
            posted
                .iter()
                .any(|(name, value)| *name != at.name && serde_json::to_string(value).is_ok_and(|value| value == typed))
        };
        if let Some(typed) =
            typed.filter(|typed| typed.len() > 8 && !text.contains(typed.as_str()) && !elsewhere(typed))
        {
            assert!(!again.contains(&typed), "a secret came back: {typed}");
        }
    }
}
