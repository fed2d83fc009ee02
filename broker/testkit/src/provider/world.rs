//! What the demo provider remembers. One lock around all of it: it is a test world, not a product.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;

use serde_json::Value;

use super::{Misbehaviour, ProviderUser, RegisteredClient};
use crate::keys::{KeyError, KeyKind, SigningKey};
use crate::values::{Clock, lock};

/// Query or form fields by name; of a doubled field the last one stays.
pub(crate) type Fields = BTreeMap<String, String>;

/// Who is signed in without being asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum AutomaticSignIn {
    /// Nobody: the page asks.
    #[default]
    Off,
    /// The person with this subject, unless `login_hint` names another.
    As(String),
    /// The next person of the list each time, unless `login_hint` names one.
    InTurn,
}

pub(super) struct World {
    pub(super) issuer: String,
    pub(super) name: String,
    pub(super) clock: Clock,
    state: Mutex<State>,
}

pub(super) struct State {
    pub(super) users: Vec<ProviderUser>,
    pub(super) clients: Vec<RegisteredClient>,
    pub(super) keys: Vec<SigningKey>,
    pub(super) faults: Vec<Misbehaviour>,
    pub(super) automatic: AutomaticSignIn,
    pub(super) turn: usize,
    pub(super) iss_parameter: bool,
    pub(super) thin_id_token: bool,
    pub(super) hits: BTreeMap<&'static str, u64>,
    /// Authorization requests that wait for a person.
    pub(super) waiting: HashMap<String, Fields>,
    pub(super) codes: HashMap<String, Grant>,
    pub(super) access_tokens: HashMap<String, String>,
    pub(super) sessions: HashMap<String, Session>,
    pub(super) seen_assertions: Vec<String>,
    pub(super) last_authorize: Fields,
    pub(super) last_token: Fields,
    pub(super) last_end_session: Fields,
    pub(super) last_authentication: Option<&'static str>,
}

/// What a code stands for.
#[derive(Clone)]
pub(super) struct Grant {
    pub(super) client_id: String,
    pub(super) redirect_uri: String,
    pub(super) subject: String,
    pub(super) auth_time: i64,
    pub(super) nonce: Option<String>,
    pub(super) code_challenge: Option<String>,
}

/// A browser that has signed in here before.
#[derive(Clone)]
pub(super) struct Session {
    pub(super) subject: String,
    pub(super) auth_time: i64,
}

impl World {
    pub(super) fn new(issuer: String, name: String, clock: Clock, state: State) -> Self {
        Self { issuer, name, clock, state: Mutex::new(state) }
    }

    pub(super) fn now(&self) -> i64 {
        (self.clock)()
    }

    /// Reads or changes the state; keep it short.
    pub(super) fn with<T>(&self, act: impl FnOnce(&mut State) -> T) -> T {
        act(&mut lock(&self.state))
    }

    /// Counts a request and gives the faults in force.
    pub(super) fn enter(&self, endpoint: &'static str) -> Vec<Misbehaviour> {
        self.with(|state| {
            *state.hits.entry(endpoint).or_default() += 1;
            state.faults.clone()
        })
    }
}

impl State {
    pub(super) fn new(kind: KeyKind) -> Result<Self, KeyError> {
        Ok(Self {
            users: Vec::new(),
            clients: Vec::new(),
            keys: vec![SigningKey::generate(kind)?],
            faults: Vec::new(),
            automatic: AutomaticSignIn::Off,
            turn: 0,
            iss_parameter: true,
            thin_id_token: false,
            hits: BTreeMap::new(),
            waiting: HashMap::new(),
            codes: HashMap::new(),
            access_tokens: HashMap::new(),
            sessions: HashMap::new(),
            seen_assertions: Vec::new(),
            last_authorize: Fields::new(),
            last_token: Fields::new(),
            last_end_session: Fields::new(),
            last_authentication: None,
        })
    }

    pub(super) fn user(&self, subject: &str) -> Option<&ProviderUser> {
        self.users.iter().find(|user| user.subject == subject)
    }

    pub(super) fn client(&self, id: &str) -> Option<&RegisteredClient> {
        self.clients.iter().find(|client| client.id == id)
    }

    /// The key that signs: the newest.
    pub(super) fn signing_key(&self) -> Option<&SigningKey> {
        self.keys.last()
    }

    pub(super) fn public_keys(&self) -> Vec<Value> {
        self.keys.iter().map(SigningKey::public).collect()
    }

    /// Who signs in without being asked, if anybody.
    pub(super) fn automatic_subject(&mut self, login_hint: Option<&str>) -> Option<String> {
        if self.automatic == AutomaticSignIn::Off {
            return None;
        }
        let hinted = login_hint
            .and_then(|hint| self.users.iter().find(|user| user.is_hinted_by(hint)))
            .map(|user| user.subject.clone());
        if hinted.is_some() {
            return hinted;
        }
        match &self.automatic {
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
