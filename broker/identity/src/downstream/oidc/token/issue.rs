//! The tokens of an authorization, whatever grant it came by (RFC 6749 5.1, OpenID Core 3.1.3.3).
//!
//! Three steps: a [`Draft`] before anything is spent, [`Draft::keep`] in the transaction that spends the grant,
//! [`answer`] after it. Owns: families, refresh tokens, access tokens and ID tokens as they begin. Does not own:
//! what is spent (each grant) or whether the person may be in (`gate`).

use chrono::{DateTime, TimeDelta, Utc};
use secrecy::{ExposeSecret, SecretString};
use serde_json::{Map, Value, json};
use symbolon_contract::{ConnectorId, ReasonCode, TraceId};
use symbolon_storage::{
    AccessToken, Connection, RefreshToken, StorageResult, TenantRows, TokenFamily,
};

use super::access_token::{self, Statement, row_key};
use super::gate::{self, GateError};
use super::target::{Choice, Target};
use super::{OauthError, TokenAnswer};
use crate::broker::Broker;
use crate::downstream::oidc::claims::Person;
use crate::downstream::oidc::code::CodeGrant;
use crate::downstream::oidc::{
    OpenidProvider, Presented, consent, id_token, possession, release, subject,
};
use crate::downstream::{Application, GrantType};
use crate::secrets::sha256_hex;
use crate::tenants::TenantRecord;

/// How long a refresh token may lie unused when the application does not say.
const IDLE: TimeDelta = TimeDelta::days(14);
/// How long refresh tokens are renewed when the application does not say.
const ABSOLUTE: TimeDelta = TimeDelta::days(90);
/// The scope whose tokens outlive the session (OpenID Core 11).
const OFFLINE: &str = "offline_access";

/// What is made and proved before a grant is spent: new secrets, the application's key, our own keys.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    access: SecretString,
    pub(super) refresh: SecretString,
    family: String,
    issuer: String,
    resources: Vec<String>,
    /// The thumbprint of the key that the request proves to hold (RFC 9449).
    pub(super) holder: Option<String>,
    pub(super) now: DateTime<Utc>,
    lifetime: TimeDelta,
}

/// What the tokens of an answer say.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(super) grant: CodeGrant,
    pub(super) person: Person,
    pub(super) connector: ConnectorId,
    pub(super) target: Target,
    /// Whether the draft's refresh token is handed out.
    pub(super) refresh: bool,
}

/// What a refused grant leads to; what it revokes is kept, so the transaction commits.
pub(crate) type Outcome<T> = StorageResult<Result<T, OauthError>>;

/// Who redeems where, and with what; it owns its parts, because a grant is spent on another thread.
#[derive(Debug)]
pub(super) struct Asking {
    pub(super) tenant: TenantRecord,
    pub(super) application: Application,
    pub(super) draft: Draft,
}

/// Redeems a grant: `spend` spends it and keeps the tokens in one transaction. A refusal is a result there: what it
/// revokes or notes must be kept, so the transaction commits.
///
/// # Errors
/// [`OauthError`]: what `spend` says, and those of [`Draft::new`] and [`answer`].
pub(super) async fn by_spending(
    broker: &Broker,
    (tenant, application): (&TenantRecord, &Application),
    presented: &Presented<'_>,
    spend: impl FnOnce(&mut Connection, &Asking) -> Outcome<Kept> + Send + 'static,
) -> Result<TokenAnswer, OauthError> {
    let draft = Draft::new(broker, tenant, application, presented).await?;
    let asking =
        Asking { tenant: tenant.clone(), application: application.clone(), draft: draft.clone() };
    let kept = broker.database.write(move |conn| spend(conn, &asking)).await??;
    answer(broker, tenant, application, (&draft, kept), presented.trace).await
}

impl Draft {
    /// Proves and makes everything that can fail without the grant: a broken key must not cost the person the
    /// sign-in.
    ///
    /// # Errors
    /// [`OauthError`] for a proof of possession that does not hold, and those of the keys and the database.
    pub(crate) async fn new(
        broker: &Broker,
        tenant: &TenantRecord,
        application: &Application,
        presented: &Presented<'_>,
    ) -> Result<Self, OauthError> {
        let provider = OpenidProvider::of(broker, tenant, application);
        broker.keys.signer(&provider.keys, application.settings.id_token_algorithm).await?;
        Ok(Self {
            holder: possession::shown(broker, tenant, application, presented).await?,
            access: provider.routed(&broker.new_secret()),
            refresh: provider.routed(&broker.new_secret()),
            family: broker.ids.new_row_id(),
            resources: presented.resources(),
            issuer: provider.issuer,
            now: broker.clock.now(),
            lifetime: access_token::lifetime(broker, application),
        })
    }

