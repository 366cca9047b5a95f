//! `idx-gateway explain METHOD URL`: says what would become of a request with this address and these headers.

use std::net::IpAddr;
use std::path::PathBuf;

use clap::Args;
use idx_gateway::proxy::{Runtime, refused_at_once};
use idx_gateway::web::{Request, RequestId, split_absolute};

use crate::Problems;

#[derive(Args)]
pub(crate) struct Arguments {
    /// GET, POST, …
    method: String,
    /// An address, or a path of the public address; taken as it stands, nothing decoded or resolved.
    url: String,
    /// A header that the request would carry, as "Name: value"; more than one may be given.
    #[arg(short = 'H', long = "header", value_name = "HEADER")]
    headers: Vec<String>,
    /// The address that it would come from.
    #[arg(long, value_name = "ADDRESS")]
    from: Option<IpAddr>,
    /// The configuration.
    #[arg(long, value_name = "FILE", env = "GATEWAY_CONFIG", default_value_os_t = idx_gateway::config::default_file())]
    pub(crate) config: PathBuf,
}

/// The explanation; a problem where the arguments are no request.
pub(crate) fn explain(arguments: &Arguments, runtime: &Runtime) -> Result<String, Problems> {
    let gateway = &runtime.gateway;
    let own = gateway.site().public_url().authority().to_owned();
    let (scheme, authority, target) = match split_absolute(&arguments.url) {
        Some((scheme, authority, target)) => (scheme, authority.to_owned(), target),
        None => ("", own, arguments.url.as_str()),
    };
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    let mut bytes = format!("{} {target} HTTP/1.1\r\nhost: {authority}\r\n", arguments.method);
    let mut head = http::Request::builder().method(arguments.method.as_str()).uri(&target).header("host", authority);
    for header in &arguments.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| vec![format!("`{header}` is not \"Name: value\"")])?;
        bytes.push_str(&format!("{name}: {}\r\n", value.trim()));
        head = head.header(name.trim(), value.trim());
    }
    bytes.push_str("\r\n");
    let head = head.body(()).map_err(|error| vec![format!("400: {error}")])?.into_parts().0;
    if let Some((status, why)) = refused_at_once(bytes.as_bytes(), &head, target.as_bytes()) {
        return Ok(format!("anybody   {}: {why}\n", status.as_u16()));
    }
    let request =
        Request::read(&head, arguments.from, RequestId::next()).map_err(|error| vec![format!("400: {error}")])?;
    let is_moved = scheme.eq_ignore_ascii_case("http") && runtime.redirects_http;
    let is_answered = gateway.ping(request.method(), request.path()).is_some() || gateway.asked_by(&request).is_some();
    if is_moved && !is_answered && gateway.site_of(&request).is_some() {
        return Ok("anybody   308: to the same address over https (tls.redirect_http)\n".to_owned());
    }
    Ok(gateway.explain(&request, idx_gateway::time::now()))
}
