//! Strangers' bytes by the million: replies of the org and posted forms, bent at random.
//!
//! Nothing may panic, hang, or let a post reach a member that the reply did not leave open. Each run lasts
//! `FUZZ_SECONDS` (3 where it is not set) and prints its seed; `FUZZ_SEED` repeats one. The bending is blind: it
//! knows the shape of a reply, not which lines it reaches.

use std::time::{Duration, Instant};

use idx_gateway::idx::{Reply, Shape, Step};
use idx_gateway::pages::Post;
use idx_gateway::signin::form::{self, View};
use idx_gateway::signin::transaction::Entry;
use serde_json::{Value, json};
use url::Url;

/// A generator of numbers that look random (xorshift64*), so that a run can be repeated.
struct Chance(u64);

impl Chance {
    fn new() -> Self {
        let seed = std::env::var("FUZZ_SEED").ok().and_then(|seed| seed.parse().ok());
        let clock = std::time::UNIX_EPOCH.elapsed().map_or(1, |since| since.as_nanos() as u64);
        let seed = seed.unwrap_or(clock).max(1);
        println!("FUZZ_SEED={seed}");
        Self(seed)
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        self.0.wrapping_mul(0x2545_f491_4f6c_dd1d)
    }

    fn below(&mut self, end: usize) -> usize {
        (self.next() % end.max(1) as u64) as usize
    }
}

fn seconds() -> Duration {
    Duration::from_secs(std::env::var("FUZZ_SECONDS").ok().and_then(|seconds| seconds.parse().ok()).unwrap_or(3))
}

fn seeds() -> Vec<Value> {
    let state = json!({"name": "stateHandle", "required": true, "value": "02.a~b", "visible": false, "mutable": false});
    let form = |name: &str, fields: Value| json!({"rel": ["create-form"], "name": name, "href": format!("https://org.example/idp/idx/{name}"), "method": "POST", "value": fields});
    let passcode =
        json!({"name": "credentials", "type": "object", "form": {"value": [{"name": "passcode", "secret": true}]}});
    let method = json!({"name": "methodType", "options": [{"label": "SMS", "value": "sms"}, {"label": "Call", "value": "voice"}]});
    let option = json!({"label": "Phone", "relatesTo": "$.authenticators.value[0]", "value": {"form": {"value": [{"name": "id", "value": "aut1", "mutable": false}, method]}}});
    let envelope = |forms: Value| {
        json!({"version": "1.0.0", "stateHandle": "02.a~b", "intent": "LOGIN", "remediation": {"type": "array", "value": forms},
        "authenticators": {"value": [{"key": "phone_number", "id": "aut1", "displayName": "Phone", "methods": [{"type": "sms"}], "profile": {"phoneNumber": "+1 XXX"}}]},
        "currentAuthenticator": {"value": {"key": "okta_email", "id": "aut2", "contextualData": {"qrcode": {"href": "data:image/png;base64,AA"}, "questions": [{"questionKey": "k", "question": "q"}]}, "resend": form("resend", json!([state])), "poll": form("poll", json!([state]))}},
        "messages": {"value": [{"message": "<b>No</b>", "i18n": {"key": "errors.E0000004", "params": [1, ""]}, "class": "ERROR"}]}, "cancel": form("cancel", json!([state]))})
    };
    let mut seeds = vec![
        envelope(json!([
            form(
                "identify",
                json!([{"name": "identifier"}, passcode, {"name": "rememberMe", "type": "boolean"}, state])
            ),
            form("select-enroll-profile", json!([state]))
        ])),
        envelope(json!([form(
            "select-authenticator-authenticate",
            json!([{"name": "authenticator", "type": "object", "options": [option, option]}, state])
        )])),
        envelope(json!([form(
            "challenge-poll",
            json!([state, {"name": "autoChallenge", "type": "boolean", "value": true}])
        )])),
        envelope(json!([form(
            "enroll-profile",
            json!([{"name": "userProfile", "type": "object", "form": {"value": [{"name": "plan", "options": [{"label": "display", "value": {"type": "object", "value": {"inputType": "select", "options": [{"label": "A", "value": "a"}]}}}]}, {"name": "a.b"}]}}, state])
        )])),
        json!({"version": "1.0.0", "successWithInteractionCode": {"value": [{"name": "interaction_code", "value": "IC"}]}}),
        json!({"errorCode": "E0000047", "errorSummary": "slow down", "errorCauses": []}),
    ];
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/idx-replies");
    let files =
        std::fs::read_dir(folder).into_iter().flatten().filter_map(|entry| std::fs::read(entry.ok()?.path()).ok());
    seeds.extend(files.filter_map(|bytes| serde_json::from_slice(&bytes).ok()));
    seeds
}

