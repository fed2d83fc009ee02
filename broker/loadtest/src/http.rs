//! As much HTTP/1.1 as a load driver needs: kept connections, cookies, no redirects, no TLS.
//! A full HTTP library would take a third of a two-core machine away from the broker.

use std::collections::BTreeMap;

use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpStream;
use url::Url;

/// Why an exchange failed.
#[derive(Debug, thiserror::Error)]
pub enum HttpError {
    /// The address is not `http://host:port/...`.
    #[error("only http is driven, not {0}")]
    Address(Url),
    /// The connection failed.
    #[error("connection: {0}")]
    Io(#[from] std::io::Error),
    /// The answer is not HTTP/1.1.
    #[error("the answer is no HTTP")]
    Malformed,
}

/// What is asked.
#[derive(Debug)]
pub struct Request<'a> {
    /// Where.
    pub url: &'a Url,
    /// A form; GET without one.
    pub form: Option<&'a str>,
    /// The `Authorization` header.
    pub authorization: Option<&'a str>,
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The status.
    pub status: u16,
    /// `Location`, if any.
    pub location: Option<String>,
    /// The body.
    pub body: Vec<u8>,
    cookies: Vec<String>,
    keeps_open: bool,
}

/// The connections of one worker, and the cookies of the person who signs in just now.
#[derive(Debug, Default)]
pub struct Browser {
    connections: BTreeMap<String, BufReader<TcpStream>>,
    cookies: BTreeMap<(String, String), String>,
}

impl Browser {
    /// Forgets the cookies: the next person comes.
    pub fn forget(&mut self) {
        self.cookies.clear();
    }

    /// One exchange; a kept connection that has died meanwhile is opened anew, once.
    ///
    /// # Errors
    /// When no answer comes.
    pub async fn send(&mut self, request: &Request<'_>) -> Result<Answer, HttpError> {
        let authority = authority(request.url)?;
        let host = request.url.host_str().unwrap_or_default().to_owned();
        let head = self.head(request, &authority, &host);
        let kept = self.connections.remove(&authority);
        let was_kept = kept.is_some();
        let connection = match kept {
            Some(connection) => connection,
            None => connect(&authority).await?,
        };
        let (answer, connection) = match exchange(connection, &head).await {
            Err(HttpError::Io(_)) if was_kept => {
                exchange(connect(&authority).await?, &head).await?
            }
            other => other?,
        };
        if answer.keeps_open {
            self.connections.insert(authority, connection);
        }
        for cookie in &answer.cookies {
            self.take(&host, cookie);
        }
        Ok(answer)
    }

    fn head(&self, request: &Request<'_>, authority: &str, host: &str) -> String {
        let url = request.url;
        let method = if request.form.is_some() { "POST" } else { "GET" };
        let mut head = format!("{method} {}", url.path());
        if let Some(query) = url.query() {
            head.push('?');
            head.push_str(query);
        }
        head.push_str(" HTTP/1.1\r\nHost: ");
        head.push_str(authority);
        head.push_str("\r\nUser-Agent: symbolon-loadtest\r\nAccept: */*\r\n");
        let mine = self.cookies.iter().filter(|((of, _), _)| of == host);
        let cookies: Vec<String> =
            mine.map(|((_, name), value)| format!("{name}={value}")).collect();
        if !cookies.is_empty() && request.authorization.is_none() {
            head.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        if let Some(authorization) = request.authorization {
            head.push_str(&format!("Authorization: {authorization}\r\n"));
        }
        match request.form {
            Some(form) => head.push_str(&format!(
                "Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n{form}",
                form.len()
            )),
            None => head.push_str("\r\n"),
        }
        head
    }

    fn take(&mut self, host: &str, cookie: &str) {
        let mut parts = cookie.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let key = (host.to_owned(), name.to_owned());
        if value.is_empty() || parts.any(|part| part.eq_ignore_ascii_case("max-age=0")) {
            self.cookies.remove(&key);
        } else {
            self.cookies.insert(key, value.to_owned());
        }
    }
}

fn authority(url: &Url) -> Result<String, HttpError> {
    match (url.scheme(), url.host_str(), url.port_or_known_default()) {
        ("http", Some(host), Some(port)) => Ok(format!("{host}:{port}")),
        _ => Err(HttpError::Address(url.clone())),
    }
}

async fn connect(authority: &str) -> Result<BufReader<TcpStream>, HttpError> {
    let stream = TcpStream::connect(authority).await?;
    stream.set_nodelay(true)?;
    Ok(BufReader::new(stream))
}

async fn exchange(
    mut connection: BufReader<TcpStream>,
    head: &str,
) -> Result<(Answer, BufReader<TcpStream>), HttpError> {
    connection.get_mut().write_all(head.as_bytes()).await?;
    let answer = read_answer(&mut connection).await?;
    Ok((answer, connection))
}

async fn read_answer(connection: &mut BufReader<TcpStream>) -> Result<Answer, HttpError> {
    let first = read_line(connection).await?;
    let status = first.split(' ').nth(1).and_then(|status| status.parse().ok());
    let mut answer = Answer {
        status: status.ok_or(HttpError::Malformed)?,
        location: None,
        body: Vec::new(),
        cookies: Vec::new(),
        keeps_open: true,
    };
    let mut length = None;
    let mut is_chunked = false;
    loop {
        let line = read_line(connection).await?;
        if line.is_empty() {
            break;
        }
        let (name, value) = line.split_once(':').ok_or(HttpError::Malformed)?;
        let value = value.trim();
        match name.to_ascii_lowercase().as_str() {
            "location" => answer.location = Some(value.to_owned()),
            "set-cookie" => answer.cookies.push(value.to_owned()),
            "content-length" => length = value.parse::<usize>().ok(),
            "transfer-encoding" => is_chunked = value.eq_ignore_ascii_case("chunked"),
            "connection" if value.eq_ignore_ascii_case("close") => answer.keeps_open = false,
            _ => {}
        }
    }
    match (is_chunked, length) {
        (true, _) => read_chunks(connection, &mut answer.body).await?,
        (false, Some(length)) => read_exactly(connection, length, &mut answer.body).await?,
        (false, None) if matches!(answer.status, 204 | 304) => {}
        (false, None) => {
            answer.keeps_open = false;
            connection.read_to_end(&mut answer.body).await?;
        }
    }
    Ok(answer)
}

async fn read_line(connection: &mut BufReader<TcpStream>) -> Result<String, HttpError> {
    let mut line = String::new();
    if connection.read_line(&mut line).await? == 0 {
        return Err(std::io::Error::from(std::io::ErrorKind::UnexpectedEof).into());
    }
    line.truncate(line.trim_end().len());
    Ok(line)
}

async fn read_exactly(
    connection: &mut BufReader<TcpStream>,
    length: usize,
    body: &mut Vec<u8>,
) -> Result<(), HttpError> {
    let start = body.len();
    body.resize(start + length, 0);
    let room = body.get_mut(start..).ok_or(HttpError::Malformed)?;
    connection.read_exact(room).await?;
    Ok(())
}

async fn read_chunks(
    connection: &mut BufReader<TcpStream>,
    body: &mut Vec<u8>,
) -> Result<(), HttpError> {
    loop {
        let line = read_line(connection).await?;
        let size = line.split(';').next().unwrap_or_default().trim();
        let size = usize::from_str_radix(size, 16).map_err(|_| HttpError::Malformed)?;
        read_exactly(connection, size, body).await?;
        // After each chunk, and after the last, comes an empty line (no trailers here).
        read_line(connection).await?;
        if size == 0 {
            return Ok(());
        }
    }
}
