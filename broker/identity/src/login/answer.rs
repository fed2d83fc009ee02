//! Stop 12: what the application gets for an admitted person. A code, or nothing before the person agreed.

use chrono::{DateTime, Utc};
use secrecy::{ExposeSecret, SecretString};
use symbolon_contract::ReasonCode;
use symbolon_storage::Connection;

use super::LoginError;
use super::agree;
use super::step::LoginStep;
use crate::broker::BrokerSettings;
use crate::downstream::Application;
use crate::downstream::oidc::authorize::{self, AuthorizationRequest, AuthorizeAnswer};
use crate::downstream::oidc::code::{self, CodeGrant};
use crate::downstream::oidc::{OauthError, OpenidProvider, consent, pushed};
use crate::policy::Admission;
use crate::sessions::LiveSession;

/// Who asks, what for, of whom.
pub(super) struct Asked<'a> {
    pub(super) application: &'a Application,
    pub(super) provider: &'a OpenidProvider,
    pub(super) request: &'a AuthorizationRequest,
    pub(super) session: &'a LiveSession,
}

/// A fresh secret, which becomes a code or the handle of a question, and when that is.
pub(super) type Fresh<'a> = (&'a SecretString, DateTime<Utc>, &'a BrokerSettings);

/// Answers a request, or asks the person first.
pub(super) fn prepare(
    conn: &mut Connection,
    admission: &Admission,
    asked: &Asked<'_>,
    fresh: Fresh<'_>,
) -> Result<LoginStep, LoginError> {
    let mut rows = conn.tenant(admission.tenant());
    let request = asked.request;
    if !consent::is_needed(&mut rows, (asked.application, request), admission.user())? {
        return issue(conn, admission, asked, fresh);
    }
    if request.prompt.none {
        let detail = "the person has not agreed yet to what the application asks for";
        return Err(LoginError::Request(OauthError::new(
            ReasonCode::AuthorizeConsentRequired,
            detail,
        )));
    }
    let (handle, now, settings) = fresh;
    agree::wait(&mut rows, asked, handle, (now, now + settings.attempt_lifetime))?;
    Ok(LoginStep::AskConsent { handle: handle.expose_secret().to_owned() })
}

/// Answers with a code. A pushed request is answered once (FA-05).
pub(super) fn issue(
    conn: &mut Connection,
    admission: &Admission,
    asked: &Asked<'_>,
    (secret, now, settings): Fresh<'_>,
) -> Result<LoginStep, LoginError> {
    let Asked { application, provider, request, session } = asked;
    if let Some(hash) = &request.pushed
        && !pushed::spend(&mut conn.tenant(&provider.keys), hash, now)?
    {
        return Err(LoginError::PushedRequestUsed);
    }
    let lifetime = match application.settings.is_fapi2() {
        true => settings.code_lifetime.min(code::LONGEST_OF_FAPI2),
        false => settings.code_lifetime,
    };
    let grant = CodeGrant::new(request, session, now);
    let code = provider.routed(secret);
    let mut rows = conn.tenant(admission.tenant());
    code::issue(&mut rows, admission, &grant, &code, (now, now + lifetime))?;
    let code = AuthorizeAnswer::Code(code.expose_secret().to_owned());
    Ok(LoginStep::Answer(authorize::answer(&request.answer_address(), &provider.issuer, code)))
}
