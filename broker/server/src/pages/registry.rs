//! The one registry of templates, and the frame around each page.

use handlebars::{Handlebars, RenderError, TemplateError};
use serde::Serialize;

use super::{Appearance, Page};
use crate::assets::{Asset, assets};

/// Name and text of every template and partial.
const TEMPLATES: [(&str, &str); 21] = [
    ("layouts/page", include_str!("../../templates/layouts/page.hbs")),
    ("partials/hidden_fields", include_str!("../../templates/partials/hidden_fields.hbs")),
    ("partials/application_links", include_str!("../../templates/partials/application_links.hbs")),
    ("partials/config_form", include_str!("../../templates/partials/config_form.hbs")),
    ("login/allow", include_str!("../../templates/login/allow.hbs")),
    ("login/choose", include_str!("../../templates/login/choose.hbs")),
    ("login/find_tenant", include_str!("../../templates/login/find_tenant.hbs")),
    ("login/leaving", include_str!("../../templates/login/leaving.hbs")),
    ("login/post_form", include_str!("../../templates/login/post_form.hbs")),
    ("login/test_result", include_str!("../../templates/login/test_result.hbs")),
    ("login/consent_result", include_str!("../../templates/login/consent_result.hbs")),
    ("errors/error", include_str!("../../templates/errors/error.hbs")),
    ("account/signed_in", include_str!("../../templates/account/signed_in.hbs")),
    ("account/sign_out_confirm", include_str!("../../templates/account/sign_out_confirm.hbs")),
    ("account/signed_out", include_str!("../../templates/account/signed_out.hbs")),
    ("plugins/config_form", include_str!("../../templates/plugins/config_form.hbs")),
    ("account/home", include_str!("../../templates/account/home.hbs")),
    ("device/enter", include_str!("../../templates/device/enter.hbs")),
    ("device/confirm", include_str!("../../templates/device/confirm.hbs")),
    ("device/done", include_str!("../../templates/device/done.hbs")),
    ("saml/setup", include_str!("../../templates/saml/setup.hbs")),
];

/// A page could not be made; a defect of ours, which the tests of this folder rule out.
#[derive(Debug, thiserror::Error)]
pub enum PagesError {
    /// A template does not parse.
    #[error("template: {0}")]
    Template(#[from] Box<TemplateError>),
    /// A template names what its context lacks.
    #[error("page: {0}")]
    Render(#[from] Box<RenderError>),
}

/// All templates, parsed once at the start.
#[derive(Debug)]
pub struct Pages(Handlebars<'static>);

#[derive(Serialize)]
struct Frame<'a, P> {
    title: String,
    lang: &'static str,
    theme: Option<&'static str>,
    brand: &'a str,
    refresh: Option<&'a str>,
    refresh_after: u8,
    /// A script leads on, so that only those without scripts are refreshed: some browsers do both.
    goes_on: bool,
    mark: &'static str,
    styles: [Link; 2],
    scripts: Vec<Link>,
    page: &'a P,
}

#[derive(Serialize)]
struct Link {
    href: &'static str,
    integrity: &'static str,
    defer: bool,
}

impl Pages {
    /// Parses every template.
    ///
    /// # Errors
    /// [`PagesError::Template`] for a template that does not parse.
    pub fn new() -> Result<Self, PagesError> {
        let mut handlebars = Handlebars::new();
        handlebars.set_strict_mode(true);
        handlebars.set_prevent_indent(true);
        for (name, text) in TEMPLATES {
            handlebars.register_template_string(name, text).map_err(Box::new)?;
        }
        Ok(Self(handlebars))
    }

    /// Renders a page as a whole HTML document.
    ///
    /// # Errors
    /// [`PagesError::Render`] when the template names what its context lacks.
    pub fn render<P: Page>(&self, look: &Appearance, page: &P) -> Result<String, PagesError> {
        let mut scripts = vec![link(&assets().theme, false)];
        if P::SENDS_ITSELF {
            scripts.push(link(&assets().submit, true));
        }
        if P::COPIES {
            scripts.push(link(&assets().copy, true));
        }
        if P::GOES_ON {
            scripts.push(link(&assets().signed_out, true));
        }
        let frame = Frame {
            title: page.title(),
            lang: look.lang,
            theme: look.theme.attribute(),
            brand: &look.brand,
            refresh: page.refresh(),
            refresh_after: page.refresh_after(),
            goes_on: P::GOES_ON,
            mark: &assets().mark.path,
            styles: [link(&assets().tabler, false), link(&assets().style, false)],
            scripts,
            page,
        };
        Ok(self.0.render(P::TEMPLATE, &frame).map_err(Box::new)?)
    }

    /// The names of all templates that are pages.
    #[cfg(test)]
    pub(super) fn page_names() -> impl Iterator<Item = &'static str> {
        let is_page = |name: &&str| !name.starts_with("layouts/") && !name.starts_with("partials/");
        TEMPLATES.into_iter().map(|(name, _)| name).filter(is_page)
    }

    /// The text of every template, for checks on the source.
    #[cfg(test)]
    pub(super) fn sources() -> [(&'static str, &'static str); 21] {
        TEMPLATES
    }
}

fn link(asset: &'static Asset, defer: bool) -> Link {
    Link { href: &asset.path, integrity: &asset.integrity, defer }
}
