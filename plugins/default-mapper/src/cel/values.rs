//! One sign-in as CEL sees it. Texts are borrowed; what is not asked for is not built.

use std::borrow::Cow;
use std::sync::OnceLock;

use ::cel::ExecutionError;
use ::cel::common::traits::{Container, Indexer, Iterable, Iterator as CelIterator, Sizer};
use ::cel::common::types::{
    CelBool, CelDouble, CelInt, CelList, CelNull, CelString, CelUInt, LIST_TYPE, MAP_TYPE, Type,
};
use ::cel::common::value::{BuiltinRef, CowVal, Val};
use ::cel::context::VariableResolver;
use symbolon_plugin_sdk::{Attribute, MappingRequest};

use crate::claims::{Claims, Json, member};
use crate::groups::Groups;

type Boxed<'v> = Box<dyn Val + 'v>;

/// The variables of an expression.
#[derive(Debug)]
pub(crate) struct Login<'a> {
    claims: Object<'a>,
    attributes: Flat<'a>,
    groups: GroupList<'a>,
    groups_complete: CelBool,
    connector: CelString<'a>,
    kind: CelString<'a>,
    now: CelInt,
}

impl<'a> Login<'a> {
    pub(crate) fn of(
        request: &'a MappingRequest,
        claims: &'a Claims<'a>,
        groups: &'a Groups<'a>,
    ) -> Self {
        Self {
            claims: Object::of(&claims.0),
            attributes: Flat {
                rows: &request.attributes,
                names: OnceLock::new(),
            },
            groups: GroupList {
                groups,
                list: OnceLock::new(),
            },
            groups_complete: request.groups_complete.into(),
            connector: request.connector.as_str().into(),
            kind: request.kind.as_str().into(),
            now: i64::try_from(request.now).unwrap_or(i64::MAX).into(),
        }
    }
}

impl VariableResolver for Login<'_> {
    fn resolve<'b>(&'b self, variable: &str) -> Option<CowVal<'b, 'b>> {
        Some(CowVal::Borrowed(match variable {
            "claims" => &self.claims,
            "attributes" => &self.attributes,
            "groups" => &self.groups,
            "groups_complete" => &self.groups_complete,
            "connector" => &self.connector,
            "kind" => &self.kind,
            "now" => &self.now,
            _ => return None,
        }))
    }
}

fn text<'v>(text: &'v str) -> Boxed<'v> {
    Box::new(CelString::from(text))
}

fn value<'v>(json: &'v Json<'v>) -> Boxed<'v> {
    match json {
        Json::Null => Box::new(CelNull),
        Json::Bool(flag) => Box::new(CelBool::from(*flag)),
        Json::Int(number) => Box::new(CelInt::from(*number)),
        Json::UInt(number) => Box::new(CelUInt::from(*number)),
        Json::Float(number) => Box::new(CelDouble::from(*number)),
        Json::Text(one) => text(one),
        Json::List(rows) => Box::new(CelList::from(rows.iter().map(value).collect::<Vec<_>>())),
        Json::Object(members) => Box::new(Object::of(members)),
    }
}

fn no_such_key(key: &str) -> ExecutionError {
    ExecutionError::no_such_key(key)
}

fn key(index: &dyn Val) -> Result<&str, ExecutionError> {
    let found = index.downcast_ref::<CelString<'_>>();
    found
        .map(CelString::inner)
        .ok_or_else(|| ExecutionError::UnexpectedType {
            got: index.get_type().name().to_owned(),
            want: "string".to_owned(),
        })
}

struct Walk<'b, 'v>(std::slice::Iter<'b, CelString<'v>>);

impl<'b, 'v: 'w, 'w> CelIterator<'b, 'w> for Walk<'b, 'v> {
    fn next(&mut self) -> Option<&'b (dyn Val + 'w)> {
        self.0.next().map(|name| name as &dyn Val)
    }
}

/// A JSON object: keys in the order of the document.
#[derive(Debug, Clone)]
struct Object<'a> {
    members: &'a [(Cow<'a, str>, Json<'a>)],
    keys: OnceLock<Vec<CelString<'a>>>,
}

impl<'a> Object<'a> {
    fn of(members: &'a [(Cow<'a, str>, Json<'a>)]) -> Self {
        Self {
            members,
            keys: OnceLock::new(),
        }
    }

    fn keys(&self) -> &[CelString<'a>] {
        self.keys.get_or_init(|| {
            let mut keys: Vec<CelString<'a>> = Vec::new();
            for (key, _) in self.members {
                if !keys.iter().any(|seen| seen.inner() == key) {
                    keys.push(key.as_ref().into());
                }
            }
            keys
        })
    }
}

/// The flat view: every attribute is a list of texts.
#[derive(Debug, Clone)]
struct Flat<'a> {
    rows: &'a [Attribute],
    names: OnceLock<Vec<CelString<'a>>>,
}

impl<'a> Flat<'a> {
    fn keys(&self) -> &[CelString<'a>] {
        let names = || {
            self.rows
                .iter()
                .map(|row| row.name.as_str().into())
                .collect()
        };
        self.names.get_or_init(names)
    }
}

