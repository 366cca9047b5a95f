"""A gRPC service and a client that calls it through something else, both by gRPC's own library.

    grpc_calls.py serve PORT [CERTIFICATE KEY]    prints "ready" when it listens, and then one line for each call that was cancelled
    grpc_calls.py call TARGET [TOKEN]             prints what became of each call, as one JSON object

A message is bytes as they are: no schema is needed to see whether they pass.
"""

import json
import sys
import threading
import time
from concurrent import futures

import grpc


def echo(request, context):
    context.send_initial_metadata((("x-initial", "kept"),))
    context.set_trailing_metadata((("x-trailer", "kept"), ("x-bytes-bin", b"\0\xff")))
    if request == b"fail":
        context.abort(grpc.StatusCode.FAILED_PRECONDITION, "not like that: 100 % ä")
    return request


def who(request, context):
    sent = dict(context.invocation_metadata())
    return json.dumps({name: sent.get(name) for name in ("x-forwarded-user", "x-custom")}).encode()


def time_left(request, context):
    return str(context.time_remaining()).encode()


def count(request, context):
    for number in range(int(request)):
        yield str(number).encode()


def add(requests, context):
    return str(sum(int(request) for request in requests)).encode()


def answer_each(requests, context):
    for request in requests:
        yield request[::-1]


def wait(request, context):
    ended = threading.Event()
    context.add_callback(ended.set)
    ended.wait(30)
    print("cancelled", flush=True)
    return b"too late"


def serve(port, certificate=None, key=None):
    methods = {
        "Echo": grpc.unary_unary_rpc_method_handler(echo),
        "Who": grpc.unary_unary_rpc_method_handler(who),
        "TimeLeft": grpc.unary_unary_rpc_method_handler(time_left),
        "Count": grpc.unary_stream_rpc_method_handler(count),
        "Add": grpc.stream_unary_rpc_method_handler(add),
        "AnswerEach": grpc.stream_stream_rpc_method_handler(answer_each),
        "Wait": grpc.unary_unary_rpc_method_handler(wait),
    }
    server = grpc.server(futures.ThreadPoolExecutor(8))
    for service in ("open.Service", "closed.Service", "elsewhere.Service", "impatient.Service"):
        server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(service, methods),))
    address = f"127.0.0.1:{port}"
    if certificate:
        pair = (open(key, "rb").read(), open(certificate, "rb").read())
        server.add_secure_port(address, grpc.ssl_server_credentials([pair]))
    else:
        server.add_insecure_port(address)
    server.start()
    print("ready", flush=True)
    server.wait_for_termination()


def outcome(call):
    """What a call gave, or its status and what was said of it."""
    try:
        return call()
    except grpc.RpcError as error:
        return [error.code().name, error.details()]


def several(channel):
    """One message of a stream is sent when the answer to the one before it is there."""
    answered = threading.Semaphore(1)

    def messages():
        for word in (b"one", b"two", b"three"):
            answered.acquire(timeout=10)
            yield word

    replies = []
    for reply in channel.stream_stream("/open.Service/AnswerEach")(messages(), timeout=20):
        replies.append(reply.decode())
        answered.release()
    return replies


def with_metadata(channel):
    reply, call = channel.unary_unary("/open.Service/Echo").with_call(b"hello", timeout=20)
    trailing = {name: value for name, value in call.trailing_metadata()}
    initial = {name: value for name, value in call.initial_metadata()}
    return [reply.decode(), initial.get("x-initial"), trailing.get("x-trailer"), list(trailing.get("x-bytes-bin", b""))]


def late(channel):
    began = time.monotonic()
    said = outcome(lambda: channel.unary_unary("/open.Service/Wait")(b"", timeout=1).decode())
    return [said[0], time.monotonic() - began < 15]


def call(target, token=None):
    large = [("grpc.max_receive_message_length", -1), ("grpc.max_send_message_length", -1)]
    channel = grpc.insecure_channel(target, large)
    token = (("authorization", f"Bearer {token}"),) if token else ()
    big = bytes(range(256)) * 12_000

    def unary(path, message=b"", **more):
        return outcome(lambda: channel.unary_unary(path)(message, timeout=20, **more).decode())

    print(json.dumps({
        "unary": with_metadata(channel),
        "big": channel.unary_unary("/open.Service/Echo")(big, timeout=30) == big,
        "server streaming": outcome(lambda: [int(part) for part in channel.unary_stream("/open.Service/Count")(b"500", timeout=20)] == list(range(500))),
        "client streaming": outcome(lambda: channel.stream_unary("/open.Service/Add")(iter([b"1", b"2", b"39"]), timeout=20).decode()),
        "both": outcome(lambda: several(channel)),
        "failed": unary("/open.Service/Echo", b"fail"),
        "deadline is told": outcome(lambda: 0 < float(channel.unary_unary("/open.Service/TimeLeft")(b"", timeout=20)) < 30),
        "late": late(channel),
        "silent": unary("/impatient.Service/Wait"),
        "nobody": unary("/closed.Service/Echo", b"x"),
        "token": unary("/closed.Service/Who", metadata=token + (("x-custom", "passes"),)),
        "bad token": unary("/closed.Service/Who", metadata=(("authorization", "Bearer a.b.c"),)),
        "elsewhere": unary("/elsewhere.Service/Echo", b"x"),
        "gone": unary("/gone.Service/Echo", b"x"),
        "no route": unary("/none.Service/Echo", b"x"),
        "not served": unary("/open.Service/Nothing", b"x"),
        "a stream is refused": outcome(lambda: [part.decode() for part in channel.stream_stream("/closed.Service/AnswerEach")(iter([b"x"] * 3), timeout=20)]),
    }))


if __name__ == "__main__":
    {"serve": serve, "call": call}[sys.argv[1]](*sys.argv[2:])
