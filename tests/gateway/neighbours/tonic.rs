//! gRPC by `tonic`, as client and as server in this process: messages at both ends of streams, metadata and trailers, deadlines,
//! and what is told where the gateway answers itself. Messages are bytes as they are, so no schema is needed.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::pin::Pin;
use std::time::Duration;

use bytes::{Buf as _, BufMut as _, Bytes};
use futures_util::stream::{self, Stream};
use hyper::service::service_fn;
use hyper_util::rt::{TokioExecutor, TokioIo};
use serde_json::json;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::metadata::MetadataMap;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Request, Response, Status, Streaming};

use super::grpc::routes;
use crate::machines::Issuer;
use crate::world::World;

/// How long a call may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

type Messages = Pin<Box<dyn Stream<Item = Result<Bytes, Status>> + Send>>;

/// Messages as they are.
#[derive(Clone, Copy)]
struct Plain;

impl Codec for Plain {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self
    }

    fn decoder(&mut self) -> Self {
        Self
    }
}

impl Encoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, message: Bytes, to: &mut EncodeBuf<'_>) -> Result<(), Status> {
        to.put(message);
        Ok(())
    }
}

impl Decoder for Plain {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, from: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(from.copy_to_bytes(from.remaining())))
    }
}

/// A method of the service, by its name.
struct Method(String);

impl tonic::server::StreamingService<Bytes> for Method {
    type Response = Bytes;
    type ResponseStream = Messages;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Messages>, Status>> + Send>>;

    fn call(&mut self, request: Request<Streaming<Bytes>>) -> Self::Future {
        let name = std::mem::take(&mut self.0);
        Box::pin(async move {
            let (metadata, _, mut messages) = request.into_parts();
            let answer: Messages = match name.as_str() {
                "Echo" => Box::pin(stream::try_unfold(messages, echo)),
                "Count" => {
                    let number = messages.message().await?.ok_or_else(|| Status::invalid_argument("how far?"))?;
                    let number: u32 = String::from_utf8_lossy(&number).parse().expect("a number");
                    Box::pin(stream::iter((0..number).map(|at| Ok(at.to_string().into()))))
                }
                "Who" => {
                    let said = |name| metadata.get(name).map(|value| value.to_str().expect("text"));
                    let who = json!({"user": said("x-forwarded-user"), "custom": said("x-custom"), "deadline": said("grpc-timeout").is_some()});
                    Box::pin(stream::iter([Ok(who.to_string().into())]))
                }
                "Wait" => std::future::pending().await,
                _ => return Err(Status::unimplemented("not served")),
            };
            let mut response = Response::new(answer);
            response.metadata_mut().insert("x-initial", "kept".parse().expect("text"));
            Ok(response)
        })
    }
}

/// Each message answers itself; `fail` ends the call, with metadata in its trailers.
async fn echo(mut messages: Streaming<Bytes>) -> Result<Option<(Bytes, Streaming<Bytes>)>, Status> {
    match messages.message().await? {
        Some(message) if message == "fail" => {
            let mut metadata = MetadataMap::new();
            metadata.insert("x-trailer", "kept".parse().expect("text"));
            metadata.insert_bin("x-bytes-bin", tonic::metadata::MetadataValue::from_bytes(b"\0\xff"));
            Err(Status::with_metadata(Code::FailedPrecondition, "not like that: 100 % ä", metadata))
        }
        message => Ok(message.map(|message| (message, messages))),
    }
}

/// Serves HTTP/2 without TLS for as long as the test's runtime lives.
async fn serve() -> SocketAddr {
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.expect("a port");
    let address = listener.local_addr().expect("an address");
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let answer = service_fn(async |request: http::Request<hyper::body::Incoming>| {
                let name = request.uri().path().rsplit('/').next().unwrap_or_default().to_owned();
                Ok::<_, Infallible>(tonic::server::Grpc::new(Plain).streaming(Method(name), request).await)
            });
            let server = hyper::server::conn::http2::Builder::new(TokioExecutor::new());
            tokio::spawn(server.serve_connection(TokioIo::new(stream), answer));
        }
    });
    address
}

/// A client, at the gateway's public address.
struct Client {
    channel: Channel,
}

impl Client {
    async fn new(world: &World) -> Self {
        let origin = format!("http://localhost:{}", world.port).parse().expect("an origin");
        let endpoint = Endpoint::from_shared(format!("http://127.0.0.1:{}", world.port)).expect("an address");
        let channel = endpoint.origin(origin).connect().await.expect("a connection over HTTP/2");
        Self { channel }
    }

