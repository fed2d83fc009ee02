//! What the mock remembers. One lock around all of it: it is a test world, not a product.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::{Mutex, OnceLock};

use super::application::AppRegistration;
use super::directory::Directory;
use super::fault::{EntraFault, GraphFault, GraphSwitches, Shown, Times};
use super::graph::paging::{Cursor, DeltaPoint};
use super::person::Person;
use crate::keys::{KeyError, KeyKind, SigningKey};
use crate::provider::AutomaticSignIn;
use crate::values::{Clock, lock};

/// The directory of personal Microsoft accounts.
pub(super) const PERSONAL_DIRECTORY: &str = "9188040d-6c67-4c5b-b112-36a304b66dad";

/// Query or form fields by name; of a doubled field the last one stays.
pub(super) type Fields = BTreeMap<String, String>;

pub(super) struct World {
    /// What browsers and applications see, without a slash at the end.
    pub(super) base: String,
    pub(super) clock: Clock,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) directories: Vec<Directory>,
    pub(super) applications: Vec<AppRegistration>,
    pub(super) consents: HashMap<(String, String), Consent>,
    /// The newest key signs.
    pub(super) keys: Vec<SigningKey>,
    /// Keys of single applications, by client id.
    pub(super) own_keys: HashMap<String, SigningKey>,
    pub(super) automatic: AutomaticSignIn,
    pub(super) turn: usize,
    pub(super) groups_limit: usize,
    pub(super) date_skew: i64,
    pub(super) faults: Vec<EntraFault>,
    pub(super) authorize_errors: Vec<(u32, Shown, Times)>,
    pub(super) token_errors: Vec<(u32, Times)>,
    pub(super) graph_faults: Vec<(String, GraphFault, Times)>,
    pub(super) graph: GraphSwitches,
    pub(super) waiting: HashMap<String, Waiting>,
    pub(super) codes: HashMap<String, Grant>,
    pub(super) used_codes: HashSet<String>,
    pub(super) refresh_tokens: HashMap<String, Grant>,
    pub(super) access_tokens: HashMap<String, Access>,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) cursors: HashMap<String, Cursor>,
    pub(super) delta_points: HashMap<String, DeltaPoint>,
    pub(super) hits: BTreeMap<&'static str, u64>,
    pub(super) graph_requests: Vec<String>,
    pub(super) last_authorize: Fields,
    pub(super) last_token: Fields,
    pub(super) last_authentication: Option<&'static str>,
}

/// What an application may do in a directory.
#[derive(Clone, Debug, Default)]
pub(super) struct Consent {
    pub(super) delegated: BTreeSet<String>,
    pub(super) application: BTreeSet<String>,
}

/// An authorization request that waits for a person.
#[derive(Clone)]
pub(super) struct Waiting {
    pub(super) tenant: Tenant,
    pub(super) fields: Fields,
}

/// What stands in the path before `/oauth2`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Tenant {
    Directory(String),
    Common,
    Organizations,
    Consumers,
}

/// What a code or a refresh token stands for.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) tenant: Tenant,
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) tid: String,
    pub(super) oid: String,
    pub(super) sid: String,
    pub(super) auth_time: i64,
    pub(super) expires_at: i64,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
    pub(super) is_plain_challenge: bool,
    pub(super) scopes: Vec<String>,
    pub(super) acrs: Vec<String>,
    /// ID token claims that the `claims` parameter named.
    pub(super) asked_claims: Vec<String>,
}

/// What an access token stands for.
#[derive(Clone, Debug)]
pub(super) struct Access {
    pub(super) tid: String,
    pub(super) client_id: String,
    pub(super) expires_at: i64,
    pub(super) bearer: Bearer,
}

#[derive(Clone, Debug)]
pub(super) enum Bearer {
    Person { oid: String, scopes: Vec<String> },
    Application { permissions: BTreeSet<String> },
}

/// A browser that has signed in here before.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) tid: String,
    pub(super) oid: String,
    pub(super) sid: String,
    pub(super) auth_time: i64,
    pub(super) applications: BTreeSet<String>,
}

