"""A visitor without script: signs in through the pages, and sends single requests."""

import html.parser
import http.client
import re
import urllib.parse

ACCOUNT, PASSWORD = "password@example.com", "Sandbox-1234"
MOST_STEPS = 20  # of a sign-in, redirects included


class Form(html.parser.HTMLParser):
    """A page's first form with a field to fill in: its action, its fields as they came, and the answers to those asked for."""

    def __init__(self, page):
        super().__init__()
        self.forms, self.is_open = [], False
        self.feed(page)
        asking = [form for form in self.forms if form["answers"]]
        if not asking:
            raise SystemExit(f"tests/bench/run: a page without a form\n{page[:3000]}")
        self.action, self.fields, self.answers = asking[0]["action"], asking[0]["fields"], asking[0]["answers"]

    def handle_starttag(self, tag, attributes):
        attributes = {name: value or "" for name, value in attributes}
        if tag == "form":
            self.forms.append({"action": attributes.get("action", ""), "fields": {}, "answers": {}, "has_button": False})
            self.is_open = True
        elif self.is_open and tag == "input" and "name" in attributes:
            self.input(attributes)
        elif self.is_open and tag == "button" and attributes.get("type", "submit") == "submit":
            # A browser presses the first button on Enter.
            form = self.forms[-1]
            if not form["has_button"] and attributes.get("name"):
                form["fields"].setdefault(attributes["name"], attributes.get("value", ""))
            form["has_button"] = True

    def input(self, attributes):
        form, name, kind = self.forms[-1], attributes["name"], attributes.get("type", "text")
        if kind == "hidden":
            form["fields"][name] = attributes.get("value", "")
        elif kind == "password":
            form["answers"][name] = PASSWORD
        elif kind in ("text", "email"):
            form["answers"][name] = ACCOUNT

    def handle_endtag(self, tag):
        if tag == "form":
            self.is_open = False


class Visitor:
    """A browser without script: a jar of cookies for each site, no cache."""

    def __init__(self):
        self.jars = {}

    def ask(self, method, url, form=None):
        """One request: its status, its Location, and its body as text."""
        target = urllib.parse.urlsplit(url)
        jar = self.jars.setdefault(target.netloc, {})
        headers = {
            "Host": target.netloc,
            "Accept": "text/html,*/*;q=0.8",
            "Sec-Fetch-Mode": "navigate",
            "Sec-Fetch-Dest": "document",
            "Sec-Fetch-Site": "same-origin",
        }
        if jar:
            headers["Cookie"] = "; ".join(f"{name}={value}" for name, value in jar.items())
        body = None
        if form is not None:
            body = urllib.parse.urlencode(form)
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": f"http://{target.netloc}"}
        connection = http.client.HTTPConnection("127.0.0.1", target.port, timeout=30)
        connection.request(method, target.path + (f"?{target.query}" if target.query else ""), body, headers)
        response = connection.getresponse()
        text = response.read().decode(errors="replace")
        connection.close()
        self.keep(jar, response.headers.get_all("Set-Cookie") or [])
        return response.status, response.headers.get("Location"), text

    def keep(self, jar, lines):
        """Cookies for the whole site; those of the gateway's own pages are not sent to the app."""
        for line in lines:
            name, _, value = line.split(";", 1)[0].partition("=")
            if not re.search(r";\s*path=/(;|$)", line, re.I):
                continue
            if not value or re.search(r";\s*max-age=0\b", line, re.I):
                jar.pop(name, None)
            else:
                jar[name] = value


def sign_in(port, org=None):
    """Signs in, and returns the Cookie header. `org` is the port of the org, where the sign-in leads to its own page."""
    origin = f"http://localhost:{port}"
    sites = (f"{origin}/", f"http://127.0.0.1:{org}/")
    visitor = Visitor()
    url, method, form = f"{origin}/reports?x=1", "GET", None
    for _ in range(MOST_STEPS):
        status, location, page = visitor.ask(method, url, form)
        if status in (302, 303):
            url, method, form = urllib.parse.urljoin(url, location), "GET", None
            if not url.startswith(sites):
                raise SystemExit(f"tests/bench/run: sent away from the site, to {url}")
        elif urllib.parse.urlsplit(url).path == "/reports":
            if status != 200:
                raise SystemExit(f"tests/bench/run: signed in, and {status} all the same")
            return "; ".join(f"{name}={value}" for name, value in visitor.jars[f"localhost:{port}"].items())
        elif status >= 400 and method == "GET":
            raise SystemExit(f"tests/bench/run: {status} at {url}\n{page[:2000]}")
        else:
            shown = Form(page)
            url, method, form = urllib.parse.urljoin(url, shown.action), "POST", shown.fields | shown.answers
    raise SystemExit(f"tests/bench/run: the sign-in takes more than {MOST_STEPS} steps")


def get(port, cookie=None, path="/"):
    """The status of one request, and the length of its body."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    headers = {"Host": f"localhost:{port}", "Accept": "text/html"} | ({"Cookie": cookie} if cookie else {})
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    length = len(response.read())
    connection.close()
    return response.status, length
