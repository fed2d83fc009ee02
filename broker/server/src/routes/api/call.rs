//! A call that may go on: the key was accepted, for this endpoint and this tenant or the platform.

use actix_web::HttpRequest;
use actix_web::http::header::AUTHORIZATION;
use actix_web::web::Data;
use secrecy::SecretString;
use symbolon_contract::{ApplicationId, ConnectorId};
use symbolon_identity::admin::{self, AdminCaller, AdminError, ApiAccess, ApiRefusal, ApiScope};
use symbolon_identity::storage::MappingTarget;
use symbolon_identity::tenants::TenantRecord;
use symbolon_identity::{Broker, Visit};

use super::endpoint::Parameter;
use crate::app::{AppState, state};
use crate::errors::ProblemJson;
use crate::extract::{fields, visit};

/// A call. Made only by [`Call::accept`], so that no handler runs without a key.
#[derive(Debug)]
pub(super) struct Call<P = TenantRecord> {
    state: Data<AppState>,
    request: HttpRequest,
    query: Vec<(String, String)>,
    /// The tenant that it acts for, or [`Platform`].
    pub(super) tenant: P,
    /// Who calls, for the audit trail.
    pub(super) caller: AdminCaller,
}

/// What a call acts for, and whose keys are good for that.
pub(super) trait Place: Sized + 'static {
    /// Finds out who calls, for what.
    async fn enter(
        broker: &Broker,
        visit: &Visit,
        request: &HttpRequest,
        needed: ApiScope,
    ) -> Result<(Self, AdminCaller), ApiRefusal>;

    /// The tenant, if it is one.
    fn tenant(&self) -> Option<&TenantRecord>;
}

impl Place for TenantRecord {
    async fn enter(
        broker: &Broker,
        visit: &Visit,
        request: &HttpRequest,
        needed: ApiScope,
    ) -> Result<(Self, AdminCaller), ApiRefusal> {
        let slug = request.match_info().get("tenant").unwrap_or_default();
        let key = bearer(request);
        let ApiAccess { tenant, caller } =
            admin::authenticate_api_key(broker, visit, (slug, key.as_ref()), needed).await?;
        tracing::Span::current().record("tenant", tenant.slug.as_str());
        Ok((tenant, caller))
    }

    fn tenant(&self) -> Option<&TenantRecord> {
        Some(self)
    }
}

/// What belongs to no tenant: the operator's own applications.
#[derive(Debug, Clone, Copy)]
pub(super) struct Platform;

impl Place for Platform {
    async fn enter(
        broker: &Broker,
        visit: &Visit,
        request: &HttpRequest,
        needed: ApiScope,
    ) -> Result<(Self, AdminCaller), ApiRefusal> {
        let key = bearer(request);
        let caller = admin::authenticate_operator_key(broker, visit, key.as_ref(), needed).await?;
        Ok((Self, caller))
    }

    fn tenant(&self) -> Option<&TenantRecord> {
        None
    }
}

impl Call<Platform> {
    /// The same call at the reserved tenant that owns the operator's applications, so that what is done with any
    /// application is done with them.
    pub(super) async fn inside(self) -> Result<Call, AdminError> {
        let Self { state, request, query, caller, .. } = self;
        let tenant = admin::read_platform(&state.broker).await?;
        Ok(Call { state, request, query, tenant, caller })
    }
}

impl<P: Place> Call<P> {
    /// Accepts a call by its key.
    pub(super) async fn accept(
        request: &HttpRequest,
        needed: ApiScope,
    ) -> Result<Self, ProblemJson> {
        let state = state(request);
        let visit = visit(&state, request);
        match P::enter(&state.broker, &visit, request, needed).await {
            Ok((tenant, caller)) => {
                let query = fields(request.query_string().as_bytes());
                Ok(Self { state, request: request.clone(), query, tenant, caller })
            }
            Err(refusal) => Err(ProblemJson::unauthorised(&refusal, visit.trace)),
        }
    }

    /// Refuses what the endpoint does not know, so that a mistyped filter does not look like an answer.
    pub(super) fn check_query(&self, known: &[Parameter]) -> Result<(), AdminError> {
        let mut problems = Vec::new();
        for (place, (name, _)) in self.query.iter().enumerate() {
            if !known.iter().any(|parameter| parameter.name == name) {
                problems.push(format!("{}: no such query parameter", shorten(name)));
            } else if self.query.iter().take(place).any(|(before, _)| before == name) {
                problems.push(format!("{name}: more than once"));
            }
        }
        for parameter in known.iter().filter(|parameter| parameter.required) {
            if self.query(parameter.name).is_none() {
                problems.push(format!("{}: missing in the query", parameter.name));
            }
        }
        if problems.is_empty() { Ok(()) } else { Err(AdminError::Invalid(problems)) }
    }

    /// The product.
    pub(super) fn broker(&self) -> &Broker {
        &self.state.broker
    }

    /// The application of the path. What cannot be a name is no application's.
    pub(super) fn application(&self) -> Result<ApplicationId, AdminError> {
        let text = self.part("application");
        ApplicationId::parse(text)
            .map_err(|_| AdminError::NotFound { kind: "application", id: shorten(text) })
    }

    /// A part of the path; with a NUL it names nothing that is.
    pub(super) fn part(&self, name: &str) -> &str {
        let part = self.request.match_info().get(name);
        part.filter(|part| !part.contains('\0')).unwrap_or_default()
    }

    /// A value of the query, unless empty.
    pub(super) fn query(&self, name: &str) -> Option<&str> {
        let found = self.query.iter().find(|(key, value)| key == name && !value.is_empty());
        found.map(|(_, value)| value.as_str())
    }

    /// A number of the query.
    pub(super) fn number<T: std::str::FromStr>(&self, name: &str) -> Result<Option<T>, AdminError> {
        let parsed = self.query(name).map(str::parse).transpose();
        parsed.map_err(|_| AdminError::Invalid(vec![format!("{name}: a number")]))
    }
}

impl Call {
    /// The connector of the path. What cannot be a name is no connector's.
    pub(super) fn connector(&self) -> Result<ConnectorId, AdminError> {
        let text = self.part("connector");
        ConnectorId::parse(text)
            .map_err(|_| AdminError::NotFound { kind: "connector", id: shorten(text) })
    }

    /// The connector or the application of the path, whose mapping is meant.
    pub(super) async fn mapping_target(&self) -> Result<MappingTarget, AdminError> {
        let (broker, tenant) = (self.broker(), &self.tenant.id);
        if self.part("application").is_empty() {
            return admin::connector_mapping(broker, tenant, &self.connector()?).await;
        }
        admin::application_mapping(broker, tenant, &self.application()?).await
    }
}

fn bearer(request: &HttpRequest) -> Option<SecretString> {
    let header = request.headers().get(AUTHORIZATION)?.to_str().ok()?;
    let (scheme, key) = header.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then(|| SecretString::from(key))
}

fn shorten(text: &str) -> String {
    text.chars().take(64).collect()
}
