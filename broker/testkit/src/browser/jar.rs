//! Cookies by host and name (RFC 6265, as far as loopback tests need it).

use std::collections::BTreeMap;

#[derive(Debug, Default)]
pub(super) struct Jar {
    cookies: BTreeMap<(String, String), String>,
}

impl Jar {
    pub(super) fn get(&self, host: &str, name: &str) -> Option<&str> {
        self.cookies.get(&(host.to_owned(), name.to_owned())).map(String::as_str)
    }

    pub(super) fn set(&mut self, host: &str, name: &str, value: &str) {
        self.cookies.insert((host.to_owned(), name.to_owned()), value.to_owned());
    }

    /// Takes the value of one `Set-Cookie` header.
    pub(super) fn take(&mut self, host: &str, header: &str) {
        let mut parts = header.split(';').map(str::trim);
        let Some((name, value)) = parts.next().and_then(|pair| pair.split_once('=')) else {
            return;
        };
        let attributes: Vec<(String, String)> = parts
            .map(|part| part.split_once('=').unwrap_or((part, "")))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let attribute = |wanted: &str| {
            attributes.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str())
        };
        let has_ended = attribute("max-age").and_then(|age| age.parse::<i64>().ok()).map_or_else(
            || attribute("expires").is_some_and(|date| date.contains(" 1970 ")),
            |age| age <= 0,
        );
        // A browser drops a `__Host-` cookie that lacks one of its conditions.
        let is_broken_host_cookie = name.starts_with("__Host-")
            && (attribute("secure").is_none()
                || attribute("path") != Some("/")
                || attribute("domain").is_some());
        if has_ended {
            self.cookies.remove(&(host.to_owned(), name.to_owned()));
        } else if !is_broken_host_cookie {
            self.set(host, name, value);
        }
    }

    /// The `Cookie` header for a host.
    pub(super) fn header(&self, host: &str) -> Option<String> {
        let pairs: Vec<String> = self
            .cookies
            .iter()
            .filter(|((of, _), _)| of == host)
            .map(|((_, name), value)| format!("{name}={value}"))
            .collect();
        (!pairs.is_empty()).then(|| pairs.join("; "))
    }
}

#[cfg(test)]
mod tests {
    use super::Jar;

    #[test]
    fn a_cookie_comes_back_to_its_host_only() {
        let mut jar = Jar::default();
        jar.take("a.example", "one=1; Path=/; HttpOnly");
        assert_eq!(jar.header("a.example").as_deref(), Some("one=1"));
        assert_eq!(jar.header("b.example"), None);
    }

    #[test]
    fn an_ended_cookie_is_gone() {
        let mut jar = Jar::default();
        jar.take("a.example", "one=1");
        jar.take("a.example", "two=2");
        jar.take("a.example", "one=; Max-Age=0");
        jar.take("a.example", "two=; Expires=Thu, 01 Jan 1970 00:00:00 GMT");
        assert_eq!(jar.header("a.example"), None);
    }

    #[test]
    fn a_host_cookie_needs_secure_and_the_root_path() {
        let mut jar = Jar::default();
        jar.take("a.example", "__Host-s=1; Path=/");
        jar.take("a.example", "__Host-t=1; Secure; Path=/t");
        assert_eq!(jar.header("a.example"), None);
        jar.take("a.example", "__Host-s=1; Secure; Path=/");
        assert_eq!(jar.get("a.example", "__Host-s"), Some("1"));
    }
}
