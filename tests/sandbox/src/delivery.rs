//! A request that the org sends to somebody else, and what they said to it: logout tokens and orders to revoke.
//!
//! Plain http only, to this machine: nothing else is ever told by a sandbox.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Request;
use hyper_util::rt::TokioIo;
use serde_json::{Map, Value, json};
use tokio::net::TcpStream;

use crate::http::{Payload, Reply};

/// How long the receiver has.
const PATIENCE: Duration = Duration::from_secs(10);
/// The most that is read of what it says.
const LARGEST_ANSWER: usize = 64 * 1024;

/// A POST to a receiver.
#[derive(Clone, Debug)]
pub(crate) struct Delivery {
    pub(crate) to: url::Url,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

impl Delivery {
    /// Sends it; 200 with `{"status", "headers", "body"}` of what the receiver said, 502 where it said nothing.
    pub(crate) async fn send(&self) -> Reply {
        let said = tokio::time::timeout(PATIENCE, self.exchange()).await;
        match said.unwrap_or_else(|_| Err("it takes too long to answer".to_owned())) {
            Ok(said) => Reply::json(said),
            Err(problem) => Reply::of(502, Payload::Json(json!({ "problem": problem }))),
        }
    }

    async fn exchange(&self) -> Result<Value, String> {
        let host = self.to.host_str().unwrap_or_default().to_owned();
        let port = self.to.port_or_known_default().unwrap_or(80);
        let name = host.trim_matches(['[', ']']).to_owned();
        let stream = TcpStream::connect((name, port)).await.map_err(|error| error.to_string())?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream)).await;
        let (mut sender, connection) = handshake.map_err(|error| error.to_string())?;
        let connection = tokio::spawn(connection);
        let mut request = Request::post(self.to.path()).header("host", format!("{host}:{port}"));
        for (name, value) in &self.headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(Bytes::from(self.body.clone()))).map_err(|error| error.to_string())?;
        let answer = sender.send_request(request).await.map_err(|error| error.to_string())?;
        let (head, body) = answer.into_parts();
        let body = Limited::new(body, LARGEST_ANSWER).collect().await.map_err(|error| error.to_string())?.to_bytes();
        connection.abort();
        let headers: Map<String, Value> = head
            .headers
            .iter()
            .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into()))
            .collect();
        Ok(json!({ "status": head.status.as_u16(), "headers": headers, "body": String::from_utf8_lossy(&body) }))
    }
}
