//! A directory of the mock: who is in it, who is in which group, and what has changed since when.

use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::application::AppRegistration;
use super::group::Group;
use super::person::Person;

/// One Entra directory ("tenant" in Microsoft's words).
#[derive(Clone, Debug)]
pub struct Directory {
    pub(super) id: String,
    pub(super) domain: String,
    pub(super) name: String,
    pub(super) people: Vec<Person>,
    pub(super) groups: Vec<Group>,
    /// Group id → ids of its direct members, people and groups alike.
    pub(super) members: BTreeMap<String, BTreeSet<String>>,
    pub(super) bin: Vec<Deleted>,
    pub(super) purged: BTreeSet<String>,
    pub(super) changes: Vec<Change>,
    pub(super) applications: Vec<AppRegistration>,
    pub(super) consents: Vec<String>,
}

/// A person or a group in the recycle bin, with the groups it was in.
#[derive(Clone, Debug)]
pub(super) struct Deleted {
    pub(super) object: DeletedObject,
    pub(super) was_in: Vec<String>,
}

#[derive(Clone, Debug)]
pub(super) enum DeletedObject {
    Person(Person),
    Group(Group),
}

impl DeletedObject {
    pub(super) fn id(&self) -> &str {
        match self {
            Self::Person(person) => &person.id,
            Self::Group(group) => &group.id,
        }
    }
}

/// One entry of the log that delta queries read; its place in the list is its number.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Change {
    Person(String),
    Group(String),
    Membership { group: String, member: String },
}

impl Directory {
    /// A directory with this GUID, initial domain and display name.
    #[must_use]
    pub fn new(id: &str, domain: &str, name: &str) -> Self {
        Self {
            id: id.to_ascii_lowercase(),
            domain: domain.to_owned(),
            name: name.to_owned(),
            people: Vec::new(),
            groups: Vec::new(),
            members: BTreeMap::new(),
            bin: Vec::new(),
            purged: BTreeSet::new(),
            changes: Vec::new(),
            applications: Vec::new(),
            consents: Vec::new(),
        }
    }

    /// One more person.
    #[must_use]
    pub fn person(mut self, person: Person) -> Self {
        self.put_person(person);
        self
    }

    /// One more group.
    #[must_use]
    pub fn group(mut self, group: Group) -> Self {
        self.put_group(group);
        self
    }

    /// An application registered here, and consented to here unless it says otherwise.
    #[must_use]
    pub fn application(mut self, application: AppRegistration) -> Self {
        self.applications.push(application);
        self
    }

    /// Consents to a multi-tenant application that is registered in another directory.
    #[must_use]
    pub fn consents_to(mut self, client_id: &str) -> Self {
        self.consents.push(client_id.to_owned());
        self
    }

