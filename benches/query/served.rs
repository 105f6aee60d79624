//! A server in a process of its own, and a client that asks it one question after another over one connection.
//!
//! A server says its port, and its token where it wants one, in the first line of its standard output; it ends when its
//! standard input does, so that nothing is left behind.

use serde_json::{Value, json};
use std::error::Error;
use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

/// The query of the README. Whom it asks for is a variable, as a program sends it: documents are read once.
pub fn readme_query() -> String {
    let query = include_str!("../../src/cli/demo/query.graphql");
    format!("query($text: String!) {}", query.replace("\"robert.kovac@example.com\"", "$text"))
}

/// Its variables.
pub fn readme_variables(email: &str) -> Value {
    json!({ "text": email })
}

/// A running server.
pub struct Served {
    child: Child,
    port: u16,
    token: String,
}

impl Served {
    /// Starts it.
    pub fn start(command: &mut Command) -> Result<Self, Box<dyn Error>> {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        let mut line = String::new();
        if let Some(stdout) = child.stdout.take() {
            BufReader::new(stdout).read_line(&mut line)?;
        }
        let mut words = line.split_whitespace();
        let port = words.next().and_then(|word| word.parse().ok());
        let token = words.next().unwrap_or("none").to_owned();
        let Some(port) = port else {
            let _ = child.kill();
            child.wait()?;
            return Err("the server did not start".into());
        };
        Ok(Self { child, port, token })
    }

    /// Its process.
    pub fn pid(&self) -> u32 {
        self.child.id()
    }

    /// Its address of the graph, for this scheme.
    pub fn url(&self, scheme: &str) -> String {
        format!("{scheme}://127.0.0.1:{}/graphql", self.port)
    }

    /// What lets somebody in.
    pub fn token(&self) -> &str {
        &self.token
    }

    /// A connection to it.
    pub async fn connect(&self) -> Result<Client, Box<dyn Error>> {
        let stream = TcpStream::connect(("127.0.0.1", self.port)).await?;
        stream.set_nodelay(true)?;
        Ok(Client { stream, token: self.token.clone(), buffer: Vec::with_capacity(65_536) })
    }

    /// Ends it.
    pub fn stop(mut self) -> std::io::Result<()> {
        drop(self.child.stdin.take());
        self.child.wait().map(|_| ())
    }
}

/// One connection, as a program keeps it open.
pub struct Client {
    stream: TcpStream,
    token: String,
    buffer: Vec<u8>,
}

impl Client {
    /// Sends a document and its variables, and gives the body of the answer.
    pub async fn ask(&mut self, document: &str, variables: &Value) -> Result<&[u8], Box<dyn Error>> {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let head = format!(
            "POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nAccept: application/json\r\n\
             Authorization: Bearer {}\r\nContent-Length: {}\r\n\r\n",
            self.token,
            body.len()
        );
        self.stream.write_all(&[head.as_bytes(), body.as_bytes()].concat()).await?;
        self.buffer.clear();
        loop {
            if self.stream.read_buf(&mut self.buffer).await? == 0 {
                return Err("the server closed the connection".into());
            }
            let Some(end) = self.buffer.windows(4).position(|bytes| bytes == b"\r\n\r\n") else { continue };
            let head = std::str::from_utf8(&self.buffer[..end])?.to_lowercase();
            let length = head.lines().find_map(|line| line.strip_prefix("content-length:"));
            let length: usize = length.ok_or("the answer has no length")?.trim().parse()?;
            if self.buffer.len() < end + 4 + length {
                continue;
            }
            if !head.starts_with("http/1.1 200") {
                return Err(String::from_utf8_lossy(&self.buffer).into_owned().into());
            }
            return Ok(&self.buffer[end + 4..end + 4 + length]);
        }
    }
}
