//! Published vectors, and what must not pass. Keys and texts are written out; nothing here signs.

use ring::signature::{Ed25519KeyPair, KeyPair as _};
use serde_json::json;

use super::*;
use crate::oidc::algorithm::ALGORITHMS;

/// RFC 7515 A.2.1 and A.3.1: the payload of both.
const JOE: &str = "{\"iss\":\"joe\",\r\n \"exp\":1300819380,\r\n \"http://example.com/is_root\":true}";
const JOE_64: &str = "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";

/// RFC 7515 A.2: RS256.
const RS256_MODULUS: &str = "ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSXndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ";
const RS256_SIGNATURE: &str = "cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkSjtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnvWh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw";

/// PS256 has no example in an RFC: this one was made by OpenSSL 3.
const PS256_MODULUS: &str = "q1dk7dYshgtbAFy38dcxEj4ffbiF-0mUA47uvL-bmY1sEV7hQM3asHEi9mXkEee726-d1DAaVEeblh1NFF6eTSRmleE4nr5LbiPhTCCuYL9AiqHo1KYcqojbOCK9hLMes72uCjhXKPZqCwnEVJj3TSNfrMAFvrCgGEQunNM2w3chuWHQmcbE9hraGnA0IX6vS6jnsdYF3_uZ21ws4vQx31kHBlOii6QVtyzRXDfW0fA6vR-Dihc-_ZYDc_-3o5WpIl4fMvG5tPNvV4oRBVbSjQW0yu0VNYf5fJRIZiHxV0cjx1keaGjdAUoQEWmT0Ja1nWaWn4HgPXGx4hyVBciQDw";
const PS256_SIGNATURE: &str = "XoY537tmNYSEYqbt65LtRUh_azBi1bD5Tq8K8tyGe2DFzA3xxRczrH5cVEK7kGC_hRVq4n1pauTeyMSUDPhLDv68w69MI55qEwIUFiRG2UqE6GQjdTb9Ez-sBogH2g5OXWR9xqaQ3oNOL_gmiOZ6AoGdEz3t-fLckkhvxV4J5UahbzA1mv7M3XJhb9qeWlcpipXU5qXC9ii6_MR-Sx5MXTeEnyxVMGrAz9FXzdobrX7lOp5I4B6Gpt8AFwQd7h1G9Hv2HOjy1xPx_axqvmdq41CkKXYrR741PDsdwKho-O31-awbHjAZJAWGapAS3ZPiRljMq6Ug5rpguiqX9byxgw";

/// A key of 1,024 bits and its signature of RS256, made by OpenSSL 3.
const SHORT_MODULUS: &str = "8Q0fbrnFVmfR0XDQPOcVrHA7ACyIk3Mn9wWFPFkt5zi1L1LHCaKQrMfK1yZQH2s4wXcDzCm0AU4_B_o5zz0FTU0tGL86plwj0s_dGggvjffIB_u1-mlIhNQxZZiYCahsOBdwEFg3gjisdFjm4cSYw7AGjcqDcHwJ8VZLi6ZqfRk";
const SHORT_SIGNATURE: &str = "jgWu6j0S4897xqLQ_DarO2CcQhWV3sh9nmnxS_OS8kCN2XW9ibaHaT1W1AsP5TC6B7IWjkr7Ts7vLLFZxH46KNESrdlD2UCxYoYVY8GUoLEipgbOsYnmYOGB4zo7vftSv0Y1hLgEREdahLlyrJeWJPadDPvQW-aY0n-4SR1qMpA";

/// RFC 7515 A.3: ES256.
const ES256_KEY: (&str, &str) =
    ("f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU", "x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0");
const ES256_SIGNATURE: &str = "DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q";

/// RFC 8037 A.4: Ed25519.
const ED25519_KEY: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";
const ED25519_SIGNATURE: &str =
    "hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg";

fn rsa(modulus: &str) -> Value {
    json!({"kty": "RSA", "n": modulus, "e": "AQAB"})
}

fn p256() -> Value {
    json!({"kty": "EC", "crv": "P-256", "x": ES256_KEY.0, "y": ES256_KEY.1})
}

fn ed25519() -> Value {
    json!({"kty": "OKP", "crv": "Ed25519", "x": ED25519_KEY})
}

