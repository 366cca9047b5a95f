//! Istio's and ingress-nginx's configurations of `deploy/forward-auth`, as what these two make of them for Envoy and for
//! nginx, with the real Envoy and the real nginx. What is written for whom is said where it is done. What is made of
//! `istio.yaml` was held against the listeners and routes that Istio's own code makes of it (`pilot/pkg/networking/core`,
//! August 2026: half an hour to build), and that of ingress-nginx was read beside `rootfs/etc/nginx/template/nginx.tmpl` (July
//! 2024). Neither controller is here: Kubernetes would be needed.

use reqwest::StatusCode;
use serde_json::{Value, json};
use yaml_rust2::{Yaml, YamlLoader};

use super::forward_auth::{Addresses, protects, shipped};
use super::{NGINX_JS, Neighbour, program, start, start_nginx};

/// The documents of a file.
fn documents(name: &str) -> Vec<Value> {
    let read = YamlLoader::load_from_str(&shipped(name, &[])).expect("YAML");
    read.iter().map(value).collect()
}

fn value(yaml: &Yaml) -> Value {
    match yaml {
        Yaml::String(text) => json!(text),
        Yaml::Integer(number) => json!(number),
        Yaml::Boolean(bit) => json!(bit),
        Yaml::Array(items) => items.iter().map(value).collect(),
        Yaml::Hash(entries) => {
            entries.iter().map(|(name, of)| (name.as_str().expect("a name").to_owned(), value(of))).collect()
        }
        other => panic!("{other:?}"),
    }
}

/// The document of that kind and name.
fn document<'a>(documents: &'a [Value], kind: &str, name: &str) -> &'a Value {
    let is_it = |found: &&Value| found["kind"] == kind && found["metadata"]["name"] == name;
    documents.iter().find(is_it).unwrap_or_else(|| panic!("no {kind} {name}"))
}

/// Headers by their names.
fn headers(names: &Value) -> Value {
    let pattern = |name: &Value| json!({"exact": name, "ignore_case": true});
    json!({ "patterns": names.as_array().expect("a list").iter().map(pattern).collect::<Vec<Value>>() })
}

/// The filter that Istio makes of a provider of `envoyExtAuthzHttp`: it asks about what the filter before it has noted.
fn ext_authz(provider: &Value) -> Value {
    let additional = provider["includeAdditionalHeadersInCheck"].as_object().expect("headers");
    // The test's site is served without TLS.
    let add: Vec<Value> = additional
        .iter()
        .map(|(key, value)| json!({"key": key, "value": value.as_str().expect("text").replace("https", "http")}))
        .collect();
    json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.ext_authz.v3.ExtAuthz",
        "transport_api_version": "V3",
        "failure_mode_allow": provider["failOpen"],
        "allowed_headers": headers(&provider["includeRequestHeadersInCheck"]),
        "filter_enabled_metadata": {
            "filter": "envoy.filters.http.rbac",
            "path": [{"key": "istio_ext_authz_shadow_effective_policy_id"}],
            "value": {"string_match": {"prefix": "istio-ext-authz-gateway"}},
        },
        "http_service": {
            "server_uri": {"uri": "http://gateway", "cluster": "gateway", "timeout": provider["timeout"]},
            "path_prefix": provider["pathPrefix"],
            "authorization_request": { "headers_to_add": add },
            "authorization_response": {
                "allowed_upstream_headers": headers(&provider["headersToUpstreamOnAllow"]),
                "allowed_client_headers_on_success": headers(&provider["headersToDownstreamOnAllow"]),
            },
        },
    })
}

/// How Istio compares a value of a policy.
fn string_match(value: &str) -> Value {
    match value.strip_suffix('*') {
        Some(beginning) => json!({"prefix": beginning}),
        None => json!({"exact": value}),
    }
}

/// The filter that notes which requests the policy asks about, as Istio makes it: by the host as it was sent, and the path.
fn asked_about(policy: &Value) -> Value {
    let operation = &policy["spec"]["rules"][0]["to"][0]["operation"];
    let values = |name: &str| {
        let values = operation[name].as_array().expect("a list").iter();
        values.map(|value| value.as_str().expect("text").to_owned()).collect::<Vec<_>>()
    };
    let host = |host: &String| {
        // The test's site is another one.
        let mut matched = string_match(&host.replace("app.example.com", "localhost"));
        matched["ignore_case"] = json!(true);
        json!({"header": {"name": ":authority", "string_match": matched}})
    };
    let path = |path: &String| json!({"url_path": {"path": string_match(path)}});
    let hosts: Vec<Value> = values("hosts").iter().map(host).collect();
    let paths: Vec<Value> = values("notPaths").iter().map(path).collect();
    let rules = json!([{"or_rules": {"rules": hosts}}, {"not_rule": {"or_rules": {"rules": paths}}}]);
    let noted = json!({"permissions": [{"and_rules": {"rules": rules}}], "principals": [{"any": true}]});
    json!({
        "@type": "type.googleapis.com/envoy.extensions.filters.http.rbac.v3.RBAC",
        "shadow_rules": {"action": "DENY", "policies": {"istio-ext-authz-gateway-ns[istio-system]": noted}},
        "shadow_rules_stat_prefix": "istio_ext_authz_",
    })
}

