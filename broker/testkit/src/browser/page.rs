//! A page that the browser shows, and what a person could do on it.

use std::collections::BTreeMap;
use std::sync::Arc;

use reqwest::header::{HeaderMap, LOCATION};
use scraper::{ElementRef, Html, Selector};
use url::Url;

use super::BrowserError;

/// One exchange on the way to a page.
#[derive(Clone, Debug)]
pub struct Step {
    /// What was asked for.
    pub url: Url,
    /// The status of the answer.
    pub status: u16,
    /// The headers of the answer.
    pub headers: HeaderMap,
}

/// The last answer, with the way that led to it.
#[derive(Clone, Debug)]
pub struct Page {
    body: Arc<str>,
    steps: Arc<[Step]>,
    last: Step,
}

/// What pressing something would send.
#[derive(Debug)]
pub(super) struct Submission {
    pub(super) target: String,
    pub(super) fields: Vec<(String, String)>,
    pub(super) is_post: bool,
    pub(super) is_form: bool,
}

impl Page {
    pub(super) fn new(body: String, last: Step, steps: Vec<Step>) -> Self {
        Self { body: body.into(), steps: steps.into(), last }
    }

    /// The status of the last answer.
    #[must_use]
    pub fn status(&self) -> u16 {
        self.last.status
    }

    /// The address of the last answer.
    #[must_use]
    pub fn url(&self) -> &Url {
        &self.last.url
    }

    /// A header of the last answer.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.last.headers.get(name).and_then(|value| value.to_str().ok())
    }

    /// Where the last answer redirects to, when the browser was told to stop there.
    #[must_use]
    pub fn location(&self) -> Option<Url> {
        self.last.url.join(self.last.headers.get(LOCATION)?.to_str().ok()?).ok()
    }

    /// All exchanges on the way, the last one included.
    #[must_use]
    pub fn steps(&self) -> &[Step] {
        &self.steps
    }

    /// The body as text.
    #[must_use]
    pub fn body(&self) -> &str {
        &self.body
    }

    /// The text of the element with this id, white space collapsed.
    #[must_use]
    pub fn text(&self, id: &str) -> Option<String> {
        let html = self.html();
        by_id(&html, id).map(text_of)
    }

    /// Whether an element has this id.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        by_id(&self.html(), id).is_some()
    }

    /// An attribute of the element with this id.
    #[must_use]
    pub fn attribute(&self, id: &str, name: &str) -> Option<String> {
        let html = self.html();
        by_id(&html, id)?.attr(name).map(str::to_owned)
    }

    /// An attribute of the first element that a CSS selector finds.
    #[must_use]
    pub fn attribute_of(&self, selector: &str, name: &str) -> Option<String> {
        let html = self.html();
        elements(&html, selector).first()?.attr(name).map(str::to_owned)
    }

    /// The texts of all elements that a CSS selector finds; none if it is no selector.
    #[must_use]
    pub fn texts(&self, selector: &str) -> Vec<String> {
        let html = self.html();
        Selector::parse(selector)
            .map(|selector| html.select(&selector).map(text_of).collect())
            .unwrap_or_default()
    }

    /// The page's title.
    #[must_use]
    pub fn title(&self) -> Option<String> {
        self.texts("title").into_iter().next()
    }

    /// The target of `<meta http-equiv="refresh">`.
    #[must_use]
    pub fn refresh_target(&self) -> Option<String> {
        let html = self.html();
        let metas = elements(&html, "meta");
        let refresh = metas.into_iter().find(|meta| {
            meta.attr("http-equiv").is_some_and(|kind| kind.eq_ignore_ascii_case("refresh"))
        })?;
        let (_, target) = refresh.attr("content")?.split_once(';')?;
        let (_, target) = target.split_once('=')?;
        Some(target.trim().trim_matches(['\'', '"']).to_owned())
    }

    /// The target and hidden fields of the first form, if it has nothing to fill in or to choose:
    /// a page that a browser with JavaScript would send on by itself.
    #[must_use]
    pub fn is_form_to_send_on(&self) -> bool {
        let html = self.html();
        let forms = elements(&html, "form");
        forms.first().is_some_and(|form| {
            let buttons = select(*form, "button[name], input[type=submit][name]");
            let open =
                select(*form, "input:not([type=hidden]):not([type=submit]), select, textarea");
            buttons.is_empty() && open.is_empty()
        })
    }

    pub(super) fn missing(&self, wanted: &str) -> BrowserError {
        BrowserError::Missing {
            url: self.url().clone(),
            status: self.status(),
            wanted: wanted.to_owned(),
        }
    }

    /// What a click on this element would send.
    pub(super) fn press(&self, id: &str, filled: &BTreeMap<String, String>) -> Option<Submission> {
        let html = self.html();
        let element = by_id(&html, id)?;
        if let ("a", Some(target)) = (element.value().name(), element.attr("href")) {
            let target = target.to_owned();
            return Some(Submission { target, fields: Vec::new(), is_post: false, is_form: false });
        }
        let form = match element.attr("form") {
            Some(form) => by_id(&html, form)?,
            None if element.value().name() == "form" => element,
            None => element
                .ancestors()
                .filter_map(ElementRef::wrap)
                .find(|above| above.value().name() == "form")?,
        };
        let mut submission = submission_of(form, filled);
        if let (Some(name), value) = (element.attr("name"), element.attr("value")) {
            submission.fields.push((name.to_owned(), value.unwrap_or_default().to_owned()));
        }
        if let Some(target) = element.attr("formaction") {
            target.clone_into(&mut submission.target);
        }
        Some(submission)
    }

    /// What submitting this form (or the first one) would send.
    pub(super) fn form(
        &self,
        id: Option<&str>,
        filled: &BTreeMap<String, String>,
    ) -> Option<Submission> {
        let html = self.html();
        let form = match id {
            Some(id) => by_id(&html, id)?,
            None => elements(&html, "form").into_iter().next()?,
        };
        Some(submission_of(form, filled))
    }

    /// As a browser without scripts reads it: what stands in `noscript` counts.
    fn html(&self) -> Html {
        let body = self.body.replace("<noscript>", "").replace("</noscript>", "");
        Html::parse_document(&body)
    }
}

