//! One HTTP call to the org: bounded in size and time, no redirects, no cookies, no proxy from the environment.

use std::time::Duration;

use bytes::{Bytes, BytesMut};

use super::limits;
use super::step::Failure;

/// A reply as it came.
pub(super) struct Raw {
    pub(super) status: u16,
    /// How long the headers ask to wait: `Retry-After`, else what `X-Rate-Limit-Reset` leaves.
    pub(super) wait: Option<Duration>,
    pub(super) body: Bytes,
}

/// The HTTP client for the org. `authority` is a PEM file's content to trust besides the system's.
pub(super) fn client(authority: Option<&[u8]>) -> Result<reqwest::Client, reqwest::Error> {
    let mut builder = reqwest::Client::builder()
        .timeout(limits::CALL)
        .connect_timeout(limits::CONNECT)
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy();
    if let Some(pem) = authority {
        builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
    }
    builder.build()
}

/// Sends, and reads the reply up to the limit.
pub(super) async fn send(request: reqwest::RequestBuilder) -> Result<Raw, Failure> {
    let mut response = request.send().await.map_err(failed)?;
    let status = response.status().as_u16();
    let wait = wait(response.headers());
    let mut body = BytesMut::new();
    while let Some(chunk) = response.chunk().await.map_err(failed)? {
        if body.len() + chunk.len() > limits::REPLY_BYTES {
            return Err(Failure::Unreadable(status));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Raw { status, wait, body: body.freeze() })
}

/// Addresses are left out of the error: some hold a token.
fn failed(error: reqwest::Error) -> Failure {
    if error.is_timeout() {
        return Failure::TimedOut;
    }
    let error = error.without_url();
    let mut words = error.to_string();
    let mut source = std::error::Error::source(&error);
    while let Some(cause) = source {
        words = format!("{words}: {cause}");
        source = cause.source();
    }
    Failure::Unreachable(words)
}

fn wait(headers: &reqwest::header::HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds.min(3600)));
    }
    // Both ends of the difference are the org's clock: `X-Rate-Limit-Reset` is in epoch seconds, and so is `Date`, read.
    let reset = number("x-rate-limit-reset")?;
    let date = headers.get("date")?.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok())?;
    let now = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(reset.saturating_sub(now).clamp(1, 3600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait_is_told_by_the_org_s_own_clock() {
        const DATE: (&str, &str) = ("date", "Tue, 15 Nov 1994 08:12:31 GMT"); // 784887151
        for (headers, seconds) in [
            (&[("retry-after", "20"), ("x-rate-limit-reset", "784887200"), DATE][..], Some(20)),
            (&[("retry-after", "86400")], Some(3600)),
            (&[("x-rate-limit-reset", "784887181"), DATE], Some(30)),
            (&[("x-rate-limit-reset", "1"), DATE], Some(1)),
            (&[("x-rate-limit-reset", "784887181")], None),
            (&[("x-rate-limit-reset", "784887181"), ("date", "today")], None),
            (&[("retry-after", "Tue, 15 Nov 1994 08:12:31 GMT")], None),
            (&[], None),
        ] {
            let headers = headers.iter().map(|(name, value)| ((*name).parse().unwrap(), (*value).parse().unwrap()));
            let headers: reqwest::header::HeaderMap = headers.collect();
            assert_eq!(wait(&headers), seconds.map(Duration::from_secs), "{headers:?}");
        }
    }
}
