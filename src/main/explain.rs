//! `idx-gateway explain METHOD URL`: says what would become of a request with this address and these headers.

use std::path::PathBuf;

use clap::Args;
use idx_gateway::gateway::Gateway;
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
    /// The configuration.
    #[arg(long, value_name = "FILE", env = "GATEWAY_CONFIG", default_value_os_t = idx_gateway::config::default_file())]
    pub(crate) config: PathBuf,
}

/// The explanation; a problem where the request would be refused with a 400.
pub(crate) fn explain(arguments: &Arguments, gateway: &Gateway) -> Result<String, Problems> {
    let own = gateway.site().public_url().authority().to_owned();
    let (authority, target) = match split_absolute(&arguments.url) {
        Some((_, authority, target)) => (authority.to_owned(), target),
        None => (own, arguments.url.as_str()),
    };
    let target = if target.starts_with('/') { target.to_owned() } else { format!("/{target}") };
    let mut head = http::Request::builder().method(arguments.method.as_str()).uri(&target).header("host", authority);
    for header in &arguments.headers {
        let (name, value) = header.split_once(':').ok_or_else(|| vec![format!("`{header}` is not \"Name: value\"")])?;
        head = head.header(name.trim(), value.trim());
    }
    let head = head.body(()).map_err(|error| vec![format!("400: {error}")])?.into_parts().0;
    let request = Request::read(&head, None, RequestId::next()).map_err(|error| vec![format!("400: {error}")])?;
    Ok(gateway.explain(&request, idx_gateway::time::now()))
}
