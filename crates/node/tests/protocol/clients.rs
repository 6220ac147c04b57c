//! The stock clients.
