//! [`chrono`](https://docs.rs/chrono): dates and times.
//!
//! A time zone may be of any type. If its offsets own handles, they are left out: they keep their objects alive.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use chrono::{DateTime, FixedOffset, Month, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, TimeZone, Utc, Weekday};

leaves! {
    NaiveDate, NaiveTime, NaiveDateTime, TimeDelta, Weekday, Month, Utc, FixedOffset,
}

leaves! {
    [Z: TimeZone + 'static] DateTime<Z>,
}
