//! A connection over any way in that a client may keep: requests are sent one after the other, and answers read whole.

use bytes::Bytes;
use h2::client::SendRequest;
use http::{HeaderMap, HeaderName, HeaderValue, Request};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::client::TlsStream;

use super::http2::Both;
use crate::certificates::Client;
use crate::raw::{Raw, status};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Way {
    Http1,
    Http1OverTls,
    Http2,
    Http2OverTls,
}

pub(super) const WAYS: [Way; 4] = [Way::Http1, Way::Http1OverTls, Way::Http2, Way::Http2OverTls];

/// The connection.
pub(super) enum Line {
    Http1(Raw),
    Http1OverTls(Box<Raw<TlsStream<TcpStream>>>),
    Http2(SendRequest<Bytes>),
}

/// An answer.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) head: HeaderMap,
    pub(super) body: String,
}

impl Answer {
    /// A header's value; empty where there is none.
    pub(super) fn value(&self, name: &str) -> &str {
        self.head.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}

impl Line {
    pub(super) async fn open(both: &Both, way: Way) -> Self {
        let connect = async |client: Client<'_>| client.connect("localhost", both.tls).await.expect("a connection");
        match way {
            Way::Http1 => Self::Http1(Raw::to(both.plain).await),
            Way::Http1OverTls => Self::Http1OverTls(Box::new(connect(Client::of(&both.authority)).await)),
            Way::Http2 => Self::Http2(http2(Raw::to(both.plain).await).await),
            Way::Http2OverTls => Self::Http2(http2(connect(Client::http2(&both.authority)).await).await),
        }
    }

    pub(super) async fn get(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.send("GET", path, fields, "").await
    }

    /// Sends a request for `localhost`, with a body where there is one.
    pub(super) async fn send(&mut self, method: &str, path: &str, fields: &[(&str, &str)], body: &str) -> Answer {
        match self {
            Self::Http1(raw) => over_http1(raw, method, path, fields, body).await,
            Self::Http1OverTls(raw) => over_http1(raw, method, path, fields, body).await,
            Self::Http2(sender) => over_http2(sender.clone(), method, path, fields, body).await,
        }
    }

    /// The answer after an interim one; HTTP/2 keeps those to itself.
    pub(super) async fn next_answer(&mut self) -> Answer {
        match self {
            Self::Http1(raw) => read_http1(raw).await,
            Self::Http1OverTls(raw) => read_http1(raw).await,
            Self::Http2(_) => panic!("an answer that is no answer"),
        }
    }
}

async fn http2(raw: Raw<impl AsyncRead + AsyncWrite + Send + Unpin + 'static>) -> SendRequest<Bytes> {
    let (client, connection) = h2::client::handshake(raw.0).await.expect("HTTP/2");
    tokio::spawn(connection);
    client
}

async fn over_http1(
    raw: &mut Raw<impl AsyncRead + AsyncWrite + Unpin>,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut lines: String = fields.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
    if !body.is_empty() {
        lines += &format!("Content-Length: {}\r\n", body.len());
    }
    raw.send(format!("{method} {path} HTTP/1.1\r\nHost: localhost\r\n{lines}\r\n{body}")).await;
    read_http1(raw).await
}

async fn read_http1(raw: &mut Raw<impl AsyncRead + AsyncWrite + Unpin>) -> Answer {
    let answer = raw.answer().await;
    let (head, body) = answer.split_once("\r\n\r\n").unwrap_or_else(|| panic!("no head: {answer:?}"));
    let fields = head.lines().skip(1).filter_map(|line| line.split_once(": ")).map(|(name, value)| {
        let name = HeaderName::from_bytes(name.as_bytes()).expect("a name");
        (name, HeaderValue::from_str(value).expect("a value"))
    });
    Answer { status: status(&answer).parse().expect("a status"), head: fields.collect(), body: body.to_owned() }
}

async fn over_http2(
    sender: SendRequest<Bytes>,
    method: &str,
    path: &str,
    fields: &[(&str, &str)],
    body: &str,
) -> Answer {
    let mut request = Request::builder().method(method).uri(format!("http://localhost{path}"));
    for (name, value) in fields {
        request = request.header(*name, *value);
    }
    let request = request.body(()).expect("a request");
    let mut sender = sender.ready().await.expect("ready");
    let (answer, mut sending) = sender.send_request(request, body.is_empty()).expect("sent");
    if !body.is_empty() {
        sending.send_data(Bytes::from(body.to_owned()), true).expect("sent");
    }
    let (head, mut reading) = answer.await.expect("an answer").into_parts();
    let mut body = Vec::new();
    while let Some(data) = reading.data().await {
        let data = data.expect("the body");
        let _ = reading.flow_control().release_capacity(data.len());
        body.extend_from_slice(&data);
    }
    let body = String::from_utf8_lossy(&body).into_owned();
    Answer { status: head.status.as_u16(), head: head.headers, body }
}
