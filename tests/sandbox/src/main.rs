//! The sandbox org as a program of its own.
//!
//! ```text
//! okta-sandbox [--listen ADDR] [--redirect-uri URI]… [--post-logout-redirect-uri URI]…
//! ```
//!
//! Prints one line with the org's origin when it answers, and stops on Ctrl-C. The first
//! `--redirect-uri` replaces the default list, further ones add to it. A flag nobody knows, a value
//! that cannot be read or a port that is taken is one line on standard error, and exit status 1.

use std::process::ExitCode;

use okta_sandbox::{Sandbox, Settings};

#[tokio::main]
async fn main() -> ExitCode {
    match run(std::env::args().skip(1)).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("okta-sandbox: {problem}");
            ExitCode::FAILURE
        }
    }
}

async fn run(arguments: impl Iterator<Item = String>) -> Result<(), String> {
    let settings = read(arguments)?;
    let listen = settings.listen;
    let sandbox = Sandbox::start(settings).await.map_err(|error| format!("cannot listen on {listen}: {error}"))?;
    println!("sandbox org at {}", sandbox.origin());
    tokio::signal::ctrl_c().await.map_err(|error| format!("cannot wait for Ctrl-C: {error}"))
}

fn read(mut arguments: impl Iterator<Item = String>) -> Result<Settings, String> {
    let mut settings = Settings::default();
    let (mut redirects, mut logouts) = (Vec::new(), Vec::new());
    while let Some(flag) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{flag} needs a value"));
        match flag.as_str() {
            "--listen" => {
                let text = value()?;
                settings.listen = text.parse().map_err(|_| format!("--listen `{text}` is not an address and port"))?;
            }
            "--redirect-uri" => redirects.push(value()?),
            "--post-logout-redirect-uri" => logouts.push(value()?),
            _ => return Err(format!("unknown argument `{flag}`")),
        }
    }
    if !redirects.is_empty() {
        settings.redirect_uris = redirects;
    }
    if !logouts.is_empty() {
        settings.post_logout_redirect_uris = logouts;
    }
    Ok(settings)
}

#[cfg(test)]
mod tests {
    use super::read;

    fn reading(line: &str) -> Result<okta_sandbox::Settings, String> {
        read(line.split_whitespace().map(str::to_owned))
    }

    #[test]
    fn the_first_redirect_uri_replaces_the_default_and_the_rest_add() {
        let settings = reading("--redirect-uri http://a.test/cb --redirect-uri http://b.test/cb").expect("reads");
        assert_eq!(settings.redirect_uris, ["http://a.test/cb", "http://b.test/cb"]);
    }

    #[test]
    fn a_flag_nobody_knows_is_named() {
        assert_eq!(reading("--listne 127.0.0.1:1").err().as_deref(), Some("unknown argument `--listne`"));
    }

    #[test]
    fn a_flag_without_its_value_is_named() {
        assert_eq!(reading("--listen").err().as_deref(), Some("--listen needs a value"));
    }
}
