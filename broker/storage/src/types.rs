//! How a field becomes a column and back. `row!` declares a public row struct once, in the types that the
//! rest of the program uses, and derives its diesel twin; `text_enum!` declares a state that is kept as text.

use std::borrow::Cow;

use chrono::{DateTime, NaiveDateTime, SubsecRound, Utc};
use serde_json::Value;
use symbolon_contract::{
    ApplicationId, ConnectorId, PluginDigest, RoleName, SessionId, TenantId, TenantSlug, TraceId,
    UserId,
};

use crate::error::{StorageError, StorageResult};

/// A field as diesel binds it.
pub(crate) trait Column: Sized {
    /// What diesel binds.
    type Raw;
    fn to_raw(&self) -> Self::Raw;
    /// The error says what is wrong, without repeating the value.
    fn from_raw(raw: Self::Raw) -> Result<Self, String>;
}

/// A public row struct and its diesel twin. Columns are named, so that their order in the table is no matter.
pub(crate) trait Row: Sized {
    type Raw;
    type Columns;
    const TABLE: &'static str;
    const COLUMNS: Self::Columns;
    fn raw(&self, tenant: &str) -> Self::Raw;
    fn read(raw: Self::Raw) -> StorageResult<Self>;

    fn read_all(raws: Vec<Self::Raw>) -> StorageResult<Vec<Self>> {
        raws.into_iter().map(Self::read).collect()
    }
    fn read_option(raw: Option<Self::Raw>) -> StorageResult<Option<Self>> {
        raw.map(Self::read).transpose()
    }
}

/// Reads one column, naming it when it is wrong.
pub(crate) fn column<T: Column>(
    table: &'static str,
    name: &'static str,
    raw: T::Raw,
) -> StorageResult<T> {
    T::from_raw(raw).map_err(|why| StorageError::Corrupt { table, why: format!("{name}: {why}") })
}

macro_rules! plain {
    ($($ty:ty),*) => {$(
        impl Column for $ty {
            type Raw = $ty;
            fn to_raw(&self) -> $ty { self.clone() }
            fn from_raw(raw: $ty) -> Result<Self, String> { Ok(raw) }
        }
    )*};
}

macro_rules! converted {
    ($($ty:ty as $raw:ty: $to:expr, $from:expr;)*) => {$(
        impl Column for $ty {
            type Raw = $raw;
            fn to_raw(&self) -> $raw { ($to)(self) }
            fn from_raw(raw: $raw) -> Result<Self, String> { ($from)(raw) }
        }
        impl Column for Option<$ty> {
            type Raw = Option<$raw>;
            fn to_raw(&self) -> Option<$raw> { self.as_ref().map($to) }
            fn from_raw(raw: Option<$raw>) -> Result<Self, String> { raw.map($from).transpose() }
        }
    )*};
}

macro_rules! identifiers {
    ($($ty:ident),*) => { converted! {$(
        $ty as String: |id: &$ty| id.as_str().to_owned(),
            |text: String| $ty::parse(text).map_err(|error| error.to_string());
    )*} };
}

plain!(bool, i32, Option<i32>, i64, Vec<u8>);
identifiers!(
    TenantId,
    TenantSlug,
    ConnectorId,
    UserId,
    SessionId,
    ApplicationId,
    TraceId,
    PluginDigest,
    RoleName
);
converted! {
    String as String: |text: &String| storable(text).into_owned(), Ok;
    DateTime<Utc> as NaiveDateTime: utc, |time: NaiveDateTime| Ok(time.and_utc());
    Value as String: ToString::to_string,
        |text: String| serde_json::from_str(&text).map_err(|error| format!("not JSON ({error})"));
    Vec<String> as String: |list: &Vec<String>| Value::from(list.clone()).to_string(),
        |text: String| serde_json::from_str(&text).map_err(|error| format!("not a list ({error})"));
}