fn by_id<'a>(html: &'a Html, id: &str) -> Option<ElementRef<'a>> {
    elements(html, "[id]").into_iter().find(|element| element.value().id() == Some(id))
}

fn elements<'a>(html: &'a Html, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector).map(|selector| html.select(&selector).collect()).unwrap_or_default()
}

fn select<'a>(element: ElementRef<'a>, selector: &str) -> Vec<ElementRef<'a>> {
    Selector::parse(selector)
        .map(|selector| element.select(&selector).collect())
        .unwrap_or_default()
}

fn text_of(element: ElementRef<'_>) -> String {
    element.text().flat_map(str::split_whitespace).collect::<Vec<_>>().join(" ")
}

fn submission_of(form: ElementRef<'_>, filled: &BTreeMap<String, String>) -> Submission {
    let mut fields = Vec::new();
    for field in select(form, "input[name], select[name], textarea[name]") {
        let (Some(name), Some(value)) = (field.attr("name"), value_of(field)) else {
            continue;
        };
        let value = filled.get(name).cloned().unwrap_or(value);
        fields.push((name.to_owned(), value));
    }
    Submission {
        target: form.attr("action").unwrap_or_default().to_owned(),
        fields,
        is_post: form.attr("method").is_some_and(|method| method.eq_ignore_ascii_case("post")),
        is_form: true,
    }
}

/// The value that a field would send, if it sends any.
fn value_of(field: ElementRef<'_>) -> Option<String> {
    match field.value().name() {
        "textarea" => Some(field.text().collect()),
        "select" => {
            let options = select(field, "option");
            let chosen = options.iter().find(|option| option.attr("selected").is_some());
            let option = chosen.or(options.first())?;
            Some(option.attr("value").map_or_else(|| text_of(*option), str::to_owned))
        }
        _ => match field.attr("type").unwrap_or("text") {
            "submit" | "button" | "image" | "reset" | "file" => None,
            "checkbox" | "radio" if field.attr("checked").is_none() => None,
            "checkbox" | "radio" => Some(field.attr("value").unwrap_or("on").to_owned()),
            _ => Some(field.attr("value").unwrap_or_default().to_owned()),
        },
    }
}
