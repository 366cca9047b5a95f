//! Tests of the whole system: the built binary, real sockets, the sandbox org, and an app that reports what it received.
//!
//! A file per behaviour. Tests are sentences; what they expect is written by hand and shares no code with
//! the gateway: the pages are read as a browser would, the app's report is what arrived on the wire.

mod addresses;
mod answers;
mod certificates;
mod clients;
mod clocks;
mod demo;
mod documentation;
mod documents;
mod doors;
mod double;
mod enumeration;
mod explain;
mod failover;
mod flows;
mod forward_auth;
mod hand_over;
mod header_contract;
mod hostile;
mod hosts;
mod identity;
mod import;
mod kept_forms;
mod limits;
mod log;
mod machines;
mod neighbours;
mod org_faults;
mod page;
mod policies;
mod proxying;
mod raw;
mod receivers;
mod redirect;
mod refresh;
mod reload;
mod replicas;
mod replies;
mod return_targets;
mod routing;
mod scenarios;
mod sessions;
mod shutdown;
mod sign_in;
mod step_up;
mod store;
mod told;
mod upstream;
mod upstream_tls;
mod upstreams;
mod visitor;
mod ways_out;
mod widget;
mod world;
