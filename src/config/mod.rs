//! The project's own settings: `worklint.toml`, to plain options that belong to the layers which take them.

pub mod file;
pub mod load;
pub mod resolve;
pub mod rules;
pub mod schema;
pub mod show;

pub use load::{ConfigError, FILE_NAME, Layer, find, parse, read};
pub use resolve::{Patterns, Settings, resolve};
pub use schema::schema;
pub use show::{TEMPLATE, show};
