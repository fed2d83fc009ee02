//! Pages for people: every template, its typed context, and samples of each.
//!
//! Owns: HTML, its escaping (handlebars, strict), the links to styles and scripts. Does not own:
//! routes, response headers (`http::security_headers`), or what a refusal means (`errors`). A page
//! works without scripts; scripts only save a click. A new page is a template, a context here, and
//! a line in `tests.rs`.

mod account;
mod appearance;
mod application_links;
mod config_form;
mod consent;
mod device;
mod error;
mod fields;
mod login;
mod registry;
mod saml_setup;
mod test_result;
#[cfg(test)]
mod tests;

use serde::Serialize;

pub use self::account::{AllowedFacts, HomePage, SignOutConfirmPage, SignedInPage, SignedOutPage};
pub use self::appearance::{Appearance, THEME_COOKIE, Theme};
pub use self::application_links::ApplicationLink;
pub use self::config_form::{Answer, ConfigForm, ConfigFormPage, FormProblem, Label, Part};
pub use self::consent::AllowPage;
pub use self::device::{DeviceConfirmPage, DeviceDonePage, DeviceEnterPage};
pub use self::error::{Contact, ErrorPage};
pub use self::fields::{FormMethod, HiddenField, PostButton};
pub use self::login::{
    ConnectorChoice, EmailFirst, FindTenantPage, LeavingPage, LoginPage, OtherHost, PostFormPage,
};
pub use self::registry::{Pages, PagesError};
pub use self::saml_setup::{
    CopyCertificate, CopyValue, LineFacts, ProductSteps, SamlSetupPage, StepFacts,
};
pub use self::test_result::{
    CheckFacts, ConsentPage, NameAndValue, OptionalClaimFacts, RefusalFacts, RoleFacts,
    StatementFacts, TestResultPage, WarningFacts,
};

/// A page's context. Everything that its template names is a field, so a missing one is an error.
pub trait Page: Serialize + Sized {
    /// The template's name.
    const TEMPLATE: &'static str;

    /// Whether the page sends its own form by script.
    const SENDS_ITSELF: bool = false;

    /// Whether the page has copy buttons, which only a script can serve.
    const COPIES: bool = false;

    /// Whether the page leads on by script, once its frames are loaded.
    const GOES_ON: bool = false;

    /// The text of the browser's tab.
    fn title(&self) -> String;

    /// Where the browser goes at once, if the page only bridges a redirect.
    fn refresh(&self) -> Option<&str> {
        None
    }

    /// After how many seconds.
    fn refresh_after(&self) -> u8 {
        0
    }

    /// Named examples, among them the extremes; all are rendered in a test.
    fn samples() -> Vec<(&'static str, Self)>;
}