fn text(header: &Value, payload: &str, signature: &str) -> String {
    format!("{}.{payload}.{signature}", URL_SAFE_NO_PAD.encode(header.to_string()))
}

fn read(text: &str, keys: &[Value]) -> Result<String, &'static str> {
    let keys = KeySet::parse(json!({ "keys": keys }).to_string().as_bytes()).expect("a key set");
    let payload = Unverified::parse(text, &ALGORITHMS)?.verify(&keys)?;
    Ok(String::from_utf8(payload).expect("text"))
}

/// A key with more said of it.
fn with(mut key: Value, more: &Value) -> Value {
    for (name, value) in more.as_object().expect("an object") {
        key[name] = value.clone();
    }
    key
}

const WRONG: &str = "its signature is wrong";
const NO_KEY: &str = "the provider has no key for its `kid` and `alg`";
const NOT_ALLOWED: &str = "its `alg` is not an allowed algorithm";
const UNREADABLE: &str = "its header cannot be read";

#[test]
fn published_vectors() {
    let ed25519_text = "Example of Ed25519 signing";
    for (algorithm, key, payload, signature) in [
        ("RS256", rsa(RS256_MODULUS), JOE, RS256_SIGNATURE),
        ("PS256", rsa(PS256_MODULUS), JOE, PS256_SIGNATURE),
        ("ES256", p256(), JOE, ES256_SIGNATURE),
        ("EdDSA", ed25519(), ed25519_text, ED25519_SIGNATURE),
    ] {
        let payload_64 = URL_SAFE_NO_PAD.encode(payload);
        assert!(payload != JOE || payload_64 == JOE_64);
        let header = json!({"alg": algorithm});
        let good = text(&header, &payload_64, signature);
        assert_eq!(read(&good, std::slice::from_ref(&key)).as_deref(), Ok(payload), "{algorithm}");
        let other = text(&header, &URL_SAFE_NO_PAD.encode("other"), signature);
        assert_eq!(read(&other, std::slice::from_ref(&key)), Err(WRONG), "{algorithm}");
        let mut bytes = URL_SAFE_NO_PAD.decode(signature).expect("base64");
        *bytes.last_mut().expect("a byte") ^= 1;
        let bent = text(&header, &payload_64, &URL_SAFE_NO_PAD.encode(bytes));
        assert_eq!(read(&bent, std::slice::from_ref(&key)), Err(WRONG), "{algorithm}");
        // The algorithms that may be used are a list.
        let others: Vec<_> = ALGORITHMS.into_iter().filter(|other| other.name() != algorithm).collect();
        assert_eq!(Unverified::parse(&good, &others).err(), Some(NOT_ALLOWED), "{algorithm}");
    }
}

#[test]
fn only_the_four_algorithms_have_a_name() {
    for name in
        ["none", "None", "NONE", "nOnE", "HS256", "HS512", "RS384", "ES512", "rs256", "Rs256", "RS256 ", "eddsa", ""]
    {
        let text = text(&json!({"alg": name}), JOE_64, "");
        assert_eq!(read(&text, &[rsa(RS256_MODULUS)]), Err(NOT_ALLOWED), "{name}");
    }
    for header in [json!({}), json!({"alg": null}), json!({"alg": ["RS256"]}), json!(["RS256"])] {
        assert!(read(&text(&header, JOE_64, RS256_SIGNATURE), &[rsa(RS256_MODULUS)]).is_err(), "{header}");
    }
}

