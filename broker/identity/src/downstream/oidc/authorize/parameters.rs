//! The raw parameters of a request, before anything is believed.

/// Names and values in the order in which they came, and by which way.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters {
    pairs: Vec<(String, String)>,
    pushed: Option<String>,
    signed: bool,
}

/// A parameter stands more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated;

impl Parameters {
    /// Takes decoded pairs.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self { pairs, ..Self::default() }
    }

    /// The application pushed them under a `request_uri` with this hash (RFC 9126).
    #[must_use]
    pub(crate) fn pushed_under(mut self, hash: String) -> Self {
        self.pushed = Some(hash);
        self
    }

    /// The application signed them (RFC 9101), or not.
    #[must_use]
    pub(crate) fn signed(mut self, signed: bool) -> Self {
        self.signed = signed;
        self
    }

    /// Hash of the `request_uri` under which they were pushed.
    pub(crate) fn pushed(&self) -> Option<&str> {
        self.pushed.as_deref()
    }

    /// Whether the application signed them.
    pub(crate) fn is_signed(&self) -> bool {
        self.signed
    }

    /// With a parameter that came by another way than the others.
    #[must_use]
    pub(crate) fn with(mut self, name: &str, value: &str) -> Self {
        self.pairs.retain(|(known, _)| known != name);
        self.pairs.push((name.to_owned(), value.to_owned()));
        self
    }

    /// The value; empty values count as absent (RFC 6749 3.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let found = self.pairs.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// All values of a parameter that may stand several times; empty ones count as absent.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        let is_it = move |(key, value): &&(String, String)| key == name && !value.is_empty();
        self.pairs.iter().filter(is_it).map(|(_, value)| value.as_str())
    }

    /// The value, where it stands once.
    ///
    /// # Errors
    /// [`Repeated`] when it stands twice, whatever the values (D13).
    pub fn single(&self, name: &str) -> Result<Option<&str>, Repeated> {
        if self.count(name) > 1 { Err(Repeated) } else { Ok(self.get(name)) }
    }

    /// Words of a space-separated value.
    pub fn words(&self, name: &str) -> impl Iterator<Item = &str> {
        self.get(name).unwrap_or_default().split(' ').filter(|word| !word.is_empty())
    }

    /// How often a parameter stands.
    #[must_use]
    pub fn count(&self, name: &str) -> usize {
        self.pairs.iter().filter(|(key, _)| key == name).count()
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
