"""What was measured, as a table, and the goals held against it.

A ratio is the median of the ratios of each pass: a machine that slows down slows both rows of a pass.
"""

import dataclasses
import statistics

import peers

SESSIONS = 40  # that take turns on one connection
REDIS = ", Redis"  # ends the names of rows whose sessions are there
FEW_ROUTES, MANY_ROUTES = 10, 10_000

# The gateway's CPU time for a request in plain pingora's.
MOST_CPU = {"gateway": 1.35, "gateway, no access log": 1.2}
LEAST_OF_REDIS = 0.85  # requests a second with sessions in Redis, in those with sessions in cookies
MOST_OF_ROUTES = 2  # what a request costs with many routes, in what it costs with few


@dataclasses.dataclass
class Comparison:
    """A ratio in words, and the bounds that it has to keep, if any."""

    words: str
    ratio: float
    at_most: float = float("inf")
    at_least: float = 0

    @property
    def is_missed(self):
        return not self.at_least <= self.ratio <= self.at_most

    def __str__(self):
        most = f" (wanted: at most {self.at_most})" if self.at_most < float("inf") else ""
        least = f" (wanted: at least {self.at_least})" if self.at_least else ""
        return self.words.format(f"{self.ratio:.2f}") + most + least + "."


def of_routes(count):
    """The name of the row with so many routes."""
    return f"gateway with {count:,} routes"


class Report:
    """`runs` are the measurements of all passes, `counts` the instructions by row."""

    def __init__(self, rows, runs, counts):
        self.rows, self.counts = rows, counts
        self.passes = max(run["pass"] for run in runs) + 1
        self.of = {(run["row"], run["pass"]): run for run in runs}

    def median(self, name, what):
        return statistics.median(self.of[name, number][what] for number in range(self.passes))

    def ratio(self, name, to, what):
        return statistics.median(self.of[name, number][what] / self.of[to, number][what] for number in range(self.passes))

    def has(self, *names):
        return all((name, 0) in self.of for name in names)

    def table(self):
        """The medians, in Markdown."""
        lines = [
            "| | requests/s | p50 ms | p99 ms | CPU s per 10,000 | instructions | PSS MiB | RSS MiB | CPU ÷ nginx | CPU ÷ plain pingora |",
            "|---|---|---|---|---|---|---|---|---|---|",
        ]
        for row in self.rows:
            others = [f"{other}{row.kind}" for other in ("nginx", "plain pingora")]
            has_ratios = row is not self.rows[0] and self.has(*others)
            ratios = [f"{self.ratio(row.name, other, 'cpu_s_per_10k'):.2f}" if has_ratios else "" for other in others]
            count = self.counts.get(row.name)
            cells = [
                row.name,
                f"{self.median(row.name, 'rps'):,.0f}",
                f"{self.median(row.name, 'p50_ms'):.2f}",
                f"{self.median(row.name, 'p99_ms'):.1f}",
                f"{self.median(row.name, 'cpu_s_per_10k'):.3f}",
                f"{count:,.0f}" if count else "",
                f"{self.median(row.name, 'pss_mib'):.0f}",
                f"{self.median(row.name, 'rss_mib'):.0f}",
                *ratios,
            ]
            lines.append(f"| {' | '.join(cells)} |")
        return "\n".join(lines)

    def comparisons(self):
        """Those whose rows were measured: with plain pingora, of Redis with cookies, of many routes with few, with peers."""
        for name, most in MOST_CPU.items():
            if self.has(name, "plain pingora"):
                words = f"CPU time for a request, {name}: {{}} times plain pingora's"
                yield Comparison(words, self.ratio(name, "plain pingora", "cpu_s_per_10k"), at_most=most)
        for name in (row.name for row in self.rows if REDIS in row.name):
            if self.has(in_cookies := name.replace(REDIS, "")):
                words = f"Requests a second, {name}: {{}} times those with sessions in cookies"
                yield Comparison(words, self.ratio(name, in_cookies, "rps"), at_least=LEAST_OF_REDIS)
        few, many = of_routes(FEW_ROUTES), of_routes(MANY_ROUTES)
        words = f" for a request, {MANY_ROUTES:,} routes: {{}} times those with {FEW_ROUTES}"
        if self.has(few, many):
            yield Comparison(f"CPU time{words}", self.ratio(many, few, "cpu_s_per_10k"), at_most=MOST_OF_ROUTES)
        if few in self.counts and many in self.counts:
            yield Comparison(f"Instructions{words}", self.counts[many] / self.counts[few], at_most=MOST_OF_ROUTES)
        for name in peers.CALLBACKS:
            if self.has(name, "gateway"):
                yield Comparison(f"CPU time for a request, {name}: {{}} times the gateway's", self.ratio(name, "gateway", "cpu_s_per_10k"))
