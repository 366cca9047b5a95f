"""Other gateways that `run` measures beside this one, as they are shipped: access log on, sessions where they keep them
by default. Both sign people in by redirect at the sandbox org, as at any OpenID provider.

| row | its sessions | installed |
|---|---|---|
| Apache, mod_auth_openidc | in its shared memory, the cookie names one | Debian's package |
| oauth2-proxy | in the cookie, with the ID and access token | `go install`, where there is Go |

Without Go and without an installed oauth2-proxy that row is left out, and the benchmark says so.
"""

import pathlib
import re
import secrets
import shutil
import subprocess

APACHE, OAUTH2_PROXY = "Apache, mod_auth_openidc", "oauth2-proxy"
MODULES = pathlib.Path("/usr/lib/apache2/modules")
VERSION = "v7.15.6"
CALLBACKS = {APACHE: "/redirect_uri", OAUTH2_PROXY: "/oauth2/callback"}
CLIENT, CLIENT_SECRET = "0oasandboxgateway", "sandbox-client-secret"


def apache_or_none():
    """The path of Apache; None where it or the module is not installed."""
    program = shutil.which("apache2") or shutil.which("/usr/sbin/apache2")
    return program if program and (MODULES / "mod_auth_openidc.so").exists() else None


def oauth2_proxy_or_none(folder):
    """The path of oauth2-proxy, installed or built by Go into `folder`, which outlives the run; None without both."""
    if installed := shutil.which("oauth2-proxy") or shutil.which(folder / "oauth2-proxy"):
        return installed
    if not shutil.which("go"):
        return None
    command = ["go", "install", f"github.com/oauth2-proxy/oauth2-proxy/v7@{VERSION}"]
    folder.mkdir(parents=True, exist_ok=True)
    built = subprocess.run(["env", f"GOBIN={folder}", *command], capture_output=True)
    return shutil.which(folder / "oauth2-proxy") if built.returncode == 0 else None


def apache(program, folder, port, upstream, issuer):
    """The command of Apache, with room for every connection of the load and the module's defaults otherwise."""
    own = folder / "apache"
    own.mkdir()
    wanted = ["mpm_event", "authn_core", "authz_core", "authz_user", "log_config", "unixd", "proxy", "proxy_http", "auth_openidc"]
    # Some distributions have some of these built in.
    modules = [name for name in wanted if (MODULES / f"mod_{name}.so").exists()]
    loaded = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so" for name in modules)
    (own / "httpd.conf").write_text(
        f"""ServerRoot {own}
ServerName localhost
PidFile {own}/pid
DefaultRuntimeDir {own}
ErrorLog {own}/error.log
Listen 127.0.0.1:{port}
{loaded}
LogFormat "%h %l %u %t \\"%r\\" %>s %O \\"%{{Referer}}i\\" \\"%{{User-Agent}}i\\"" combined
CustomLog {own}/access.log combined
MaxRequestWorkers 600
ServerLimit 24
MaxKeepAliveRequests 0
KeepAliveTimeout 300
OIDCProviderMetadataURL {issuer}/.well-known/openid-configuration
OIDCClientID {CLIENT}
OIDCClientSecret {CLIENT_SECRET}
OIDCProviderTokenEndpointAuth client_secret_post
OIDCRedirectURI http://localhost:{port}{CALLBACKS[APACHE]}
OIDCCryptoPassphrase {secrets.token_hex(16)}
OIDCScope "openid profile email"
OIDCPKCEMethod S256
OIDCSSLValidateServer Off
<Location />
  AuthType openid-connect
  Require valid-user
</Location>
ProxyPass {CALLBACKS[APACHE]} !
ProxyPass / http://127.0.0.1:{upstream}/
"""
    )
    return [program, "-DFOREGROUND", "-f", own / "httpd.conf"]


def oauth2_proxy(program, folder, port, upstream, issuer):
    """The command of oauth2-proxy with its defaults. The sandbox org does not verify e-mail addresses, so it may not insist."""
    file = folder / "oauth2-proxy.cfg"
    file.write_text(
        f"""provider = "oidc"
oidc_issuer_url = "{issuer}"
client_id = "{CLIENT}"
client_secret = "{CLIENT_SECRET}"
http_address = "127.0.0.1:{port}"
redirect_url = "http://localhost:{port}{CALLBACKS[OAUTH2_PROXY]}"
upstreams = ["http://127.0.0.1:{upstream}/"]
email_domains = ["*"]
insecure_oidc_allow_unverified_email = true
cookie_secret = "{secrets.token_hex(16)}"
cookie_secure = false
code_challenge_method = "S256"
scope = "openid profile email"
skip_provider_button = true
"""
    )
    return [program, "--config", file]


def commands(folder, tools, ports, upstream, org):
    """The name, port and command of each peer that is installed. What has to be built is kept in `tools`."""
    issuer = f"http://127.0.0.1:{org}/oauth2/default"
    programs = {APACHE: apache_or_none(), OAUTH2_PROXY: oauth2_proxy_or_none(tools / "oauth2-proxy")}
    for name, start in ((APACHE, apache), (OAUTH2_PROXY, oauth2_proxy)):
        if programs[name]:
            print(f"{name}: {version(name, programs[name])}")
            yield name, ports[name], start(programs[name], folder, ports[name], upstream, issuer)
        else:
            print(f"{name}: not installed, left out")


def version(name, program):
    """The version that a peer prints."""
    if name == OAUTH2_PROXY:
        # `go install` builds a module without telling it its version.
        printed = subprocess.run([program, "--version"], capture_output=True, text=True).stdout
        return printed.strip().replace("undefined", VERSION)
    printed = subprocess.run([program, "-v"], capture_output=True, text=True).stdout.split("\n")[0]
    module = re.search(rb"mod_auth_openidc-([\d.]+)", (MODULES / "mod_auth_openidc.so").read_bytes())
    return f"{printed}, mod_auth_openidc {module.group(1).decode() if module else '?'}"
