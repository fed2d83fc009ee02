//! How many attributes are read.

use super::{Examined, Shown, Verdict, refuse};
use crate::fault::Fault;
use crate::response::reader::Attributes;

/// VA-15. A person has some dozens of attributes; an identity provider that sends every group has one of them long.
const MOST_ATTRIBUTES: usize = 256;
/// A thousand groups must pass (AT-56); of five thousand, nobody makes roles any more.
const MOST_VALUES: usize = 2_000;
/// Names and values together: a thousand group names of more than a hundred characters, half of the largest document.
const MOST_BYTES: usize = 128 * 1024;

/// VA-15, A41: few enough, and each with a name. None at all is no fault: the NameID may be all that is needed, and an
/// empty statement is what AWS IAM Identity Center sends then, against the schema.
pub(super) fn attributes(examined: &Examined<'_>) -> Verdict {
    let Some(assertion) = examined.assertion else { return Verdict::NotJudged };
    judge_attributes(&assertion.attributes).into()
}

fn judge_attributes(attributes: &Attributes) -> Shown {
    let (elements, values, bytes) = (attributes.elements, attributes.values(), attributes.bytes());
    let seen = format!("{elements} attributes, {values} values, {bytes} bytes");
    let expected =
        format!("at most {MOST_ATTRIBUTES} attributes, {MOST_VALUES} values, {MOST_BYTES} bytes");
    if elements > MOST_ATTRIBUTES || values > MOST_VALUES || bytes > MOST_BYTES {
        return refuse(Fault::TooManyAttributes, seen, expected);
    }
    if attributes.nameless > 0 {
        return refuse(Fault::Structure, "an Attribute without Name", "a name");
    }
    Ok((seen, expected))
}
