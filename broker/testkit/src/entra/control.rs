//! The mock while it runs: changes, faults, and what was asked of it.
//!
//! People and groups are named by object id, people also by key or UPN; changes say whether there
//! was anything to change.

use std::collections::BTreeMap;

use super::FakeEntra;
use super::application::AppRegistration;
use super::directory::Directory;
use super::fault::{EntraFault, GraphFault, GraphSwitches, Shown, Times};
use super::group::Group;
use super::person::Person;
use crate::keys::{KeyError, KeyKind, SigningKey};
use crate::provider::AutomaticSignIn;

/// Where it is.
impl FakeEntra {
    /// The authority: what stands before `/{tenant}/v2.0`.
    #[must_use]
    pub fn authority_url(&self) -> String {
        self.world.base.clone()
    }

    /// The origin of Graph: what stands before `/v1.0`.
    #[must_use]
    pub fn graph_url(&self) -> String {
        self.world.base.clone()
    }

    /// Where it really listens, whatever its public URL is.
    #[must_use]
    pub fn local_url(&self) -> String {
        self.server.url()
    }

    /// The `iss` of version 2 tokens of a directory.
    #[must_use]
    pub fn issuer_of(&self, tid: &str) -> String {
        self.world.issuer(tid)
    }

    /// The `iss` of version 1 tokens of a directory, and the `idp` of guests from there.
    #[must_use]
    pub fn issuer_version1_of(&self, tid: &str) -> String {
        self.world.issuer_version1(tid)
    }
}

/// People and groups.
impl FakeEntra {
    fn in_directory(&self, tid: &str, act: impl FnOnce(&mut Directory) -> bool) -> bool {
        self.world.with(|state| state.directory_mut(tid).is_some_and(act))
    }

    fn with_person(
        &self,
        tid: &str,
        who: &str,
        act: impl FnOnce(&mut Directory, Person) -> bool,
    ) -> bool {
        self.in_directory(tid, |directory| match directory.find(who).cloned() {
            Some(person) => act(directory, person),
            None => false,
        })
    }

    /// Adds a directory, or replaces the one with the same id.
    pub fn add_directory(&self, directory: Directory) {
        self.world.with(|state| state.take(directory));
    }

    /// Adds a person, or replaces the one with the same object id.
    pub fn add_person(&self, tid: &str, person: Person) -> bool {
        self.in_directory(tid, |directory| {
            directory.put_person(person);
            true
        })
    }

    /// Changes a person.
    pub fn change_person(
        &self,
        tid: &str,
        who: &str,
        change: impl FnOnce(Person) -> Person,
    ) -> bool {
        self.with_person(tid, who, |directory, person| {
            directory.put_person(change(person));
            true
        })
    }

    /// Blocks a person's sign-in (`accountEnabled` false).
    pub fn disable_person(&self, tid: &str, who: &str) -> bool {
        self.change_person(tid, who, |person| person.enabled(false))
    }

    /// Lets a person sign in again.
    pub fn enable_person(&self, tid: &str, who: &str) -> bool {
        self.change_person(tid, who, |person| person.enabled(true))
    }

    /// Deletes a person into the recycle bin; their refresh tokens end.
    pub fn delete_person(&self, tid: &str, who: &str) -> bool {
        self.with_person(tid, who, |directory, person| directory.delete(&person.id))
    }

    /// Brings a person or a group back from the recycle bin.
    pub fn restore(&self, tid: &str, id: &str) -> bool {
        self.in_directory(tid, |directory| directory.restore(id))
    }

    /// Deletes a person or a group for good.
    pub fn purge(&self, tid: &str, id: &str) -> bool {
        self.in_directory(tid, |directory| directory.purge(id))
    }

    /// Adds a group, or replaces the one with the same id.
    pub fn add_group(&self, tid: &str, group: Group) -> bool {
        self.in_directory(tid, |directory| {
            directory.put_group(group);
            true
        })
    }

    /// Changes a group.
    pub fn change_group(&self, tid: &str, id: &str, change: impl FnOnce(Group) -> Group) -> bool {
        self.in_directory(tid, |directory| match directory.find_group(id).cloned() {
            Some(group) => {
                directory.put_group(change(group));
                true
            }
            None => false,
        })
    }