    /// Its GUID.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    pub(super) fn is_called(&self, tenant: &str) -> bool {
        self.id.eq_ignore_ascii_case(tenant) || self.domain.eq_ignore_ascii_case(tenant)
    }

    /// A living person by object id, button key or UPN.
    pub(super) fn find(&self, who: &str) -> Option<&Person> {
        self.people.iter().find(|person| {
            person.id.eq_ignore_ascii_case(who)
                || person.key == who
                || person.upn(&self.domain).eq_ignore_ascii_case(who)
        })
    }

    pub(super) fn find_group(&self, id: &str) -> Option<&Group> {
        self.groups.iter().find(|group| group.id.eq_ignore_ascii_case(id))
    }

    /// Adds or replaces a person.
    pub(super) fn put_person(&mut self, mut person: Person) {
        let id = person.id.clone();
        for group in std::mem::take(&mut person.groups) {
            self.join(&group, &id);
        }
        self.changes.push(Change::Person(id.clone()));
        match self.people.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = person,
            None => self.people.push(person),
        }
    }

    /// Adds or replaces a group.
    pub(super) fn put_group(&mut self, mut group: Group) {
        let id = group.id.clone();
        for parent in std::mem::take(&mut group.groups) {
            self.join(&parent, &id);
        }
        self.changes.push(Change::Group(id.clone()));
        match self.groups.iter_mut().find(|known| known.id == id) {
            Some(known) => *known = group,
            None => self.groups.push(group),
        }
    }

    pub(super) fn join(&mut self, group: &str, member: &str) -> bool {
        let is_new = self.members.entry(group.to_owned()).or_default().insert(member.to_owned());
        self.log_membership(is_new, group, member)
    }

    pub(super) fn leave(&mut self, group: &str, member: &str) -> bool {
        let was_in = self.members.get_mut(group).is_some_and(|members| members.remove(member));
        self.log_membership(was_in, group, member)
    }

    fn log_membership(&mut self, happened: bool, group: &str, member: &str) -> bool {
        if happened {
            let (group, member) = (group.to_owned(), member.to_owned());
            self.changes.push(Change::Membership { group, member });
        }
        happened
    }

    /// The groups that list this person or group as a direct member.
    pub(super) fn direct_groups(&self, member: &str) -> Vec<String> {
        let holds = |members: &BTreeSet<String>| members.contains(member);
        self.members.iter().filter(|(_, all)| holds(all)).map(|(group, _)| group.clone()).collect()
    }

    /// The same through all levels; a circle ends where it began.
    pub(super) fn transitive_groups(&self, member: &str) -> Vec<String> {
        let mut groups_of: HashMap<&str, Vec<&str>> = HashMap::new();
        for (group, members) in &self.members {
            for member in members {
                groups_of.entry(member).or_default().push(group);
            }
        }
        let known: HashSet<&str> = self.groups.iter().map(|group| group.id.as_str()).collect();
        let mut found: BTreeSet<&str> = BTreeSet::new();
        let mut waiting = vec![member];
        while let Some(member) = waiting.pop() {
            let direct = groups_of.get(member).into_iter().flatten().copied();
            for group in direct.filter(|group| known.contains(group)) {
                if found.insert(group) {
                    waiting.push(group);
                }
            }
        }
        found.into_iter().map(str::to_owned).collect()
    }

    /// The same groups themselves, as the directory lists them.
    pub(super) fn groups_of(&self, member: &str) -> impl Iterator<Item = &Group> {
        let ids: HashSet<String> = self.transitive_groups(member).into_iter().collect();
        self.groups.iter().filter(move |group| ids.contains(&group.id))
    }

    /// Into the recycle bin. As at Microsoft, the groups' logs stay silent about it.
    pub(super) fn delete(&mut self, id: &str) -> bool {
        let was_in = self.direct_groups(id);
        let person = self.people.iter().position(|person| person.id == id);
        let group = self.groups.iter().position(|group| group.id == id);
        let (object, change) = match (person, group) {
            (Some(at), _) => {
                (DeletedObject::Person(self.people.remove(at)), Change::Person(id.to_owned()))
            }
            (None, Some(at)) => {
                (DeletedObject::Group(self.groups.remove(at)), Change::Group(id.to_owned()))
            }
            (None, None) => return false,
        };
        for members in self.members.values_mut() {
            members.remove(id);
        }
        self.bin.push(Deleted { object, was_in });
        self.changes.push(change);
        true
    }

    /// Out of the recycle bin, back into the old groups.
    pub(super) fn restore(&mut self, id: &str) -> bool {
        let Some(at) = self.bin.iter().position(|deleted| deleted.object.id() == id) else {
            return false;
        };
        let Deleted { object, was_in } = self.bin.remove(at);
        for group in was_in {
            self.members.entry(group).or_default().insert(id.to_owned());
        }
        match object {
            DeletedObject::Person(person) => self.put_person(person),
            DeletedObject::Group(group) => self.put_group(group),
        }
        true
    }

    /// Gone for good, from the bin or at once.
    pub(super) fn purge(&mut self, id: &str) -> bool {
        self.delete(id);
        let Some(at) = self.bin.iter().position(|deleted| deleted.object.id() == id) else {
            return false;
        };
        let change = match self.bin.remove(at).object {
            DeletedObject::Person(person) => Change::Person(person.id),
            DeletedObject::Group(group) => Change::Group(group.id),
        };
        self.changes.push(change);
        self.purged.insert(id.to_owned())
    }
}
