//! The status of a response (PC-16, ER-1). Its texts are read elsewhere; here it only has to be one.

use roxmltree::Node;

use super::tree::{elements, is, misplaced};
use crate::fault::{Fault, Refusal};
use crate::names::{PROTOCOL, STATUS_SUCCESS};
use crate::xml::plain_attribute;

/// Whether the one status of this response says success (SAML Core 3.2.2).
pub(super) fn is_success(root: Node<'_, '_>) -> Result<bool, Refusal> {
    let status = only_child(root, "Status")?;
    let code = only_child(status, "StatusCode")?;
    let value = plain_attribute(code, "Value");
    value
        .map(|value| value == STATUS_SUCCESS)
        .ok_or_else(|| misplaced(Fault::Structure, code, "a StatusCode with a Value"))
}

fn only_child<'a, 'i>(node: Node<'a, 'i>, name: &str) -> Result<Node<'a, 'i>, Refusal> {
    let mut found = elements(node).filter(|child| is(*child, PROTOCOL, name));
    match (found.next(), found.next()) {
        (Some(only), None) => Ok(only),
        (first, _) => {
            let seen = if first.is_none() { "none" } else { "more than one" };
            Err(Refusal::new(Fault::Structure, seen, format!("one {name}")))
        }
    }
}