/// The routes of a `VirtualService`.
fn routes(service: &Value) -> Vec<Value> {
    let everything = json!([{"uri": {"prefix": "/"}}]);
    let mut routes = Vec::new();
    for rule in service["spec"]["http"].as_array().expect("rules") {
        for found in rule.get("match").unwrap_or(&everything).as_array().expect("matches") {
            let (prefix, exact) = (&found["uri"]["prefix"], &found["uri"]["exact"]);
            let matched = if prefix.is_null() { json!({"path": exact}) } else { json!({"prefix": prefix}) };
            let mut route = json!({"match": matched});
            match &rule["directResponse"]["status"] {
                Value::Null => {
                    let host = rule["route"][0]["destination"]["host"].as_str().expect("a host");
                    route["route"] = json!({"cluster": host.split('.').next()});
                }
                status => route["direct_response"] = json!({"status": status}),
            }
            routes.push(route);
        }
    }
    routes
}

/// What Envoy, as Istio's ingress gateway, is told.
fn istio(program: &str, at: &Addresses) -> Neighbour {
    let documents = documents("istio.yaml");
    let mesh = documents.iter().find_map(|document| document.get("meshConfig")).expect("the mesh's configuration");
    let policy = document(&documents, "AuthorizationPolicy", "gateway");
    let service = document(&documents, "VirtualService", "app");
    let patch = &document(&documents, "EnvoyFilter", "identity")["spec"]["configPatches"][0]["patch"]["value"];
    let mut manager = patch["typed_config"].clone();
    let own = json!({
        "stat_prefix": "public",
        "use_remote_address": true,
        "upgrade_configs": [{"upgrade_type": "websocket"}],
        "normalize_path": true,
        "route_config": {
            "ignore_port_in_host_matching": true,
            "virtual_hosts": [{"name": "app", "domains": ["localhost"], "routes": routes(service)}],
        },
        "http_filters": [
            {"name": "envoy.filters.http.rbac", "typed_config": asked_about(policy)},
            {"name": "envoy.filters.http.ext_authz",
             "typed_config": ext_authz(&mesh["extensionProviders"][0]["envoyExtAuthzHttp"])},
            {"name": "envoy.filters.http.router",
             "typed_config": {"@type": "type.googleapis.com/envoy.extensions.filters.http.router.v3.Router"}},
        ],
    });
    manager.as_object_mut().expect("an object").extend(own.as_object().expect("an object").clone());
    let address = |address: &str| {
        let (host, port) = address.rsplit_once(':').expect("a port");
        json!({"socket_address": {"address": host, "port_value": port.parse::<u16>().expect("a port")}})
    };
    let cluster = |name: &str, at: &str| {
        let endpoint = json!({"endpoint": {"address": address(at)}});
        json!({"name": name, "load_assignment": {"cluster_name": name, "endpoints": [{"lb_endpoints": [endpoint]}]}})
    };
    let manager = json!({"name": "envoy.filters.network.http_connection_manager", "typed_config": manager});
    let config = json!({"static_resources": {
        "listeners": [{
            "name": "public",
            "address": address(&format!("127.0.0.1:{}", at.front)),
            "filter_chains": [{"filters": [manager]}],
        }],
        "clusters": [cluster("gateway", &at.gateway), cluster("app", &at.app)],
    }});
    std::fs::write(at.folder.join("envoy.json"), config.to_string()).expect("written");
    let arguments = ["--log-level", "error", "--concurrency", "1", "--use-dynamic-base-id", "-c", "envoy.json"];
    start(program, &arguments, &at.folder, at.front)
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn envoy_as_istio_configures_it_asks_and_forwards() {
    let Some(program) = program("ENVOY", "envoy") else { return };
    protects(|at| istio(&program, at), StatusCode::NOT_FOUND).await;
}

/// What ingress-nginx does with nginx's own escaping, which Debian's nginx lacks.
const ESCAPE: &str = "export default { escaped: (request) => encodeURIComponent(request.variables.request_uri) };\n";

/// The question that the template makes of `auth-url`.
fn question(annotation: &dyn Fn(&str) -> String, at: &Addresses) -> String {
    let (url, size) = (annotation("auth-url"), annotation("proxy-buffer-size"));
    let host = url.split('/').nth(2).expect("a host").to_owned();
    let url = url.replace(&host, &at.gateway);
    format!(
        "location = /_external-auth {{
            internal;
            proxy_pass_request_body off;
            proxy_set_header Content-Length \"\";
            proxy_set_header X-Forwarded-Proto \"\";
            proxy_set_header Host {host};
            proxy_set_header X-Original-URL $scheme://$http_host$request_uri;
            proxy_set_header X-Original-Method $request_method;
            proxy_set_header X-Sent-From \"nginx-ingress-controller\";
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Auth-Request-Redirect $request_uri;
            proxy_buffering off;
            proxy_buffer_size {size};
            proxy_buffers 4 {size};
            proxy_request_buffering on;
            proxy_http_version 1.1;
            proxy_pass {url};
        }}
        ",
        host = host.split(':').next().unwrap_or_default()
    )
}

