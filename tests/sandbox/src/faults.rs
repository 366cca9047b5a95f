//! Misbehaviour on request: `POST /sandbox/faults` with a JSON array that replaces what is set.
//!
//! ```text
//! [{"at": "token", "fault": "wrong_nonce", "times": 1}]
//! ```
//!
//! Without `times` a fault stays until it is replaced or reset. What a fault does:
//!
//! | fault | where | what |
//! |---|---|---|
//! | `down` | anywhere | the connection is closed, nothing was done |
//! | `slow` (`ms`) | anywhere | the reply comes late |
//! | `status` (`code`) | anywhere | that status with an API error, nothing was done |
//! | `cut` | anywhere | half of the reply, then the connection is closed; the call was carried out |
//! | `not_json` | anywhere | 200 with a page, nothing was done |
//! | `huge` | anywhere | 200 with more than 10 MB of JSON, nothing was done |
//! | `rate_limited` (`reset_s`) | anywhere | 429 with `Retry-After` and `X-Rate-Limit-*`, nothing was done |
//! | `expired` | IDX, `token`, `userinfo` | the handle, code or token is said to have ended; nothing was done |
//! | `unknown_version` | IDX | the reply says version 9.9.9 |
//! | `unknown_remediation` | IDX | a remediation nobody has heard of stands before the real step |
//! | `wrong_nonce` … `stale` | `token` | the ID token is bad in that way; `unknown_kid` names another key each time |
//! | `proven_before` | `token` | the ID token says that the person proved who they are an hour earlier than they did |
//! | `wrong_sub` | `token`, `userinfo` | another person |
//! | `wrong_iss` | `token`, `discovery` | another issuer |
//!
//! At `any` a fault strikes wherever it makes sense. Several faults at one place all strike.

use serde_json::Value;

/// Where a fault strikes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Discovery,
    Keys,
    Interact,
    Introspect,
    Identify,
    Answer,
    /// Any other endpoint of IDX.
    OtherIdx,
    Token,
    Userinfo,
    Revoke,
    /// Logout and the rest of OAuth.
    OtherOauth,
}

impl Operation {
    /// The operation at a path; `None` for what is not the protocol's.
    pub(crate) fn at(path: &str) -> Option<Self> {
        if let Some(step) = path.strip_prefix("/idp/idx/") {
            return Some(match step {
                "introspect" => Self::Introspect,
                "identify" => Self::Identify,
                _ if step.starts_with("challenge/answer") => Self::Answer,
                _ => Self::OtherIdx,
            });
        }
        if path.contains("/.well-known/") {
            return Some(Self::Discovery);
        }
        let (_, name) = path.strip_prefix("/oauth2/")?.rsplit_once("v1/")?;
        Some(match name {
            "keys" => Self::Keys,
            "interact" => Self::Interact,
            "token" => Self::Token,
            "userinfo" => Self::Userinfo,
            "revoke" => Self::Revoke,
            _ => Self::OtherOauth,
        })
    }

    pub(crate) fn is_idx(self) -> bool {
        matches!(self, Self::Introspect | Self::Identify | Self::Answer | Self::OtherIdx)
    }
}

/// What goes wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Down,
    Slow { ms: u64 },
    Status { code: u16 },
    Cut,
    NotJson,
    Huge,
    RateLimited { reset_s: i64 },
    Expired,
    UnknownVersion,
    UnknownRemediation,
    Token(TokenFault),
}

/// What is wrong with a token, or with what stands beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum TokenFault {
    WrongNonce,
    WrongAud,
    WrongIss,
    WrongSub,
    AlgNone,
    Hs256,
    UnknownKid,
    BadSignature,
    Stale,
    ProvenBefore,
}

