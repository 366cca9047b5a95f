//! Arguments.
fn main() {}