#[test]
fn a_key_is_used_only_for_what_it_says_of_itself() {
    let rs256 = || text(&json!({"alg": "RS256"}), JOE_64, RS256_SIGNATURE);
    for (more, counts) in [
        (json!({"use": "sig", "alg": "RS256", "key_ops": ["verify"]}), true),
        (json!({"alg": "PS256"}), false),
        (json!({"alg": "ES256"}), false),
        (json!({"alg": "rs256"}), false),
        (json!({"alg": "RSA-OAEP"}), false),
        (json!({"alg": 7}), false),
        (json!({"use": "enc"}), false),
        (json!({"use": ["sig"]}), false),
        (json!({"key_ops": ["sign"]}), false),
        (json!({"key_ops": "verify"}), false),
        (json!({"kty": "EC"}), false),
        (json!({"kty": "oct"}), false),
        (json!({"n": "AQ=="}), false),
        (json!({"kid": 7}), false),
    ] {
        let expected = if counts { Ok(JOE.to_owned()) } else { Err(NO_KEY) };
        assert_eq!(read(&rs256(), &[with(rsa(RS256_MODULUS), &more)]), expected, "{more}");
    }
    for (key, algorithm, signature) in [
        (with(p256(), &json!({"crv": "P-384"})), "ES256", ES256_SIGNATURE),
        (with(p256(), &json!({"x": "AQAB"})), "ES256", ES256_SIGNATURE),
        (with(ed25519(), &json!({"crv": "Ed448"})), "EdDSA", ED25519_SIGNATURE),
        (with(ed25519(), &json!({"x": "AQAB"})), "EdDSA", ED25519_SIGNATURE),
        (p256(), "RS256", RS256_SIGNATURE),
        (rsa(RS256_MODULUS), "ES256", ES256_SIGNATURE),
    ] {
        assert_eq!(read(&text(&json!({"alg": algorithm}), JOE_64, signature), &[key]), Err(NO_KEY));
    }
}

#[test]
fn a_short_key_or_a_signature_of_another_form_is_no_proof() {
    assert_eq!(read(&text(&json!({"alg": "RS256"}), JOE_64, SHORT_SIGNATURE), &[rsa(SHORT_MODULUS)]), Err(WRONG));
    // The signature of A.3 as ASN.1 (RFC 3279 2.2.3), which other protocols use: 71 bytes.
    let fixed = URL_SAFE_NO_PAD.decode(ES256_SIGNATURE).expect("base64");
    let asn1 = [&[0x30, 0x45, 0x02, 0x20], &fixed[..32], &[0x02, 0x21, 0x00], &fixed[32..]].concat();
    for signature in [URL_SAFE_NO_PAD.encode(asn1), URL_SAFE_NO_PAD.encode(&fixed[..63]), String::new()] {
        assert_eq!(read(&text(&json!({"alg": "ES256"}), JOE_64, &signature), &[p256()]), Err(WRONG));
    }
}

/// A key that signs here, for headers that no RFC has signed: Ed25519 with a seed of ones.
fn signed(header: &Value) -> (String, Value) {
    let pair = Ed25519KeyPair::from_seed_unchecked(&[1; 32]).expect("a key");
    let text = format!("{}.{JOE_64}", URL_SAFE_NO_PAD.encode(header.to_string()));
    let signature = URL_SAFE_NO_PAD.encode(pair.sign(text.as_bytes()));
    let key = json!({"kty": "OKP", "crv": "Ed25519", "x": URL_SAFE_NO_PAD.encode(pair.public_key())});
    (format!("{text}.{signature}"), key)
}

#[test]
fn a_key_without_a_name_counts_only_alone() {
    let named = |id: &str, key: &Value| with(key.clone(), &json!({ "kid": id }));
    let (with_id, key) = signed(&json!({"alg": "EdDSA", "kid": "a"}));
    let (without, _) = signed(&json!({"alg": "EdDSA"}));
    let other = ed25519();
    for (text, keys, expected) in [
        (&with_id, vec![named("a", &key), named("b", &other)], None),
        (&with_id, vec![named("b", &other), named("a", &key)], None),
        (&with_id, vec![named("a", &key), rsa(RS256_MODULUS)], None),
        (&with_id, vec![key.clone()], None),
        (&with_id, vec![key.clone(), rsa(RS256_MODULUS)], None),
        // Given twice against the rules: either may have signed.
        (&with_id, vec![named("a", &other), named("a", &key)], None),
        (&with_id, vec![named("a", &other), key.clone()], Some(WRONG)),
        (&with_id, vec![named("b", &key)], Some(NO_KEY)),
        (&with_id, vec![named("A", &key)], Some(NO_KEY)),
        (&with_id, vec![key.clone(), other.clone()], Some(NO_KEY)),
        (&with_id, vec![key.clone(), named("b", &other)], Some(NO_KEY)),
        (&without, vec![key.clone()], None),
        (&without, vec![named("b", &key)], None),
        (&without, vec![named("b", &key), named("c", &other)], Some(NO_KEY)),
        (&without, vec![], Some(NO_KEY)),
    ] {
        assert_eq!(read(text, &keys).err(), expected, "{keys:?}");
    }
}