    /// Deletes a group into the recycle bin.
    pub fn delete_group(&self, tid: &str, id: &str) -> bool {
        self.in_directory(tid, |directory| directory.delete(id))
    }

    /// Puts a person or a group into a group.
    pub fn add_member(&self, tid: &str, group: &str, member: &str) -> bool {
        self.in_directory(tid, |directory| {
            let member = directory.find(member).map_or(member.to_owned(), |found| found.id.clone());
            directory.join(group, &member)
        })
    }

    /// Takes a person or a group out of a group.
    pub fn remove_member(&self, tid: &str, group: &str, member: &str) -> bool {
        self.in_directory(tid, |directory| {
            let member = directory.find(member).map_or(member.to_owned(), |found| found.id.clone());
            directory.leave(group, &member)
        })
    }

    /// Puts a person into exactly these groups.
    pub fn set_groups<'a>(
        &self,
        tid: &str,
        who: &str,
        groups: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        self.with_person(tid, who, |directory, person| {
            let wanted: Vec<&str> = groups.into_iter().collect();
            for old in directory.direct_groups(&person.id) {
                if !wanted.contains(&old.as_str()) {
                    directory.leave(&old, &person.id);
                }
            }
            for group in wanted {
                directory.join(group, &person.id);
            }
            true
        })
    }
}

/// Applications and keys.
impl FakeEntra {
    /// Registers an application in this directory, or replaces the one with the same client id.
    pub fn register(&self, tid: &str, application: AppRegistration) {
        self.world.with(|state| state.register(tid, application));
    }

    /// Changes an app registration; what was consented to stays as it is.
    pub fn change_application(
        &self,
        client_id: &str,
        change: impl FnOnce(AppRegistration) -> AppRegistration,
    ) -> bool {
        self.world.with(|state| {
            let at = state.applications.iter().position(|known| known.client_id == client_id);
            let Some(at) = at else {
                return false;
            };
            let changed = change(state.applications.remove(at));
            state.make_own_key(&changed);
            state.applications.push(changed);
            true
        })
    }

    /// An admin consents to all that the application asks for.
    pub fn grant_consent(&self, tid: &str, client_id: &str) -> bool {
        self.world.with(|state| match state.application(client_id).cloned() {
            Some(application) => {
                state.consent(tid, &application);
                true
            }
            None => false,
        })
    }

    /// An admin takes all consent back.
    pub fn revoke_consent(&self, tid: &str, client_id: &str) -> bool {
        let key = (tid.to_owned(), client_id.to_owned());
        self.world.with(|state| state.consents.remove(&key).is_some())
    }

    /// Grants one permission, delegated and as application permission. Access tokens that are out
    /// already know nothing of it, as at Microsoft.
    pub fn grant_permission(&self, tid: &str, client_id: &str, permission: &str) {
        let key = (tid.to_owned(), client_id.to_owned());
        self.world.with(|state| {
            let consent = state.consents.entry(key).or_default();
            consent.application.insert(permission.to_owned());
            consent.delegated.insert(permission.to_owned());
        });
    }

    /// Takes one permission back, of both kinds; see [`FakeEntra::grant_permission`].
    pub fn revoke_permission(&self, tid: &str, client_id: &str, permission: &str) {
        let key = (tid.to_owned(), client_id.to_owned());
        self.world.with(|state| {
            if let Some(consent) = state.consents.get_mut(&key) {
                consent.application.remove(permission);
                consent.delegated.remove(permission);
            }
        });
    }

    /// Ends all access tokens: Graph answers 401 until new ones are asked for.
    pub fn forget_access_tokens(&self) {
        self.world.with(|state| state.access_tokens.clear());
    }

    /// A new signing key beside the old ones, which stay in the key set.
    ///
    /// # Errors
    /// When no key can be made.
    pub fn rotate_keys(&self) -> Result<(), KeyError> {
        let key = SigningKey::generate(KeyKind::Rs256)?;
        self.world.with(|state| state.keys.push(key));
        Ok(())
    }

    /// A new signing key instead of all old ones, without overlap (E-71).
    ///
    /// # Errors
    /// When no key can be made.
    pub fn replace_keys(&self) -> Result<(), KeyError> {
        let key = SigningKey::generate(KeyKind::Rs256)?;
        self.world.with(|state| state.keys = vec![key]);
        Ok(())
    }
}

