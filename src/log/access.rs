//! The access log: a line for each request, without its query.

use std::net::IpAddr;
use std::time::Duration;

use tracing::Level;

use super::gather;
use super::line::{Format, Line, Time};
use crate::web::RequestId;

/// Writes lines of the access log.
///
/// They do not go through `tracing`, which passes each field through a virtual call and cannot borrow values: that
/// would cost four times as much.
#[derive(Clone, Copy, Debug)]
pub struct AccessLog(Format);

/// One request, whether it was answered or not.
#[derive(Clone, Copy, Debug)]
pub struct AccessLine<'a> {
    /// The request's id, which the upstream got as `X-Request-Id`.
    pub id: RequestId,
    /// The client's address.
    pub client: Option<IpAddr>,
    /// The method.
    pub method: &'a str,
    /// The host as it was sent.
    pub host: &'a [u8],
    /// The path as it was sent.
    pub path: &'a str,
    /// The name of the route.
    pub route: &'a str,
    /// The status of the response; 0 when there was none.
    pub status: u16,
    /// Bytes of the response's body.
    pub bytes: u64,
    /// The time from reading the head to sending the last byte.
    pub took: Duration,
    /// Why the request was refused or not read to its end.
    pub refused: Option<&'static str>,
}

impl AccessLog {
    /// Writes lines in this format.
    pub fn new(format: Format) -> Self {
        Self(format)
    }

    /// Writes `line`.
    pub fn write(self, line: &AccessLine<'_>) {
        gather::append(|out, time| line.write(out, self.0, time));
    }
}

impl AccessLine<'_> {
    fn write(&self, out: &mut Vec<u8>, format: Format, time: &Time) {
        let mut line = Line::begin(out, format, time, Level::INFO, "access");
        line.text("id", &self.id.digits());
        line.address("client", self.client);
        line.text("method", self.method.as_bytes());
        line.text("host", self.host);
        line.text("path", self.path.as_bytes());
        line.text("route", self.route.as_bytes());
        line.number("status", u64::from(self.status));
        line.number("bytes", self.bytes);
        line.number("duration_us", u64::try_from(self.took.as_micros()).unwrap_or(u64::MAX));
        if let Some(refused) = self.refused {
            line.text("refused", refused.as_bytes());
        }
        line.end();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_is_one_line() {
        let id = RequestId::next();
        let line = AccessLine {
            id,
            client: "203.0.113.9".parse().ok(),
            method: "GET",
            host: b"localhost:8080",
            path: "/a b\"\n",
            route: "app",
            status: 200,
            bytes: 1024,
            took: Duration::from_micros(417),
            refused: None,
        };
        let written = |format| {
            let mut out = Vec::new();
            line.write(&mut out, format, b"2026-11-26T14:22:15.000123Z");
            String::from_utf8(out).expect("text")
        };
        assert_eq!(
            written(Format::Text),
            format!(
                "2026-11-26T14:22:15.000123Z  INFO access: id={id} client=203.0.113.9 method=GET host=localhost:8080 \
                 path=\"/a b\\\"\\n\" route=app status=200 bytes=1024 duration_us=417\n"
            )
        );
        assert_eq!(
            written(Format::Json),
            format!(
                "{{\"timestamp\":\"2026-11-26T14:22:15.000123Z\",\"level\":\"INFO\",\"target\":\"access\",\"id\":\"{id}\",\
                 \"client\":\"203.0.113.9\",\"method\":\"GET\",\"host\":\"localhost:8080\",\"path\":\"/a b\\\"\\u000a\",\
                 \"route\":\"app\",\"status\":200,\"bytes\":1024,\"duration_us\":417}}\n"
            )
        );
    }
}