    /// Calls a method with these messages and this metadata.
    async fn begin(
        &self,
        path: &'static str,
        messages: impl Stream<Item = Bytes> + Send + 'static,
        metadata: &[(&'static str, &str)],
    ) -> Result<Response<Streaming<Bytes>>, Status> {
        let mut request = Request::new(messages);
        request.set_timeout(PATIENCE);
        for (name, value) in metadata {
            request.metadata_mut().insert(*name, value.parse().expect("a value"));
        }
        let mut client = tonic::client::Grpc::new(self.channel.clone());
        client.ready().await.map_err(|error| Status::unknown(error.to_string()))?;
        client.streaming(request, http::uri::PathAndQuery::from_static(path), Plain).await
    }

    /// The same, to its end.
    async fn call(
        &self,
        path: &'static str,
        messages: &[&'static str],
        metadata: &[(&'static str, &str)],
    ) -> Result<Vec<Bytes>, Status> {
        let messages: Vec<Bytes> = messages.iter().map(|message| Bytes::from_static(message.as_bytes())).collect();
        let mut answer = self.begin(path, stream::iter(messages), metadata).await?.into_inner();
        let mut answers = Vec::new();
        while let Some(message) = answer.message().await? {
            answers.push(message);
        }
        Ok(answers)
    }

    /// What a call ends with that does not end well.
    async fn failure(&self, path: &'static str, metadata: &[(&'static str, &str)]) -> (Code, String) {
        let status = self.call(path, &["x"], metadata).await.expect_err(path);
        (status.code(), status.message().to_owned())
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_and_a_server_of_tonic_understand_each_other() {
    let upstream = format!("h2c://{}", serve().await);
    let issuer = Issuer::new();
    let world = World::with(&format!("h2c = true\n{}", routes(&issuer, &upstream, "")), &[]).await;
    let client = Client::new(&world).await;

    let answers = client.call("/open.Service/Echo", &["one", "", "three"], &[]).await.expect("an end that is well");
    assert_eq!(answers, ["one", "", "three"]);
    let numbers = client.call("/open.Service/Count", &["500"], &[]).await.expect("all of them");
    assert!(numbers.iter().enumerate().all(|(at, number)| *number == at.to_string()) && numbers.len() == 500);
    let big = Bytes::from(vec![7; 3_000_000]);
    let mut answer =
        client.begin("/open.Service/Echo", stream::iter([big.clone()]), &[]).await.expect("an answer").into_inner();
    assert_eq!(answer.message().await.expect("a message"), Some(big));

    // Each message is sent when the answer to the one before it is there.
    let (sender, receiver) = tokio::sync::mpsc::channel::<Bytes>(1);
    sender.send("0".into()).await.expect("sent");
    let messages =
        stream::unfold(receiver, async |mut receiver| receiver.recv().await.map(|message| (message, receiver)));
    let answer = client.begin("/open.Service/Echo", Box::pin(messages), &[]).await.expect("an answer");
    assert_eq!(answer.metadata().get("x-initial").map(|value| value.as_bytes()), Some(&b"kept"[..]));
    let mut answer = answer.into_inner();
    for at in 1..5 {
        assert_eq!(answer.message().await.expect("a message").expect("not the end"), (at - 1).to_string());
        sender.send(at.to_string().into()).await.expect("sent");
    }
    drop(sender);
    assert_eq!(answer.message().await.expect("a message").expect("not the end"), "4");
    assert_eq!(answer.message().await.expect("a good end"), None);

    // What an application says in trailers, after a message or at once.
    for messages in [&["first", "fail"][..], &["fail"]] {
        let status = client.call("/open.Service/Echo", messages, &[]).await.expect_err("it fails");
        assert_eq!((status.code(), status.message()), (Code::FailedPrecondition, "not like that: 100 % ä"));
        assert_eq!(status.metadata().get("x-trailer").map(|value| value.as_bytes()), Some(&b"kept"[..]));
        let bytes = status.metadata().get_bin("x-bytes-bin").expect("bytes").to_bytes().expect("base64");
        assert_eq!(bytes, &b"\0\xff"[..]);
    }
    refusals(&client, &issuer).await;
}

/// What the gateway answers itself has the status that the caller's library knows.
async fn refusals(client: &Client, issuer: &Issuer) {
    let bearer = format!("Bearer {}", issuer.token("at+jwt", &json!({})));
    let token = [("authorization", bearer.as_str()), ("x-custom", "passes"), ("x-forwarded-user", "forged")];
    let answers = client.call("/closed.Service/Who", &["x"], &token).await.expect("it may");
    assert_eq!(answers, [json!({"user": "robot", "custom": "passes", "deadline": true}).to_string()]);
    let signed_in = "sign in to use this service";
    let no_token = "the authorization metadata holds no access token, or several";
    for (path, metadata, code, message) in [
        ("/closed.Service/Echo", &[][..], Code::Unauthenticated, signed_in),
        ("/closed.Service/Echo", &[("authorization", "Bearer a.b.c")], Code::Unauthenticated, signed_in),
        ("/closed.Service/Echo", &[("authorization", "Bearer a b")], Code::Unauthenticated, no_token),
        ("/elsewhere.Service/Echo", &[], Code::PermissionDenied, "the account does not have permission"),
        ("/gone.Service/Echo", &[], Code::Unavailable, "the service cannot be reached"),
        ("/none.Service/Echo", &[], Code::Unimplemented, "there is no such service"),
        ("/open.Service/Nothing", &[], Code::Unimplemented, "not served"),
        ("/impatient.Service/Wait", &[], Code::DeadlineExceeded, "the service did not answer in time"),
    ] {
        assert_eq!(client.failure(path, metadata).await, (code, message.to_owned()), "{path}");
    }
}