impl Kind {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Down => "down",
            Self::Slow { .. } => "slow",
            Self::Status { .. } => "status",
            Self::Cut => "cut",
            Self::NotJson => "not_json",
            Self::Huge => "huge",
            Self::RateLimited { .. } => "rate_limited",
            Self::Expired => "expired",
            Self::UnknownVersion => "unknown_version",
            Self::UnknownRemediation => "unknown_remediation",
            Self::Token(fault) => match fault {
                TokenFault::WrongNonce => "wrong_nonce",
                TokenFault::WrongAud => "wrong_aud",
                TokenFault::WrongIss => "wrong_iss",
                TokenFault::WrongSub => "wrong_sub",
                TokenFault::AlgNone => "alg_none",
                TokenFault::Hs256 => "hs256",
                TokenFault::UnknownKid => "unknown_kid",
                TokenFault::BadSignature => "bad_signature",
                TokenFault::Stale => "stale",
                TokenFault::ProvenBefore => "proven_before",
            },
        }
    }

    /// Whether it makes sense there.
    fn fits(self, operation: Operation) -> bool {
        match self {
            Self::Expired => operation.is_idx() || matches!(operation, Operation::Token | Operation::Userinfo),
            Self::UnknownVersion | Self::UnknownRemediation => operation.is_idx(),
            Self::Token(TokenFault::WrongSub) => {
                matches!(operation, Operation::Token | Operation::Userinfo)
            }
            Self::Token(TokenFault::WrongIss) => {
                matches!(operation, Operation::Token | Operation::Discovery)
            }
            Self::Token(_) => operation == Operation::Token,
            _ => true,
        }
    }
}

/// What is done to the connection rather than to the reply.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ConnectionFaults {
    /// Milliseconds to wait before the reply.
    pub(crate) pause: Option<u64>,
    pub(crate) close: bool,
    pub(crate) cut: bool,
}

/// A fault that is set.
#[derive(Clone, Debug)]
struct Fault {
    /// `None` is `any`.
    at: Option<Operation>,
    kind: Kind,
    times: Option<u64>,
}

/// All faults that are set.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Reads the array that replaces what is set. Fails with the entry and what is wrong with it.
    pub(crate) fn read(body: &Value) -> Result<Self, String> {
        let entries = body.as_array().ok_or("the faults are a JSON array")?;
        let read = |(place, entry)| fault(entry).map_err(|problem| format!("entry {place}: {problem}"));
        entries.iter().enumerate().map(read).collect::<Result<_, _>>().map(Self)
    }

    /// The faults that strike a call now; those with `times` count down.
    pub(crate) fn strike(&mut self, operation: Operation) -> Vec<Kind> {
        let mut struck = Vec::new();
        for fault in &mut self.0 {
            let here = fault.at.is_none_or(|at| at == operation) && fault.kind.fits(operation);
            if here && fault.times != Some(0) {
                fault.times = fault.times.map(|times| times - 1);
                struck.push(fault.kind);
            }
        }
        self.0.retain(|fault| fault.times != Some(0));
        struck
    }
}

fn fault(entry: &Value) -> Result<Fault, String> {
    let members = entry.as_object().ok_or("a fault is a JSON object")?;
    let known = ["at", "fault", "times", "ms", "code", "reset_s"];
    if let Some(name) = members.keys().find(|name| !known.contains(&name.as_str())) {
        return Err(format!("no member is called `{name}`"));
    }
    let at = match entry.get("at").and_then(Value::as_str).ok_or("`at` is missing")? {
        "any" => None,
        "discovery" => Some(Operation::Discovery),
        "keys" => Some(Operation::Keys),
        "interact" => Some(Operation::Interact),
        "introspect" => Some(Operation::Introspect),
        "identify" => Some(Operation::Identify),
        "answer" => Some(Operation::Answer),
        "token" => Some(Operation::Token),
        "userinfo" => Some(Operation::Userinfo),
        "revoke" => Some(Operation::Revoke),
        other => return Err(format!("no place is called `{other}`")),
    };
    let kind = kind(entry)?;
    if at.is_some_and(|at| !kind.fits(at)) {
        return Err(format!("`{}` makes no sense at `{}`", kind.name(), entry["at"].as_str().unwrap_or_default()));
    }
    let times = match entry.get("times") {
        None | Some(Value::Null) => None,
        Some(times) => Some(times.as_u64().filter(|times| *times > 0).ok_or("`times` is a whole number above 0")?),
    };
    Ok(Fault { at, kind, times })
}

