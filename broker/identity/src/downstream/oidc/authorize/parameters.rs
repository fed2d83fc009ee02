//! The raw parameters of a request, before anything is believed.

/// Names and values in the order in which they came.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Parameters(Vec<(String, String)>);

/// A parameter stands more than once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Repeated;

impl Parameters {
    /// Takes decoded pairs.
    #[must_use]
    pub fn new(pairs: Vec<(String, String)>) -> Self {
        Self(pairs)
    }

    /// The value; empty values count as absent (RFC 6749 3.1).
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        self.0
            .iter()
            .find(|(key, value)| key == name && !value.is_empty())
            .map(|(_, value)| value.as_str())
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
        self.0.iter().filter(|(key, _)| key == name).count()
    }

    /// All pairs.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }
}
