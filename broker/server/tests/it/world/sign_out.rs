//! Signing out by way of an application, and what applications are told of it.

use std::time::Duration;

use serde_json::Value;
use symbolon_identity::logout::{self, UndeliveredLogout};
use symbolon_testkit::Browser;
use symbolon_testkit::browser::Page;

use super::{TestApplication, TestTenant, parameter};

/// As long as a `state` may well be.
pub(crate) const STATE: &str = "state-of-the-sign-out-state-of-the-sign-out-state-of-the-sign-out-\
                                state-of-the-sign-out-state-of-the-sign-out-12";

impl TestTenant<'_> {
    /// An application that is told of ended sessions by requests of the broker's own.
    pub(crate) async fn told_application(&self, id: &str) -> TestApplication<'_> {
        self.application_with(id, |new| {
            let callback = new.settings.redirect_uris[0].to_string();
            let uri = callback.replace("/callback", "/backchannel-logout");
            new.settings.backchannel_logout_uri = Some(url::Url::parse(&uri).unwrap());
        })
        .await
    }

    /// The same, in frames.
    pub(crate) async fn framed_application(&self, id: &str) -> TestApplication<'_> {
        self.application_with(id, |new| {
            let callback = new.settings.redirect_uris[0].to_string();
            let uri = callback.replace("/callback", "/frontchannel-logout");
            new.settings.frontchannel_logout_uri = Some(url::Url::parse(&uri).unwrap());
            new.settings.frontchannel_logout_session = true;
        })
        .await
    }

    /// What applications have not taken.
    pub(crate) async fn undelivered(&self) -> Vec<UndeliveredLogout> {
        logout::undelivered(&self.world.broker, &self.record.id).await.unwrap()
    }

    /// Waits until applications took every message that was queued for them.
    pub(crate) async fn all_delivered(&self) {
        let empty = async {
            while !self.undelivered().await.is_empty() {
                tokio::task::yield_now().await;
            }
        };
        actix_web::rt::time::timeout(Duration::from_secs(30), empty).await.unwrap();
    }

    /// Waits until so many events of this type are in the trail: what nobody waits for is done.
    pub(crate) async fn events_when(&self, name: &str, count: usize) -> Vec<Value> {
        let came = async {
            loop {
                let rows = self.events(name).await;
                if rows.len() >= count {
                    return rows;
                }
                tokio::task::yield_now().await;
            }
        };
        actix_web::rt::time::timeout(Duration::from_secs(30), came).await.unwrap()
    }
}

impl TestApplication<'_> {
    /// The ID token of the last sign-in.
    pub(crate) fn id_token(&self) -> String {
        self.running.last_sign_in().unwrap().id_token
    }

    /// The `sid` of the last sign-in.
    pub(crate) fn sid(&self) -> String {
        self.running.last_sign_in().unwrap().text("sid").to_owned()
    }

    /// A request to sign out by hand: every parameter can be changed or left out.
    pub(crate) fn end_session_url(&self, change: &[(&str, Option<&str>)]) -> String {
        let hint = self.running.last_sign_in().map(|one| one.id_token).unwrap_or_default();
        let back = self.running.url();
        let mut parameters = vec![
            ("id_token_hint", hint.as_str()),
            ("post_logout_redirect_uri", back.as_str()),
            ("state", STATE),
        ];
        for (name, value) in change {
            parameters.retain(|(known, _)| known != name);
            parameters.extend(value.map(|value| (*name, value)));
        }
        let mut url = url::Url::parse(&format!("{}/end_session", self.tenant.issuer())).unwrap();
        if !parameters.is_empty() {
            url.query_pairs_mut().extend_pairs(parameters);
        }
        url.into()
    }

    /// Opens a request to sign out, and stops before the application.
    pub(crate) async fn end_session(
        &self,
        browser: &mut Browser,
        change: &[(&str, Option<&str>)],
    ) -> Page {
        browser.stop_before(&self.running.url());
        browser.get(&self.end_session_url(change)).await.unwrap()
    }

    /// Whether this browser has a session that the application could use without asking anybody.
    pub(crate) async fn is_in(&self, browser: &mut Browser) -> bool {
        browser.stop_before(&self.running.url());
        let silent = self.authorize_url(&[("prompt", Some("none"))]);
        let page = browser.get(&silent).await.unwrap();
        browser.stop_nowhere();
        let answer = page.location().unwrap();
        let error = parameter(&answer, "error");
        assert!(error.as_deref().is_none_or(|error| error == "login_required"), "{answer}");
        error.is_none()
    }
}
