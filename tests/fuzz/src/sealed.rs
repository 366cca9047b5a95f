//! What a visitor sends as a value of ours: nothing opens that this key ring did not seal for this purpose, and what it
//! sealed opens to what was put in.
#![no_main]

use std::sync::LazyLock;

use idx_gateway::session::{Deployment, Key, KeyRing, Purpose};
use libfuzzer_sys::fuzz_target;

static KEYS: LazyLock<KeyRing> = LazyLock::new(|| {
    let deployment =
        Deployment { origin: "https://wiki.example.com", issuer: "https://org.example", client_id: "wiki" };
    KeyRing::new(deployment, Key::parse(Key::fresh().expose()).expect("a key"), Vec::new())
});
static SEALED: LazyLock<String> = LazyLock::new(|| KEYS.seal(Purpose::Session, b"somebody"));

fuzz_target!(|data: &[u8]| {
    assert_eq!(KEYS.open(Purpose::Session, &KEYS.seal(Purpose::Session, data)).as_deref(), Ok(data));
    let Ok(text) = std::str::from_utf8(data) else { return };
    // The fuzzer learns what its input is compared with, so it does find the one value that opens.
    assert!(text == *SEALED || KEYS.open(Purpose::Session, text).is_err(), "opened what it never sealed");
    // A value of ours, changed at a place that the input names.
    let (at, with) = (data.first().map_or(0, |byte| usize::from(*byte)) % SEALED.len(), text);
    for changed in [format!("{}{with}{}", &SEALED[..at], &SEALED[at..]), format!("{}{with}", &SEALED[..at])] {
        if changed != *SEALED {
            assert!(KEYS.open(Purpose::Session, &changed).is_err(), "opened what was changed: {changed}");
        }
    }
    assert!(KEYS.open(Purpose::Tokens, &SEALED).is_err(), "opened for another purpose");
});
