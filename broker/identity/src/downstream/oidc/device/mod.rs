//! Letting a device in (RFC 8628): a device that has no browser asks, a person says yes or no elsewhere.
//!
//! Owns: the device's request ([`begin`]), where it waits (`place`), the code that people type, what they see and
//! decide ([`decide`]). Does not own: how people sign in (`login`) or the tokens (`token/device_grant.rs`).

mod begin;
mod decide;
mod place;
mod user_code;

pub use begin::{DeviceAnswer, begin};
pub use decide::{WaitingDevice, decide, look};
pub use place::tenant_of;
pub(crate) use user_code::UserCode;

use chrono::TimeDelta;

/// A device waits for this long.
const LIFETIME: TimeDelta = TimeDelta::minutes(10);
/// It asks no more often than this, in seconds (RFC 8628 3.2).
pub(super) const INTERVAL: i32 = 5;
