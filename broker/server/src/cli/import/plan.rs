//! What the settings of a backend become here: the connector, what stands in its way, and what changes for
//! people. Nothing is done here.

use secrecy::{ExposeSecret, SecretString};
use serde::Serialize;
use symbolon_identity::connectors::entra::{Clouds, DirectoryId, EntraSettings, secret_problem};

use super::backend::{BACKENDS, Backend};
use super::python::{Literal, PythonFile};
use super::reading::{Reading, texts};
use super::warnings;

/// What the operator gives by hand; it counts instead of what the file says.
#[derive(Debug, Default)]
pub(super) struct Given {
    pub(super) backend: Option<String>,
    pub(super) tenant_id: Option<DirectoryId>,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<SecretString>,
}

/// What a warning is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum WarningKind {
    /// Whose people may sign in (DEC-1).
    AcceptedDirectories,
    /// By what people are known again (E-22).
    UserKey,
    /// E-mail is no identity (DEC-2).
    Email,
    /// Who gets a user, and with which role (DEC-8).
    NewUsers,
    /// Guests of the directory.
    Guests,
    /// Which cloud it is.
    Cloud,
    /// What the application keeps doing by itself.
    Permissions,
    /// Other backends of the same file.
    OtherBackend,
    /// Steps between sign-in and user.
    Pipeline,
    /// A value given by hand differs from the file's.
    GivenByHand,
    /// The old callback path could not be taken.
    CallbackPath,
    /// A name that is set more than once.
    SetTwice,
    /// Names that may be set elsewhere.
    NotSeen,
}

/// Something that the operator should know; the plan can be applied all the same.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub(super) struct Warning {
    pub(super) about: WarningKind,
    pub(super) text: String,
}

/// What would be made.
#[derive(Debug)]
pub(super) struct Draft {
    pub(super) settings: EntraSettings,
    pub(super) client_secret: SecretString,
    pub(super) auto_provision: bool,
    /// The callback path that the upstream knows from before (B8).
    pub(super) old_path: String,
}

/// Everything that there is to say about a file.
#[derive(Debug)]
pub(super) struct Plan {
    pub(super) backend: Option<&'static Backend>,
    /// None when there are problems.
    pub(super) draft: Option<Draft>,
    pub(super) problems: Vec<String>,
    pub(super) warnings: Vec<Warning>,
    /// Names that look as if they mattered, with their lines.
    pub(super) not_taken: Vec<(String, usize)>,
}

/// Makes the plan of a file.
pub(super) fn plan(file: &PythonFile, given: &Given, clouds: &Clouds) -> Plan {
    let mut reading = Reading::new(file);
    let backend = backend(&mut reading, given);
    let draft = backend.and_then(|backend| draft(&mut reading, backend, given, clouds));
    reading.warn_of_the_file();
    let not_taken = reading.not_taken();
    let draft = draft.filter(|_| reading.problems.is_empty());
    let Reading { problems, warnings, .. } = reading;
    Plan { backend, draft, problems, warnings, not_taken }
}