/// Faults and switches.
impl FakeEntra {
    /// Adds a fault to those in force.
    pub fn misbehave(&self, fault: EntraFault) {
        self.world.with(|state| state.faults.push(fault));
    }

    /// Ends all faults, of Graph too; switches go back to how they were at the start.
    pub fn behave(&self) {
        self.world.with(|state| {
            state.faults.clear();
            state.authorize_errors.clear();
            state.token_errors.clear();
            state.graph_faults.clear();
            state.graph = GraphSwitches::default();
            state.date_skew = 0;
        });
    }

    /// The authorization endpoint fails with this AADSTS number.
    pub fn fail_authorize(&self, aadsts: u32, shown: Shown, times: Times) {
        self.world.with(|state| state.authorize_errors.push((aadsts, shown, times)));
    }

    /// The token endpoint fails with this AADSTS number.
    pub fn fail_token(&self, aadsts: u32, times: Times) {
        self.world.with(|state| state.token_errors.push((aadsts, times)));
    }

    /// Graph fails where the path holds `part` (empty: everywhere).
    pub fn graph_fault(&self, part: &str, fault: GraphFault, times: Times) {
        self.world.with(|state| state.graph_faults.push((part.to_owned(), fault, times)));
    }

    /// How Graph pages and links.
    pub fn graph_switches(&self, switches: GraphSwitches) {
        self.world.with(|state| state.graph = switches);
    }

    /// Sends everybody with a delta or next link back to a full cycle.
    pub fn expire_delta_links(&self) {
        self.world.with(|state| {
            state.delta_points.clear();
            state.cursors.clear();
        });
    }

    /// The `Date` header is off by so many seconds.
    pub fn skew_date(&self, seconds: i64) {
        self.world.with(|state| state.date_skew = seconds);
    }

    /// More groups than this make the token say "too many".
    pub fn set_groups_limit(&self, limit: usize) {
        self.world.with(|state| state.groups_limit = limit);
    }

    /// Who is signed in without being asked from now on.
    pub fn sign_in_automatically(&self, automatic: AutomaticSignIn) {
        self.world.with(|state| state.automatic = automatic);
    }
}

/// What was asked.
impl FakeEntra {
    /// How often an endpoint was asked: `discovery`, `keys`, `instance_discovery`, `authorize`,
    /// `decision`, `adminconsent`, `token`, `logout`, `userinfo` or `graph`.
    #[must_use]
    pub fn hits(&self, endpoint: &str) -> u64 {
        self.world.with(|state| state.hits.get(endpoint).copied().unwrap_or_default())
    }

    /// The fields of the last authorization request.
    #[must_use]
    pub fn last_authorize(&self) -> BTreeMap<String, String> {
        self.world.with(|state| state.last_authorize.clone())
    }

    /// The form of the last token request.
    #[must_use]
    pub fn last_token_request(&self) -> BTreeMap<String, String> {
        self.world.with(|state| state.last_token.clone())
    }

    /// How the last token request that got that far proved itself: `client_secret_basic`,
    /// `client_secret_post`, `certificate`, `federated` or `none`.
    #[must_use]
    pub fn last_client_authentication(&self) -> Option<&'static str> {
        self.world.with(|state| state.last_authentication)
    }

    /// Method, path and query of all requests to Graph, in their order.
    #[must_use]
    pub fn graph_requests(&self) -> Vec<String> {
        self.world.with(|state| state.graph_requests.clone())
    }

    /// The `sid` of a person's newest session.
    #[must_use]
    pub fn sid_of(&self, tid: &str, who: &str) -> Option<String> {
        self.world.with(|state| {
            let id = state.person(tid, who)?.1.id.clone();
            let sessions = state.sessions.values().filter(|session| session.oid == id);
            sessions.max_by_key(|session| session.auth_time).map(|session| session.sid.clone())
        })
    }

    /// What Microsoft's page would GET when this session ends.
    #[must_use]
    pub fn front_channel_logout_url(&self, client_id: &str, sid: &str) -> Option<String> {
        self.world.with(|state| state.front_channel_logout_url(client_id, sid))
    }
}