impl<'a> Indexer for Object<'a> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let key = key(index)?;
        let found = member(self.members, key).ok_or_else(|| no_such_key(key))?;
        Ok(CowVal::Owned(value(found)))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Boxed<'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

impl<'a> Indexer for Flat<'a> {
    fn get<'b, 'v>(&'b self, index: &dyn Val) -> Result<CowVal<'b, 'v>, ExecutionError>
    where
        Self: 'v,
    {
        let key = key(index)?;
        let found = self
            .rows
            .iter()
            .find(|row| row.name == key)
            .ok_or_else(|| no_such_key(key))?;
        let values: Vec<Boxed<'a>> = found.values.iter().map(|one| text(one)).collect();
        Ok(CowVal::Owned(Box::new(CelList::from(values))))
    }

    fn steal<'v>(self: Box<Self>, index: &dyn Val) -> Result<Boxed<'v>, ExecutionError>
    where
        Self: 'v,
    {
        self.get(index).map(CowVal::into_owned)
    }
}

/// What both kinds of map have in common.
macro_rules! map {
    ($map:ident) => {
        impl<'a> Iterable for $map<'a> {
            fn iter<'b, 'v>(&'b self) -> Box<dyn CelIterator<'b, 'v> + 'b>
            where
                Self: 'v,
            {
                Box::new(Walk(self.keys().iter()))
            }
        }

        impl Sizer for $map<'_> {
            fn size(&self) -> CelInt {
                i64::try_from(self.keys().len()).unwrap_or(i64::MAX).into()
            }
        }

        impl Container for $map<'_> {
            fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
                let key = key(value)?;
                Ok(self.keys().iter().any(|seen| seen.inner() == key))
            }
        }

        impl<'a> Val for $map<'a> {
            fn get_type(&self) -> &Type {
                <Self as Val>::cel_type()
            }

            fn cel_type() -> &'static Type {
                &MAP_TYPE
            }

            fn as_container(&self) -> Option<&dyn Container> {
                Some(self)
            }

            fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
            where
                Self: 'v,
            {
                Some(self)
            }

            fn as_sizer(&self) -> Option<&dyn Sizer> {
                Some(self)
            }

            fn equals(&self, other: &dyn Val) -> bool {
                let (Some(members), Some(size)) = (other.as_indexer(), other.as_sizer()) else {
                    return false;
                };
                *other.get_type() == MAP_TYPE
                    && *size.size().inner() == *self.size().inner()
                    && self.keys().iter().all(|key| {
                        let own = Indexer::get(self, key);
                        own.is_ok_and(|own| {
                            members.get(key).is_ok_and(|its| own.equals(its.as_ref()))
                        })
                    })
            }

            fn clone_as_boxed<'v>(&self) -> Boxed<'v>
            where
                Self: 'v,
            {
                Box::new(self.clone())
            }
        }
    };
}
map!(Object);
map!(Flat);

/// The groups: a list, but `in` finds its element by hash, and GUIDs in any letter case as table rows do.
#[derive(Debug)]
struct GroupList<'a> {
    groups: &'a Groups<'a>,
    list: OnceLock<CelList<'a>>,
}

impl<'a> GroupList<'a> {
    fn list(&self) -> &CelList<'a> {
        self.list.get_or_init(|| {
            let names = self.groups.names().iter().map(|name| text(name));
            CelList::from(names.collect::<Vec<Boxed<'a>>>())
        })
    }
}

impl Container for GroupList<'_> {
    fn contains(&self, value: &dyn Val) -> Result<bool, ExecutionError> {
        let name = value.downcast_ref::<CelString<'_>>();
        Ok(name.is_some_and(|name| self.groups.contains(name.inner())))
    }
}

impl<'a> Val for GroupList<'a> {
    fn get_type(&self) -> &Type {
        <Self as Val>::cel_type()
    }

    fn cel_type() -> &'static Type {
        &LIST_TYPE
    }

    fn as_adder<'b, 'v>(&'b self) -> Option<&'b (dyn ::cel::common::traits::Adder + 'v)>
    where
        Self: 'v,
    {
        self.list().as_adder()
    }

    fn as_container(&self) -> Option<&dyn Container> {
        Some(self)
    }

    fn as_indexer<'b, 'v>(&'b self) -> Option<&'b (dyn Indexer + 'v)>
    where
        Self: 'v,
    {
        self.list().as_indexer()
    }

    fn as_iterable<'b, 'v>(&'b self) -> Option<&'b (dyn Iterable + 'v)>
    where
        Self: 'v,
    {
        self.list().as_iterable()
    }

    fn as_sizer(&self) -> Option<&dyn Sizer> {
        self.list().as_sizer()
    }

    fn equals(&self, other: &dyn Val) -> bool {
        self.list().equals(other)
    }

    /// A copy is a plain list: only the variable itself is asked by name.
    fn clone_as_boxed<'v>(&self) -> Boxed<'v>
    where
        Self: 'v,
    {
        self.list().clone_as_boxed()
    }

    fn as_builtin<'b, 'v>(&'b self) -> BuiltinRef<'b, 'v>
    where
        Self: 'v,
    {
        BuiltinRef::List(self.list())
    }
}
