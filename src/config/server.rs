//! Where the hub listens.

use serde::Deserialize;
use std::net::{Ipv4Addr, SocketAddr};

/// The HTTP server.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ServerConfig {
    /// Address and port.
    pub listen: SocketAddr,
    /// Pages of these origins may ask, besides the hub's own: `https://app.example`.
    pub origins: Vec<String>,
}

impl Default for ServerConfig {
    fn default() -> Self {
        Self { listen: SocketAddr::from((Ipv4Addr::LOCALHOST, 7188)), origins: Vec::new() }
    }
}
