//! The bodies of the crate's fuzz targets.