    /// Keeps the tokens of an authorization of a person with a live session, if the gate lets them in;
    /// `code_hash` names the code that it came by, so that its second use takes all of it back.
    ///
    /// # Errors
    /// Those of the database.
    pub(crate) fn keep(
        &self,
        conn: &mut Connection,
        tenant: &TenantRecord,
        application: &Application,
        (grant, code_hash): (CodeGrant, Option<&str>),
    ) -> Outcome<Kept> {
        if let Err(error) = self.holds(grant.dpop_jkt.as_deref()) {
            return Ok(Err(error));
        }
        let target = match self.target(application, &grant.resources, &grant.scopes) {
            Ok(target) => target,
            Err(error) => return Ok(Err(error)),
        };
        let passed = gate::pass(conn, tenant, &application.id, &grant.session, self.now);
        let admitted = match passed {
            Ok(admitted) => admitted,
            Err(GateError::Storage(error)) => return Err(error),
            Err(other) => return Ok(Err(no_longer_valid(&other))),
        };
        let mut rows = conn.tenant(&tenant.id);
        if !consent::stands(&mut rows, &admitted.application, &grant)? {
            return Ok(Err(no_longer_valid(&GateError::Gone(
                "the person took their consent back",
            ))));
        }
        let connector = admitted.admission.connector().clone();
        let refresh = application.may(GrantType::RefreshToken);
        let family = refresh.then(|| self.family(application, &grant, (&connector, code_hash)));
        if let Some(family) = &family {
            rows.token_families().insert(family)?;
            self.keep_refresh_token(&mut rows, &family.id)?;
        }
        let access = Access {
            family: family.map(|family| family.id),
            with_session: true,
            code_hash: code_hash.map(str::to_owned),
        };
        self.keep_access_token(&mut rows, &grant, &target, access)?;
        let person = Person::read(&mut rows, admitted.user)?;
        Ok(Ok(Kept { grant, person, connector, target, refresh }))
    }