/// A location of one path of an Ingress, with what the template makes of its annotations.
fn location(path: &Value, annotation: &dyn Fn(&str) -> String, at: &Addresses) -> String {
    let service = path["backend"]["service"]["name"].as_str().expect("a service");
    let backend = if service == "app" { &at.app } else { &at.gateway };
    let mut inner = format!(
        "proxy_set_header Host $http_host;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
            proxy_set_header X-Real-IP $remote_addr;
            proxy_set_header X-Forwarded-For $remote_addr;
            proxy_set_header X-Forwarded-Host $http_host;
            proxy_set_header X-Forwarded-Port $server_port;
            proxy_set_header X-Forwarded-Proto $scheme;
            proxy_set_header X-Forwarded-Scheme $scheme;
            proxy_set_header X-Scheme $scheme;
            proxy_set_header X-Original-Forwarded-For $http_x_forwarded_for;
            proxy_set_header Proxy \"\";
            proxy_http_version 1.1;
            proxy_pass http://{backend};\n"
    );
    let allowed = annotation("whitelist-source-range");
    if !allowed.is_empty() {
        inner += &format!("allow {allowed}; deny all;\n");
    }
    if !annotation("auth-url").is_empty() {
        let always = if annotation("auth-always-set-cookie") == "true" { " always" } else { "" };
        inner += "auth_request /_external-auth;\nauth_request_set $auth_cookie $upstream_http_set_cookie;\n";
        inner += &format!("add_header Set-Cookie $auth_cookie{always};\nerror_page 401 = @sign_in;\n");
        for (at, name) in annotation("auth-response-headers").split(',').enumerate() {
            let variable = name.to_lowercase().replace('-', "_");
            inner += &format!("auth_request_set $authHeader{at} $upstream_http_{variable};\n");
            inner += &format!("proxy_set_header '{name}' $authHeader{at};\n");
        }
    }
    let (at, kind) = (path["path"].as_str().expect("a path"), path["pathType"].as_str().expect("a kind"));
    let matches = match (kind, at) {
        ("Exact", _) => vec![format!("= {at}")],
        (_, at) if at.ends_with('/') => vec![at.to_owned()],
        // The path itself, and what is below it.
        _ => vec![format!("{at}/"), format!("= {at}")],
    };
    matches.iter().map(|found| format!("location {found} {{\n{inner}}}\n")).collect()
}

/// What nginx is told by ingress-nginx's template.
fn ingress_nginx(program: &str, at: &Addresses) -> Neighbour {
    let documents = documents("ingress-nginx.yaml");
    let mut locations = String::new();
    for ingress in documents.iter().filter(|document| document["kind"] == "Ingress") {
        let annotation = |name: &str| {
            let value = &ingress["metadata"]["annotations"][format!("nginx.ingress.kubernetes.io/{name}")];
            value.as_str().unwrap_or_default().to_owned()
        };
        if !annotation("auth-url").is_empty() {
            locations += &question(&annotation, at);
            // The test's site is served without TLS, and not at the usual port.
            let sign_in = annotation("auth-signin").replace("https://$host", "$scheme://$http_host");
            let parameter = annotation("auth-signin-redirect-param");
            locations += &format!(
                "location @sign_in {{ internal; add_header Set-Cookie $auth_cookie;
                 return 302 {sign_in}?{parameter}=$scheme://$http_host$escaped_request_uri; }}\n"
            );
        }
        for path in ingress["spec"]["rules"][0]["http"]["paths"].as_array().expect("paths") {
            locations += &location(path, &annotation, at);
        }
    }
    std::fs::write(at.folder.join("escape.js"), ESCAPE).expect("written");
    let server = format!(
        "js_import main from escape.js; js_path .; js_set $escaped_request_uri main.escaped;
        map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
        server {{ listen 127.0.0.1:{front} default_server; return 404; }}
        server {{ listen 127.0.0.1:{front}; server_name localhost;\n{locations}}}",
        front = at.front
    );
    start_nginx(program, &server, &at.folder, at.front)
}

/// T-05, H-01, H-03.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nginx_as_ingress_nginx_configures_it_asks_and_forwards() {
    let Some(program) = program("NGINX", "nginx") else { return };
    if !std::path::Path::new(NGINX_JS).exists() {
        assert!(std::env::var_os("CI").is_none(), "nginx's module for scripts is not installed, and CI must try it");
        eprintln!("passed over: nginx's module for scripts is not installed");
        return;
    }
    protects(|at| ingress_nginx(&program, at), StatusCode::FORBIDDEN).await;
}