/// Somewhere in the tree, something else.
fn bend(value: &mut Value, chance: &mut Chance, others: &[Value]) {
    let down = chance.below(4) > 0;
    match value {
        Value::Object(members) if down && !members.is_empty() => {
            let at = chance.below(members.len());
            if chance.below(12) == 0 {
                let name = members.keys().nth(at).cloned().unwrap_or_default();
                members.remove(&name);
            } else if let Some((_, member)) = members.iter_mut().nth(at) {
                bend(member, chance, others);
            }
        }
        Value::Array(items) if down && !items.is_empty() => {
            let at = chance.below(items.len());
            match chance.below(10) {
                0 => drop(items.remove(at)),
                1 => items.push(items[at].clone()),
                _ => bend(&mut items[at], chance, others),
            }
        }
        value => {
            *value = match chance.below(12) {
                0 => Value::Null,
                1 => json!(true),
                2 => json!("false"),
                3 => json!(-1),
                4 => json!(1e300),
                5 => json!("\u{202e}<script>\u{0}'\"&"),
                6 => json!([]),
                7 => json!({}),
                8 => json!({"form": {"value": [{"name": "x", "form": {"value": []}}]}}),
                9 => json!("$.authenticators.value[99999999999999999999].x"),
                10 => json!("javascript:alert(1)//https://evil.example"),
                _ => others[chance.below(others.len())].clone(),
            }
        }
    }
}

fn org() -> Url {
    Url::parse("https://org.example/oauth2/default").expect("an address")
}

fn shown(reply: &Reply) {
    let view = View {
        entry: Entry::SignIn,
        post: Post { action: "/f".to_owned(), csrf: "c".to_owned(), step: form::fingerprint(reply) },
        typed: &[],
        problems: Vec::new(),
        notices: Vec::new(),
        passkeys: true,
        on_phone: false,
        reference: "01J9".to_owned(),
        hosted: true,
    };
    if let Some(first) = reply.first() {
        form::page(first, reply, view);
    }
}

#[test]
fn replies_bent_at_random_are_read_or_refused() {
    let (seeds, mut chance, began, mut tried) = (seeds(), Chance::new(), Instant::now(), 0_u64);
    while began.elapsed() < seconds() {
        let mut reply = seeds[chance.below(seeds.len())].clone();
        for _ in 0..=chance.below(4) {
            bend(&mut reply, &mut chance, &seeds);
        }
        let mut bytes = reply.to_string().into_bytes();
        if chance.below(8) == 0 {
            let at = chance.below(bytes.len());
            bytes[at] = chance.next() as u8;
            bytes.truncate(bytes.len() - chance.below(bytes.len()) / 2);
        }
        match Step::parse([200, 400, 401, 429, 500][chance.below(5)], None, &bytes, &org()) {
            Step::Pending(reply) => shown(&reply),
            Step::Terminal(reply) => drop(form::terminal(&reply, "/", None, "")),
            Step::Success(_) | Step::Failure(_) | Step::Canceled => {}
        }
        tried += 1;
    }
    println!("{tried} replies");
    assert!(tried > 100);
}

#[test]
fn posts_bent_at_random_reach_only_what_the_reply_left_open() {
    let (seeds, mut chance, began, mut tried) = (seeds(), Chance::new(), Instant::now(), 0_u64);
    let replies: Vec<_> = seeds
        .iter()
        .filter_map(|seed| match Step::parse(200, None, seed.to_string().as_bytes(), &org()) {
            Step::Pending(reply) => Some(reply),
            _ => None,
        })
        .collect();
    let names = [
        "identifier",
        "password",
        "code",
        "choice",
        "stateHandle",
        "authenticator.id",
        "methodType",
        "questionKey",
        "consent",
        "phone",
        "answer",
        "confirm",
        "csrf",
        "",
        "userProfile.x",
    ];
    let values = [
        "",
        "0",
        "1",
        "18446744073709551616",
        "-1",
        "true",
        "+1 555 0100",
        "custom",
        "\u{0}",
        "１２３",
        "../..",
        "{\"a\":1}",
    ];
    while began.elapsed() < seconds() {
        let reply = &replies[chance.below(replies.len())];
        let posted: Vec<(String, String)> = (0..chance.below(12))
            .map(|_| {
                (
                    names[chance.below(names.len())].to_owned(),
                    values[chance.below(values.len())].repeat(1 + chance.below(3)),
                )
            })
            .collect();
        let first = reply.first().expect("a remediation");
        form::check_password(first, reply, &posted);
        if let Ok(answers) = form::read(first, reply, &posted, Some("+44")) {
            let body = answers.body(&first.fields);
            for field in &first.fields {
                if let Shape::Fixed(value) = &field.shape {
                    assert_eq!(&body[&field.name], value, "a fixed member was changed by {posted:?}");
                }
            }
            let sent = body.as_object().expect("an object").keys();
            let known: Vec<_> = first.fields.iter().map(|field| field.name.as_str()).collect();
            for name in sent {
                assert!(known.contains(&name.as_str()), "{name} was added by {posted:?}");
            }
        }
        tried += 1;
    }
    println!("{tried} posts");
    assert!(tried > 100);
}