    /// The key that something is bound to is the one that the request proves to hold (RFC 9449 5 and 10).
    pub(super) fn holds(&self, bound_to: Option<&str>) -> Result<(), OauthError> {
        match bound_to {
            Some(bound) if self.holder.as_deref() != Some(bound) => Err(OauthError::new(
                ReasonCode::TokenDpopKeyMismatch,
                "the grant is bound to another key than the request proves to hold",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn target(
        &self,
        application: &Application,
        granted: &[String],
        scopes: &[String],
    ) -> Result<Target, OauthError> {
        let (issuer, asked) = (self.issuer.as_str(), self.resources.as_slice());
        Target::choose(application, &Choice { issuer, granted, scopes, asked })
    }

    fn family(
        &self,
        application: &Application,
        grant: &CodeGrant,
        (connector, code_hash): (&ConnectorId, Option<&str>),
    ) -> TokenFamily {
        let expires_at =
            self.now + seconds(application.settings.refresh_absolute_seconds, ABSOLUTE);
        TokenFamily {
            id: self.family.clone(),
            application_id: application.id.clone(),
            user_id: grant.user.clone(),
            connector_id: connector.clone(),
            session_id: grant.session.clone(),
            offline: grant.scopes.iter().any(|scope| scope == OFFLINE),
            scope: grant.scopes.join(" "),
            resources: grant.resources.clone(),
            claims: grant.claims.as_ref().map(|claims| json!(claims)),
            authenticated_at: DateTime::from_timestamp(grant.auth_time, 0).unwrap_or(self.now),
            acr: grant.acr.clone(),
            amr: grant.amr.clone(),
            // RFC 9449 5: others prove themselves at each refresh, and may change their key.
            dpop_jkt: self.holder.clone().filter(|_| application.is_public()),
            code_hash: code_hash.map(str::to_owned),
            created_at: self.now,
            last_used_at: self.now,
            idle_expires_at: self.idle_end(application, expires_at),
            expires_at,
            revoked_at: None,
            revoked_because: None,
        }
    }

    /// When a family ends unless it is refreshed again.
    pub(super) fn idle_end(
        &self,
        application: &Application,
        expires_at: DateTime<Utc>,
    ) -> DateTime<Utc> {
        expires_at.min(self.now + seconds(application.settings.refresh_idle_seconds, IDLE))
    }

    pub(super) fn keep_refresh_token(
        &self,
        rows: &mut TenantRows<'_>,
        family: &str,
    ) -> StorageResult<()> {
        rows.refresh_tokens().insert(&RefreshToken {
            token_hash: sha256_hex(self.refresh.expose_secret().as_bytes()),
            family_id: family.to_owned(),
            created_at: self.now,
            used_at: None,
        })
    }

    pub(super) fn keep_access_token(
        &self,
        rows: &mut TenantRows<'_>,
        grant: &CodeGrant,
        target: &Target,
        access: Access,
    ) -> StorageResult<()> {
        rows.access_tokens().insert(&AccessToken {
            token_hash: row_key(target.format, &self.access),
            application_id: grant.application.clone(),
            user_id: grant.user.clone(),
            session_id: access.with_session.then(|| grant.session.clone()),
            scope: target.scopes.join(" "),
            code_hash: access.code_hash,
            created_at: self.now,
            expires_at: self.now + self.lifetime,
            revoked_at: None,
            family_id: access.family,
            resources: Some(target.resources.clone()),
            dpop_jkt: self.holder.clone(),
            claims: grant.claims.as_ref().map(|claims| json!(claims)),
        })
    }
}

/// What an access token hangs on.
pub(super) struct Access {
    pub(super) family: Option<String>,
    /// Whether it ends with the session.
    pub(super) with_session: bool,
    pub(super) code_hash: Option<String>,
}

fn seconds(own: Option<u32>, default: TimeDelta) -> TimeDelta {
    own.map_or(default, |seconds| TimeDelta::seconds(seconds.into()))
}

/// In the form of the endpoint: the gate's reason stands in the detail.
pub(super) fn no_longer_valid(error: &GateError) -> OauthError {
    OauthError::new(ReasonCode::TokenGrantNoLongerValid, error.to_string())
}

/// Writes the tokens that were kept.
///
/// # Errors
/// [`OauthError`] for an application's mapping that refuses the person, and those of the keys and the database.
async fn answer(
    broker: &Broker,
    tenant: &TenantRecord,
    application: &Application,
    (draft, kept): (&Draft, Kept),
    trace: &TraceId,
) -> Result<TokenAnswer, OauthError> {
    let Kept { grant, person, connector, target, refresh } = kept;
    let (connector, scopes) = (&connector, grant.scopes.as_slice());
    let wished = grant.claims.as_ref();
    let asked = release::Asked { application, connector, person: &person, scopes, wished };
    let refused = ReasonCode::TokenReleaseRefused;
    let released = release::claims(broker, tenant, &asked, (trace, refused)).await?;
    let subject = subject::of(broker, tenant, application, &grant.user).await?;
    let provider = OpenidProvider::of(broker, tenant, application);
    let statement = Statement {
        provider: &provider,
        application: &application.id,
        subject: &subject,
        target: &target,
        holder: draft.holder.as_deref(),
        life: (draft.now, draft.lifetime),
    };
    let more = of_the_sign_in(&grant, released.access_token);
    let access_token = access_token::text(broker, &statement, &draft.access, more).await?;
    let spoken = id_token::Spoken {
        provider: &provider,
        subject: &subject,
        life: (draft.now, broker.settings.token_lifetime),
    };
    let id_token = if grant.scopes.iter().any(|scope| scope == "openid") {
        let claims = id_token::claims(&spoken, application, &grant, released.id_token);
        Some(sign_id_token(broker, &spoken, application, (claims, &access_token)).await?)
    } else {
        None
    };
    Ok(TokenAnswer {
        access_token,
        token_type: token_type(draft.holder.as_deref()),
        expires_in: draft.lifetime.num_seconds(),
        id_token,
        refresh_token: refresh.then(|| draft.refresh.expose_secret().to_owned()),
        scope: target.scopes.join(" "),
    })
}

/// `token_type` (RFC 6749 7.1, RFC 9449 5).
pub(crate) fn token_type(holder: Option<&str>) -> &'static str {
    if holder.is_some() { "DPoP" } else { "Bearer" }
}

/// What a signed access token says of the sign-in (RFC 9068 2.2.1).
fn of_the_sign_in(grant: &CodeGrant, mut claims: Map<String, Value>) -> Map<String, Value> {
    claims.insert("auth_time".into(), json!(grant.auth_time));
    claims.insert("sid".into(), json!(grant.session));
    if let Some(acr) = grant.acr.as_deref().filter(|acr| !acr.is_empty()) {
        claims.insert("acr".into(), json!(acr));
    }
    if !grant.amr.is_empty() {
        claims.insert("amr".into(), json!(grant.amr));
    }
    claims
}

async fn sign_id_token(
    broker: &Broker,
    spoken: &id_token::Spoken<'_>,
    application: &Application,
    (mut claims, access_token): (Map<String, Value>, &str),
) -> Result<String, OauthError> {
    let algorithm = application.settings.id_token_algorithm;
    claims.insert("at_hash".into(), json!(algorithm.half_hash(access_token)));
    let signer = broker.keys.signer(&spoken.provider.keys, algorithm).await?;
    Ok(signer.sign("JWT", &claims)?)
}