impl World {
    pub(super) fn new(base: String, clock: Clock, state: State) -> Self {
        Self { base, clock, state: Mutex::new(state) }
    }

    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Reads or changes the state; keep it short.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut lock(&self.state))
    }

    /// Counts a request and gives the faults in force.
    pub(super) fn enter(&self, endpoint: &'static str) -> Vec<EntraFault> {
        self.with(|state| {
            *state.hits.entry(endpoint).or_default() += 1;
            state.faults.clone()
        })
    }

    /// The issuer of version 2 tokens of a directory (or of `{tenantid}`).
    pub(super) fn issuer(&self, tid: &str) -> String {
        format!("{}/{tid}/v2.0", self.base)
    }

    /// The issuer of version 1 tokens: `https://sts.windows.net/{tid}/` at Microsoft.
    pub(super) fn issuer_version1(&self, tid: &str) -> String {
        format!("{}/sts/{tid}/", self.base)
    }

    /// Host and port, as `msgraph_host` says it.
    pub(super) fn host(&self) -> &str {
        self.base.split_once("://").map_or(self.base.as_str(), |(_, host)| host)
    }
}

impl Tenant {
    /// As it stands in this mock's own URLs.
    pub(super) fn path(&self) -> &str {
        match self {
            Self::Directory(id) => id,
            Self::Common => "common",
            Self::Organizations => "organizations",
            Self::Consumers => "consumers",
        }
    }

    /// As it stands in issuers.
    pub(super) fn in_issuer(&self) -> &str {
        match self {
            Self::Directory(id) => id,
            Self::Common | Self::Organizations => "{tenantid}",
            Self::Consumers => PERSONAL_DIRECTORY,
        }
    }
}

/// One key for personal accounts in the whole process: making keys is slow.
pub(super) fn personal_key() -> Result<SigningKey, KeyError> {
    static KEY: OnceLock<SigningKey> = OnceLock::new();
    if let Some(key) = KEY.get() {
        return Ok(key.clone());
    }
    let key = SigningKey::generate(KeyKind::Rs256)?;
    Ok(KEY.get_or_init(|| key).clone())
}

impl State {
    pub(super) fn new() -> Result<Self, KeyError> {
        Ok(Self {
            directories: Vec::new(),
            applications: Vec::new(),
            consents: HashMap::new(),
            keys: vec![SigningKey::generate(KeyKind::Rs256)?],
            own_keys: HashMap::new(),
            automatic: AutomaticSignIn::Off,
            turn: 0,
            groups_limit: 200,
            date_skew: 0,
            faults: Vec::new(),
            authorize_errors: Vec::new(),
            token_errors: Vec::new(),
            graph_faults: Vec::new(),
            graph: GraphSwitches::default(),
            waiting: HashMap::new(),
            codes: HashMap::new(),
            used_codes: HashSet::new(),
            refresh_tokens: HashMap::new(),
            access_tokens: HashMap::new(),
            sessions: HashMap::new(),
            cursors: HashMap::new(),
            delta_points: HashMap::new(),
            hits: BTreeMap::new(),
            graph_requests: Vec::new(),
            last_authorize: Fields::new(),
            last_token: Fields::new(),
            last_authentication: None,
        })
    }

    /// What the tenant part of a path means; `None` if there is no such directory.
    pub(super) fn tenant(&self, name: &str) -> Option<Tenant> {
        match name.to_ascii_lowercase().as_str() {
            "common" => Some(Tenant::Common),
            "organizations" => Some(Tenant::Organizations),
            "consumers" | PERSONAL_DIRECTORY => Some(Tenant::Consumers),
            other => self
                .directories
                .iter()
                .find(|directory| directory.is_called(other))
                .map(|directory| Tenant::Directory(directory.id.clone())),
        }
    }

    pub(super) fn directory(&self, id: &str) -> Option<&Directory> {
        self.directories.iter().find(|directory| directory.is_called(id))
    }

    pub(super) fn directory_mut(&mut self, id: &str) -> Option<&mut Directory> {
        self.directories.iter_mut().find(|directory| directory.is_called(id))
    }

    pub(super) fn application(&self, client_id: &str) -> Option<&AppRegistration> {
        self.applications
            .iter()
            .find(|application| application.client_id.eq_ignore_ascii_case(client_id))
    }

    pub(super) fn person(&self, tid: &str, oid: &str) -> Option<(&Directory, &Person)> {
        let directory = self.directory(tid)?;
        Some((directory, directory.find(oid)?))
    }

    /// Takes a directory in, with its applications and consents.
    pub(super) fn take(&mut self, mut directory: Directory) {
        let id = directory.id.clone();
        for application in std::mem::take(&mut directory.applications) {
            self.register(&id, application);
        }
        self.consents_of(&directory);
        self.directories.retain(|known| known.id != id);
        self.directories.push(directory);
    }

