//! [`time`](https://docs.rs/time): dates and times.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use time::{Date, Duration, Month, OffsetDateTime, PrimitiveDateTime, Time, UtcOffset, Weekday};

leaves! {
    Date, Time, PrimitiveDateTime, OffsetDateTime, Duration, UtcOffset, Month, Weekday,
}
