//! Styles, scripts and pictures: embedded in the binary, addressed by their content.
//!
//! Owns: the list of assets, their URLs and integrity values. Does not own: who links them
//! (`pages`) or the route that serves them (`routes`).

use std::sync::LazyLock;

use aws_lc_rs::digest::{SHA256, SHA384, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

/// Every asset lives below this path.
pub const PREFIX: &str = "/static/";

/// An asset's URL names its content, so it never changes: caches may keep it for good.
pub const CACHE_CONTROL: &str = "public, max-age=31536000, immutable";

/// A file that pages link to.
#[derive(Debug)]
pub struct Asset {
    /// Its name, without folder.
    pub name: &'static str,
    /// The `Content-Type` header.
    pub content_type: &'static str,
    /// The content.
    pub bytes: &'static [u8],
    /// `/static/<first 16 hexadecimal digits of SHA-256>/<name>`.
    pub path: String,
    /// The `integrity` attribute: `sha384-…`.
    pub integrity: String,
    /// The `Cache-Control` header.
    pub cache_control: &'static str,
}

/// The assets by the name that code uses for them.
#[derive(Debug)]
pub struct Assets {
    /// Tabler's style sheet, without the rules of [`LEFT_OUT`].
    pub tabler: Asset,
    /// Our own style sheet, after Tabler's.
    pub style: Asset,
    /// Sets the theme from the system's wish.
    pub theme: Asset,
    /// Sends the form of a `form_post` page.
    pub submit: Asset,
    /// Shows and serves the copy buttons of a page.
    pub copy: Asset,
    /// Leads on from the page that tells applications of a sign-out.
    pub signed_out: Asset,
    /// The mark, also the favicon.
    pub mark: Asset,
}

const CSS: &str = "text/css; charset=utf-8";
const JAVASCRIPT: &str = "text/javascript; charset=utf-8";

/// Tabler's style sheet as published.
const TABLER: &str = include_str!("../assets/vendor/tabler/tabler.min.css");

/// Rules that no page of ours needs and that HtmlUnit, the browser of the OpenID conformance suite, fails on: it
/// shows no page at all then (PG-1).
const LEFT_OUT: [&str; 2] = [
    ".alert>.alert-heading+div:has(+ .alert-action),.alert>.alert-heading+div:has(+ .alert-link){display:inline}",
    ".card-tabs .tab-content:has(+ .nav-tabs) .card{border-start-start-radius:var(--tblr-card-border-radius);border-end-start-radius:0!important}",
];

static OUR_TABLER: LazyLock<String> = LazyLock::new(|| {
    LEFT_OUT.iter().fold(TABLER.to_owned(), |sheet, rule| sheet.replace(rule, ""))
});

static ASSETS: LazyLock<Assets> = LazyLock::new(|| Assets {
    tabler: asset("tabler.min.css", CSS, OUR_TABLER.as_bytes()),
    style: asset("symbolon.css", CSS, include_bytes!("../assets/symbolon.css")),
    theme: asset("theme.js", JAVASCRIPT, include_bytes!("../assets/theme.js")),
    submit: asset("submit.js", JAVASCRIPT, include_bytes!("../assets/submit.js")),
    copy: asset("copy.js", JAVASCRIPT, include_bytes!("../assets/copy.js")),
    signed_out: asset("signed-out.js", JAVASCRIPT, include_bytes!("../assets/signed-out.js")),
    mark: asset("symbolon.svg", "image/svg+xml", include_bytes!("../assets/symbolon.svg")),
});

/// All assets; digests are computed once.
#[must_use]
pub fn assets() -> &'static Assets {
    &ASSETS
}

/// The asset at a request path, if the path names its present content.
#[must_use]
pub fn find(path: &str) -> Option<&'static Asset> {
    let Assets { tabler, style, theme, submit, copy, signed_out, mark } = assets();
    [tabler, style, theme, submit, copy, signed_out, mark]
        .into_iter()
        .find(|asset| asset.path == path)
}

fn asset(name: &'static str, content_type: &'static str, bytes: &'static [u8]) -> Asset {
    let address: String =
        digest(&SHA256, bytes).as_ref().iter().take(8).map(|byte| format!("{byte:02x}")).collect();
    let integrity = STANDARD.encode(digest(&SHA384, bytes));
    Asset {
        name,
        content_type,
        bytes,
        path: format!("{PREFIX}{address}/{name}"),
        integrity: format!("sha384-{integrity}"),
        cache_control: CACHE_CONTROL,
    }
}

#[cfg(test)]
mod tests {
    use aws_lc_rs::digest::{SHA384, digest};
    use base64::Engine as _;
    use base64::engine::general_purpose::STANDARD;

    use super::{LEFT_OUT, TABLER, assets, find};

    #[test]
    fn vendored_files_are_as_published() {
        let lock: toml::Table = include_str!("../assets/vendor.toml").parse().unwrap();
        let files = lock["file"].as_array().unwrap();
        assert_eq!(files.len(), 1);
        let sha384 = files[0]["sha384"].as_str().unwrap();
        assert_eq!(STANDARD.encode(digest(&SHA384, TABLER.as_bytes())), sha384);
        let version = files[0]["version"].as_str().unwrap();
        assert!(TABLER[..80].contains(&format!("Tabler v{version}")));
    }

    #[test]
    fn pg1_no_rule_that_the_browser_of_the_suite_fails_on() {
        for rule in LEFT_OUT {
            assert_eq!(TABLER.matches(rule).count(), 1, "{rule}");
        }
        for sheet in [&assets().tabler, &assets().style] {
            assert!(!String::from_utf8_lossy(sheet.bytes).contains(":has(+"), "{}", sheet.name);
        }
    }

    #[test]
    fn an_asset_is_found_only_under_its_content() {
        let style = &assets().style;
        assert_eq!(find(&style.path).unwrap().name, "symbolon.css");
        assert!(find("/static/0000000000000000/symbolon.css").is_none());
        assert!(find("/static/symbolon.css").is_none());
    }
}
