//! examples placeholder
