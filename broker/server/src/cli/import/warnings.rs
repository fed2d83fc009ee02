//! What changes for people and for the application when Symbolon takes a backend's place.

use symbolon_identity::connectors::entra::DirectoryId;

use super::backend::{BACKENDS, Backend};
use super::plan::WarningKind;
use super::python::Literal;
use super::reading::{Reading, texts};

/// Whose people may sign in: before, and now (DEC-1, B31).
pub(super) fn of_directory(reading: &mut Reading<'_>, backend: &Backend, directory: &DirectoryId) {
    let (class, name) = (backend.short(), backend.setting("TENANT_ID"));
    let text = if backend.reads_tenant_id {
        format!(
            "{class} asks one directory, {directory}, whatever its documents call it; here too, people of \
             this directory alone are accepted. Add others to accepted_directories by their ids; the \
             registration must then be multi-tenant"
        )
    } else {
        format!(
            "{class} never reads {name}; it signs in at /common and accepts every directory that the \
             registration allows. Here it is pinned to {directory}. People of other directories who could \
             sign in until now no longer can"
        )
    };
    reading.warn(WarningKind::AcceptedDirectories, text);
}

/// By what people are known, and which backends are left behind.
pub(super) fn of_backend(reading: &mut Reading<'_>, backend: &Backend) {
    let key = backend.user_key;
    let mutable = if key == "sub" {
        "which is different for each registration"
    } else {
        "which an admin of the directory can change and give to somebody else"
    };
    reading.warn(
        WarningKind::UserKey,
        format!(
            "{} knows people by {key}, {mutable}; here they are known by tid and oid, which never change. \
             Nobody is matched by the old key: people get a user at their first sign-in here, and the \
             application sees a new subject for each",
            backend.short()
        ),
    );
    reading.warn(
        WarningKind::Email,
        "e-mail addresses are for display, and to match a pending invitation or a domain that the tenant \
         has proved to own; they identify nobody and link no accounts by themselves",
    );
    reading.warn(
        WarningKind::Guests,
        "guests of the directory are not let in; set allow_guests if they shall be",
    );
    for other in BACKENDS.iter().filter(|other| *other != backend) {
        let is_there = reading.file.names().any(|(name, _)| name.starts_with(other.prefix));
        if is_there {
            let (prefix, class, chosen) = (other.prefix, other.short(), backend.short());
            let text =
                format!("{prefix}* are for {class} and not taken: {chosen} does not read them");
            reading.warn(WarningKind::OtherBackend, text);
        }
    }
}

/// What the application did beside the sign-in (DEC-2, DEC-8).
pub(super) fn of_the_application(reading: &mut Reading<'_>) {
    reading.warn(
        WarningKind::NewUsers,
        "new users have no role, as in NetBox: give them one by group in the connector's mapping",
    );
    for name in ["REMOTE_AUTH_DEFAULT_GROUPS", "REMOTE_AUTH_DEFAULT_PERMISSIONS"] {
        let Some(found) = reading.take(name) else { continue };
        let empty = match &found.value {
            Ok(Literal::List(items) | Literal::Tuple(items)) => items.is_empty(),
            Ok(Literal::Dict(pairs)) => pairs.is_empty(),
            _ => false,
        };
        if !empty {
            let text = format!(
                "{name} (line {}) is not taken: the application keeps giving them, or a mapping gives roles",
                found.line
            );
            reading.warn(WarningKind::Permissions, text);
        }
    }
    if let Some(found) = reading.take("SOCIAL_AUTH_REDIRECT_IS_HTTPS")
        && found.value != Ok(Literal::Bool(true))
    {
        let text = format!(
            "SOCIAL_AUTH_REDIRECT_IS_HTTPS (line {}) is not taken: http.public_url decides, and it is https",
            found.line
        );
        reading.warn(WarningKind::Pipeline, text);
    }
    of_the_pipeline(reading);
}

/// Whether accounts were linked by e-mail: the way in for whoever can write an e-mail address (nOAuth).
fn of_the_pipeline(reading: &mut Reading<'_>) {
    let by_email = "accounts were linked by e-mail, so whoever could set an e-mail address in any accepted \
                    directory could take over an account. Here nothing is linked by e-mail alone. Look \
                    through the accounts that were linked so";
    if let Some(found) = reading.take("SOCIAL_AUTH_PIPELINE") {
        let steps = found.value.as_ref().ok().and_then(texts);
        let linked = steps
            .as_ref()
            .is_some_and(|steps| steps.iter().any(|step| step.ends_with(".associate_by_email")));
        let line = found.line;
        if linked {
            reading.warn(
                WarningKind::Email,
                format!("SOCIAL_AUTH_PIPELINE (line {line}): {by_email}"),
            );
        }
        let unread =
            if steps.is_none() { "; not a literal: see whether it links by e-mail" } else { "" };
        let text = format!(
            "SOCIAL_AUTH_PIPELINE (line {line}) is not taken: its steps run in the application, a mapping \
             takes their place{unread}"
        );
        reading.warn(WarningKind::Pipeline, text);
    }
    let switches: Vec<(String, usize)> = reading
        .file
        .names()
        .filter(|(name, _)| {
            name.starts_with("SOCIAL_AUTH_") && name.ends_with("ASSOCIATE_BY_EMAIL")
        })
        .filter_map(|(name, all)| Some((name.to_owned(), all.last()?.line)))
        .collect();
    for (name, line) in switches {
        let off = reading.take(&name).is_some_and(|found| found.value == Ok(Literal::Bool(false)));
        if !off {
            reading.warn(WarningKind::Email, format!("{name} (line {line}): {by_email}"));
        }
    }
}
