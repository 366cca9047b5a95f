//! The adapter, over memory instead of sockets.
