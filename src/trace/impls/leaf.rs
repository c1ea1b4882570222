//! Plain data.

#![expect(unsafe_code, reason = "`Trace` is an unsafe trait")]

use std::any::TypeId;
use std::collections::hash_map;
use std::net::{self, IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6};
use std::sync::{self, atomic};
use std::{
    alloc, cell, char, cmp, convert, env, ffi, fmt, fs, hash, io, marker, num, ops, path, process, str, string, thread,
    time,
};

// Numbers and other primitive types. `f16` and `f128` are not stable yet.
leaves! {
    (), bool, char, f32, f64,
    i8, i16, i32, i64, i128, isize, u8, u16, u32, u64, u128, usize,
    num::NonZeroI8, num::NonZeroI16, num::NonZeroI32, num::NonZeroI64, num::NonZeroI128, num::NonZeroIsize,
    num::NonZeroU8, num::NonZeroU16, num::NonZeroU32, num::NonZeroU64, num::NonZeroU128, num::NonZeroUsize,
    num::FpCategory, cmp::Ordering, ops::RangeFull,
}

// Text and paths.
leaves! {
    unnoticed: str, String, ffi::CStr, ffi::CString, ffi::OsStr, ffi::OsString, path::Path, path::PathBuf,
}

// Atomic numbers. An `AtomicPtr` is left out, as are raw pointers: only their owner knows what they mean.
leaves! {
    #[cfg(target_has_atomic = "8")] atomic::AtomicBool,
    #[cfg(target_has_atomic = "8")] atomic::AtomicI8,
    #[cfg(target_has_atomic = "8")] atomic::AtomicU8,
    #[cfg(target_has_atomic = "16")] atomic::AtomicI16,
    #[cfg(target_has_atomic = "16")] atomic::AtomicU16,
    #[cfg(target_has_atomic = "32")] atomic::AtomicI32,
    #[cfg(target_has_atomic = "32")] atomic::AtomicU32,
    #[cfg(target_has_atomic = "64")] atomic::AtomicI64,
    #[cfg(target_has_atomic = "64")] atomic::AtomicU64,
    #[cfg(target_has_atomic = "ptr")] atomic::AtomicIsize,
    #[cfg(target_has_atomic = "ptr")] atomic::AtomicUsize,
    atomic::Ordering,
}

// Time, the network, files.
leaves! {
    time::Duration, time::Instant, time::SystemTime,
    IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6,
    net::TcpListener, net::TcpStream, net::UdpSocket, net::Shutdown,
    fs::File, fs::Metadata, fs::Permissions, fs::FileType, fs::OpenOptions, fs::FileTimes, fs::DirEntry, fs::ReadDir,
    io::Stdin, io::Stdout, io::Stderr, io::Empty, io::Sink, io::Repeat, io::SeekFrom,
}

// Processes and threads.
leaves! {
    process::Child, process::ChildStdin, process::ChildStdout, process::ChildStderr, process::Command, process::ExitCode,
    process::ExitStatus, process::Output, process::Stdio,
    thread::Thread, thread::Builder, sync::Condvar, sync::Barrier, sync::Once,
}

// Errors. What is in an `io::Error` may be of any type: if that owns handles, they are left out, and keep their objects alive.
leaves! {
    io::Error, io::ErrorKind, fmt::Error, env::VarError, alloc::LayoutError, cell::BorrowError, cell::BorrowMutError,
    num::ParseIntError, num::ParseFloatError, num::TryFromIntError, num::IntErrorKind, str::ParseBoolError, str::Utf8Error,
    string::FromUtf8Error, string::FromUtf16Error, char::ParseCharError, char::CharTryFromError, ffi::NulError,
    ffi::FromBytesWithNulError, net::AddrParseError, time::SystemTimeError, path::StripPrefixError,
}

// Knowledge about the program.
leaves! {
    TypeId, alloc::Layout, thread::ThreadId, convert::Infallible, marker::PhantomPinned,
    hash_map::RandomState, hash_map::DefaultHasher,
}

leaves! {
    [H: 'static] hash::BuildHasherDefault<H>,
}
