//! Forms that a page sends on by itself, as SAML's POST binding has them (SAML Bindings 3.5.4): the target and
//! the hidden fields. It is no HTML parser: broker and provider write plain quoted attributes.

use url::form_urlencoded::Serializer;

/// What such a page would post.
#[derive(Debug, PartialEq, Eq)]
pub struct Form {
    /// Where.
    pub target: String,
    /// What, as application/x-www-form-urlencoded.
    pub body: String,
}

/// The form of a page if it carries a SAML message.
#[must_use]
pub fn saml_form(page: &[u8]) -> Option<Form> {
    let page = String::from_utf8_lossy(page);
    let (_, rest) = page.split_once("<form")?;
    let (form, _) = rest.split_once("</form>")?;
    let (opening, inside) = form.split_once('>')?;
    let mut body = Serializer::new(String::new());
    let mut is_saml = false;
    for input in inside.split("<input").skip(1) {
        let tag = input.split('>').next().unwrap_or_default();
        let (Some(name), Some(value)) = (attribute(tag, "name"), attribute(tag, "value")) else {
            continue;
        };
        is_saml |= matches!(name.as_str(), "SAMLRequest" | "SAMLResponse");
        body.append_pair(&name, &value);
    }
    let target = attribute(opening, "action")?;
    is_saml.then(|| Form { target, body: body.finish() })
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let (_, rest) = tag.split_once(&format!(" {name}=\""))?;
    Some(unescaped(rest.split_once('"')?.0))
}

/// Character references as templates write them (HTML 13.2.5.72).
fn unescaped(text: &str) -> String {
    let mut parts = text.split('&');
    let mut out = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let known = part.split_once(';').and_then(|(name, rest)| Some((character(name)?, rest)));
        match known {
            Some((character, rest)) => {
                out.push(character);
                out.push_str(rest);
            }
            None => {
                out.push('&');
                out.push_str(part);
            }
        }
    }
    out
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16).ok()?,
                None => number.parse().ok()?,
            };
            char::from_u32(code)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_with_a_saml_message_is_posted_on() {
        let page = b"<form method=\"post\" action=\"http://a/acs?x&#x3D;1&amp;y=2\">\
<input type=\"hidden\" name=\"SAMLResponse\" value=\"a+b&#x3D;\"><input type=\"hidden\" name=\"RelayState\" \
value=\"&#39;s\"><button type=\"submit\">Continue</button></form>";
        let form = saml_form(page).unwrap();
        assert_eq!(form.target, "http://a/acs?x=1&y=2");
        assert_eq!(form.body, "SAMLResponse=a%2Bb%3D&RelayState=%27s");
    }

    #[test]
    fn other_forms_are_left_to_a_person() {
        let page = b"<form action=\"/sign-in\"><input name=\"subject\" value=\"x\"></form>";
        assert_eq!(saml_form(page), None);
        assert_eq!(saml_form(b"no form"), None);
    }
}
