//! What a configuration may say, and what is said about one that is wrong.
