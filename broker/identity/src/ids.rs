//! Makes identifiers from the clock and the randomness it is given. Their types live in `contract`.

use std::sync::Arc;

use symbolon_contract::{ApplicationId, InvalidId, SessionId, TenantId, TraceId, UserId};
use uuid::Uuid;

use crate::clock::Clock;
use crate::entropy::Entropy;

/// Makes row and trace identifiers: UUID version 7 (RFC 9562 5.7), so that rows sort by their age.
#[derive(Debug, Clone)]
pub struct IdSource {
    clock: Arc<dyn Clock>,
    entropy: Arc<dyn Entropy>,
}

impl IdSource {
    /// A source that takes the time from `clock` and the rest from `entropy`.
    #[must_use]
    pub fn new(clock: Arc<dyn Clock>, entropy: Arc<dyn Entropy>) -> Self {
        Self { clock, entropy }
    }

    /// A fresh identifier for a row of any table.
    #[must_use]
    pub fn new_row_id(&self) -> String {
        self.uuid().hyphenated().to_string()
    }

    /// A fresh trace identifier: 32 hexadecimal characters, as W3C Trace Context has them.
    #[must_use]
    pub fn new_trace_id(&self) -> TraceId {
        valid(TraceId::parse(self.uuid().simple().to_string()))
    }

    /// A fresh tenant identifier.
    #[must_use]
    pub fn new_tenant_id(&self) -> TenantId {
        valid(TenantId::parse(self.new_row_id()))
    }

    /// A fresh user identifier; it becomes the `sub` that applications see.
    #[must_use]
    pub fn new_user_id(&self) -> UserId {
        valid(UserId::parse(self.new_row_id()))
    }

    /// A fresh session identifier. It is no secret; the cookie carries another value.
    #[must_use]
    pub fn new_session_id(&self) -> SessionId {
        valid(SessionId::parse(self.new_row_id()))
    }

    /// A fresh application identifier, which is also its `client_id`.
    #[must_use]
    pub fn new_application_id(&self) -> ApplicationId {
        valid(ApplicationId::parse(self.new_row_id()))
    }

    fn uuid(&self) -> Uuid {
        let mut random = [0; 10];
        self.entropy.fill(&mut random);
        // A clock before 1970 is a broken clock; the id stays unique all the same.
        let millis = u64::try_from(self.clock.now().timestamp_millis()).unwrap_or(0);
        uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
    }
}

#[expect(clippy::expect_used, reason = "the text of a UUID fits every id of this file; tested")]
fn valid<T>(id: Result<T, InvalidId>) -> T {
    id.expect("the text of a UUID is a valid identifier")
}

#[cfg(test)]
mod tests {
    use chrono::TimeDelta;

    use super::*;
    use crate::clock::ManualClock;
    use crate::entropy::InsecureSeededEntropy;

    #[test]
    fn ids_sort_by_age_repeat_with_the_seed_and_fit_their_types() {
        let clock = ManualClock::default();
        let make =
            || IdSource::new(Arc::new(clock.clone()), Arc::new(InsecureSeededEntropy::new(1)));
        let ids = make();
        let old = ids.new_row_id();
        assert_eq!(old, make().new_row_id());
        clock.advance(TimeDelta::milliseconds(1));
        assert!(old < ids.new_row_id());
        assert_eq!(Uuid::parse_str(&old).unwrap().get_version_num(), 7);
        assert_eq!(ids.new_trace_id().as_str().len(), 32);
        assert_ne!(ids.new_user_id().as_str(), ids.new_tenant_id().as_str());
        assert_ne!(ids.new_session_id().as_str(), ids.new_application_id().as_str());
    }
}
