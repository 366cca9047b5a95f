//! The program: what it prints, and how it fails.

use std::io::{BufRead as _, BufReader};
use std::net::TcpListener;
use std::process::{Command, Output, Stdio};

fn program(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_okta-sandbox"));
    command.args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn it_prints_its_origin_once_it_answers() {
    let mut child = program(&["--listen", "127.0.0.1:0"]).spawn().expect("the program");
    let mut line = String::new();
    let output = child.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("a line");
    let origin = line.trim().strip_prefix("sandbox org at http://").expect("an origin").to_owned();
    let answers = std::net::TcpStream::connect(&origin);
    child.kill().expect("it stops");
    child.wait().expect("it stops");
    assert!(answers.is_ok(), "{origin}");
}

#[test]
fn a_port_that_is_taken_is_one_line_that_names_it() {
    let taken = TcpListener::bind("127.0.0.1:0").expect("a free port");
    let address = taken.local_addr().expect("its address").to_string();
    let output = program(&["--listen", &address]).output().expect("the program");
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert_eq!(told.lines().count(), 1, "{told}");
    assert!(told.starts_with(&format!("okta-sandbox: cannot listen on {address}: ")), "{told}");
}

#[test]
fn an_unknown_flag_is_named() {
    let output = program(&["--lisen"]).output().expect("the program");
    assert_eq!(output.status.code(), Some(1));
    assert_eq!(told(&output), "okta-sandbox: unknown argument `--lisen`\n");
}
