//! Values that may be used once, in one typed store: kind, tenant, hash and expiry, taken by one
//! conditional update. A value of one kind is never accepted as another, because the kind is in the key.

use chrono::{DateTime, Utc};
use diesel::prelude::*;
use serde_json::Value;

use crate::error::StorageResult;
use crate::schema::single_use;
use crate::types::{Row as _, row, text_enum, utc};
use crate::upsert::insert_new;

text_enum! {
    /// What a value is good for.
    SingleUseKind {
        /// An OAuth authorization code (RFC 6749, 4.1.2).
        AuthorizationCode = "authorization_code",
        /// The `state` of a request that we sent upstream.
        UpstreamState = "upstream_state",
        /// A form post from upstream, kept while the browser comes again with its cookies.
        CallbackBounce = "callback_bounce",
        /// The `jti` of a client assertion (RFC 7523).
        ClientAssertionId = "client_assertion_id",
        /// An invitation.
        Invitation = "invitation",
        /// A link with which an admin sets up a connector.
        SetupLink = "setup_link",
        /// A pushed authorization request (RFC 9126).
        PushedRequest = "pushed_request",
        /// A proof of possession that was shown (RFC 9449, 11.1).
        DpopProof = "dpop_proof",
        /// The `jti` of a signed access token of an application itself, taken back before its end.
        RevokedServiceToken = "revoked_service_token",
        /// A sign-in that waits for a person's consent.
        PendingConsent = "pending_consent",
        /// The browser of a person who is about to let a device in.
        DeviceApproval = "device_approval",
        /// A sign-out that waits for a person's word.
        PendingSignOut = "pending_sign_out",
        /// A SAML request that we sent.
        SamlRequest = "saml_request",
        /// A SAML assertion that we accepted.
        SamlAssertion = "saml_assertion",
        /// A sign-in that an identity provider began, until the application asks for it.
        IdpInitiated = "idp_initiated",
        /// The link with which an admin begins a test sign-in.
        TestSignIn = "test_sign_in",
        /// The `state` of a journey to an upstream's page of admin consent.
        AdminConsent = "admin_consent",
    }
}

row! {
    /// A value that may be used once.
    SingleUseValue in single_use [kind, value_hash] {
        /// What it is good for.
        kind: SingleUseKind,
        /// Hash of the value.
        value_hash: String,
        /// Typed by the domain.
        payload: Value,
        /// When it was made.
        created_at: DateTime<Utc>,
        /// When it is too late.
        expires_at: DateTime<Utc>,
        /// When it was used.
        consumed_at: Option<DateTime<Utc>>,
    }
}

/// A value that has not been used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSingleUse {
    /// Hash of the value.
    pub value_hash: String,
    /// Typed by the domain.
    pub payload: Value,
    /// When it is made.
    pub created_at: DateTime<Utc>,
    /// When it is too late.
    pub expires_at: DateTime<Utc>,
}

/// What became of the wish to use a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ConsumeOutcome {
    /// This call used it. No other will.
    Taken(SingleUseValue),
    /// It was used before: a replay.
    AlreadyConsumed(SingleUseValue),
    /// It was not used in time.
    Expired,
    /// There is no such value of this kind in this tenant.
    Unknown,
}

/// The single-use values of one kind, of one tenant.
pub struct SingleUse<'a> {
    pub(crate) conn: &'a mut crate::any_connection::AnyConnection,
    pub(crate) tenant: &'a str,
    pub(crate) kind: SingleUseKind,
}

impl SingleUse<'_> {
    /// Keeps a new value; `Conflict` when it is there already, used or not.
    pub fn put(&mut self, new: &NewSingleUse) -> StorageResult<()> {
        let row = SingleUseValue {
            kind: self.kind,
            value_hash: new.value_hash.clone(),
            payload: new.payload.clone(),
            created_at: new.created_at,
            expires_at: new.expires_at,
            consumed_at: None,
        };
        insert_new!(self.conn, single_use, &row.raw(self.tenant))
    }

    /// Looks at a value without using it, whether used, expired or not.
    pub fn peek(&mut self, hash: &str) -> StorageResult<Option<SingleUseValue>> {
        let query = single_use::table.find((self.tenant, self.kind.as_str(), hash));
        let raw = query.select(SingleUseValue::COLUMNS).first(self.conn).optional()?;
        SingleUseValue::read_option(raw)
    }

    /// Uses a value: of any number of callers at the same time exactly one gets [`ConsumeOutcome::Taken`].
    pub fn consume(&mut self, hash: &str, now: DateTime<Utc>) -> StorageResult<ConsumeOutcome> {
        let fresh = single_use::table
            .find((self.tenant, self.kind.as_str(), hash))
            .filter(single_use::consumed_at.is_null())
            .filter(single_use::expires_at.gt(utc(&now)));
        let taken = diesel::update(fresh)
            .set(single_use::consumed_at.eq(Some(utc(&now))))
            .returning(SingleUseValue::COLUMNS)
            .get_result(self.conn)
            .optional()?;
        if let Some(raw) = taken {
            return Ok(ConsumeOutcome::Taken(SingleUseValue::read(raw)?));
        }
        Ok(match self.peek(hash)? {
            None => ConsumeOutcome::Unknown,
            Some(value) if value.consumed_at.is_some() => ConsumeOutcome::AlreadyConsumed(value),
            Some(_) => ConsumeOutcome::Expired,
        })
    }
}
