//! Pomerium's policy language: converts `allow` and `deny` blocks of criteria into conditions. A criterion without a
//! counterpart lets nobody in. Of the criteria A and B, `and` is A∧B, `or` A∨B, `not` ¬A∧¬B, `nor` ¬A∨¬B.

use serde_json::Value;

use super::draft::{Allow, Draft, all_of, any_of, list, quoted, table};
use super::{items, texts};

/// The meaning of criteria.
enum Meaning {
    Everybody,
    SignedIn,
    /// Whoever meets all of these conditions.
    Of(Vec<String>),
    /// No counterpart.
    Unknown,
}

/// Who may: whoever the route's own settings let in, or an `allow` of its policy, and no `deny`. Each operator of a block is
/// a rule of its own, and of rules one that holds is enough; a list without criteria is no rule.
pub(super) fn allowed(draft: &mut Draft, place: &str, settings: Allow, policy: Option<&Value>) -> Allow {
    let mut any = vec![match settings {
        Allow::Public => Meaning::Everybody,
        Allow::SignedIn => Meaning::SignedIn,
        Allow::Conditions(conditions) => Meaning::Of(conditions),
        Allow::Closed => Meaning::Unknown,
    }];
    let mut denied = Vec::new();
    for block in policy.map(items).unwrap_or_default() {
        any.extend(block.get("allow").map(|allow| rules(draft, place, allow, false)).unwrap_or_default());
        denied.extend(block.get("deny").map(|deny| rules(draft, place, deny, true)).unwrap_or_default());
    }
    if any.len() == 1 && matches!(any[0], Meaning::Unknown) {
        draft.note(format!("{place}policy: there is none, and nobody may, as before (REPLACE-ME)"));
        return Allow::Closed;
    }
    let denied: Option<Vec<Vec<String>>> = denied
        .into_iter()
        .map(|meaning| if let Meaning::Of(conditions) = meaning { Some(conditions) } else { None })
        .collect();
    let Some(denied) = denied else { return closed(draft, place, "deny") };
    let allow = match either(any) {
        Meaning::Everybody if denied.is_empty() => return Allow::Public,
        Meaning::Everybody => return closed(draft, place, "deny"),
        Meaning::SignedIn => Allow::SignedIn,
        Meaning::Of(conditions) => Allow::Conditions(conditions),
        Meaning::Unknown => return closed(draft, place, "allow"),
    };
    if denied.is_empty() {
        return allow;
    }
    allow.both(Allow::Conditions(vec![format!("not = {}", table(&any_of(&denied)))]))
}

fn closed(draft: &mut Draft, place: &str, what: &str) -> Allow {
    draft.note(format!("{place}policy: its `{what}` has no counterpart; nobody may until you say who (REPLACE-ME)"));
    Allow::Closed
}

/// What each operator of a block says. One that refuses must be known as a whole.
fn rules(draft: &mut Draft, place: &str, block: &Value, refuses: bool) -> Vec<Meaning> {
    let Some(operators) = block.as_object() else { return vec![Meaning::Unknown] };
    let mut all = Vec::new();
    for (operator, criteria) in operators.iter().filter(|(_, criteria)| !is_empty(criteria)) {
        let meanings: Vec<Meaning> = items(criteria).iter().map(|item| criterion(draft, place, item)).collect();
        let is_known = !meanings.iter().any(|meaning| matches!(meaning, Meaning::Unknown));
        all.push(match operator.as_str() {
            _ if refuses && !is_known => Meaning::Unknown,
            "or" => either(meanings),
            "and" => together(meanings),
            "nor" | "not" => neither(operator, meanings),
            _ => Meaning::Unknown,
        });
    }
    all
}

fn is_empty(criteria: &Value) -> bool {
    criteria.is_null() || criteria.as_array().is_some_and(Vec::is_empty)
}

/// The meaning of criteria of which one must hold. One without a counterpart lets nobody in, and the others still
/// count.
fn either(meanings: Vec<Meaning>) -> Meaning {
    let mut of = Vec::new();
    let mut is_signed_in = false;
    for meaning in meanings {
        match meaning {
            Meaning::Everybody => return Meaning::Everybody,
            Meaning::SignedIn => is_signed_in = true,
            Meaning::Of(conditions) => of.push(conditions),
            Meaning::Unknown => {}
        }
    }
    match of.len() {
        _ if is_signed_in => Meaning::SignedIn,
        0 => Meaning::Unknown,
        _ => Meaning::Of(any_of(&of)),
    }
}

fn together(meanings: Vec<Meaning>) -> Meaning {
    let mut of: Vec<Vec<String>> = Vec::new();
    let mut is_signed_in = false;
    for meaning in meanings {
        match meaning {
            Meaning::Everybody => {}
            Meaning::SignedIn => is_signed_in = true,
            Meaning::Of(conditions) => of.push(conditions),
            Meaning::Unknown => return Meaning::Unknown,
        }
    }
    match of.len() {
        0 if is_signed_in => Meaning::SignedIn,
        0 => Meaning::Everybody,
        1 => Meaning::Of(of.remove(0)),
        _ => Meaning::Of(all_of(&of)),
    }
}

/// The meaning of `not` (none holds) and `nor` (not all hold). Each criterion must have a counterpart.
fn neither(operator: &str, meanings: Vec<Meaning>) -> Meaning {
    let is_known = meanings.iter().all(|meaning| matches!(meaning, Meaning::Of(_)));
    let inner = if operator == "not" { either(meanings) } else { together(meanings) };
    match inner {
        Meaning::Of(conditions) if is_known => Meaning::Of(vec![format!("not = {}", table(&conditions))]),
        _ => Meaning::Unknown,
    }
}

fn criterion(draft: &mut Draft, place: &str, criterion: &Value) -> Meaning {
    let Some((name, value)) = criterion.as_object().filter(|one| one.len() == 1).and_then(|one| one.iter().next())
    else {
        return Meaning::Unknown;
    };
    let operands = match value {
        Value::Object(table) if table.len() == 1 => {
            let (operator, operand) = table.iter().next().unwrap_or((name, value));
            Some((operator.as_str(), texts(Some(operand)))).filter(|(_, operands)| !operands.is_empty())
        }
        Value::Object(_) => None,
        value => Some(("is", texts(Some(value)))).filter(|(_, operands)| !operands.is_empty()),
    };
    let of = |setting: &str, operators: &[&str]| {
        let operands = operands.clone().filter(|(operator, _)| operators.contains(operator));
        operands.map(|(_, operands)| Meaning::Of(vec![format!("{setting} = {}", list(&operands))]))
    };
    let found = match (name.as_str(), name.split_once('/')) {
        ("accept", _) => Some(Meaning::Everybody),
        ("authenticated_user", _) => Some(Meaning::SignedIn),
        ("email", _) => of("emails", &["is", "in"]),
        ("domain", _) => of("email_domains", &["is", "in"]),
        ("user", _) => of("users", &["is", "in"]),
        ("groups", _) => of("groups", &["is", "has", "in"]),
        ("http_method", _) => of("methods", &["is", "in"]),
        (_, Some(("claim", claim))) => {
            operands.clone().filter(|(operator, _)| ["is", "has", "in"].contains(operator)).map(|(_, operands)| {
                Meaning::Of(vec![format!("claims = {{ {} = {} }}", quoted(&claim.replace('/', ".")), list(&operands))])
            })
        }
        _ => None,
    };
    found.unwrap_or_else(|| {
        draft.note(format!("{place}policy: the criterion {criterion} has no counterpart"));
        Meaning::Unknown
    })
}