/// A text as it is kept and looked for: PostgreSQL has no NUL in a text, so on SQLite there shall be none either.
/// What it becomes is what is made of bytes that are no UTF-8.
pub(crate) fn storable(text: &str) -> Cow<'_, str> {
    if text.contains('\0') { text.replace('\0', "\u{fffd}").into() } else { text.into() }
}

/// UTC, to the microsecond: what PostgreSQL keeps, so that both backends answer alike.
pub(crate) fn utc(time: &DateTime<Utc>) -> NaiveDateTime {
    time.naive_utc().trunc_subsecs(6)
}

/// A state that is kept as text.
macro_rules! text_enum {
    ($(#[$doc:meta])* $name:ident { $($(#[$vdoc:meta])* $variant:ident = $text:literal,)* }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name { $($(#[$vdoc])* #[serde(rename = $text)] $variant,)* }

        impl $name {
            /// All of them, for forms and command lines.
            pub const ALL: &[Self] = &[$(Self::$variant),*];

            /// The text in the database, the API and the audit trail.
            #[must_use]
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $text,)* }
            }

            /// Reads that text.
            #[must_use]
            pub fn parse(text: &str) -> Option<Self> {
                match text { $($text => Some(Self::$variant),)* _ => None }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl crate::types::Column for $name {
            type Raw = String;
            fn to_raw(&self) -> String { self.as_str().to_owned() }
            fn from_raw(raw: String) -> Result<Self, String> {
                Self::parse(&raw).ok_or_else(|| concat!("unknown ", stringify!($name)).to_owned())
            }
        }
    };
}
pub(crate) use text_enum;

/// A row struct. `row! { User in users [id] { .. } }` belongs to a tenant and leaves `tenant_id` to the
/// handle it is written through; `row! { global .. }` has no tenant. In brackets: the rest of the key.
macro_rules! row {
    (global $(#[$doc:meta])* $name:ident in $table:ident [$($key:ident),*] { $($fields:tt)* }) => {
        crate::types::row! { @build $(#[$doc])* $name $table [$($key),*] [] { $($fields)* } }
    };
    (@build $(#[$doc:meta])* $name:ident $table:ident [$($key:ident),*] [$($tenant:ident)?] {
        $($(#[$fdoc:meta])* $field:ident: $ty:ty,)*
    }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq)]
        pub struct $name { $($(#[$fdoc])* pub $field: $ty,)* }

        const _: () = {
            #[derive(diesel::Queryable, diesel::Insertable, diesel::AsChangeset)]
            #[diesel(table_name = crate::schema::$table, treat_none_as_null = true)]
            #[diesel(primary_key($($tenant,)? $($key),*))]
            pub(crate) struct Raw {
                $($tenant: String,)?
                $($field: <$ty as crate::types::Column>::Raw,)*
            }

            impl crate::types::Row for $name {
                type Raw = Raw;
                type Columns = ($(crate::schema::$table::$tenant,)? $(crate::schema::$table::$field,)*);
                const TABLE: &'static str = stringify!($table);
                const COLUMNS: Self::Columns =
                    ($(crate::schema::$table::$tenant,)? $(crate::schema::$table::$field,)*);

                fn raw(&self, _tenant: &str) -> Raw {
                    Raw {
                        $($tenant: _tenant.to_owned(),)?
                        $($field: crate::types::Column::to_raw(&self.$field),)*
                    }
                }

                fn read(raw: Raw) -> crate::error::StorageResult<Self> {
                    Ok(Self {
                        $($field: crate::types::column(Self::TABLE, stringify!($field), raw.$field)?,)*
                    })
                }
            }
        };
    };
    ($(#[$doc:meta])* $name:ident in $table:ident [$($key:ident),*] { $($fields:tt)* }) => {
        crate::types::row! { @build $(#[$doc])* $name $table [$($key),*] [tenant_id] { $($fields)* } }
    };
}
pub(crate) use row;
