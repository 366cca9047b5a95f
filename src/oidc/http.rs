//! One HTTP call to the provider: bounded in size and time, no redirects, no cookies, no proxy from the environment.

use std::sync::Arc;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use reqwest::RequestBuilder;
use reqwest::header::HeaderMap;
use serde_json::Value;
use url::Url;

use super::{CallBudget, Failure, json, limits};

/// A call that was made, or that the budget did not allow; for metrics.
pub struct Call {
    /// `discovery`, `keys`, `token`, `userinfo`, `revoke`, or what other modules call through this client.
    pub operation: &'static str,
    /// The HTTP status, or why there is none.
    pub outcome: Result<u16, Failure>,
    /// How long it took.
    pub elapsed: Duration,
}

/// Gets every call.
pub(super) type Observer = Arc<dyn Fn(&Call) + Send + Sync>;

/// A reply as it came.
pub(crate) struct Raw {
    pub(crate) status: u16,
    /// How long the headers ask to wait: `Retry-After`, otherwise the time until `X-Rate-Limit-Reset`. At most an hour.
    pub(crate) wait: Option<Duration>,
    pub(crate) body: Bytes,
}

/// The HTTP client for one provider; cheap to clone.
#[derive(Clone)]
pub(crate) struct Http {
    client: reqwest::Client,
    budget: Option<Arc<CallBudget>>,
    observer: Observer,
}

impl Http {
    /// `authority` is the content of a PEM file with authorities that are trusted besides the system's.
    pub(super) fn new(
        authority: Option<&[u8]>,
        budget: Option<Arc<CallBudget>>,
        observer: Observer,
    ) -> Result<Self, reqwest::Error> {
        let mut builder = reqwest::Client::builder()
            .timeout(limits::CALL)
            .connect_timeout(limits::CONNECT)
            .redirect(reqwest::redirect::Policy::none())
            .no_proxy();
        if let Some(pem) = authority {
            builder = builder.tls_certs_merge(reqwest::Certificate::from_pem_bundle(pem)?);
        }
        Ok(Self { client: builder.build()?, budget, observer })
    }

    pub(super) fn get(&self, address: Url) -> RequestBuilder {
        self.client.get(address).header("accept", "application/json")
    }

    pub(crate) fn post(&self, address: Url) -> RequestBuilder {
        self.client.post(address)
    }

    /// Sends a request, and reads the reply up to [`limits::REPLY_BYTES`].
    pub(crate) async fn send(&self, operation: &'static str, request: RequestBuilder) -> Result<Raw, Failure> {
        let began = std::time::Instant::now();
        let allowed = self.budget.as_ref().map_or(Ok(()), |budget| budget.take(operation, began));
        let result = match allowed {
            Ok(()) => send(request).await,
            Err(wait) => Err(Failure::OverBudget(wait)),
        };
        let outcome = result.as_ref().map(|raw| raw.status).map_err(Clone::clone);
        (self.observer)(&Call { operation, outcome, elapsed: began.elapsed() });
        result
    }

    /// The body of a public document.
    pub(super) async fn document(&self, operation: &'static str, address: Url) -> Result<Bytes, Failure> {
        let raw = self.send(operation, self.get(address)).await?;
        match raw.status {
            200 => Ok(raw.body),
            429 => Err(Failure::RateLimited(raw.wait)),
            status => Err(Failure::Unreadable(status)),
        }
    }
}

impl Raw {
    /// The JSON of a successful reply, null for an empty one. `secrets` are as [`Failure::said`] has them.
    pub(super) fn json<S: AsRef<str>>(&self, secrets: &[S]) -> Result<Value, Failure> {
        let succeeded = (200..300).contains(&self.status);
        match json::read(&self.body) {
            Some(reply) if succeeded && reply.get("error").is_none() => Ok(reply),
            Some(reply) => Err(Failure::said(&reply, self.status, self.wait, secrets)),
            None if succeeded && self.body.is_empty() => Ok(Value::Null),
            None if self.status == 429 => Err(Failure::RateLimited(self.wait)),
            None => Err(Failure::Unreadable(self.status)),
        }
    }
}

async fn send(request: RequestBuilder) -> Result<Raw, Failure> {
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

fn wait(headers: &HeaderMap) -> Option<Duration> {
    let number = |name: &str| headers.get(name)?.to_str().ok()?.trim().parse::<u64>().ok();
    if let Some(seconds) = number("retry-after") {
        return Some(Duration::from_secs(seconds.min(3600)));
    }
    // Both times are read on the provider's clock: `X-Rate-Limit-Reset` is in Unix seconds, and `Date` is converted to
    // them.
    let reset = number("x-rate-limit-reset")?;
    let date = headers.get("date")?.to_str().ok().and_then(|date| httpdate::parse_http_date(date).ok())?;
    let now = date.duration_since(std::time::UNIX_EPOCH).ok()?.as_secs();
    Some(Duration::from_secs(reset.saturating_sub(now).clamp(1, 3600)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn how_long_to_wait_is_told_by_the_provider_s_own_clock() {
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
            let headers: HeaderMap = headers.collect();
            assert_eq!(wait(&headers), seconds.map(Duration::from_secs), "{headers:?}");
        }
    }
}
