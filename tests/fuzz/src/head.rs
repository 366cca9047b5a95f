//! The first bytes of an HTTP/1 connection. A head that is taken is one that a strict parser of others' reads the same
//! way: as long, with one host at most and one way to find the body's end. However the bytes arrive, the verdict is the same.
#![no_main]

use idx_gateway::proxy::judge_head;
use libfuzzer_sys::fuzz_target;

/// More fields than a head may have.
const FIELDS: usize = 300;
/// Up to here it is tried how the verdict grows, byte by byte.
const BYTE_BY_BYTE: usize = 400;

fuzz_target!(|data: &[u8]| {
    let verdict = judge_head(data);
    let grown = (1..=data.len().min(BYTE_BY_BYTE)).map(|end| judge_head(&data[..end])).find(|part| *part != Ok(None));
    if let Some(grown) = grown {
        assert_eq!(grown, verdict, "what follows changed what was said of the head");
    }
    let Ok(Some(length)) = verdict else { return };
    if data.starts_with(b"PRI * HTTP/2.0") {
        return;
    }
    let mut fields = [httparse::EMPTY_HEADER; FIELDS];
    let mut request = httparse::Request::new(&mut fields);
    // What pingora, which reads with the same parser, cannot read either is refused there.
    let Ok(status) = request.parse(&data[..length]) else { return };
    assert_eq!(status, httparse::Status::Complete(length));
    let values = |name: &str| request.headers.iter().filter(|field| field.name.eq_ignore_ascii_case(name)).count();
    assert!(values("host") <= 1, "two hosts");
    assert!(values("content-length") + values("transfer-encoding") <= 1, "two ways to find the end of the body");
    assert!(request.path.is_some_and(|target| !target.contains(['#', ' ', '\0'])), "{:?}", request.path);
});
