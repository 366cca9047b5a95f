//! `gateway.toml`: any text is taken, or every problem names its place and says something, and none repeats a secret.
#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use idx_gateway::config::Config;
use libfuzzer_sys::fuzz_target;

/// Stands in every configuration as its client secret.
const PLANTED: &str = "planted-q7Zr2Xw9";

static FOLDER: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().expect("a folder"));

fuzz_target!(|data: &[u8]| {
    // What names files of this machine is not to be read.
    let Ok(text) = std::str::from_utf8(data) else { return };
    if text.contains('/') && ["/dev", "/proc", "/sys", "\\u"].iter().any(|part| text.contains(part)) {
        return;
    }
    let file = FOLDER.path().join("gateway.toml");
    std::fs::write(&file, text).expect("the file is written");
    let secret = BTreeMap::from([("okta.client_secret".to_owned(), PLANTED.to_owned())]);
    let Err(refused) = Config::load(&file, secret) else { return };
    assert!(!refused.problems.is_empty(), "refused without a problem");
    for problem in refused.problems.into_iter().chain(refused.warnings) {
        assert!(!problem.text.is_empty() && !problem.place.is_empty(), "{problem:?}");
        assert!(!problem.to_string().contains(PLANTED), "{problem}");
    }
});