fn kind(entry: &Value) -> Result<Kind, String> {
    let number = |name: &str| match entry.get(name) {
        None => Ok(None),
        Some(value) => value.as_u64().map(Some).ok_or_else(|| format!("`{name}` is a whole number")),
    };
    Ok(match entry.get("fault").and_then(Value::as_str).ok_or("`fault` is missing")? {
        "down" => Kind::Down,
        "slow" => Kind::Slow { ms: number("ms")?.ok_or("`slow` needs `ms`")? },
        "status" => {
            let code = number("code")?.and_then(|code| u16::try_from(code).ok());
            Kind::Status {
                code: code.filter(|code| (200..600).contains(code)).ok_or("`status` needs `code`, 200 to 599")?,
            }
        }
        "cut" => Kind::Cut,
        "not_json" => Kind::NotJson,
        "huge" => Kind::Huge,
        "rate_limited" => {
            let reset_s = number("reset_s")?.unwrap_or(30);
            Kind::RateLimited { reset_s: i64::try_from(reset_s).map_err(|_| "`reset_s` is too large")? }
        }
        "expired" => Kind::Expired,
        "unknown_version" => Kind::UnknownVersion,
        "unknown_remediation" => Kind::UnknownRemediation,
        "wrong_nonce" => Kind::Token(TokenFault::WrongNonce),
        "wrong_aud" => Kind::Token(TokenFault::WrongAud),
        "wrong_iss" => Kind::Token(TokenFault::WrongIss),
        "wrong_sub" => Kind::Token(TokenFault::WrongSub),
        "alg_none" => Kind::Token(TokenFault::AlgNone),
        "hs256" => Kind::Token(TokenFault::Hs256),
        "unknown_kid" => Kind::Token(TokenFault::UnknownKid),
        "bad_signature" => Kind::Token(TokenFault::BadSignature),
        "stale" => Kind::Token(TokenFault::Stale),
        "proven_before" => Kind::Token(TokenFault::ProvenBefore),
        other => return Err(format!("no fault is called `{other}`")),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::{Faults, Kind, Operation};

    #[test]
    fn a_bad_entry_is_named_with_its_reason() {
        for (body, told) in [
            (json!({}), "the faults are a JSON array"),
            (
                json!([{ "at": "token", "fault": "down" }, { "at": "toke", "fault": "down" }]),
                "entry 1: no place is called `toke`",
            ),
            (json!([{ "at": "token", "fault": "dwon" }]), "entry 0: no fault is called `dwon`"),
            (json!([{ "at": "keys", "fault": "wrong_nonce" }]), "entry 0: `wrong_nonce` makes no sense at `keys`"),
            (json!([{ "at": "any", "fault": "slow" }]), "entry 0: `slow` needs `ms`"),
            (json!([{ "at": "any", "fault": "down", "times": 0 }]), "entry 0: `times` is a whole number above 0"),
            (json!([{ "at": "any", "fault": "down", "time": 1 }]), "entry 0: no member is called `time`"),
        ] {
            assert_eq!(Faults::read(&body).expect_err("a bad array"), told);
        }
    }

    #[test]
    fn a_fault_strikes_as_often_as_it_says() {
        let mut faults = Faults::read(&json!([{ "at": "answer", "fault": "down", "times": 2 }])).expect("a good array");
        assert!(faults.strike(Operation::Identify).is_empty());
        assert_eq!(faults.strike(Operation::Answer), [Kind::Down]);
        assert_eq!(faults.strike(Operation::Answer), [Kind::Down]);
        assert!(faults.strike(Operation::Answer).is_empty());
    }

    #[test]
    fn at_any_a_fault_strikes_only_where_it_makes_sense() {
        let mut faults =
            Faults::read(&json!([{ "at": "any", "fault": "alg_none", "times": 1 }])).expect("a good array");
        assert!(faults.strike(Operation::Keys).is_empty());
        assert_eq!(faults.strike(Operation::Token).len(), 1);
    }

    #[test]
    fn paths_are_told_apart() {
        for (path, operation) in [
            ("/oauth2/default/v1/token", Some(Operation::Token)),
            ("/oauth2/v1/keys", Some(Operation::Keys)),
            ("/oauth2/default/v1/introspect", Some(Operation::OtherOauth)),
            ("/idp/idx/introspect", Some(Operation::Introspect)),
            ("/idp/idx/challenge/answer", Some(Operation::Answer)),
            ("/idp/idx/challenge", Some(Operation::OtherIdx)),
            ("/oauth2/default/.well-known/openid-configuration", Some(Operation::Discovery)),
            ("/sandbox/inbox", None),
        ] {
            assert_eq!(Operation::at(path), operation, "{path}");
        }
    }
}
