//! The runner's script on the shells of this host, without Docker.