#[test]
fn what_a_header_adds_is_refused_or_not_looked_at() {
    let (_, own) = signed(&json!({}));
    let id = "a".repeat(limits::KEY_ID_BYTES);
    for (more, why_not) in [
        (json!({"typ": "JWT", "kid": id}), None),
        (json!({"jku": "https://evil.example/keys", "x5u": "https://evil.example/x", "x5c": ["AA=="]}), None),
        (json!({"crit": ["b64"], "b64": false}), Some("its header has `crit`, and no extension is supported")),
        (json!({"crit": []}), Some("its header has `crit`, and no extension is supported")),
        (json!({"kid": format!("{id}a")}), Some("its `kid` is too long")),
        (json!({"kid": 7}), Some(UNREADABLE)),
        (json!({"typ": null}), Some(UNREADABLE)),
    ] {
        let (text, key) = signed(&with(json!({"alg": "EdDSA"}), &more));
        assert_eq!(read(&text, &[key]).err(), why_not, "{more}");
    }
    // A key that comes along proves nothing.
    let (text, _) = signed(&json!({"alg": "EdDSA", "jwk": own}));
    assert_eq!(read(&text, &[ed25519()]), Err(WRONG));
    assert_eq!(read(&text, &[]), Err(NO_KEY));
}

#[test]
fn what_is_not_three_parts_of_base64_is_not_read() {
    let header = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA"}"#);
    let twice = URL_SAFE_NO_PAD.encode(r#"{"alg":"EdDSA","alg":"EdDSA"}"#);
    for (text, why_not) in [
        ("a".repeat(limits::TOKEN_BYTES + 1), "it is too long"),
        (String::new(), "it does not have three parts"),
        (header.clone(), "it does not have three parts"),
        (format!("{header}.e30"), "it does not have three parts"),
        (format!("{header}.e30.AA.AA"), "it does not have three parts"),
        // Five parts are an encrypted token (RFC 7516).
        (format!("{header}.AA.AA.AA.AA"), "it does not have three parts"),
        (format!("!.e30.{ED25519_SIGNATURE}"), UNREADABLE),
        (format!("{header}=.e30.{ED25519_SIGNATURE}"), UNREADABLE),
        (format!("{twice}.e30.{ED25519_SIGNATURE}"), UNREADABLE),
        (format!("{header}.e30.{ED25519_SIGNATURE}=="), "its signature cannot be read"),
        (format!("{header}.e30.+/"), "its signature cannot be read"),
        (format!("{header}.e30."), WRONG),
    ] {
        assert_eq!(read(&text, &[ed25519()]), Err(why_not), "{text:.60}");
    }
}

#[test]
fn what_is_no_key_set_has_no_keys() {
    for document in ["", "[]", "{}", r#"{"keys": {}}"#, "null", "<html>"] {
        assert!(KeySet::parse(document.as_bytes()).is_none(), "{document}");
    }
    let many: Vec<_> = (0..limits::KEYS + 1).map(|id| with(ed25519(), &json!({"kid": id.to_string()}))).collect();
    let keys = KeySet::parse(json!({ "keys": many }).to_string().as_bytes()).expect("a key set");
    let last = (limits::KEYS - 1).to_string();
    assert!(keys.fitting(Some(&last), Algorithm::EdDsa).next().is_some());
    assert!(keys.fitting(Some(&limits::KEYS.to_string()), Algorithm::EdDsa).next().is_none());
}

#[test]
fn the_half_hash_is_the_algorithm_s_own() {
    // The example of OpenID Connect Core A.3; for Ed25519 worked out with OpenSSL.
    let token = "jHkWEdUXMU1BwAsC4vtUsZwnNvTIxEl0z9K3vx5KF0Y";
    for algorithm in [Algorithm::Rs256, Algorithm::Ps256, Algorithm::Es256] {
        assert_eq!(algorithm.half_hash(token), "77QmUPtjPfzWtF2AnpK9RQ");
    }
    assert_eq!(Algorithm::EdDsa.half_hash(token), "q7nS86GgvvFaZkzALLWqJYaJIKw2wCDAVfCAsm5CrBM");
}