/// The one backend for Entra that the file names (B17).
fn backend(reading: &mut Reading<'_>, given: &Given) -> Option<&'static Backend> {
    let mut named: Vec<String> = Vec::new();
    for name in ["REMOTE_AUTH_BACKEND", "AUTHENTICATION_BACKENDS"] {
        let Some(found) = reading.take(name) else { continue };
        match found.value.as_ref().ok().and_then(texts) {
            Some(classes) => named.extend(classes.into_iter().map(str::to_owned)),
            None if given.backend.is_some() => {}
            None => reading.problems.push(format!(
                "{name} (line {}): not a literal list of texts: give the value by hand, --backend",
                found.line
            )),
        }
    }
    if let Some(given) = &given.backend {
        named = vec![given.clone()];
    }
    let mut known: Vec<&Backend> = named.iter().filter_map(|class| Backend::find(class)).collect();
    known.dedup();
    if let [backend] = known.as_slice() {
        return Some(*backend);
    }
    if reading.problems.is_empty() {
        let names: Vec<&str> = BACKENDS.iter().map(|backend| backend.name).collect();
        let what = if known.is_empty() { "no backend" } else { "more than one backend" };
        reading.problems.push(format!(
            "REMOTE_AUTH_BACKEND names {what} for Entra ID: choose one, --backend {}",
            names.join("|")
        ));
    }
    None
}

fn draft(
    reading: &mut Reading<'_>,
    backend: &'static Backend,
    given: &Given,
    clouds: &Clouds,
) -> Option<Draft> {
    let directory = directory(reading, backend, given);
    let client_id = client_id(reading, backend, given);
    let client_secret = client_secret(reading, backend, given);
    let cloud = cloud(reading, backend, clouds);
    let auto_provision = auto_provision(reading);
    let old_path = old_path(reading, backend);
    warnings::of_backend(reading, backend);
    warnings::of_the_application(reading);
    let settings = EntraSettings { cloud, ..EntraSettings::new(directory?, client_id?) };
    // What is wrong with the file is said in the file's words.
    let found = settings.problems(clouds).into_iter().map(|problem| {
        let own = problem.replace("upstream.client_id", &backend.setting("KEY"));
        own.replace("upstream.tenant_id", &backend.setting("TENANT_ID"))
    });
    reading.problems.extend(found);
    Some(Draft { settings, client_secret: client_secret?, auto_provision, old_path })
}

/// The directory to which the connector is pinned, and what the backend made of it (DEC-1).
fn directory(reading: &mut Reading<'_>, backend: &Backend, given: &Given) -> Option<DirectoryId> {
    let name = backend.setting("TENANT_ID");
    let by_hand = given.tenant_id.as_ref().map(DirectoryId::as_str);
    let in_file = match reading.file.last(&name).map(|found| &found.value) {
        Some(Ok(Literal::Text(text))) => DirectoryId::parse(text),
        _ => None,
    };
    let before = reading.problems.len();
    let text = reading.text(&name, "--tenant-id", by_hand);
    if let (Some(by_hand), Some(in_file)) = (&given.tenant_id, &in_file)
        && by_hand != in_file
    {
        let text = format!("--tenant-id counts; {name} names another directory, {in_file}");
        reading.warn(WarningKind::GivenByHand, text);
    }
    let Some(text) = text else {
        if reading.problems.len() == before {
            reading.problems.push(no_directory(backend, &name));
        }
        return None;
    };
    let directory = DirectoryId::parse(&text);
    match &directory {
        Some(directory) => {
            warnings::of_directory(reading, backend, directory);
        }
        None => reading.problems.push(match text.trim() {
            any @ ("common" | "organizations" | "consumers") => format!(
                "{name} is '{any}', which accepts people of many directories: say whose people may sign \
                 in, --tenant-id"
            ),
            other => format!("{name}: {}", not_a_guid(other, "Directory (tenant) ID", "--tenant-id")),
        }),
    }
    directory
}

fn no_directory(backend: &Backend, name: &str) -> String {
    let reads = if backend.reads_tenant_id { "Without it" } else { "The backend never reads it:" };
    format!(
        "{name} is missing. {reads} {} signs in at /common and accepts every directory. Say whose people \
         may sign in: --tenant-id with the Directory (tenant) ID",
        backend.short()
    )
}

fn client_id(reading: &mut Reading<'_>, backend: &Backend, given: &Given) -> Option<String> {
    let name = backend.setting("KEY");
    let before = reading.problems.len();
    let found = reading.text(&name, "--client-id", given.client_id.as_deref());
    match &found {
        None if reading.problems.len() == before => {
            reading.problems.push(missing(reading, backend, "KEY", "--client-id"));
        }
        Some(text) if is_placeholder(text) => {
            reading.problems.push(format!(
                "{name}: {}",
                not_a_guid(text, "Application (client) ID", "--client-id")
            ));
            return None;
        }
        _ => {}
    }
    found
}

fn client_secret(
    reading: &mut Reading<'_>,
    backend: &Backend,
    given: &Given,
) -> Option<SecretString> {
    let name = backend.setting("SECRET");
    let before = reading.problems.len();
    let by_hand = given.client_secret.as_ref().map(ExposeSecret::expose_secret);
    let Some(found) = reading.text(&name, "--client-secret-file", by_hand) else {
        if reading.problems.len() == before {
            reading.problems.push(missing(reading, backend, "SECRET", "--client-secret-file"));
        }
        return None;
    };
    let secret = SecretString::from(found);
    let text = secret.expose_secret();
    if is_placeholder(text) {
        reading.problems.push(format!("{name}: still the placeholder of a document"));
        return None;
    }
    if let Some(problem) = secret_problem(text) {
        reading.problems.push(format!("{name}: {problem}"));
        return None;
    }
    Some(secret)
}

/// What is missing, and whether another backend has it.
fn missing(reading: &Reading<'_>, backend: &Backend, setting: &str, option: &str) -> String {
    let mut others = BACKENDS.iter().filter(|other| *other != backend);
    let elsewhere = others.find(|other| reading.file.last(&other.setting(setting)).is_some());
    let name = backend.setting(setting);
    match elsewhere {
        None => format!("{name} is missing: give it by hand, {option}"),
        Some(other) => format!(
            "{name} is missing; the file sets {}, which {} does not read: give the value by hand, {option}",
            other.setting(setting),
            backend.short()
        ),
    }
}

/// The value itself is not repeated: it could be a secret in the wrong place.
fn not_a_guid(text: &str, what: &str, option: &str) -> String {
    let placeholder =
        if is_placeholder(text) { "still the placeholder of a document" } else { "not a GUID" };
    format!(
        "{placeholder}. Copy the {what} from the registration's Overview, or give it by hand, {option}"
    )
}

fn is_placeholder(text: &str) -> bool {
    let text = text.trim();
    text.starts_with('<') && text.ends_with('>')
}

/// The cloud of an authority host; the public one when none is named.
fn cloud(reading: &mut Reading<'_>, backend: &Backend, clouds: &Clouds) -> String {
    let name = backend.setting("AUTHORITY_HOST");
    let global = || "global".to_owned();
    let Some(host) = reading.text(&name, "after the import, in the connector's `cloud`", None)
    else {
        return global();
    };
    let Some(cloud) = clouds.of_host(host.trim()) else {
        reading.problems.push(format!(
            "{name}: no cloud of Microsoft has this host; known clouds are {}",
            clouds.names().join(", ")
        ));
        return global();
    };
    let twins = clouds.names().into_iter().filter_map(|name| clouds.find(name));
    let twins =
        twins.filter(|other| other.authority == cloud.authority && other.name != cloud.name);
    for twin in twins {
        let text = format!(
            "{} has the same host as {}: set `cloud` if it is yours",
            twin.name, cloud.name
        );
        reading.warn(WarningKind::Cloud, text);
    }
    cloud.name.clone()
}

/// NetBox makes users at their first sign-in (B25); a clear "no" and whatever is not clear makes none.
fn auto_provision(reading: &mut Reading<'_>) -> bool {
    let name = "REMOTE_AUTH_AUTO_CREATE_USER";
    let Some(found) = reading.take(name) else { return true };
    if matches!(found.value, Ok(Literal::Bool(true))) {
        return true;
    }
    let why =
        if matches!(found.value, Ok(Literal::Bool(false))) { "is False" } else { "is no literal" };
    reading.warn(
        WarningKind::NewUsers,
        format!(
            "{name} {why}: nobody gets a user at the first sign-in, although python-social-auth makes \
             users whatever it says. Set auto_provision if you want them"
        ),
    );
    false
}

/// Where the backend was called back; below `BASE_PATH`, where the application has one.
fn old_path(reading: &mut Reading<'_>, backend: &Backend) -> String {
    let base = match reading.take("BASE_PATH").map(|found| &found.value) {
        Some(Ok(Literal::Text(base))) => base.trim_matches('/').to_owned(),
        _ => String::new(),
    };
    let slash = if base.is_empty() { "" } else { "/" };
    format!("{slash}{base}/oauth/complete/{}/", backend.name)
}

#[cfg(test)]
mod tests;