    /// Writes down what a directory consents to, as far as those applications are known.
    pub(super) fn consents_of(&mut self, directory: &Directory) {
        for client_id in &directory.consents {
            if let Some(application) = self.application(client_id).cloned() {
                self.consent(&directory.id, &application);
            }
        }
    }

    /// Registers an application in its home directory.
    pub(super) fn register(&mut self, home: &str, mut application: AppRegistration) {
        home.clone_into(&mut application.home);
        if application.is_consented {
            self.consent(home, &application);
        }
        self.make_own_key(&application);
        self.applications.retain(|known| known.client_id != application.client_id);
        self.applications.push(application);
    }

    /// The application's own signing key, if it shall have one and has none. A key that cannot be made
    /// shows as a signature that does not verify.
    pub(super) fn make_own_key(&mut self, application: &AppRegistration) {
        if application.has_own_key
            && !self.own_keys.contains_key(&application.client_id)
            && let Ok(key) = SigningKey::generate(KeyKind::Rs256)
        {
            self.own_keys.insert(application.client_id.clone(), key);
        }
    }

    pub(super) fn consent(&mut self, tid: &str, application: &AppRegistration) {
        let consent = Consent {
            delegated: application.delegated.clone(),
            application: application.application.clone(),
        };
        self.consents.insert((tid.to_owned(), application.client_id.clone()), consent);
    }

    pub(super) fn consent_of(&self, tid: &str, client_id: &str) -> Option<&Consent> {
        self.consents.get(&(tid.to_owned(), client_id.to_owned()))
    }

    /// The key that signs for an application.
    pub(super) fn signing_key(&self, client_id: &str) -> Option<&SigningKey> {
        self.own_keys.get(client_id).or(self.keys.last())
    }

    /// Who may be signed in at this path: at the shared ones everybody at home, nobody as a guest.
    pub(super) fn people_at(&self, tenant: &Tenant) -> Vec<(String, Person)> {
        let is_here = |directory: &&Directory| match tenant {
            Tenant::Directory(id) => &directory.id == id,
            Tenant::Common | Tenant::Organizations => true,
            Tenant::Consumers => false,
        };
        let shared = !matches!(tenant, Tenant::Directory(_));
        self.directories
            .iter()
            .filter(is_here)
            .flat_map(|directory| {
                let people = directory.people.iter();
                people
                    .filter(move |person| !shared || !person.is_guest())
                    .map(|person| (directory.id.clone(), person.clone()))
            })
            .collect()
    }

    /// Who signs in without being asked, if anybody.
    pub(super) fn automatic_person(
        &mut self,
        tenant: &Tenant,
        hint: Option<&str>,
    ) -> Option<(String, Person)> {
        if self.automatic == AutomaticSignIn::Off {
            return None;
        }
        let people = self.people_at(tenant);
        let hinted = hint.and_then(|hint| self.hinted(&people, hint));
        if hinted.is_some() {
            return hinted;
        }
        match &self.automatic {
            AutomaticSignIn::Off => None,
            AutomaticSignIn::As(who) => self.hinted(&people, who),
            AutomaticSignIn::InTurn => {
                let turn = self.turn;
                self.turn = turn.wrapping_add(1);
                people.get(turn.checked_rem(people.len())?).cloned()
            }
        }
    }

    pub(super) fn hinted(
        &self,
        people: &[(String, Person)],
        hint: &str,
    ) -> Option<(String, Person)> {
        let means = |(tid, person): &&(String, Person)| {
            let domain = self.directory(tid).map(|directory| directory.domain.as_str());
            person.is_hinted_by(hint, domain.unwrap_or_default())
        };
        people.iter().find(means).cloned()
    }

    /// The next injected error of the authorization endpoint.
    pub(super) fn authorize_error(&mut self) -> Option<(u32, Shown)> {
        let found = self
            .authorize_errors
            .iter_mut()
            .find_map(|(code, shown, times)| times.take().then_some((*code, *shown)));
        self.authorize_errors.retain(|(.., times)| *times != Times::Next(0));
        found
    }

    /// The next injected error of the token endpoint.
    pub(super) fn token_error(&mut self) -> Option<u32> {
        let found =
            self.token_errors.iter_mut().find_map(|(code, times)| times.take().then_some(*code));
        self.token_errors.retain(|(_, times)| *times != Times::Next(0));
        found
    }
}
