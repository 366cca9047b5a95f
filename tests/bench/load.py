"""How a row is measured: wrk or h2load for requests and seconds of CPU, callgrind for instructions.

A row is what is asked of one program: port, path, Cookie headers to send in turn (`NO_COOKIE` for none), and whether each
request opens a connection of its own, speaks TLS, or HTTP/2.
"""

import dataclasses
import http.client
import json
import os
import pathlib
import re
import shutil
import subprocess
import typing

import programs

STREAMS = 4  # of HTTP/2 at once on one connection
COUNTED = 2000  # requests whose instructions are counted, after as many that warm up
BODY_BYTES = 1024
NO_COOKIE = "-"


@dataclasses.dataclass
class Row:
    """`kind` ends the name and says how requests are sent; `to_count` gives the command for callgrind, for a port."""

    name: str
    port: int
    program: programs.Program
    cookies: typing.Sequence[str]
    path: str = "/"
    kind: str = ""
    to_count: typing.Callable[[int], list] | None = None

    @property
    def closes(self):
        return "fresh" in self.kind

    @property
    def is_tls(self):
        return "TLS" in self.kind

    @property
    def is_http2(self):
        return "HTTP/2" in self.kind


REPORT = """
local cookies, turn, path, close = {}, 0, '/', false
function init(arguments)
  path, close = arguments[1], arguments[2] == 'close'
  for cookie in io.lines(arguments[3]) do table.insert(cookies, cookie) end
end
function request()
  local headers = {}
  turn = turn % #cookies + 1
  if cookies[turn] ~= '-' then headers['Cookie'] = cookies[turn] end
  if close then headers['Connection'] = 'close' end
  return wrk.format('GET', path, headers)
end
done = function(summary, latency)
  local e = summary.errors
  io.write(string.format('\\nRESULT {"requests":%d,"us":%d,"p50":%d,"p99":%d,"errors":%d}\\n', summary.requests,
    summary.duration, latency:percentile(50), latency:percentile(99), e.connect + e.read + e.write + e.status + e.timeout))
end
"""


def with_wrk(row, options, folder):
    """The command of wrk for one row, and what reads its output."""
    report, cookies = folder / "report.lua", folder / "cookies.txt"
    report.write_text(REPORT)
    cookies.write_text("".join(f"{cookie}\n" for cookie in row.cookies))
    # Over TLS the name is the certificate's; the address is the same.
    url = f"https://localhost:{row.port}/" if row.is_tls else f"http://127.0.0.1:{row.port}/"
    command = ["wrk", "-t2", f"-c{options.connections}", f"-d{options.seconds}s", "-s", str(report)]
    command += ["-H", f"Host: localhost:{row.port}", url, "--", row.path, "close" if row.closes else "keep", str(cookies)]
    return command, lambda output: json.loads(re.search(r"^RESULT (.*)$", output, re.M).group(1))


def with_h2load(row, options, folder):
    """The same of h2load, which logs a line for each request: when it began, its status, how many microseconds it took."""
    log = folder / "h2load.log"
    log.unlink(missing_ok=True)
    command = ["h2load", "-t2", f"-c{options.connections}", f"-m{STREAMS}", f"-D{options.seconds}", f"--log-file={log}"]
    command += [f"--connect-to=127.0.0.1:{row.port}", "-H", f"cookie: {row.cookies[0]}", f"https://localhost:{row.port}{row.path}"]

    def result(_):
        requests = [line.split("\t") for line in log.read_text().splitlines()]
        took = sorted(int(microseconds) for _, status, microseconds in requests if status == "200")
        if not took:
            raise SystemExit(f"tests/bench/run: {row.name}: no request was answered with 200")
        return {
            "requests": len(took),
            "us": options.seconds * 1_000_000,
            "p50": took[len(took) // 2],
            "p99": took[len(took) * 99 // 100],
            "errors": len(requests) - len(took),
        }

    return command, result


def machine_cpu_seconds():
    """What the whole machine has used, without idle and stolen time."""
    fields = [int(field) for field in open("/proc/stat").readline().split()[1:]]
    idle, steal = fields[3] + fields[4], fields[7]
    return (sum(fields[:8]) - idle - steal) / programs.TICKS_PER_SECOND


def measure(row, options, folder, running):
    """One run against one row. `running` are all programs of the benchmark: what the machine spends beyond them and the
    load itself is reported as others' CPU time."""
    command, result = (with_h2load if row.is_http2 else with_wrk)(row, options, folder)

    def cpu_seconds():
        times = os.times()
        ours = sum(program.cpu_seconds() for program in running) + times.children_user + times.children_system
        return row.program.cpu_seconds(), ours, machine_cpu_seconds()

    before = cpu_seconds()
    output = subprocess.run(command, capture_output=True, text=True, timeout=options.seconds + 30, check=True).stdout
    spent, ours, machine = (after - first for after, first in zip(cpu_seconds(), before, strict=True))
    found = result(output)
    pss, rss = row.program.memory_mib()
    return {
        "row": row.name,
        "rps": found["requests"] / (found["us"] / 1e6),
        "p50_ms": found["p50"] / 1e3,
        "p99_ms": found["p99"] / 1e3,
        "cpu_s_per_10k": spent / found["requests"] * 10_000,
        "requests": found["requests"],
        "errors": found["errors"],
        "pss_mib": pss,
        "rss_mib": rss,
        "others_cpu_s": max(0.0, machine - ours),
    }


def ask(connection, row, port, turn):
    """One request of a row at `port`; the connection for the next."""
    cookie = row.cookies[turn % len(row.cookies)]
    headers = {"Host": f"localhost:{port}"} | ({} if cookie == NO_COOKIE else {"Cookie": cookie})
    if row.closes:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        headers["Connection"] = "close"
    connection.request("GET", row.path, headers=headers)
    response = connection.getresponse()
    length = len(response.read())
    if (response.status, length) != (200, BODY_BYTES):
        raise SystemExit(f"tests/bench/run: {row.name}: {response.status} with {length} bytes, not 200 with {BODY_BYTES}")
    return connection


def instructions(row, folder, profiles):
    """User-space instructions for one request of a row, with the program started once more under callgrind; None without
    valgrind, or where the row does not say how to start it. The profile is kept in `profiles`, a folder, if given."""
    if not row.to_count or not shutil.which("valgrind"):
        return None
    port, = programs.free_ports(1)
    valgrind = ["valgrind", "--tool=callgrind", f"--callgrind-out-file={folder / 'callgrind'}", "--dump-instr=no"]
    counted = programs.Program(f"counted-{row.name}", [*valgrind, *map(str, row.to_count(port))], folder)

    def control(order):
        subprocess.run(["callgrind_control", order, str(counted.process.pid)], capture_output=True, check=True)

    try:
        counted.wait_for(port, 120)
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
        for turn in range(2 * COUNTED):
            if turn in (0, COUNTED):
                control("--zero")
            connection = ask(connection, row, port, turn)
        control("--dump")
    finally:
        counted.stop()
    # The dump that was asked for, and one of what came after it, until the program ended.
    totals = {}
    for dump in folder.glob("callgrind*"):
        if found := re.search(r"^(?:summary|totals): (\d+)", dump.read_text(errors="replace"), re.M):
            totals[int(found.group(1))] = dump
    if totals and profiles:
        shutil.copy(totals[max(totals)], pathlib.Path(profiles) / f"{re.sub('[ ,]+', '-', row.name)}.callgrind")
    for dump in folder.glob("callgrind*"):
        dump.unlink()
    return max(totals) / COUNTED if totals else None
