//! What the identity provider remembers. One lock around all of it: it is a test world, not a product.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, Mutex};

use super::message::{ReceivedLogout, ReceivedLogoutAnswer, ReceivedRequest};
use super::misbehaviour::Misbehaviour;
use super::service_provider::ServiceProviderEntry;
use super::settings::{AutomaticSignIn, NameId, Settings, Vendor};
use super::signer::Signer;
use crate::keys::{KeyError, KeyKind};
use crate::provider::ProviderUser;
use crate::values::{Clock, lock};

/// A load run must not fill the memory: of each kind so many are remembered.
const MOST_REMEMBERED: usize = 1000;

pub(super) struct World {
    base: String,
    pub(super) name: String,
    clock: Clock,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) settings: Settings,
    pub(super) users: Vec<ProviderUser>,
    pub(super) providers: Vec<ServiceProviderEntry>,
    /// The keys in the metadata.
    pub(super) published: Vec<Arc<Signer>>,
    /// The one that signs.
    pub(super) active: Arc<Signer>,
    made: BTreeMap<&'static str, usize>,
    turn: usize,
    pub(super) hits: BTreeMap<&'static str, u64>,
    /// Requests that wait for a person.
    pub(super) waiting: HashMap<String, Pending>,
    /// Browsers that have signed in here before: who, when.
    pub(super) cookies: HashMap<String, (String, i64)>,
    pub(super) open: Vec<OpenSession>,
    pub(super) last_answer: Option<Answer>,
    pub(super) requests: Vec<ReceivedRequest>,
    pub(super) logout_requests: Vec<ReceivedLogout>,
    pub(super) logout_answers: Vec<ReceivedLogoutAnswer>,
}

/// What an answer will be sent to.
#[derive(Clone)]
pub(super) struct Pending {
    pub(super) service_provider: ServiceProviderEntry,
    pub(super) acs_url: String,
    pub(super) request: Option<ReceivedRequest>,
    pub(super) relay_state: Option<String>,
}

/// An answer as a browser carries it.
#[derive(Clone)]
pub(super) struct Answer {
    pub(super) acs_url: String,
    pub(super) field: String,
    pub(super) xml: String,
}

/// A session that a service provider was told of.
#[derive(Clone)]
pub(super) struct OpenSession {
    pub(super) subject: String,
    pub(super) service_provider: String,
    pub(super) name_id: NameId,
    pub(super) session_index: Option<String>,
}

impl World {
    pub(super) fn new(base: String, name: String, clock: Clock, state: State) -> Self {
        Self { base, name, clock, state: Mutex::new(state) }
    }

    /// Its clock, wrong if told so.
    pub(super) fn now(&self) -> i64 {
        (self.clock)() + self.with(|state| state.settings.clock_offset)
    }

    /// `http://127.0.0.1:port`
    pub(super) fn base(&self) -> &str {
        &self.base
    }

    /// Reads or changes the state; keep it short.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut lock(&self.state))
    }

    pub(super) fn settings(&self) -> Settings {
        self.with(|state| state.settings.clone())
    }

    pub(super) fn count(&self, endpoint: &'static str) {
        self.with(|state| *state.hits.entry(endpoint).or_default() += 1);
    }

    pub(super) fn entity_id(&self) -> String {
        let settings = self.settings();
        settings.entity_id.unwrap_or_else(|| match settings.vendor {
            Vendor::Generic => format!("{}/metadata", self.base),
            Vendor::Entra { tid } => format!("https://sts.windows.net/{tid}/"),
            Vendor::Adfs => {
                format!("{}/adfs/services/trust", self.base)
            }
            Vendor::Okta => "http://www.okta.com/exkfake0000000000001".to_owned(),
            Vendor::Google => "https://accounts.google.com/o/saml2?idpid=C0fake001".to_owned(),
        })
    }

    /// The key that signs, a foreign one if told so.
    pub(super) fn signer(&self) -> Result<Arc<Signer>, KeyError> {
        if self.with(|state| state.settings.has(&Misbehaviour::ForeignKey)) {
            return Signer::foreign();
        }
        Ok(self.with(|state| Arc::clone(&state.active)))
    }

    pub(super) fn published(&self) -> Vec<Arc<Signer>> {
        self.with(|state| state.published.clone())
    }

    pub(super) fn service_provider(&self, entity_id: &str) -> Option<ServiceProviderEntry> {
        self.with(|state| {
            state.providers.iter().find(|known| known.entity_id == entity_id).cloned()
        })
    }
}

impl State {
    pub(super) fn new(settings: Settings, kind: KeyKind) -> Result<Self, KeyError> {
        let first = Signer::nth(kind, 0)?;
        Ok(Self {
            settings,
            users: Vec::new(),
            providers: Vec::new(),
            published: vec![Arc::clone(&first)],
            active: first,
            made: BTreeMap::from([(kind.name(), 1)]),
            turn: 0,
            hits: BTreeMap::new(),
            waiting: HashMap::new(),
            cookies: HashMap::new(),
            open: Vec::new(),
            last_answer: None,
            requests: Vec::new(),
            logout_requests: Vec::new(),
            logout_answers: Vec::new(),
        })
    }

    /// A key that this world has not had yet.
    pub(super) fn next_key(&mut self, kind: KeyKind) -> Result<Arc<Signer>, KeyError> {
        let made = self.made.entry(kind.name()).or_default();
        let signer = Signer::nth(kind, *made)?;
        *made += 1;
        Ok(signer)
    }

    pub(super) fn user(&self, subject: &str) -> Option<&ProviderUser> {
        self.users.iter().find(|user| user.subject == subject)
    }

    /// Who signs in without being asked, if anybody.
    pub(super) fn automatic_subject(&mut self, login_hint: Option<&str>) -> Option<String> {
        if self.settings.automatic == AutomaticSignIn::Off {
            return None;
        }
        let hinted = login_hint
            .and_then(|hint| self.users.iter().find(|user| user.is_hinted_by(hint)))
            .map(|user| user.subject.clone());
        if hinted.is_some() {
            return hinted;
        }
        match &self.settings.automatic {
            AutomaticSignIn::Off => None,
            AutomaticSignIn::As(subject) => Some(subject.clone()),
            AutomaticSignIn::InTurn => {
                let turn = self.turn;
                self.turn = turn.wrapping_add(1);
                let index = turn.checked_rem(self.users.len())?;
                self.users.get(index).map(|user| user.subject.clone())
            }
        }
    }
}

/// Remembers one more, and forgets the oldest when there are too many.
pub(super) fn remember<T>(list: &mut Vec<T>, one: T) {
    if list.len() >= MOST_REMEMBERED {
        list.drain(..MOST_REMEMBERED / 2);
    }
    list.push(one);
}
