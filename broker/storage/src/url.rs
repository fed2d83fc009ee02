//! Which database: parsed once, so that no text is ever tried against one backend after the other (DB-T1, DB-T2).

use std::fmt;
use std::path::{Path, PathBuf};

/// The two databases that we speak to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Backend {
    /// Embedded, one process.
    Sqlite,
    /// Any number of equal nodes.
    Postgres,
}

/// Where the rows are kept.
#[derive(Clone, PartialEq, Eq)]
pub enum DatabaseUrl {
    /// `sqlite:<path of a file>`.
    Sqlite(PathBuf),
    /// `postgres://user:password@host:port/database`, passed to libpq as it is.
    Postgres(String),
}

/// The text names no database that we know. It never repeats the text, which may hold a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a database URL: expected sqlite:<file> or postgres://<user>@<host>/<database>")]
pub struct InvalidDatabaseUrl;

impl DatabaseUrl {
    /// Reads `sqlite:<file>` or `postgres://...`; every other form is refused, also libpq's `host=... dbname=...`.
    ///
    /// # Errors
    /// [`InvalidDatabaseUrl`].
    pub fn parse(text: &str) -> Result<Self, InvalidDatabaseUrl> {
        if text.contains('\0') {
            return Err(InvalidDatabaseUrl);
        }
        if text.starts_with("postgres://") || text.starts_with("postgresql://") {
            return Ok(Self::Postgres(text.to_owned()));
        }
        match text.strip_prefix("sqlite:") {
            // `:memory:` has no WAL and locks differently (DB-T5); `//` and `file:` are other notations.
            Some(path) if !path.is_empty() && !path.starts_with([':', '?']) => {
                if path.starts_with("//") || path.starts_with("file:") {
                    return Err(InvalidDatabaseUrl);
                }
                Ok(Self::Sqlite(Path::new(path).to_owned()))
            }
            _ => Err(InvalidDatabaseUrl),
        }
    }

    /// Which of the two it is.
    #[must_use]
    pub fn backend(&self) -> Backend {
        match self {
            Self::Sqlite(_) => Backend::Sqlite,
            Self::Postgres(_) => Backend::Postgres,
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(_) => f.write_str("postgres://(hidden)"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_two_documented_forms_are_read() {
        assert_eq!(DatabaseUrl::parse("sqlite:a/b.db"), Ok(DatabaseUrl::Sqlite("a/b.db".into())));
        assert_eq!(DatabaseUrl::parse("sqlite:/a.db").map(|u| u.backend()), Ok(Backend::Sqlite));
        for url in ["postgres://u:p@h/d", "postgresql:///d"] {
            assert_eq!(DatabaseUrl::parse(url), Ok(DatabaseUrl::Postgres(url.to_owned())));
        }
        for bad in [
            "",
            "a.db",
            "host=127.0.0.1 port=1 dbname=x",
            "mysql://h/d",
            "sqlite:",
            "sqlite::memory:",
            "sqlite://a.db",
            "sqlite:file:a.db",
            "sqlite:a\0b",
            "POSTGRES://h/d",
        ] {
            assert_eq!(DatabaseUrl::parse(bad), Err(InvalidDatabaseUrl), "{bad:?}");
        }
    }

    #[test]
    fn a_password_is_not_in_the_debug_text() {
        let url = DatabaseUrl::parse("postgres://u:hunter2@h/d").unwrap();
        assert!(!format!("{url:?}").contains("hunter2"));
    }
}
