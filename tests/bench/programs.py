"""Programs that the benchmark starts: how they are configured, and the CPU time and memory of each with its children."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import time

TICKS_PER_SECOND = os.sysconf("SC_CLK_TCK")


def free_ports(count):
    """Ports that nobody listens on, all different."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


class Program:
    """A running program; what it prints goes to NAME.log in `folder`."""

    def __init__(self, name, command, folder):
        self.name, self.command = name, command
        self.log = folder / f"{name}.log"
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder)

    def wait_for(self, port, seconds=20):
        """Returns once the port accepts connections; ends the benchmark, with the log's last lines, if it does not."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                return self
            except OSError:
                time.sleep(0.05)
        tail = self.log.read_text(errors="replace")[-2000:]
        raise SystemExit(f"tests/bench/run: {self.name} does not answer on port {port}\n{tail}")

    def process_ids(self):
        """The process and its descendants."""
        found, waiting = [], [self.process.pid]
        while waiting:
            pid = waiting.pop()
            found.append(pid)
            for children in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
                try:
                    waiting.extend(int(child) for child in children.read_text().split())
                except OSError:
                    pass  # it has ended
        return found

    def cpu_seconds(self):
        """User and system time so far."""
        ticks = 0
        for pid in self.process_ids():
            try:
                fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()
            except OSError:
                continue  # it has ended
            ticks += int(fields[11]) + int(fields[12])
        return ticks / TICKS_PER_SECOND

    def memory_mib(self):
        """Proportional and resident set size, each added up."""
        sums = {"Pss": 0, "Rss": 0}
        for pid in self.process_ids():
            try:
                rollup = pathlib.Path(f"/proc/{pid}/smaps_rollup").read_text()
            except OSError:
                continue  # it has ended
            for name in sums:
                sums[name] += int(re.search(rf"^{name}:\s+(\d+)", rollup, re.M).group(1))
        return sums["Pss"] / 1024, sums["Rss"] / 1024

    def stop(self):
        """SIGTERM; SIGKILL for it and its descendants after five seconds."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(5)
            except subprocess.TimeoutExpired:
                for pid in reversed(self.process_ids()):
                    try:
                        os.kill(pid, signal.SIGKILL)
                    except ProcessLookupError:
                        pass
                self.process.wait(5)


def nginx(folder, name, workers, servers):
    """The command of an nginx that stays in the foreground and keeps its files within `folder`."""
    own = folder / name
    own.mkdir()
    user = "user root;" if os.geteuid() == 0 else ""
    temporary = "\n".join(
        f"  {kind}_temp_path {own}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    (own / "nginx.conf").write_text(
        f"""daemon off; {user} pid {own}/pid; error_log {own}/error.log crit;
worker_processes {workers}; events {{ worker_connections 8192; }}
http {{
  access_log off; keepalive_requests 10000000; keepalive_timeout 300s; large_client_header_buffers 8 16k;
{temporary}
{servers}
}}
"""
    )
    return ["nginx", "-e", f"{own}/error.log", "-c", str(own / "nginx.conf")]


def upstream(folder, port):
    """The command of the nginx that everything here forwards to: 1 KiB of text for every path."""
    body = "x" * 1024
    server = f"""  server {{ listen 127.0.0.1:{port} backlog=4096; default_type text/plain; location / {{ return 200 "{body}"; }} }}"""
    return nginx(folder, "upstream-nginx", 1, server)


def nginx_proxy(folder, port, tls_port, certificate, upstream_port):
    """The command of nginx as a plain proxy, with a listener for TLS 1.3 and HTTP/2 beside the plain one."""
    chain, key = certificate
    servers = f"""  upstream u {{ server 127.0.0.1:{upstream_port}; keepalive 128; keepalive_requests 10000000; keepalive_timeout 300s; }}
  ssl_certificate {chain}; ssl_certificate_key {key}; ssl_protocols TLSv1.3;
  server {{
    listen 127.0.0.1:{port} backlog=4096; listen 127.0.0.1:{tls_port} ssl http2 backlog=4096;
    location / {{
      proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; proxy_set_header Host $host;
      proxy_set_header X-Forwarded-For $remote_addr; proxy_set_header X-Forwarded-Proto $scheme;
    }}
  }}"""
    return nginx(folder, "plain-nginx", "auto", servers)


def certificate(folder):
    """A self-signed certificate for localhost: the paths of its chain and of its key."""
    command = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "30"]
    command += ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "chain.pem"]
    subprocess.run(command, cwd=folder, check=True, capture_output=True)
    return folder / "chain.pem", folder / "key.pem"


class Gateways:
    """Configurations of the gateway that differ in what a row measures: all at one org, with one session key, so that a
    session begun at one of them is valid at the others."""

    def __init__(self, program, folder, org, upstream_port, redis, certificate):
        self.program, self.folder, self.org = program, folder, org
        self.upstream, self.redis, self.certificate = upstream_port, redis, certificate
        self.key = subprocess.run([program, "keygen"], capture_output=True, text=True, check=True).stdout.strip()

    def command(self, name, port, admin, public_port, access_log=True, tls_port=None, in_redis=False, routes=0):
        """The command of a gateway whose sessions are begun at http://localhost:`public_port`."""
        listen = [f"127.0.0.1:{port}"] + ([f"https://127.0.0.1:{tls_port}"] if tls_port else [])
        chain, key = self.certificate
        tls = f'[tls]\ncertificates = [{{ certificate = "{chain}", key = "{key}" }}]\n' if tls_port else ""
        store = f'store = "redis"\n[session.redis]\nurl = "redis://127.0.0.1:{self.redis}"' if in_redis else ""
        upstream_line = f'upstream = "http://127.0.0.1:{self.upstream}"'
        more = "".join(f'[[route]]\npath = "/{number}"\n{upstream_line}\n' for number in range(routes))
        file = self.folder / f"{name}.toml"
        file.write_text(
            f"""[server]
listen = {json.dumps(listen)}
public_url = "http://localhost:{public_port}"
access_log = {str(access_log).lower()}

{tls}
[admin]
listen = "127.0.0.1:{admin}"

[okta]
issuer = "http://127.0.0.1:{self.org}/oauth2/default"
client_id = "0oasandboxgateway"
client_secret = "sandbox-client-secret"

[session]
keys = ["{self.key}"]
# A session's last use is stamped anew after a tenth of this. A browser keeps the new stamp; the load does not, and would
# be sent one with every answer from then on.
idle_minutes = 600
{store}

[[route]]
{upstream_line}

[[route]]
path = "/public"
{upstream_line}
allow = "public"
{more}"""
        )
        return [self.program, "run", "--config", file]
