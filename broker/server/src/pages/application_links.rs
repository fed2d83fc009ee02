//! What an application registered for people to read, as links (OpenID Registration 2; DY-08).

use serde::Serialize;
use url::Url;

/// A link to a document of an application. Nothing of it is loaded by the page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ApplicationLink {
    /// The stable element id.
    pub id: &'static str,
    /// What the person reads.
    pub text: &'static str,
    /// Where it leads.
    pub href: Url,
}

impl ApplicationLink {
    /// The links of an application, by its home page, logo, policy and terms; only of the web.
    #[must_use]
    pub fn of(documents: [Option<&Url>; 4]) -> Vec<Self> {
        let kinds = [
            ("application-home", "About this application"),
            ("application-logo", "Its logo"),
            ("application-policy", "How it uses what it learns"),
            ("application-terms", "Its terms of service"),
        ];
        let link = |((id, text), href): ((&'static str, &'static str), Option<&Url>)| {
            let href = href.filter(|href| matches!(href.scheme(), "https" | "http"))?;
            Some(Self { id, text, href: href.clone() })
        };
        kinds.into_iter().zip(documents).filter_map(link).collect()
    }

    /// All four, for samples.
    pub(super) fn samples() -> Vec<Self> {
        let urls = ["", "logo.png?a=\"<b>", "policy", "terms"]
            .map(|path| Url::parse(&format!("https://wiki.example.com/{path}")).ok());
        Self::of(urls.each_ref().map(Option::as_ref))
    }
}
